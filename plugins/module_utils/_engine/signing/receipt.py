# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipts: a signed line of JSON for each run, chained by the SHA-256 of the line before. Pure.

    receipts/00000042.json       one line, keys sorted, ASCII, no blanks between tokens, LF
    receipts/00000042.json.sig   its signature, for the purpose RECEIPTS

Each text of a receipt has exactly one form, so that its digest can be computed again from its values. A receipt has no
names of files and no secrets.
"""

from __future__ import annotations

import json
import re
from typing import Any, Mapping, NamedTuple, Optional

from ..model.utc import parse_utc

FORMAT = 1
NO_PREVIOUS = "0" * 64
"""The `prev` of the first receipt."""

SYNC, VERIFY, DRILL, RESET = "sync", "verify", "drill", "reset"
TYPES = (SYNC, VERIFY, DRILL, RESET)

_NAME = re.compile(r"([0-9]{8})\.json(\.sig)?\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_MOST = 10**8 - 1


class UnusableReceipt(ValueError):
    """The text is not a receipt."""


class Head(NamedTuple):
    """A receipt by its number and its SHA-256, 64 hexadecimal digits."""

    seq: int
    digest: str


class Receipt(NamedTuple):
    """One receipt.

    type: a value of TYPES
    seq: number in the chain, from 1 on
    prev: SHA-256 of the file before
    job: name of the chain
    started, ended: seconds since 1970
    good: of a reset, the last receipt that still counts; None if there is none
    lost: of a reset, the digest of a receipt that is known to be lost
    fields: all values
    """

    type: str
    seq: int
    prev: str
    job: str
    started: int
    ended: int
    good: Optional[Head]
    lost: Optional[str]
    fields: Mapping[str, Any]


def receipt_name(seq: int) -> str:
    """Return the name of a receipt's file. Raises UnusableReceipt when all numbers are used up."""
    if not 1 <= seq <= _MOST:
        raise UnusableReceipt(f"there is no receipt number {seq}")
    return f"{seq:08d}.json"


def signature_name(seq: int) -> str:
    """Return the name of the signature's file."""
    return receipt_name(seq) + ".sig"


def receipt_number(name: str, *, signature: bool = False) -> Optional[int]:
    """Return the number in the name of a receipt, or of a signature; None for other names."""
    match = _NAME.match(name)
    if match is None or bool(match[2]) != signature or not int(match[1]):
        return None
    return int(match[1])


def format_receipt(fields: Mapping[str, Any]) -> bytes:
    """Return the text of a receipt. fields: values without floating-point numbers and lone surrogates."""
    text = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii") + b"\n"


def parse_receipt(data: bytes) -> Receipt:
    """Return a receipt. Raises UnusableReceipt for every text that `format_receipt` does not write."""
    try:
        fields = json.loads(data)
        written = format_receipt(fields)
    except (ValueError, RecursionError):
        raise UnusableReceipt("it is not JSON") from None
    if not isinstance(fields, dict) or written != data:
        raise UnusableReceipt("it is not in the form of receipts")
    if fields.get("format") != FORMAT:
        raise UnusableReceipt(f"its format is not {FORMAT}")
    return _receipt(fields)


def _receipt(fields: Mapping[str, Any]) -> Receipt:
    kind, seq, job = fields.get("type"), fields.get("seq"), fields.get("job")
    if kind not in TYPES or not _is_number(seq) or not isinstance(job, str):
        raise UnusableReceipt("its type, seq or job is malformed")
    return Receipt(
        type=str(kind),
        seq=int(str(seq)),
        prev=_digest(fields, "prev"),
        job=job,
        started=_time(fields, "started"),
        ended=_time(fields, "ended"),
        good=_good(fields) if kind == RESET else None,
        lost=_digest(fields, "lost") if kind == RESET and fields.get("lost") is not None else None,
        fields=fields,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _digest(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not _DIGEST.match(value):
        raise UnusableReceipt(f"its {key} is not a SHA-256")
    return value


def _time(fields: Mapping[str, Any], key: str) -> int:
    try:
        return parse_utc(str(fields.get(key)))
    except ValueError:
        raise UnusableReceipt(f"its {key} is not a time") from None


def _good(fields: Mapping[str, Any]) -> Optional[Head]:
    good = fields.get("good")
    if good is None:
        return None
    if not isinstance(good, dict) or not _is_number(good.get("seq")):
        raise UnusableReceipt("its good is malformed")
    return Head(int(good["seq"]), _digest(good, "digest"))

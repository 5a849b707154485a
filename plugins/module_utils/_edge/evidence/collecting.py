# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options and the result of the action evidence, and the answers of a host as checked values."""

from __future__ import annotations

import base64
import binascii
import getpass
import re
from typing import Any, Dict, List, Mapping, Optional

from ..._engine.errors import EvidenceChanged, InvalidRequest
from ..._engine.evidence.collecting import Announced, Collected, Collection, collect
from ..._engine.model.display import plain
from ..._engine.model.human import counted
from ..._engine.model.request import AGE, Recipients
from .. import argspec, paths, quantities
from ..contract import Params, Result
from ..login_words import signing_key
from ..receipting import require_words
from ..words import path_words
from .evidence_capture import MOST_LISTED, scope_spec

__all__ = ["Announced", "announced", "case_name", "collect", "collection", "part", "responder", "result", "spec"]

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_MOMENT = re.compile(r"[0-9]{1,12}\.[0-9]{6}\Z")
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_LABEL, _LONGEST_TEXT = 100, 300
_SIZES = ("size", "first", "newest")
_CUT = (
    "max_size: of %d logs and outputs, only the first and the newest part are in the archive; the result cut has them"
)
_COMPROMISED = "Treat the host as compromised: evidence_capture never answers so."


def spec() -> Dict[str, Any]:
    return {
        "path": {"type": "path", "required": True},
        "case": {"type": "str", "required": True},
        "stage": {"type": "str", "choices": ["before", "after"], "default": "before"},
        "reason": {"type": "str", "required": True},
        "responder": {"type": "str"},
        "sign": {"type": "dict", "required": True, "options": argspec.signing_key(), **argspec.SIGN_RULES},
        "recipients": {"type": "list", "elements": "str", "default": []},
        **scope_spec(),
    }


def collection(given: Params, host: str) -> Collection:
    """Return the collection of a host, by its name in the inventory. Raises InvalidRequest."""
    return Collection(
        path=paths.local("path", given["path"]),
        case=case_name(given["case"]),
        stage=given["stage"],
        host=host,
        label=f"{given['stage']}-{_UNUSUAL.sub('_', host)[:_LONGEST_LABEL]}",
        reason=require_words("reason", given["reason"]),
        who=responder(given["responder"]),
        most=quantities.size("max_size", given["max_size"]),
        signing=signing_key("sign", given["sign"]),
        recipients=Recipients(AGE, tuple(given["recipients"])) if given["recipients"] else None,
    )


def case_name(text: str) -> str:
    """Return the name of a case. Raises InvalidRequest."""
    if not _CASE.match(text):
        raise InvalidRequest(
            f"case: {text!r} is not the name of a case",
            cure="Write up to 64 letters, digits, dots, - and _, for example 2026-041.",
        )
    return text


def responder(text: Optional[str]) -> str:
    """Return who acts: the given name, else the user of this process. Raises InvalidRequest."""
    try:
        return require_words("responder", text or getpass.getuser())
    except (KeyError, OSError):  # a container whose user has no name
        raise InvalidRequest("responder: the user of this task has no name", cure="Set responder.") from None


def announced(answer: Mapping[str, Any]) -> Announced:
    """Return the announcement of a host. Raises EvidenceChanged for every answer that no honest host gives."""
    size, members, digest, moment = (answer.get(name) for name in ("size", "members", "sha256", "moment"))
    if (
        not (_is_count(size) and _is_count(members))
        or not (isinstance(digest, str) and _DIGEST.match(digest))
        or not (isinstance(moment, str) and _MOMENT.match(moment))
    ):
        raise EvidenceChanged("the host does not announce size and SHA-256 of an archive", cure=_COMPROMISED)
    left_out, cut = _left_out(answer.get("left_out")), _cut(answer.get("cut"))
    return Announced(int(str(size)), digest, int(str(members)), left_out, float(moment), cut)


def part(answer: Mapping[str, Any], size: int) -> bytes:
    """Return at most `size` bytes of an archive. Raises EvidenceChanged."""
    text = answer.get("data")
    if not isinstance(text, str) or len(text) > size // 3 * 4 + 4:
        raise EvidenceChanged("the host sends no part of an archive, or more than was asked for", cure=_COMPROMISED)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EvidenceChanged("the host sends a part that is not BASE64", cure=_COMPROMISED) from None


def result(found: Collected) -> Result:
    left_out, cut = found.announced.left_out, found.announced.cut
    return {
        "changed": True,
        "msg": f"collected {found.size} bytes, {counted(len(left_out), 'file')} left out, "
        f"{counted(len(cut), 'log or output', 'logs and outputs')} cut",
        "bundle": path_words(found.path),
        "archive": found.archive,
        "size": found.size,
        "sha256": found.digest,
        "step": found.placed.step,
        "left_out": left_out,
        "cut": cut,
        **({"warnings": [_CUT % len(cut)]} if cut else {}),
        "clock_offset": f"{found.clock_offset:.3f}",
    }


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 50


def _left_out(given: object) -> List[Dict[str, str]]:
    """Return the list as printable text of limited length."""
    entries = given if isinstance(given, list) else []
    return [
        {name: plain(str(each.get(name, "")))[:_LONGEST_TEXT] for name in ("path", "reason")}
        for each in entries[:MOST_LISTED]
        if isinstance(each, dict)
    ]


def _cut(given: object) -> List[Dict[str, Any]]:
    """Return the list with printable names and whole numbers. Raises EvidenceChanged."""
    entries = given if isinstance(given, list) else []
    found = []
    for each in entries[:MOST_LISTED]:
        if not isinstance(each, dict) or not all(_is_count(each.get(name)) for name in _SIZES):
            raise EvidenceChanged("the host does not announce the size of a part of a log", cure=_COMPROMISED)
        found.append(
            {"name": plain(str(each.get("name", "")))[:_LONGEST_TEXT], **{name: each[name] for name in _SIZES}}
        )
    return found

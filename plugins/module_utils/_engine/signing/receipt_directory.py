# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of receipts on this host: the newest receipt, and the next.

1. `prepare`, before any change: the directory is made or checked, a file with the room of a receipt is made and
   removed, and the newest receipt must follow the receipt before. So a run that cannot leave a receipt changes nothing.
2. `append`, at the end: under a lock the next number is taken, and the text signed. The signature gets its name first,
   the receipt last. A run that is killed between leaves a signature without a receipt, which the next run replaces.

No receipt is ever written twice. Several runs may share a directory; a chain belongs to one job.

A receipt is a signed line of JSON, chained by the SHA-256 of the line before:

    receipts/00000042.json       one line, keys sorted, ASCII, no blanks between tokens, LF
    receipts/00000042.json.sig   its signature, for the purpose RECEIPTS

Each text of a receipt has exactly one form, so that its digest can be computed again from its values. A receipt has no
names of files and no secrets.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import stat
import time
from functools import partial
from typing import Any, Callable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest, OperationFailed, ReceiptBroken, Refused
from ..integrity.digest import sha256
from ..model.display import display, display_text
from ..model.utc import parse_utc
from ..system.durable_files import replace
from ..system.root_owned_path import closing
from .purpose import RECEIPTS
from .signer import Signer

LARGEST = 1 << 20
"""Bytes of a file."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_SECONDS = 300.0
"""Time to wait for another run that signs; a person may have to touch a token."""

Signed = Tuple[bytes, bytes]
"""The text of a receipt and its signature."""
_TRIAL = ".trial"
_ROOM = 8 << 10
"""Bytes of a receipt and its signature, each in a block of its own."""
_put = partial(replace, settle=lambda descriptor: os.fchmod(descriptor, 0o644), temporary=".new")
"""Writes a file: the directory decides who reads receipts."""
_LOCK_NAME = ".lock"
FORMAT = 1
NO_PREVIOUS = "0" * 64
"""The `prev` of the first receipt."""
SYNC, VERIFY, DRILL, RESET = "sync", "verify", "drill", "reset"
TYPES = (SYNC, VERIFY, DRILL, RESET)
_NAME = re.compile(r"([0-9]{8})\.json(\.sig)?\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_MOST = 10**8 - 1


class ReceiptDirectory:
    """path: absolute. option: named in errors. seconds: to wait for another run."""

    def __init__(self, path: bytes, *, option: str = "receipts.path", seconds: float = _SECONDS) -> None:
        self._path = path
        self._option = option
        self._seconds = seconds

    def prepare(self, job: str) -> None:
        """Make sure that a receipt of this job can be appended. Raises OperationFailed, Refused, ReceiptBroken,
        InvalidRequest."""
        with self._explained():
            os.makedirs(self._path, 0o700, exist_ok=True)
            with self._locked() as directory:
                _put(_TRIAL, bytes(_ROOM), directory=directory)
                os.unlink(_TRIAL, dir_fd=directory)
                self._require_job(self._newest(directory), job)

    def head(self) -> Optional[Head]:
        """Return the newest receipt; None if there is none. Raises OperationFailed, ReceiptBroken."""
        with self._explained():
            try:
                descriptor = os.open(self._path, _DIRECTORY)
            except FileNotFoundError:
                return None
            with closing(descriptor) as directory:
                newest = self._newest(directory)
                return None if newest is None else newest[0]

    def write(self, fields: Mapping[str, Any], signer: Signer, *, follows: bool = True) -> Head:
        """Append a signed receipt with these values and `format`, `seq` and `prev`. Raises as `append`, and
        SigningFailed."""

        def make(seq: int, prev: str) -> Signed:
            text = format_receipt({**fields, "format": FORMAT, "seq": seq, "prev": prev})
            return text, signer.sign(text, RECEIPTS)

        return self.append(make, follows=follows)

    def append(self, make: Callable[[int, str], Signed], *, follows: bool = True) -> Head:
        """Write the next receipt and return it. Raises OperationFailed, ReceiptBroken and the errors of `make`.

        make: returns text and signature of the receipt with this number and `prev`
        follows: whether the newest receipt must follow the receipt before
        """
        with self._explained(), self._locked() as directory:
            if follows:
                self._newest(directory)
            numbers = _numbers(directory)
            seq = numbers[-1] + 1 if numbers else 1
            prev = sha256(read_file(directory, receipt_name(numbers[-1]))).hexdigest() if numbers else NO_PREVIOUS
            text, signature = make(seq, prev)
            name = receipt_name(seq)
            _put(signature_name(seq), signature, directory=directory)
            if not _put(name, text, directory=directory, may_replace=lambda: not _exists(directory, name)):
                raise Refused(
                    f"{self._option}: another run took the number {seq} without the lock",
                    cure="Use a file system with locks (flock), or another directory for each host.",
                )
            return Head(seq, sha256(text).hexdigest())

    def path_of(self, seq: int) -> bytes:
        return os.path.join(self._path, receipt_name(seq).encode())

    def _newest(self, directory: int) -> Optional[Tuple[Head, Receipt]]:
        """Return the newest receipt, which must follow the receipt before."""
        numbers = _numbers(directory)
        if not numbers:
            return None
        data = read_file(directory, receipt_name(numbers[-1]))
        try:
            receipt = parse_receipt(data)
        except UnusableReceipt as error:
            raise self._broken(numbers[-1], str(error)) from None
        if receipt.seq != numbers[-1]:
            raise self._broken(numbers[-1], f"its text has number {receipt.seq}")
        if not _exists(directory, signature_name(receipt.seq)):
            raise self._broken(receipt.seq, "it has no signature")
        if receipt.type != RESET and receipt.prev != self._before(directory, numbers):
            raise self._broken(receipt.seq, "it does not follow the receipt before")
        return Head(receipt.seq, sha256(data).hexdigest()), receipt

    @staticmethod
    def _before(directory: int, numbers: List[int]) -> str:
        """Return the `prev` of the newest receipt; "" if the file before is missing."""
        last = numbers[-1]
        if last == 1:
            return NO_PREVIOUS
        return sha256(read_file(directory, receipt_name(last - 1))).hexdigest() if last - 1 in numbers[-2:] else ""

    def _broken(self, seq: int, fact: str) -> ReceiptBroken:
        return ReceiptBroken(
            f"receipts: {display(self._path)}: receipt {seq}: {fact}",
            cure="Check the chain with receipt_verify, find out who changed it, then close it with its option reset.",
        )

    def _require_job(self, newest: Optional[Tuple[Head, Receipt]], job: str) -> None:
        if newest is not None and newest[1].job != job:
            raise InvalidRequest(
                f"receipts.job: is {display_text(job)}, and the receipts in {display(self._path)} "
                f"are of {display_text(newest[1].job)}",
                cure="Set receipts.path to another directory, or receipts.job to this name.",
            )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        with closing(os.open(self._path, _DIRECTORY)) as directory:
            self._require_private(os.fstat(directory))
            with closing(os.open(_LOCK_NAME, _LOCK, 0o600, dir_fd=directory)) as lock:
                self._wait_for(lock)
                yield directory

    def _require_private(self, status: os.stat_result) -> None:
        if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
            raise Refused(
                f"{self._option}: others can write to {display(self._path)} (uid {status.st_uid}, "
                f"mode {stat.S_IMODE(status.st_mode):04o})",
                cure="Check the receipts with receipt_verify, then make the directory yours and chmod go-w.",
            )

    def _wait_for(self, lock: int) -> None:
        deadline = time.monotonic() + self._seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise OperationFailed(
                        f"{self._option}: another run holds the lock of {display(self._path)} "
                        f"for more than {self._seconds:g} s",
                        cure=f"End that run, or set another {self._option}.",
                    ) from None
                time.sleep(0.02)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OperationFailed(
                f"{self._option}: {display(self._path)}: {error.strerror or error}",
                cure=f"Set {self._option} to a directory that the user of the task can write to.",
            ) from None


def _numbers(directory: int) -> List[int]:
    found = (receipt_number(name) for name in os.listdir(directory))
    return sorted(number for number in found if number is not None)


def _exists(directory: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def read_file(directory: int, name: str) -> bytes:
    """Return the content of a file of a directory of receipts. Raises OSError."""
    with closing(os.open(name, _FILE, dir_fd=directory)) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read(LARGEST)


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

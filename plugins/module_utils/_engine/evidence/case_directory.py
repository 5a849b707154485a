# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of a case on the controller, and its chain of custody: who took or gave which evidence, when and why.

    CASE/custody.jsonl            one line of JSON for each step, keys sorted, ASCII; each has the SHA-256 of the line
                                  before
    CASE/custody/00000002.sig     the signature of the first two lines, for the purpose EVIDENCE
    CASE/0001-before-files1/      a bundle: evidence.tar.gz, capture.json, SHA256SUMS, SHA256SUMS.sig

- The directory only grows: nothing in it is written twice. A line that was changed, removed or inserted breaks the
  chain at the line after, and a signature of a later state too.
- A bundle is made next to the case and moves into it as a whole; its line of custody comes next. If that line cannot be
  written, the bundle goes again; once it is written, both stay, also after an error. Files have mode 0400, directories
  0700.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import CustodyBroken, Refused
from ..integrity.digest import sha256
from ..model.display import display
from ..system.durable_files import unlink
from ..system.root_owned_path import closing
from ..system.run_lock import wait_for_lock

CUSTODY, SIGNATURES = b"custody.jsonl", b"custody"
_LOCK = b".lock"
_LARGEST = 16 << 20
_BUNDLE = re.compile(rb"([0-9]{4,})-")
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC

Sign = Callable[[bytes], bytes]
COLLECTED, HANDED_OVER = "collected", "handed_over"
NO_PREVIOUS = "0" * 64
_FORMAT = 1
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_TEXTS = ("when", "who", "action", "why", "from", "to", "bundle")


class Placed(NamedTuple):
    """A bundle in its case. name: of its directory. step: number of its line of custody."""

    name: str
    step: int


class _Signed(NamedTuple):
    """A line of custody to write. before: the lines so far. signature: of all of them."""

    number: int
    before: bytes
    line: bytes
    signature: bytes


class CaseDirectory:
    """path: of all cases. case: its name."""

    def __init__(self, path: bytes, case: str) -> None:
        self._root = path
        self.path = os.path.join(path, case.encode("ascii"))

    def prepare(self) -> None:
        """Make the directories; the chain so far must be whole. Raises Refused, CustodyBroken, OSError."""
        for each in (self._root, self.path, os.path.join(self.path, SIGNATURES)):
            os.makedirs(each, 0o700, exist_ok=True)
            _require_private(each)
        self._require_chain()

    @contextmanager
    def stage(self) -> Iterator[bytes]:
        """Yield a directory for a new bundle, which is removed if it does not become a part of the case."""
        directory = tempfile.mkdtemp(prefix=b".incoming-", dir=self._root)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def place(self, stage: bytes, label: str, values: Mapping[str, str], sign: Sign) -> Placed:
        """Move a bundle into the case, and write its line of custody. Raises CustodyBroken, OSError, errors of `sign`.

        label: end of its name. values: see `format_step`, without bundle
        """
        with self._locked():
            self._require_chain()
            name = f"{self._highest() + 1:04d}-{label}"
            final = os.path.join(self.path, name.encode("ascii"))
            signed = self._signed({**values, "bundle": name}, sign)
            os.rename(stage, final)
            try:
                _settle(self.path)
                self._write_step(signed)
            except BaseException:
                if not self._has(signed):
                    os.rename(final, stage)
                raise
            return Placed(name, signed.number)

    def append(self, values: Mapping[str, str], sign: Sign) -> int:
        """Write a line of custody, and return its number. Raises as `place`."""
        with self._locked():
            self._require_chain()
            signed = self._signed(values, sign)
            self._write_step(signed)
            return signed.number

    def content(self) -> bytes:
        """Return the lines of custody; none if there are none yet. Raises OSError."""
        with suppress(FileNotFoundError), open(os.path.join(self.path, CUSTODY), "rb") as file:
            return file.read(_LARGEST)
        return b""

    def bundles(self) -> List[str]:
        """Return the names of the bundles. Raises OSError."""
        return sorted(os.fsdecode(name) for name in os.listdir(self.path) if _BUNDLE.match(name))

    def signature(self, step: int) -> bytes:
        """Return the path of the signature of the first lines."""
        return os.path.join(self.path, SIGNATURES, b"%08d.sig" % step)

    def _require_chain(self) -> None:
        steps, malformed = parse_steps(self.content())
        wrong: Optional[int] = min([*malformed, *broken_lines(steps)], default=None)
        if wrong is not None:
            raise CustodyBroken(
                f"path: {display(self.path)}: line {wrong} of the custody is not the line that was written",
                cure="Check it with evidence_custody, and collect under another case.",
            )

    def _highest(self) -> int:
        matches = map(_BUNDLE.match, os.listdir(self.path))
        return max((int(match[1]) for match in matches if match), default=0)

    def _signed(self, values: Mapping[str, str], sign: Sign) -> _Signed:
        before = self.content()
        lines = before.splitlines(keepends=True)
        line = format_step(values, lines)
        return _Signed(len(lines) + 1, before, line, sign(before + line))

    def _has(self, signed: _Signed) -> bool:
        return self.content() == signed.before + signed.line

    def _write_step(self, signed: _Signed) -> None:
        """The signature comes first: a run that is killed leaves a signature without its line, which is replaced."""
        signature = self.signature(signed.number)
        unlink(os.fsdecode(signature))
        try:
            write_once(signature, signed.signature)
            self._append(signed.line, len(signed.before))
        except OSError:
            if not self._has(signed):
                unlink(os.fsdecode(signature))
            raise

    def _append(self, line: bytes, size: int) -> None:
        path = os.path.join(self.path, CUSTODY)
        descriptor = os.open(path, _APPEND, 0o400)
        with closing(descriptor), os.fdopen(os.dup(descriptor), "ab", buffering=0) as file:
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                if not size:
                    os.unlink(path)
                raise
        _settle(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with closing(os.open(os.path.join(self.path, _LOCK), flags, 0o600)) as lock:
            wait_for_lock(lock, f"{display(self.path)}: other runs write to this case for ten minutes", 600.0)
            yield


def write_once(path: bytes, content: bytes) -> None:
    """Write a new file, which is on the disk at the return. Raises OSError."""
    with os.fdopen(os.open(path, _CREATE, 0o400), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(directory: bytes) -> None:
    with closing(os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as descriptor:
        os.fsync(descriptor)


def _require_private(path: bytes) -> None:
    status = os.stat(path)
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise Refused(f"path: others can write to {display(path)}", cure="chown and chmod go-w path.")


class Step(NamedTuple):
    """One line: its values, and itself."""

    fields: Mapping[str, Any]
    line: bytes


def format_step(values: Mapping[str, str], before: Sequence[bytes]) -> bytes:
    """Return the next line. before: all lines so far. values: when, who, action, why, from, to, bundle, sha256."""
    fields: Dict[str, Any] = {**values, "format": _FORMAT, "seq": len(before) + 1, "previous": _previous(before)}
    return json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def parse_steps(content: bytes) -> Tuple[List[Step], List[int]]:
    """Return the lines, and the numbers of those that `format_step` does not write."""
    lines = content.splitlines(keepends=True)
    steps = [_step(line) for line in lines]
    return steps, [number for number, step in enumerate(steps, 1) if not step.fields]


def broken_lines(steps: Sequence[Step]) -> List[int]:
    """Return the numbers of the lines that do not follow the lines before."""
    lines = [step.line for step in steps]
    return [
        number
        for number, step in enumerate(steps, 1)
        if step.fields and (step.fields["seq"], step.fields["previous"]) != (number, _previous(lines[: number - 1]))
    ]


def _previous(lines: Sequence[bytes]) -> str:
    return sha256(lines[-1]).hexdigest() if lines else NO_PREVIOUS


def _step(line: bytes) -> Step:
    try:
        fields = json.loads(line)
        good = _is_good(fields) and json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n" == line
    except (ValueError, RecursionError):
        good = False
    return Step(fields if good else {}, line)


def _is_good(fields: object) -> bool:
    if not isinstance(fields, dict) or fields.get("format") != _FORMAT or not isinstance(fields.get("seq"), int):
        return False
    digests = (fields.get("previous"), fields.get("sha256"))
    texts = (fields.get(name) for name in _TEXTS)
    return all(isinstance(each, str) and _DIGEST.match(each) for each in digests) and all(
        isinstance(each, str) for each in texts
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""A source of ansible-rulebook: the lines of a file of events or of job records.

The position is the end of the last line that was handed over. The line is found again by its SHA-256, also if the file
was rotated, or written again without its oldest lines.

ansible-rulebook gives the fields of an event to playbooks as variables that Ansible renders. Names in events are chosen
by others, so a field could hold a template. Each brace that begins a template is therefore written as `\173`.

ansible-rulebook loads this file alone, so it imports nothing of the collection.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import tempfile
from typing import Any, BinaryIO, Dict, Iterator, NamedTuple, Optional

__all__ = ["DOCUMENTATION", "EXAMPLES", "main"]

DOCUMENTATION = r"""
---
short_description: Follow a file of transfer events or of job records
description:
  - Hands over each line of a file of JSON objects, such as C(runs.jsonl) of a job, as one event.
  - Goes on after the last event when ansible-rulebook starts again, also if the file was rotated in the meantime.
  - A brace that begins a template is written as C(\173), so that no name of a file or account is run as a template.
  - A line that holds no JSON object becomes an event C(transfer_events.problem=unreadable). If the last event is
    neither in the file nor in its predecessor C(FILE.1), such as after two rotations, there is an event
    C(transfer_events.problem=gap).
options:
  file:
    description: Path of the file. It need not exist yet.
    type: str
    required: true
  checkpoint:
    description: Path of a file for the position. Without it, O(from) counts at every start.
    type: str
  from:
    description: Where to begin without a position, at the V(start) or the V(end) of the file.
    type: str
    choices: [end, start]
    default: end
  interval:
    description: Seconds between two looks at the file.
    type: float
    default: 1
"""

EXAMPLES = r"""
- secure.ftp_synchronize.transfer_events:
    file: /var/lib/secure_ftp_synchronize/jobs/nightly/runs.jsonl
    checkpoint: /var/lib/eda/nightly.position
"""

LONGEST_LINE = 1 << 20
_DEEPEST = 16
_OPTIONS = {"file": str, "checkpoint": str, "from": str, "interval": (int, float)}
_TEMPLATE = re.compile(r"\{(?=[{%#])")


class Position(NamedTuple):
    """The last line that was handed over: its end in the file, its length and its SHA-256."""

    end: int
    length: int
    digest: str


_BEGINNING = Position(0, 0, hashlib.sha256(b"").hexdigest())


async def main(queue: Any, args: Dict[str, Any]) -> None:
    """Put each new line on the queue, as an event. Never returns."""
    _check(args)
    follower = Follower(args["file"], Checkpoint(args.get("checkpoint")), at_end=args.get("from", "end") == "end")
    with follower:
        while True:
            for event in follower.events():
                await queue.put(event)
                follower.save()
            await asyncio.sleep(args.get("interval", 1))


class Checkpoint:
    """A file with a position; without a path, nothing is kept."""

    def __init__(self, path: Optional[str]) -> None:
        self._path = path

    def load(self) -> Optional[Position]:
        """Return the position, or None before the first."""
        if not self._path or not os.path.exists(self._path):
            return None
        try:
            with open(self._path, encoding="ascii") as stream:
                kept = json.load(stream)
            return Position(int(kept["end"]), int(kept["length"]), str(kept["digest"]))
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"checkpoint: {self._path} holds no position. Remove it, then `from` counts.") from None

    def save(self, position: Position) -> None:
        """Replace the position in one step."""
        if not self._path:
            return
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(self._path) or ".", prefix=".position-")
        with open(descriptor, "w", encoding="ascii") as stream:
            json.dump(position._asdict(), stream)
        os.replace(temporary, self._path)


class Follower:
    """Yields the events of a file that grows, is rotated, or is replaced.

    at_end: where to begin if there is no position
    """

    def __init__(self, path: str, checkpoint: Checkpoint, *, at_end: bool) -> None:
        self._path, self._checkpoint, self._at_end = path, checkpoint, at_end
        self._position = checkpoint.load()
        self._stream: Optional[BinaryIO] = None
        self._before = _BEGINNING
        """The line before our place in the stream, or the beginning of the file."""

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._stream:
            self._stream.close()

    def save(self) -> None:
        """Keep the position."""
        if self._position:
            self._checkpoint.save(self._position)

    def events(self) -> Iterator[Dict[str, Any]]:
        """Yield the events of all new lines."""
        if self._stream is None:
            yield from self._begin()
        while self._stream and self._is_replaced(self._stream):
            yield from self._successor(self._stream)
        if self._stream:
            yield from self._lines(self._stream)

    def _begin(self) -> Iterator[Dict[str, Any]]:
        """Open the file at the position. Lines that follow the position in the file's predecessor come first."""
        self._stream = self._opened()
        if self._position is None:
            if self._stream and self._at_end:
                self._stream.seek(_last_line_end(self._stream))
            self._position = self._before = _position_at(self._stream) if self._stream else _BEGINNING
            self.save()
        elif self._stream and not self._go_on(self._stream):
            yield from self._predecessor()

    def _successor(self, former: BinaryIO) -> Iterator[Dict[str, Any]]:
        """Open the file again: another file, or the same with other content."""
        with former:
            self._stream = self._opened()
            same = self._stream and os.path.sameopenfile(former.fileno(), self._stream.fileno())
            if not same:
                yield from self._lines(former)
            if self._stream and not self._go_on(self._stream) and same:
                yield from self._predecessor()

    def _predecessor(self) -> Iterator[Dict[str, Any]]:
        found = False
        with contextlib.suppress(FileNotFoundError), open(self._path + ".1", "rb") as stream:
            found = self._go_on(stream)
            if found:
                yield from self._lines(stream)
        if not found:
            yield self._problem("gap")
        self._before = _BEGINNING

    def _go_on(self, stream: BinaryIO) -> bool:
        """Go behind the last line, or to the beginning of a file that does not have it; return whether it has it."""
        position = self._position or _BEGINNING
        found = position.end if _is_there(stream, position) else _found(stream, position)
        stream.seek(found or 0)
        self._before = position._replace(end=found) if found else _BEGINNING
        return found is not None

    def _lines(self, stream: BinaryIO) -> Iterator[Dict[str, Any]]:
        while True:
            line = stream.readline(LONGEST_LINE)
            if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                stream.seek(-len(line), os.SEEK_CUR)
                return
            self._position = self._before = Position(stream.tell(), len(line), hashlib.sha256(line).hexdigest())
            event = _event(line)
            yield self._problem("unreadable") if event is None else event

    def _is_replaced(self, stream: BinaryIO) -> bool:
        """Return whether another file has the path now, or the last line is no longer at its place."""
        try:
            now = os.stat(self._path)
        except FileNotFoundError:
            return False
        return not (os.path.samestat(now, os.fstat(stream.fileno())) and _is_there(stream, self._before))

    def _opened(self) -> Optional[BinaryIO]:
        try:
            return open(self._path, "rb")
        except FileNotFoundError:
            return None

    def _problem(self, kind: str) -> Dict[str, Any]:
        end = self._position.end if self._position else 0
        return {"transfer_events": {"problem": kind, "file": _inert(self._path, 0), "position": end}}


def _is_there(stream: BinaryIO, position: Position) -> bool:
    """Return whether the last line is at its place."""
    stream.seek(max(position.end - position.length, 0))
    return _digest(stream.read(position.length)) == position.digest


def _found(stream: BinaryIO, position: Position) -> Optional[int]:
    """Return the end of the last line wherever it is in the file."""
    end = found = None
    stream.seek(0)
    for line in iter(lambda: stream.readline(LONGEST_LINE), b""):
        end = (end or 0) + len(line)
        if len(line) == position.length and _digest(line) == position.digest:
            found = end
    return found


def _last_line_end(stream: BinaryIO) -> int:
    """Return the end of the last whole line."""
    start = max(stream.seek(0, os.SEEK_END) - LONGEST_LINE, 0)
    stream.seek(start)
    return start + stream.read(LONGEST_LINE).rfind(b"\n") + 1


def _position_at(stream: BinaryIO) -> Position:
    """Return the position of the line that ends here."""
    end = stream.tell()
    start = max(end - LONGEST_LINE, 0)
    stream.seek(start)
    line = stream.read(end - start).splitlines(keepends=True)[-1:]
    return Position(end, len(line[0]), _digest(line[0])) if line else _BEGINNING


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _event(line: bytes) -> Optional[Dict[str, Any]]:
    """Return the object of a line without templates; None for anything else."""
    try:
        record = json.loads(line, parse_constant=_refuse, parse_float=_finite)
        return _inert({name: value for name, value in record.items() if name != "meta"}, 0)
    except (ValueError, AttributeError, RecursionError):
        return None


def _inert(value: Any, depth: int) -> Any:
    """Return the value without templates and without halves of characters."""
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        return _TEMPLATE.sub(r"\\173", value).encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_inert(name, depth + 1): _inert(each, depth + 1) for name, each in value.items()}
    return [_inert(each, depth + 1) for each in value] if isinstance(value, list) else value


def _finite(text: str) -> float:
    number = float(text)
    return number if number - number == 0 else _refuse(text)


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _check(args: Dict[str, Any]) -> None:
    for name, value in args.items():
        if name not in _OPTIONS:
            raise ValueError(f"{name}: transfer_events has no such argument. Remove it.")
        if not isinstance(value, _OPTIONS[name]) or isinstance(value, bool):  # type: ignore[arg-type]
            raise ValueError(f"{name}: {value!r} has the wrong type. See the documentation of transfer_events.")
    if not args.get("file"):
        raise ValueError("file: missing. Set it to the path of a file of events or of runs.jsonl.")
    if args.get("from", "end") not in ("end", "start"):
        raise ValueError(f"from: {args['from']}. Set it to end or start.")
    if args.get("interval", 1) <= 0:
        raise ValueError(f"interval: {args['interval']}. Set it to a number of seconds above 0.")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of records: `runs.jsonl`, a line for each run, oldest first, and `last.json`, the newest.

Each record has the SHA-256 of the line before it, so that a change in the middle shows. A file is replaced as a whole:
a full disk or a kill leaves the former content.

A record has schema 1, and is one line of JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

from ..errors import Locked, OperationFailed
from ..model.display import display_text
from ..model.utc import utc
from ..system.durable_files import replace
from ..system.root_owned_path import closing
from ..system.run_lock import locked_directory
from .ending import OK, error_of
from .strict_json import parse

HISTORY, LAST, COUNTERS = "runs.jsonl", "last.json", "counters.json"
_LOCK = ".lock"
_LARGEST = 256 << 20
_MODE = 0o640
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
SCHEMA = 1
NO_PREVIOUS = "0" * 64


class Records:
    """path: of the directory, which exists or whose parent does. keep: number of records to keep."""

    def __init__(self, path: str, keep: int) -> None:
        self._path, self._keep = path, keep

    def append(self, fields: Mapping[str, Any], count: Any) -> Dict[str, Any]:
        """Write the record of a run, and return the counters of all runs. Raises Locked, OperationFailed.

        count: returns the new counters from the former counters and the record
        """
        with self._explained(), self._locked() as directory:
            before = _lines(directory)
            whole = {**fields, "previous_sha256": digest(before[-1]) if before else NO_PREVIOUS}
            newest = line(whole)
            counters: Dict[str, Any] = count(_object(directory, COUNTERS), whole)
            _put(directory, COUNTERS, line(counters))
            _put(directory, HISTORY, b"".join([*before, newest][-self._keep :]))
            _put(directory, LAST, newest)
            return counters

    def begin(self, count: Any, *, fresh: bool) -> Dict[str, Any]:
        """Return the counters. First counters that are missing are added before, for a fresh job all.

        count: returns the first counters
        fresh: the counters are of a removed job of the same name
        Raises Locked, OperationFailed.
        """
        with self._explained(), self._locked() as directory:
            found = {} if fresh else _object(directory, COUNTERS)
            counters: Dict[str, Any] = {**count(), **found}
            if counters != found:
                _put(directory, COUNTERS, line(counters))
            return counters

    def history(self) -> bytes:
        """Return the lines of all records, oldest first. Raises OperationFailed."""
        with self._explained(), closing(os.open(self._path, _DIRECTORY)) as directory:
            return _content(directory, HISTORY)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        with contextlib.suppress(FileExistsError):
            os.mkdir(self._path, 0o750)
        with locked_directory(os.fsencode(self._path), _LOCK, "these records") as directory:
            yield directory

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Locked as error:
            raise Locked(f"records: another run works on {display_text(self._path)}", cure=error.cure) from None
        except OSError as error:
            raise OperationFailed(
                f"records: {display_text(self._path)}: {error.strerror or error}",
                cure="Make the directory, let this account write to it, and free space on its disk.",
            ) from None


def first_broken_link(history: bytes) -> Optional[int]:
    """Return the number of the first line, from 1, that does not follow the line before; None if all do."""
    lines = history.splitlines(keepends=True)
    for number, (before, after) in enumerate(zip(lines, lines[1:]), 2):
        if _previous(after) != digest(before):
            return number
    return None


def _previous(text: bytes) -> Any:
    try:
        fields = parse(text)
    except ValueError:
        return None
    return fields.get("previous_sha256") if isinstance(fields, dict) else None


def _lines(directory: int) -> List[bytes]:
    return _content(directory, HISTORY).splitlines(keepends=True)


def _object(directory: int, name: str) -> Dict[str, Any]:
    """Return the object of a file; empty if the file is missing or damaged."""
    try:
        fields = json.loads(_content(directory, name))
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _content(directory: int, name: str) -> bytes:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, dir_fd=directory)
    except FileNotFoundError:
        return b""
    with open(descriptor, "rb") as file:
        return file.read(_LARGEST) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""


def _put(directory: int, name: str, content: bytes) -> None:
    replace(
        name,
        content,
        directory=directory,
        settle=lambda descriptor: os.fchmod(descriptor, _MODE),
        temporary=f".{name}.new",
    )


class Sources(NamedTuple):
    """program: SHA-256 of the program; options: of the job file."""

    program: str
    options: str


def record(
    job: str,
    left: Mapping[str, Any],
    *,
    run: str,
    state: str,
    facts: str,
    ended: float,
    sources: Sources,
) -> Dict[str, Any]:
    """Return the fields, without the link to the record before.

    left: values of the run, as `handover.values` returns them
    state: one of ending.STATES
    facts: of the end, for an error that the run did not report itself
    """
    began = left.get("began")
    return {
        "schema": SCHEMA,
        "job": job,
        "run": run,
        "began": None if began is None else utc(began),
        "ended": utc(ended),
        "result": state,
        "error": _error(left, state, facts),
        "totals": left.get("totals") or {},
        "stats": left.get("stats") or {},
        "proofs": left.get("proofs") or {},
        "peer": left.get("peer"),
        "program_sha256": sources.program,
        "options_sha256": sources.options,
    }


def _error(left: Mapping[str, Any], state: str, facts: str) -> Optional[Dict[str, Any]]:
    """Return the error that the run reported, else an error for the observed end."""
    reported: Optional[Dict[str, Any]] = left.get("error")
    return error_of(state, facts) if state == OK else reported or error_of(state, facts)


def line(fields: Mapping[str, Any]) -> bytes:
    """Return the fields as one line, in ASCII."""
    return json.dumps(fields).encode("ascii") + b"\n"


def digest(of: bytes) -> str:
    """Return the SHA-256 of a line, as the next record holds it."""
    return hashlib.sha256(of).hexdigest()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture: the state that a host shows of itself at one time, in one archive that waits for the controller.

1. The directory of captures belongs to this user alone. Captures of killed runs that are older than a day are removed.
2. Each output and file becomes a member of the archive: programs, settings, journal, logs. `listing.jsonl` has every
   file with owner, mode and times, `left_out.jsonl` every file that is not in the archive, with the reason.
3. Nothing that a client can fill makes the capture fail: one output gets at most half of the room that is left,
   settings together too, and the journal and the logs share the rest. `cut.jsonl` has the outputs and logs of which
   only the first and the newest part are there (see `cutting`).
4. The archive gets its name when it is whole and on the disk. After an error, nothing stays.
5. The controller reads it in parts, and has it removed.

Nothing else on the host is changed. Programs of the host may lie: evidence is the state that the host shows.
"""

from __future__ import annotations

import io
import os
import pwd
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

from ..errors import InvalidRequest, NotFound, Refused
from ..integrity.digest import sha256
from ..system.os_errors import from_os_error, with_room
from ..trust.fingerprint import parse_public_key
from .archive import Archive, json_line
from .cutting import FIRST, NEWEST, WHOLE, Ends, Part, Ranged, ReadAt, parts, secret_kind, shares
from .host_files import Found, Missed, files_below, run_into
from .scope import (
    HASHED,
    JOURNAL_ENTRY,
    LOGS,
    PART,
    PROCESSES,
    PROGRAMS,
    SECRET_PLACES,
    SETTINGS,
    Output,
    Scope,
    journal,
    key_files,
)

DIRECTORY = "/var/lib/secure_ftp_synchronize/evidence"

_LARGEST_SETTING = 1 << 20
_DAY = 86400
_BLOCK = 1 << 18
_LINES = 2000
"""Bytes of the lines about a log."""

_LISTING, _LEFT_OUT, _CUT, _RAN = _LISTS = ("listing.jsonl", "left_out.jsonl", "cut.jsonl", "ran.jsonl")
_JOURNAL = "programs/journal.export"


class Captured(NamedTuple):
    """A whole archive.

    digest: its SHA-256
    members: number of outputs and files
    left_out: files that are not in it, each with path and reason
    cut: outputs and logs of which only parts are in it, each with name, size, and its parts in bytes
    """

    size: int
    digest: str
    members: int
    left_out: List[Dict[str, Any]]
    cut: List[Dict[str, Any]]


def capture(scope: Scope, name: str, most: int, *, directory: str = DIRECTORY) -> Captured:
    """Make the archive of this name. Raises EvidenceTooLarge, Refused, ItemError."""
    try:
        _provide(directory)
        _remove_old(directory)
        with tempfile.NamedTemporaryFile(dir=directory, suffix=".new") as file:
            taken = _Capture(scope, Archive(file, most, time.time()), directory).run()
            file.flush()
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise InvalidRequest("max_size: is too small for an archive", cure="Raise max_size.")
            file.seek(0)
            digest = sha256()
            for block in iter(lambda: file.read(_BLOCK), b""):
                digest.update(block)
            os.link(file.name, _path(directory, name))
    except OSError as error:
        raise with_room(from_os_error(error, path=os.fsencode(directory)), os.fsencode(directory)) from None
    return Captured(size, digest.hexdigest(), *taken)


def read_part(name: str, offset: int, *, directory: str = DIRECTORY) -> bytes:
    """Return the next bytes of an archive. Raises NotFound."""
    try:
        with open(_path(directory, name), "rb") as file:
            file.seek(offset)
            return file.read(PART)
    except OSError as error:
        raise NotFound(f"evidence: {error.strerror}", path=os.fsencode(_path(directory, name))) from None


def discard(name: str, *, directory: str = DIRECTORY) -> bool:
    """Remove an archive; return whether it was there."""
    with suppress(FileNotFoundError):
        os.unlink(_path(directory, name))
        return True
    return False


def _path(directory: str, name: str) -> str:
    return os.path.join(directory, f"{name}.tar.gz")


def _provide(directory: str) -> None:
    os.makedirs(directory, 0o700, exist_ok=True)
    status = os.lstat(directory)
    if status.st_uid != os.geteuid() or status.st_mode & 0o170077 != 0o040000:
        raise Refused(f"evidence: {directory} is a link, or open to others", cure="Find out why, then chmod 0700 it.")


def _remove_old(directory: str) -> None:
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        with suppress(FileNotFoundError):
            if name.endswith((".tar.gz", ".new")) and os.lstat(path).st_mtime < time.time() - _DAY:
                os.unlink(path)


class _Capture:
    def __init__(self, scope: Scope, archive: Archive, directory: str) -> None:
        self._scope, self._archive, self._directory = scope, archive, directory
        self._members = 0
        self._lines: Dict[str, List[Dict[str, Any]]] = {name: [] for name in _LISTS}

    def run(self) -> tuple[int, List[Dict[str, Any]], List[Dict[str, Any]]]:
        with self._archive:
            for output in (PROCESSES[self._scope.arguments], *PROGRAMS):
                self._program(output)
            self._settings()
            for path in HASHED:
                self._digests(path)
            self._logs()
            for name, lines in self._lines.items():
                self._archive.add(name, b"".join(map(json_line, lines)))
        return self._members, self._lines[_LEFT_OUT], self._lines[_CUT]

    def _program(self, output: Output) -> None:
        name = f"programs/{output.name}"
        with self._ran(output, self._archive.room(name + FIRST, name + NEWEST) // 2) as kept:
            if kept is not None:
                self._keep(name, parts(kept.size, kept.room, kept.read_at), kept.read_at)

    @contextmanager
    def _ran(self, output: Output, room: int) -> Iterator[Optional[Ends]]:
        """Run a program; yield its output, or None if it is not installed."""
        started = time.time()
        with tempfile.TemporaryFile(dir=self._directory) as file:
            kept = Ends(file, room)
            ran = run_into(kept, output.words)
            self._lines[_RAN].append({**ran._asdict(), "program": output.words, "started": int(started)})
            if not ran.whole:
                self._leave_out({"path": output.name, "reason": "the program was ended for its time"})
            yield None if ran.status is None else kept

    def _settings(self) -> None:
        floor = self._archive.room() // 2
        for pattern in (*SETTINGS, *self._scope.files, *key_files(pwd.getpwall())):
            for each in files_below(pattern):
                if isinstance(each, Missed):
                    self._leave_out(each.facts())
                else:
                    self._setting(each, floor)

    def _setting(self, found: Found, floor: int) -> None:
        """Take a file without secrets; of a file with keys of an account, always the lines with public keys."""
        content, name = os.pread(found.descriptor, _LARGEST_SETTING, 0), "files" + found.path
        reason = _secret_reason(found, content) or self._no_room(name, content, floor)
        if reason is None:
            self._members += 1
            self._list(found, self._archive.add_file(name, io.BytesIO(content), len(content)))
            return
        self._leave_out({**found.facts(), "reason": reason})
        if os.path.basename(found.path).startswith("authorized_keys"):
            keys, name = _public_lines(content), name + ".public"
            if self._no_room(name, keys, floor) is None:
                self._archive.add(name, keys)

    def _no_room(self, name: str, content: bytes, floor: int) -> Optional[str]:
        return "no room in max_size" if self._archive.room(name) - len(content) < floor else None

    def _digests(self, path: str) -> None:
        for each in files_below(path):
            if isinstance(each, Missed):
                self._leave_out(each.facts())
            else:
                self._list(each, _digest(each), content=False)

    def _logs(self) -> None:
        """Take the journal and the logs, each with its share of the room."""
        sizes = self._log_sizes()
        with self._ran(journal(self._scope), self._room_of_logs(sizes)) as kept:
            if kept is not None:
                sizes[_JOURNAL] = kept.size
            share = shares(sizes, self._room_of_logs(sizes))
            if kept is not None:
                room = min(share.pop(_JOURNAL), kept.room)
                self._keep(_JOURNAL, parts(kept.size, room, kept.read_at, JOURNAL_ENTRY), kept.read_at)
        for path in LOGS:
            for each in files_below(path):
                if isinstance(each, Found) and each.path in share:
                    self._log(each, min(each.status.st_size, sizes[each.path]), share[each.path])

    def _log_sizes(self) -> Dict[str, int]:
        sizes = {}
        for path in LOGS:
            for each in files_below(path):
                if isinstance(each, Missed):
                    self._leave_out(each.facts())
                else:
                    sizes[each.path] = each.status.st_size
        return sizes

    def _room_of_logs(self, sizes: Mapping[str, int]) -> int:
        """Return the room that is left when the lists have theirs."""
        names = [each for path in (_JOURNAL, *sizes) for each in (f"files{path}{FIRST}", f"files{path}{NEWEST}")]
        lists = sum(len(json_line(line)) for lines in self._lines.values() for line in lines)
        return max(0, self._archive.room(*names, *_LISTS) - lists - _LINES * (len(sizes) + 1))

    def _log(self, found: Found, size: int, room: int) -> None:
        def read_at(count: int, offset: int) -> bytes:
            return os.pread(found.descriptor, count, offset)

        digest = self._keep("files" + found.path, parts(size, room, read_at), read_at)
        self._list(found, digest)

    def _keep(self, name: str, kept: List[Part], read_at: ReadAt) -> Optional[str]:
        """Take the parts of an output or a log; return the SHA-256 of a whole source."""
        self._members += 1
        digests = [
            self._archive.add_file(name + each.suffix, Ranged(read_at, each.start, each.end), each.end - each.start)
            for each in kept
        ]
        if kept[0].suffix == WHOLE:
            return digests[0]
        self._lines[_CUT].append(
            {
                "name": name,
                "size": kept[-1].end,
                "parts": [{**each._asdict(), "sha256": digest} for each, digest in zip(kept, digests)],
            }
        )
        return None

    def _list(self, found: Found, digest: Optional[str], **more: object) -> None:
        self._lines[_LISTING].append({**found.facts(), "sha256": digest, **more})

    def _leave_out(self, facts: Dict[str, Any]) -> None:
        self._lines[_LEFT_OUT].append(facts)


def _secret_reason(found: Found, content: bytes) -> Optional[str]:
    """Return why a file of settings is left out."""
    if found.path.startswith(SECRET_PLACES):
        return "a place of secrets"
    if found.status.st_size > _LARGEST_SETTING:
        return f"larger than {_LARGEST_SETTING} bytes"
    return secret_kind(content)


def _digest(found: Found) -> str:
    digest, left = sha256(), found.status.st_size
    with os.fdopen(os.dup(found.descriptor), "rb") as file:
        while left > 0:
            block = file.read(min(_BLOCK, left))
            if not block:
                break
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def _public_lines(content: bytes) -> bytes:
    """Return the lines with a public key, without options and comments."""
    kept = []
    for line in content.decode("utf-8", "replace").splitlines():
        words = line.split()
        for number in range(len(words) - 1):
            with suppress(ValueError):
                kept.append(parse_public_key(words[number], words[number + 1]).text)
    return "".join(f"{line}\n" for line in kept).encode("utf-8", "replace")

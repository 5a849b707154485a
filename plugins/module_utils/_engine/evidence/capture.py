# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture: the state that a host shows of itself at one time, in one archive that waits for the controller.

1. The directory of captures belongs to this user alone. Captures of killed runs that are older than a day are removed.
2. Each output and file becomes a member of the archive: journal, programs, settings, logs. `listing.jsonl` has every
   file with owner, mode and times, `left_out.jsonl` every file that is not in the archive, with the reason.
3. The archive gets its name when it is whole and on the disk. After an error, nothing stays.
4. The controller reads it in parts, and has it removed.

Nothing else on the host is changed. Programs of the host may lie: evidence is the state that the host shows.
"""

from __future__ import annotations

import os
import pwd
import tempfile
import time
from contextlib import suppress
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from ..errors import InvalidRequest, NotFound, Refused
from ..integrity.digest import sha256
from ..system.free_space import with_room
from ..system.os_errors import from_os_error
from ..trust.fingerprint import parse_public_key
from .archive import Archive, json_line
from .host_files import Found, Missed, files_below
from .private_material import secret_kind
from .program_output import run_into
from .scope import HASHED, LOGS, PART, PROCESSES, PROGRAMS, SECRET_PLACES, SETTINGS, Output, Scope, journal, key_files

__all__ = ["DIRECTORY", "Captured", "capture", "discard", "read_part"]

DIRECTORY = "/var/lib/secure_ftp_synchronize/evidence"

_LARGEST_SETTING = 1 << 20
_DAY = 86400
_BLOCK = 1 << 18


class Captured(NamedTuple):
    """A whole archive.

    digest: its SHA-256
    members: number of outputs and files
    left_out: files that are not in it, each with path and reason
    """

    size: int
    digest: str
    members: int
    left_out: List[Dict[str, Any]]


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
        raise NotFound("evidence: %s" % error.strerror, path=os.fsencode(_path(directory, name))) from None


def discard(name: str, *, directory: str = DIRECTORY) -> bool:
    """Remove an archive; return whether it was there."""
    with suppress(FileNotFoundError):
        os.unlink(_path(directory, name))
        return True
    return False


def _path(directory: str, name: str) -> str:
    return os.path.join(directory, "%s.tar.gz" % name)


def _provide(directory: str) -> None:
    os.makedirs(directory, 0o700, exist_ok=True)
    status = os.lstat(directory)
    if status.st_uid != os.geteuid() or status.st_mode & 0o170077 != 0o040000:
        raise Refused("evidence: %s is a link, or open to others" % directory, cure="Find out why, then chmod 0700 it.")


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
        self._listing: List[Dict[str, Any]] = []
        self._left_out: List[Dict[str, Any]] = []
        self._ran: List[Dict[str, Any]] = []

    def run(self) -> tuple[int, List[Dict[str, Any]]]:
        with self._archive:
            for output in (PROCESSES[self._scope.arguments], *PROGRAMS, journal(self._scope)):
                self._run(output)
            for pattern in self._settings():
                self._each(pattern, settings=True)
            for path in LOGS:
                self._each(path, settings=False)
            for path in HASHED:
                self._digests(path)
            for name in ("listing", "left_out", "ran"):
                lines = getattr(self, "_" + name)
                self._archive.add("%s.jsonl" % name, b"".join(map(json_line, lines)))
        return self._members, self._left_out

    def _settings(self) -> Iterator[str]:
        yield from SETTINGS
        yield from self._scope.files
        yield from key_files(pwd.getpwall())

    def _run(self, output: Output) -> None:
        started = time.time()
        with tempfile.TemporaryFile(dir=self._directory) as file:
            ran = run_into(file, output.words, self._archive.left)
            file.seek(0)
            if ran.status is not None:
                self._archive.add_file("programs/%s" % output.name, file, ran.size)
                self._members += 1
        self._ran.append({**ran._asdict(), "program": output.words, "started": int(started)})
        if not ran.whole:
            self._leave_out({"path": output.name, "reason": "the program was ended for its time or size"})

    def _each(self, pattern: str, *, settings: bool) -> None:
        for each in files_below(pattern):
            if isinstance(each, Missed):
                self._leave_out(each.facts())
            elif settings:
                self._setting(each)
            else:
                self._take(each, os.fdopen(os.dup(each.descriptor), "rb"), each.status.st_size)

    def _setting(self, found: Found) -> None:
        """Take a file without secrets; of a file with keys of an account, always the lines with public keys."""
        content = os.pread(found.descriptor, _LARGEST_SETTING, 0)
        reason = _secret_reason(found, content)
        if reason is None:
            self._add("files" + found.path, content, found)
            return
        self._leave_out({**found.facts(), "reason": reason})
        if os.path.basename(found.path).startswith("authorized_keys"):
            self._archive.add("files%s.public" % found.path, _public_lines(content))

    def _add(self, name: str, content: bytes, found: Found) -> None:
        self._archive.add(name, content)
        self._members += 1
        self._listing.append({**found.facts(), "sha256": sha256(content).hexdigest()})

    def _take(self, found: Found, file: Any, size: int) -> None:
        with file:
            digest = self._archive.add_file("files" + found.path, file, size)
        self._members += 1
        self._listing.append({**found.facts(), "sha256": digest})

    def _digests(self, path: str) -> None:
        for each in files_below(path):
            if isinstance(each, Missed):
                self._leave_out(each.facts())
            else:
                self._listing.append({**each.facts(), "sha256": _digest(each), "content": False})

    def _leave_out(self, facts: Dict[str, Any]) -> None:
        self._left_out.append(facts)


def _secret_reason(found: Found, content: bytes) -> Optional[str]:
    """Return why a file of settings is left out."""
    if found.path.startswith(SECRET_PLACES):
        return "a place of secrets"
    if found.status.st_size > _LARGEST_SETTING:
        return "larger than %d bytes" % _LARGEST_SETTING
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
    return "".join("%s\n" % line for line in kept).encode("utf-8", "replace")

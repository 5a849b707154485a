# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the entries of sshd from the journal, by cursor.

The journal is selected by the name of the program and, for processes that end before journald looks at them, by the
identifier that sshd gives its lines; never by unit, because sessions run outside of sshd's unit. journald deletes the
oldest entries: if the entry of the cursor is gone, a `Gap` comes first. Fields of more than 4096 characters are left
out by journalctl, so that no sender can fill the memory.

In an entry, a field whose name begins with an underscore is trusted: journald itself has written it, and no sender can
change it. The identifier and the text are chosen by the sender.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any, BinaryIO, FrozenSet, Iterator, Mapping, NamedTuple, Sequence, Union, cast

from ..errors import SyncError

FIELDS = ("MESSAGE", "SYSLOG_IDENTIFIER", "_PID", "_UID", "_COMM", "_EXE", "_SYSTEMD_CGROUP", "_BOOT_ID")
"""The fields that an entry is made of; cursor and time are in every entry."""

_SSHD = frozenset(("sshd", "sshd-session", "sshd-auth"))
_SFTP = frozenset(("internal-sftp", "sftp-server"))
_REPLACED = " (deleted)"
"""After the path of an executable that an upgrade has replaced."""
_SYSTEM_DIRECTORIES = ("/usr/", "/lib/", "/sbin/", "/opt/")
_PROGRAMS = ("sshd", "sshd-session", "sshd-auth", "sftp-server")
_SELECTION = (
    *(f"_COMM={name}" for name in _PROGRAMS),
    "+",
    "_UID=0",
    *(f"SYSLOG_IDENTIFIER={name}" for name in _PROGRAMS[:3]),
    "+",
    *(f"SYSLOG_IDENTIFIER={name}" for name in ("internal-sftp", "sftp-server")),
)
_COMMAND = ("journalctl", "--quiet", "--no-pager", "--output=json", "--output-fields=" + ",".join(FIELDS))


class Entry(NamedTuple):
    """One entry.

    cursor: its position
    moment: when journald received it, in seconds since 1970
    boot, pid, uid: of the sender; uid -1 if it is unknown
    program, executable: of the sender; empty if it had ended before journald could look
    cgroup: of the sender; empty if it had ended
    identifier, text: in the words of the sender
    """

    cursor: str
    moment: float
    boot: str
    pid: int
    uid: int
    program: str
    executable: str
    cgroup: str
    identifier: str
    text: str


def parse_entry(line: bytes) -> Entry:
    """Return the entry of one line of `journalctl -o json`. Raises ValueError for any other line."""
    record = json.loads(line)
    try:
        return Entry(
            cursor=record["__CURSOR"],
            moment=int(record["__REALTIME_TIMESTAMP"]) / 1000000,
            boot=_text(record, "_BOOT_ID"),
            pid=int(_text(record, "_PID") or 0),
            uid=int(_text(record, "_UID") or -1),
            program=_text(record, "_COMM"),
            executable=_text(record, "_EXE"),
            cgroup=_text(record, "_SYSTEMD_CGROUP"),
            identifier=_text(record, "SYSLOG_IDENTIFIER"),
            text=_text(record, "MESSAGE"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the line is not an entry of the journal: {error!r}") from None


def is_from_sshd(entry: Entry) -> bool:
    """Return whether sshd or one of its processes sent an entry."""
    return entry.identifier in _SSHD and _is_believed(entry, _SSHD)


def is_from_sftp(entry: Entry) -> bool:
    """Return whether an entry comes from the process that serves the files of a session."""
    return entry.identifier in _SFTP and _is_believed(entry, _SSHD | _SFTP)


def is_from_ended_sftp(entry: Entry) -> bool:
    """Return whether an entry may come from such a process that had ended before journald could look at it. Any process
    can write such an entry: only its pid and its uid are certain."""
    unseen = not entry.executable and entry.program in ("", *_SSHD, *_SFTP)
    return unseen and entry.identifier in _SFTP and entry.uid > 0


def _is_believed(entry: Entry, programs: FrozenSet[str]) -> bool:
    """Return whether the sender is one of these programs, as installed by the system.

    A process can change its name, but not its executable. A process that ends at once may leave neither in the journal;
    then only root is believed, because every process of sshd before a login belongs to root.
    """
    if not entry.executable:
        return entry.uid == 0 and entry.program in ("", *programs)
    path = entry.executable.replace(_REPLACED, "")
    return path.startswith(_SYSTEM_DIRECTORIES) and path.rpartition("/")[2] in programs


def _text(record: Mapping[str, Any], name: str) -> str:
    """Return a field; journalctl writes a field that is not UTF-8 as a list of bytes, a repeated field as a list of
    texts, of which none is believed."""
    value = record.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, int) for each in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return ""


class JournalUnreadable(SyncError):
    """journalctl failed."""

    code = "journal_unreadable"


class Gap(NamedTuple):
    """Entries that were deleted before they were read. moment: of the first entry after them."""

    cursor: str
    moment: float


Item = Union[Entry, Gap]


def read_journal(cursor: str, since: float, *, command: Sequence[str] = _COMMAND) -> Iterator[Item]:
    """Yield the entries after a cursor, or from a time on if it is empty. Raises JournalUnreadable."""
    start = f"--cursor={cursor}" if cursor else f"--since=@{int(since)}"
    # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
    with subprocess.Popen(
        [*command, start, *_SELECTION], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield from _entries(process, cursor)
        finally:
            process.kill()


def _entries(process: subprocess.Popen[bytes], cursor: str) -> Iterator[Item]:
    first = bool(cursor)
    for line in cast(BinaryIO, process.stdout):
        entry = parse_entry(line)
        if first and entry.cursor != cursor:
            yield Gap(cursor, entry.moment)
        if not first or entry.cursor != cursor:
            yield entry
        first = False
    _check(process)


def _check(process: subprocess.Popen[bytes]) -> None:
    words = cast(BinaryIO, process.stderr).read().decode("utf-8", "backslashreplace").strip()
    if process.wait():
        raise JournalUnreadable("journalctl: %s" % (words or f"exit status {process.returncode}"))

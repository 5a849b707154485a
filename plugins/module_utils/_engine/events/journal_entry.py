# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry: one entry of the journal, with the fields that journald itself has written and no sender can change.

A field whose name begins with an underscore is trusted. The identifier and the text are chosen by the sender.
"""

from __future__ import annotations

import json
from typing import Any, FrozenSet, Mapping, NamedTuple

FIELDS = ("MESSAGE", "SYSLOG_IDENTIFIER", "_PID", "_UID", "_COMM", "_EXE", "_SYSTEMD_CGROUP", "_BOOT_ID")
"""The fields that an entry is made of; cursor and time are in every entry."""

_PROGRAMS = frozenset(("sshd", "sshd-session", "sshd-auth"))
_SFTP = frozenset(("internal-sftp", "sftp-server"))
_REPLACED = " (deleted)"
"""After the path of an executable that an upgrade has replaced."""
_SYSTEM_DIRECTORIES = ("/usr/", "/lib/", "/sbin/", "/opt/")


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
        raise ValueError("the line is not an entry of the journal: %r" % error) from None


def is_from_sshd(entry: Entry) -> bool:
    """Return whether sshd or one of its processes sent an entry."""
    return entry.identifier in _PROGRAMS and _is_believed(entry, _PROGRAMS)


def is_from_sftp(entry: Entry) -> bool:
    """Return whether an entry comes from the process that serves the files of a session."""
    return entry.identifier in _SFTP and _is_believed(entry, _PROGRAMS | _SFTP)


def is_from_ended_sftp(entry: Entry) -> bool:
    """Return whether an entry may come from such a process that had ended before journald could look at it. Any process
    can write such an entry: only its pid and its uid are certain."""
    unseen = not entry.executable and entry.program in ("", *_PROGRAMS, *_SFTP)
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

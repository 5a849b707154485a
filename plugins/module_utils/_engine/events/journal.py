# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the entries of sshd from the journal, by cursor.

The journal is selected by the name of the program and, for processes that end before journald looks at them, by the
identifier that sshd gives its lines; never by unit, because sessions run outside of sshd's unit. journald deletes the
oldest entries: if the entry of the cursor is gone, a `Gap` comes first. Fields of more than 4096 characters are left
out by journalctl, so that no sender can fill the memory.
"""

from __future__ import annotations

import subprocess
from typing import BinaryIO, Iterator, NamedTuple, Sequence, Union, cast

from ..errors import SyncError
from .journal_entry import FIELDS, Entry, parse_entry

_PROGRAMS = ("sshd", "sshd-session", "sshd-auth", "sftp-server")
_SELECTION = (
    *("_COMM=%s" % name for name in _PROGRAMS),
    "+",
    "_UID=0",
    *("SYSLOG_IDENTIFIER=%s" % name for name in _PROGRAMS[:3]),
    "+",
    *("SYSLOG_IDENTIFIER=%s" % name for name in ("internal-sftp", "sftp-server")),
)
_COMMAND = ("journalctl", "--quiet", "--no-pager", "--output=json", "--output-fields=" + ",".join(FIELDS))


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
    start = "--cursor=%s" % cursor if cursor else "--since=@%d" % int(since)
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
        raise JournalUnreadable("journalctl: %s" % (words or "exit status %d" % process.returncode))

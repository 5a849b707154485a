# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts to leave the jail by names: absolute names, names with .., names of other accounts."""

from __future__ import annotations

from typing import Iterator, Sequence, Tuple

from ...model.display import display
from ...model.findings import Finding
from .catalogue import finding
from .expected import Expected
from .sftp_session import READ, SftpSession

OUTSIDE = (
    b"/etc/passwd",
    b"/etc/ssh/sshd_config",
    b"/proc/self/root/etc/passwd",
    b"/proc/1/root/etc/passwd",
    b"/dev/fd/0",
    b"/usr/bin",
    b"/var/log",
    b"/root",
)
"""Names of every host, and of no jail."""
_CLIMBS = (b"/..", b"/../..", b"../../../../../../../..")
_HOMES = (b"/..", b"..", b"", b"/srv/jail", b"/home", b"/srv", b"/var/sftp")


def names_that_lead_out(sftp: SftpSession, expected: Expected) -> Iterator[Finding]:
    """Try to read or see files of the host."""
    seen = [path for path in _outside(expected) if sftp.opens(path, READ) or sftp.entry(path, follow=True) is not None]
    if seen:
        yield finding("name_outside", "the host's files are visible: %s" % _listed(seen))


def _outside(expected: Expected) -> Iterator[bytes]:
    for name in OUTSIDE:
        if not expected.holds(name):
            yield name
            yield from (climb + name for climb in _CLIMBS)
    inside = (directory + b"/../../etc/passwd" for directory in expected.directories)
    yield from (path for path in inside if not expected.holds(path))


def other_accounts(sftp: SftpSession, expected: Expected, others: Sequence[bytes]) -> Iterator[Finding]:
    """Try to see the directories of other accounts."""
    tried = ((name, home + b"/" + name) for name in others for home in _HOMES)
    seen = [path for name, path in tried if not expected.holds(b"/" + name) and sftp.entry(path) is not None]
    if seen:
        yield finding("other_account", "directories of other accounts are visible: %s" % _listed(seen))


def _listed(paths: Sequence[bytes]) -> str:
    shown: Tuple[str, ...] = tuple(display(path) for path in paths[:5])
    more = len(paths) - len(shown)
    return ", ".join(shown) + (" and %d more" % more if more else "")

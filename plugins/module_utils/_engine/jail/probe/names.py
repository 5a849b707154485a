# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts to leave the jail by names: absolute names, names with .., names of other accounts.

The account may not make links that lead out, and no link in the jail may.
"""

from __future__ import annotations

import posixpath
from typing import Iterable, Iterator, Sequence, Tuple

from ...model.display import display
from ...model.findings import Finding
from ...model.tree import LINK
from ...sftp.packets import FX_OK
from .catalogue import Expected, finding
from .sftp_session import CREATE, READ, SftpSession, joined, temporary_name

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
_TARGET = b"/../../etc/passwd"


def names_that_lead_out(sftp: SftpSession, expected: Expected) -> Iterator[Finding]:
    """Try to read or see files of the host."""
    seen = [path for path in _outside(expected) if sftp.opens(path, READ) or sftp.entry(path, follow=True) is not None]
    if seen:
        yield finding("name_outside", f"the host's files are visible: {_listed(seen)}")


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
        yield finding("other_account", f"directories of other accounts are visible: {_listed(seen)}")


def _listed(paths: Sequence[bytes]) -> str:
    shown: Tuple[str, ...] = tuple(display(path) for path in paths[:5])
    more = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def links_made(sftp: SftpSession, expected: Expected) -> Iterator[Finding]:
    """Try to make a symbolic link and a hard link in each directory in which the account stores."""
    for directory in expected.stores_in:
        yield from _symbolic(sftp, expected, directory)
        if not expected.symlinks:
            yield from _hard(sftp, directory)


def _symbolic(sftp: SftpSession, expected: Expected, directory: bytes) -> Iterator[Finding]:
    path = joined(directory, temporary_name())
    try:
        if sftp.symbolic_link(_TARGET, path) != FX_OK:
            return
        if not expected.symlinks:
            yield finding("links", f"a symbolic link was made in {display(directory)}")
        if sftp.opens(path, READ):
            yield finding("name_outside", f"a symbolic link in {display(directory)} shows the host's files")
    finally:
        sftp.remove(path)


def _hard(sftp: SftpSession, directory: bytes) -> Iterator[Finding]:
    source, path = (joined(directory, temporary_name()) for _number in range(2))
    if not sftp.opens(source, CREATE):
        return
    try:
        if sftp.hard_link(source, path) == FX_OK:
            sftp.remove(path)
            yield finding("links", f"a hard link was made in {display(directory)}")
    finally:
        sftp.remove(source)


def links_present(sftp: SftpSession, expected: Expected, directories: Iterable[bytes]) -> Iterator[Finding]:
    """Look for links in directories, and follow them."""
    for directory in directories:
        for name, entry in sftp.names(directory) or ():
            if entry is not None and entry.kind is LINK:
                yield from _present(sftp, expected, joined(directory, name))


def _present(sftp: SftpSession, expected: Expected, path: bytes) -> Iterator[Finding]:
    target = sftp.link_target(path) or b""
    plain = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    climbs = len([part for part in target.split(b"/") if part == b".."]) > path.strip(b"/").count(b"/")
    text = f"{display(path)} is a link to {display(target)}"
    if climbs or not expected.holds(plain):
        yield finding("link_leads_out", text)
    elif not expected.symlinks:
        yield finding("link", text)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links: whether the account can make them, and links that are in the jail already."""

from __future__ import annotations

import posixpath
from typing import Iterable, Iterator

from ...model.display import display
from ...model.findings import Finding
from ...model.tree import LINK
from ...sftp.packets import FX_OK
from .catalogue import finding
from .expected import Expected
from .leftovers import joined, temporary_name
from .sftp_session import CREATE, READ, SftpSession

_TARGET = b"/../../etc/passwd"


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
            yield finding("links", "a symbolic link was made in %s" % display(directory))
        if sftp.opens(path, READ):
            yield finding("name_outside", "a symbolic link in %s shows the host's files" % display(directory))
    finally:
        sftp.remove(path)


def _hard(sftp: SftpSession, directory: bytes) -> Iterator[Finding]:
    source, path = (joined(directory, temporary_name()) for _number in range(2))
    if not sftp.opens(source, CREATE):
        return
    try:
        if sftp.hard_link(source, path) == FX_OK:
            sftp.remove(path)
            yield finding("links", "a hard link was made in %s" % display(directory))
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
    text = "%s is a link to %s" % (display(path), display(target))
    if climbs or not expected.holds(plain):
        yield finding("link_leads_out", text)
    elif not expected.symlinks:
        yield finding("link", text)

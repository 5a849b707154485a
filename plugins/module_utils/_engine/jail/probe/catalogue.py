# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of a probe, one row for each kind of weakness, and the rights that an account is supposed to have."""

from __future__ import annotations

import posixpath
from typing import Mapping, NamedTuple, Tuple

from ...model.findings import CRITICAL, HIGH, INFO, LOW, MEDIUM, Finding

_FORCED = "sshd_config(5) ForceCommand"
_CHROOT = "sshd_config(5) ChrootDirectory"
_FORWARDING = "sshd_config(5) DisableForwarding"
_REQUESTS = "sftp-server(8) -p"
UPLOAD, DOWNLOAD, BOTH = "upload", "download", "both"


class _Row(NamedTuple):
    severity: str
    wanted: str
    source: str


CATALOGUE: Mapping[str, _Row] = {
    "command": _Row(CRITICAL, "every request starts SFTP; no program runs", _FORCED),
    "not_forced": _Row(HIGH, "every request starts SFTP, even a request for a program", _FORCED),
    "no_sftp": _Row(HIGH, "the session serves SFTP", _CHROOT),
    "subsystem": _Row(HIGH, "sftp is the only subsystem", _FORCED),
    "terminal": _Row(MEDIUM, "no terminal", "sshd_config(5) PermitTTY"),
    "environment": _Row(MEDIUM, "the client sets no variable", "sshd_config(5) AcceptEnv"),
    "port_forwarding": _Row(HIGH, "no forwarding to a port", _FORWARDING),
    "socket_forwarding": _Row(HIGH, "no forwarding to a socket", _FORWARDING),
    "remote_forwarding": _Row(HIGH, "no listener for the client", _FORWARDING),
    "agent_forwarding": _Row(MEDIUM, "no forwarding of the agent", _FORWARDING),
    "display_forwarding": _Row(MEDIUM, "no forwarding of the display", _FORWARDING),
    "tunnel": _Row(HIGH, "no tunnel", "sshd_config(5) PermitTunnel"),
    "name_outside": _Row(CRITICAL, "no name leads out of the jail", _CHROOT),
    "other_account": _Row(CRITICAL, "no name leads to another account", _CHROOT),
    "root_writable": _Row(HIGH, "the account changes nothing in the root of the jail", _CHROOT),
    "outside_writable": _Row(HIGH, "the account stores only in expect.writable", "expect.writable"),
    "download_writes": _Row(HIGH, "an account for downloads stores nothing", "expect.access"),
    "download_requests": _Row(LOW, "every request that writes is refused", _REQUESTS),
    "upload_reads": _Row(HIGH, "an account for uploads reads no content", "expect.access"),
    "not_writable": _Row(MEDIUM, "the account stores in expect.writable", "expect.writable"),
    "not_readable": _Row(MEDIUM, "the account lists expect.readable", "expect.readable"),
    "links": _Row(HIGH, "the account makes no links, which programs of the host would follow", _REQUESTS),
    "link_leads_out": _Row(HIGH, "no link in the jail leads out of it", "symlink(7)"),
    "link": _Row(MEDIUM, "no link in the jail", "symlink(7)"),
    "keys_inside": _Row(HIGH, "authorized keys are outside the jail", "sshd_config(5) AuthorizedKeysFile"),
    "key_alone": _Row(HIGH, "a key logs in with its certificate only", "sshd(8) cert-authority"),
    "set_user_id": _Row(INFO, "the jail is mounted with nosuid, as chroot_jail does it", "mount(8) nosuid"),
}


def finding(code: str, observed: str) -> Finding:
    row = CATALOGUE[code]
    return Finding(code, row.severity, observed, row.wanted, row.source)


class Expected(NamedTuple):
    """The rights of an account.

    access: UPLOAD, DOWNLOAD or BOTH
    writable, readable: directories, as absolute paths of the session
    symlinks: whether the account may make links
    certificate_only: whether a key logs in with its certificate only
    """

    access: str = BOTH
    writable: Tuple[bytes, ...] = ()
    readable: Tuple[bytes, ...] = ()
    symlinks: bool = False
    certificate_only: bool = False

    @property
    def stores_in(self) -> Tuple[bytes, ...]:
        """Return the directories in which the account may store."""
        return () if self.access == DOWNLOAD else self.writable

    @property
    def directories(self) -> Tuple[bytes, ...]:
        """Return all expected directories, each once."""
        return tuple(dict.fromkeys((*self.writable, *self.readable)))

    def holds(self, path: bytes) -> bool:
        """Return whether a path is an expected directory, or above or below it."""
        plain = posixpath.normpath(b"/" + path.lstrip(b"/"))
        return any(_below(plain, each) or _below(each, plain) for each in self.directories)


def _below(path: bytes, directory: bytes) -> bool:
    return (path + b"/").startswith(directory.rstrip(b"/") + b"/")

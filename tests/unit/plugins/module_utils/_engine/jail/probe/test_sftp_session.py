# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single requests, and codes as they come."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.sftp_session import (
    CREATE,
    READ,
    SftpSession,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, LINK
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    FX_NO_SUCH_FILE,
    FX_OK,
    FX_PERMISSION_DENIED,
)
from support.scenes.jail_session import JailSession

JAIL = {b"/data": DIRECTORY, b"/data/file": FILE, b"/data/link": LINK}


def test_a_file() -> None:
    sftp = JailSession(JAIL, writable=[b"/data"]).sftp
    assert sftp.content(b"/data/file") == b"content"
    assert sftp.content(b"/data/none") is None
    assert sftp.open(b"/data/none", READ) == FX_NO_SUCH_FILE
    assert sftp.open(b"/new", CREATE) == FX_PERMISSION_DENIED
    handle = sftp.open(b"/data/new", CREATE)
    assert isinstance(handle, bytes)
    assert sftp.write(handle, b"x") == FX_OK
    assert sftp.set_mode(b"/data/new", 0o6755) == FX_OK
    assert sftp.mode(b"/data/new") == 0o6755
    assert sftp.mode(b"/none") is None


def test_entries() -> None:
    sftp = JailSession(JAIL, target=b"file").sftp
    entry = sftp.entry(b"/data/link")
    assert entry is not None
    assert entry.kind is LINK
    followed = sftp.entry(b"/data/link", follow=True)
    assert followed is not None
    assert followed.kind is FILE
    assert sftp.link_target(b"/data/link") == b"file"
    assert sftp.link_target(b"/data/file") is None
    assert sftp.real_path(b".") == b"/"
    assert [name for name, _entry in sftp.names(b"/data") or ()] == [b"file", b"link"]
    assert sftp.names(b"/none") is None


def test_a_listing_without_end_is_cut() -> None:
    jail = JailSession(JAIL)
    page = jail._ask(11, 0, b"\0\0\0\5/data") and jail._ask(12, 0, b"")
    asked: list[int] = []

    def ask(kind: int, _good: int, _body: bytes) -> int | bytes:
        asked.append(kind)
        return b"handle" if kind == 11 else page if kind == 12 else 0

    names = SftpSession(ask).names(b"/data")
    assert names is not None
    assert len(names) == 1000
    assert asked[-1] == 4, "the handle is closed"

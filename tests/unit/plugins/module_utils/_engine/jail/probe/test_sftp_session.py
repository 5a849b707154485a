# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single requests, and codes as they come; and files behind a server."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.login import (
    ProbeStream,
    started,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.sftp_session import (
    CREATE,
    READ,
    SftpSession,
    opened,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, LINK
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    FX_NO_SUCH_FILE,
    FX_OK,
    FX_PERMISSION_DENIED,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from support.scenes.jail_session import JailSession
from support.scripted.stand_in_ssh import stand_in_ssh
from support.servers import ssh_keys

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


KEY = ssh_keys.key("unit")


class TestFiles:
    @pytest.fixture
    def files(self, tmp_path: Path) -> Path:
        (tmp_path / "files").mkdir()
        return tmp_path / "files"

    @pytest.fixture
    def sftp(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpSession]:
        monkeypatch.setenv("PATH", stand_in_ssh(files.parent / "bin", files, KEY))
        endpoint = Endpoint("sftp", "localhost", ssh_client="openssh", ssh_config_file="none")
        stream = started(ProbeStream(SshAccount(endpoint, Credentials(ssh_agent=False), SshTrust((KEY.public,)))))
        pool = SftpPool(stall_timeout=60)
        try:
            assert stream.refusal() is None
            session = opened(stream, pool)
            assert session is not None
            yield session
        finally:
            pool.close()
            stream.close()

    def test_each_request_has_its_effect(self, sftp: SftpSession, files: Path) -> None:
        handle = sftp.open(b"new", CREATE)
        assert isinstance(handle, bytes)
        assert sftp.write(handle, b"content") == FX_OK
        sftp.close(handle)
        assert sftp.write(handle, b"more") != FX_OK, "the handle is closed"
        assert (files / "new").read_bytes() == b"content" == sftp.content(b"new")
        assert stat.S_IMODE((files / "new").stat().st_mode) == 0o600
        assert not sftp.opens(b"new", CREATE), "it is there already"
        assert sftp.symbolic_link(b"new", b"link") == FX_OK == sftp.hard_link(b"new", b"hard")
        assert (os.readlink(files / "link"), sftp.link_target(b"link")) == ("new", b"new")
        assert (files / "new").samefile(files / "hard")
        assert sftp.set_mode(b"new", 0o640) == FX_OK == sftp.rename(b"new", b"moved") == sftp.make_directory(b"sub")
        assert sorted(path.name for path in files.iterdir()) == ["hard", "link", "moved", "sub"]
        kinds = {name: entry.kind for name, entry in sftp.names(b".") or () if entry is not None}
        assert kinds == {b"hard": FILE, b"link": LINK, b"moved": FILE, b"sub": DIRECTORY}
        assert (sftp.mode(b"moved"), sftp.mode(b"none")) == (0o640, None)
        assert sftp.remove_directory(b"sub") == FX_OK == sftp.remove(b"hard") == sftp.remove(b"link")
        assert [path.name for path in files.iterdir()] == ["moved"]

    def test_a_file_is_read_to_64_bytes(self, sftp: SftpSession, files: Path) -> None:
        (files / "long").write_bytes(bytes(range(200)))
        assert sftp.content(b"long") == bytes(range(64))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signed list is installed in real files. The logins of sshd and its configuration are doubles, which are real in
tests/hosts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotSupported,
    OwnerLockedOut,
    SignatureInvalid,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import KeyFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys import (
    list_revocation as subject,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    public_key,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.revocation import (
    Revocation,
    RevocationReport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import Login
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.signed_list import (
    SignedList,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import REVOCATIONS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import key

LOST, CA, OTHER = key("lost"), key("ca"), key("other")
PATH = "/etc/revoked_keys"
OF_LOST = Login(7, "partner", LOST.fingerprint, 1.0)
CERTIFIED = Login(8, "partner", OTHER.fingerprint, 1.0, ca=CA.fingerprint, serial=7)
NAMED = Login(9, "partner", OTHER.fingerprint, 1.0, ca=CA.fingerprint, serial=1, key_id="bob")
OTHERS = [Login(1, "a", OTHER.fingerprint, 1.0), CERTIFIED._replace(serial=8), NAMED._replace(key_id="alice")]


class Server:
    """own: logins of this task. reads: whether sshd reads the file. ended: sessions, with check mode"""

    def __init__(self, directory: Path) -> None:
        self.desk = RevocationDesk(directory / "desk")
        certificates = [{"ca": CA.public, "serials": ["7"], "ids": ["bob"]}]
        self.desk.good(keys=[LOST.public], certificates=certificates)
        self.file = directory / PATH[1:]
        self.file.parent.mkdir(mode=0o755)
        self.own: list[Login] = []
        self.reads, self.asked, self.ended = True, [], []

    def spare(self, refused: Callable[[Login], bool], option: str) -> None:
        if any(map(refused, self.own)):
            raise OwnerLockedOut(option)

    def require(self, path: str, accounts: Iterable[str]) -> None:
        self.asked.append((path, tuple(accounts)))
        if not self.reads:
            raise NotSupported("sshd does not read it")

    def end(self, refused: Callable[[Login], bool], *, check_mode: bool) -> tuple[Login, ...]:
        assert check_mode or self.file.exists(), "logins are refused before sessions are ended"
        self.ended.append(check_mode)
        return tuple(filter(refused, [OF_LOST, CERTIFIED, NAMED, *OTHERS]))

    def install(self, *keys: str, ends: bool = True, check_mode: bool = False) -> RevocationReport:
        policy = SignaturePolicy(PRINCIPAL, parse_signers([self.desk.allowed], "verify"), None, REVOCATIONS)
        given = SignedList(self.desk.list.read_bytes(), self.desk.signature.read_bytes(), policy, b"")
        asked = Revocation(PATH, tuple(map(public_key, keys)), "partner", ends=ends, check_mode=check_mode)
        return subject.install_list(asked, given)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(tmp_path)
    wanted, walker = Attributes(os.getuid(), os.getgid(), 0o644), Walker(owner=os.getuid(), start=str(tmp_path))
    monkeypatch.setattr(subject, "key_file", lambda path: KeyFile(path, wanted, walker, guarded=True))
    monkeypatch.setattr(subject, "spare_the_owner", made.spare)
    monkeypatch.setattr(subject, "require_revoked_keys", made.require)
    monkeypatch.setattr(subject, "ended", made.end)
    return made


def test_a_list_is_installed_and_the_sessions_that_it_covers_end(server: Server) -> None:
    report = server.install(LOST.public)
    assert server.file.read_bytes() == server.desk.list.read_bytes()
    assert report.ended == (OF_LOST, CERTIFIED, NAMED)
    assert (report.header and report.header.version, report.local, server.ended) == (1, 0, [False])
    assert server.asked == [(PATH, ("root", "partner"))]
    assert report.changes != ()
    assert server.install().changes == ()


def test_keys_that_only_this_server_refuses(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.file.write_text(f"{OTHER.public}\n")
    server.file.chmod(0o644)
    report = server.install()
    assert report.local == 1
    assert OTHERS[0] in report.ended


def test_check_mode(server: Server) -> None:
    report = server.install(check_mode=True)
    assert (report.ended, server.ended) == ((OF_LOST, CERTIFIED, NAMED), [True])
    assert report.changes != ()
    assert list(server.file.parent.iterdir()) == []


def test_sessions_can_stay(server: Server) -> None:
    assert server.install(ends=False).ended == ()
    assert (server.ended, server.file.exists()) == ([], True)


@pytest.mark.parametrize("own", [OF_LOST, CERTIFIED, NAMED])
def test_the_key_of_this_login_is_refused(server: Server, own: Login) -> None:
    server.own = [own]
    with pytest.raises(OwnerLockedOut, match="list"):
        server.install()
    assert (server.file.exists(), server.ended) == (False, [])


def test_others_are_not_refused(server: Server) -> None:
    server.own = OTHERS
    server.install()
    assert server.file.exists()


def test_a_file_that_sshd_does_not_read(server: Server) -> None:
    server.reads = False
    with pytest.raises(NotSupported):
        server.install()
    assert not server.file.exists()


def test_a_list_that_somebody_changed(server: Server) -> None:
    server.desk.signature.write_bytes(server.desk.sign(b"another list"))
    with pytest.raises(SignatureInvalid):
        server.install()
    assert (server.file.exists(), server.ended) == (False, [])

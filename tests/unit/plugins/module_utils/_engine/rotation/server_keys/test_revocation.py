# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys are revoked in a real file. Logins of sshd and its configuration are doubles, which are real in tests/hosts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported, OwnerLockedOut
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import KeyFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys import (
    revocation as subject,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    public_key,
    revoked_keys,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.revocation import (
    Revocation,
    revoke,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import (
    Found,
    Login,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.scenes.revocation_desk import RevocationDesk
from support.servers.ssh_keys import key

LOST, OLD, OTHER = key("lost"), key("old"), key("other")
PATH = "/etc/revoked_keys"
OF_LOST = Login(7, "partner", LOST.fingerprint, 1.0)
CERTIFIED = Login(8, "partner", OTHER.fingerprint, 1.0, ca=LOST.fingerprint)
OF_OTHER = Login(9, "other", OTHER.fingerprint, 1.0)


class Sshd:
    """logins: of live sessions. own: of this task. reads: whether it reads the file.

    ended: sessions, text_then: of the file at that moment
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.logins: list[Login] = [OF_LOST, CERTIFIED, OF_OTHER]
        self.own: list[Login] = []
        self.unknown: tuple[Any, ...] = ()
        self.reads, self.asked, self.ended = True, [], []
        self.half_logins = 1

    def spare(self, refused: Callable[[Login], bool], option: str) -> None:
        if any(map(refused, self.own)):
            raise OwnerLockedOut(option)

    def require(self, path: str, accounts: Iterable[str]) -> None:
        self.asked.append((path, tuple(accounts)))
        if not self.reads:
            raise NotSupported("sshd does not read it")

    def end_half(self) -> None:
        assert self.text, "a login that names an account later meets the new file"
        self.half_logins = 0

    def search(self, refused: Callable[[Login], bool]) -> Found:
        return Found(tuple(filter(refused, self.logins)), self.unknown)

    def end(self, sessions: Iterable[Login]) -> None:
        self.ended.extend(sessions)
        self.text_then = self.text

    def require_known(self, found: Found) -> None:
        if found.unknown:
            raise NotSupported("unknown sessions")

    @property
    def file(self) -> Path:
        return self.root / PATH[1:]

    @property
    def text(self) -> str:
        return self.file.read_text() if self.file.exists() else ""

    def revoke(self, *keys: str, **options: Any) -> subject.RevocationReport:
        return revoke(Revocation(PATH, tuple(map(public_key, keys)), "partner", **options))


@pytest.fixture
def sshd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sshd:
    (tmp_path / "etc").mkdir(mode=0o755)
    made = Sshd(tmp_path)
    place = KeyFile(PATH, Attributes(os.getuid(), os.getgid(), 0o644), Walker(owner=os.getuid(), start=str(tmp_path)))
    doubles: dict[str, Any] = {
        "key_file": lambda path: place._replace(path=path),
        "spare_the_owner": made.spare,
        "require_revoked_keys": made.require,
        "end_half_logins": made.end_half,
        "search": made.search,
        "end_sessions": made.end,
        "require_known": made.require_known,
    }
    for name, double in doubles.items():
        monkeypatch.setattr(subject, name, double)
    return made


def test_the_file_of_sshd() -> None:
    assert subject.key_file(PATH)[:2] == (PATH, Attributes(0, 0, 0o644))
    assert subject.key_file(PATH).guarded, "a file of another account is refused"


def test_keys_are_added_and_their_sessions_ended(sshd: Sshd) -> None:
    sshd.revoke(OLD.public)
    report = sshd.revoke(LOST.public)
    assert revoked_keys(sshd.file.read_bytes()) == {" ".join(each.public.split()[:2]) for each in (OLD, LOST)}
    assert report.ended == (OF_LOST, CERTIFIED), "also of certificates by the key of their authority"
    assert (sshd.ended, sshd.half_logins) == ([OF_LOST, CERTIFIED], 0)
    assert LOST.public.split()[1] in sshd.text_then, "logins are refused before sessions are ended"
    assert sshd.asked[-1] == (PATH, ("root", "partner"))
    assert (len(report.changes), sshd.revoke(LOST.public).changes) == (1, ())


def test_check_mode(sshd: Sshd) -> None:
    report = sshd.revoke(LOST.public, check_mode=True)
    assert (len(report.changes), report.ended) == (1, (OF_LOST, CERTIFIED))
    assert (sshd.text, sshd.ended, sshd.half_logins) == ("", [], 1)


@pytest.mark.parametrize("own", [OF_LOST, CERTIFIED])
def test_the_key_of_this_login_is_refused(sshd: Sshd, own: Login) -> None:
    sshd.own = [own]
    with pytest.raises(OwnerLockedOut, match="keys"):
        sshd.revoke(LOST.public)
    assert (sshd.text, sshd.ended) == ("", [])
    sshd.revoke(LOST.public, absent=True)
    sshd.revoke(OLD.public)


def test_a_file_that_sshd_does_not_read(sshd: Sshd) -> None:
    sshd.reads = False
    for absent in (False, True):
        with pytest.raises(NotSupported):
            sshd.revoke(LOST.public, absent=absent)
    assert sshd.text == ""


def test_no_keys(sshd: Sshd) -> None:
    """The file is made, because sshd refuses every key without it."""
    sshd.reads = False
    report = sshd.revoke()
    assert (len(report.changes), report.ended, revoked_keys(sshd.file.read_bytes())) == (1, (), frozenset())
    assert (sshd.asked, sshd.ended) == ([], [])


def test_keys_are_good_again(sshd: Sshd) -> None:
    sshd.revoke(LOST.public, OLD.public)
    sshd.ended.clear()
    report = sshd.revoke(LOST.public, absent=True)
    assert (len(report.changes), report.ended, sshd.ended) == (1, (), [])
    assert OLD.public.split()[1] in sshd.text
    assert LOST.public.split()[1] not in sshd.text


def test_sessions_can_stay(sshd: Sshd) -> None:
    report = sshd.revoke(LOST.public, ends=False)
    assert (len(report.changes), report.ended, sshd.ended) == (1, (), [])


def test_sessions_with_unknown_keys_are_an_error_behind_everything_else(sshd: Sshd) -> None:
    sshd.unknown = (1,)
    with pytest.raises(NotSupported, match="unknown sessions"):
        sshd.revoke(LOST.public)
    assert (LOST.public.split()[1] in sshd.text, sshd.ended) == (True, [OF_LOST, CERTIFIED])


def test_a_server_with_a_signed_list(sshd: Sshd) -> None:
    desk = RevocationDesk(sshd.root / "desk")
    desk.good(keys=[OLD.public])
    for suffix, file in (("", desk.list), (".signed", desk.list), (".signed.sig", desk.signature)):
        Path(f"{sshd.file}{suffix}").write_bytes(file.read_bytes())
        Path(f"{sshd.file}{suffix}").chmod(0o644)
    for absent in (False, True):
        sshd.revoke(LOST.public, ends=False, absent=absent)
        desk.list.write_bytes(sshd.file.read_bytes())
        assert desk.refuses(LOST, OLD, OTHER) == [not absent, True, False]

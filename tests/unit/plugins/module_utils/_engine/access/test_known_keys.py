# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of an account of this machine, in files below its directory, and logins of the journal, which are given."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import known_keys as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.authorized_lines import key_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import (
    AccountKeys,
    account_keys,
    read_as,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import Login
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey
from support.servers.ssh_keys import key

NAMES = ("partner", "partner-new", "admin", "ca", "ghost")
ONE, TWO, THREE, CA, GHOST = (key_of(" ".join(key(name).public.split()[:2])) for name in NAMES)
OWN = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """sshd's answers and the other accounts are given; each account has two files."""
    monkeypatch.setattr(module, "read_as", lambda _account, path: read_as(OWN, path))
    monkeypatch.setattr(module, "key_words", lambda _account: ["one", "two"])
    monkeypatch.setattr(module, "key_paths", lambda name, words: [f"{tmp_path}/{name}-{word}" for word in words])
    monkeypatch.setattr(module, "other_ways", lambda _account: ["TrustedUserCAKeys"])
    monkeypatch.setattr(module, "other_accounts", lambda account, _logins, shadow: ["daemon", "bin"])
    monkeypatch.setattr(module, "authority_files", lambda _account: [f"{tmp_path}/ca"])
    monkeypatch.setattr(module, "closed_accounts", lambda _shadow: frozenset({"mail"}))
    monkeypatch.setattr(module, "own_logins", lambda: [login("daemon", THREE)])
    monkeypatch.setattr(module, "keys_on_record", lambda: frozenset({login(OWN, ONE)}))
    return tmp_path


def login(user: str, used: PublicKey, authority: str = "") -> Login:
    return Login(0, user, used.fingerprint, 0.0, authority)


def test_keys_of_the_account_and_of_others(files: Path) -> None:
    (files / f"{OWN}-one").write_text(f"{ONE.text}\n")
    (files / f"{OWN}-two").write_text(f"\ncert-authority {TWO.text}\n{TWO.text}\n{THREE.text}\n")
    (files / "bin-two").write_text(f"{TWO.text}\nodd\n")
    found = account_keys(OWN, "admin")
    assert found.found == (ONE, TWO, THREE)
    assert found.odd == (f"line 2 of {files}/{OWN}-two is not exactly one plain key",)
    assert found.ways == ("TrustedUserCAKeys",)
    assert [found.keeps(each) for each in found.found] == [False, True, True]
    assert [found.revokes(each) for each in found.found] == [True, False, False]


def test_files_that_cannot_be_read(files: Path) -> None:
    """Keys that are not known cannot be refused. Of another account they open nothing either."""
    os.mkfifo(files / "bin-one")
    used, kept = frozenset({ONE.fingerprint}), frozenset({THREE.fingerprint})
    assert account_keys(OWN, "") == AccountKeys(kept_prints=kept, ways=("TrustedUserCAKeys",), used=used)
    os.mkfifo(files / f"{OWN}-one")
    with pytest.raises(OperationFailed):
        account_keys(OWN, "")


def test_the_file_of_the_account_is_not_a_file_of_others(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sshd has a file for each account by its name: read for another account too, it would spare every key."""
    monkeypatch.setattr(module, "key_words", lambda account: [str(files / account)])
    monkeypatch.setattr(module, "key_paths", lambda _account, words: words)
    (files / OWN).write_text(ONE.text)
    found = account_keys(OWN, "")
    assert (found.found, found.keeps(ONE)) == ((ONE,), False)


def test_only_keys_are_revoked_with_which_the_account_alone_has_logged_in(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may come from a directory service that does not list them. A login name may have several forms."""
    (files / f"{OWN}-one").write_text("".join(f"{each.text}\n" for each in (ONE, TWO, THREE, CA, GHOST)))
    logins = {login(OWN, ONE), login(OWN, TWO), login("bin", TWO), login("mail", ONE)}
    logins |= {login(OWN, CA), login("not-listed-now", ONE._replace(blob=b"x"), CA.fingerprint)}
    monkeypatch.setattr(module, "keys_on_record", lambda: frozenset(logins))
    found = account_keys(OWN, "")
    assert [found.revokes(each) for each in found.found] == [True, False, False, False, False]
    assert [found.keeps(each) for each in found.found] == [False, True, True, True, False]


def test_authorities_are_kept(files: Path) -> None:
    """Of sshd's configuration, and of lines of other accounts. The account's own line spares no key of it."""
    (files / f"{OWN}-one").write_text(f"cert-authority {ONE.text}\n{ONE.text}\n{CA.text}\n{GHOST.text}\n")
    (files / "ca").write_text(f"# The site\n{CA.text} ca\n")
    (files / "bin-two").write_text(f'cert-authority,principals="x" {GHOST.text}\n')
    found = account_keys(OWN, "")
    assert {each: found.keeps(each) for each in found.found} == {ONE: False, CA: True, GHOST: True}
    (files / "ca").unlink()
    os.mkfifo(files / "ca")
    with pytest.raises(OperationFailed, match="ca: cannot be read as root: not a regular file") as caught:
        account_keys(OWN, "")
    assert caught.value.cure


def test_without_a_journal_no_key_is_known_as_used(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise NotSupported("journalctl cannot read sshd's log")

    (files / f"{OWN}-one").write_text(f"{ONE.text}\n")
    monkeypatch.setattr(module, "keys_on_record", fail)
    found = account_keys(OWN, "")
    assert (found.found, found.used, found.revokes(ONE)) == ((ONE,), None, False)


def test_settings_that_let_an_account_in_without_its_keys() -> None:
    """A setting can have several values, for logins from other addresses."""
    found = {
        "authorizedkeyscommand": ("none",),
        "hostbasedauthentication": ("", "no", "none"),
        "trustedusercakeys": ("none", "/etc/ssh/ca.pub"),
    }
    assert module.other_ways("partner", ask=lambda _account, keyword: found[keyword]) == ["TrustedUserCAKeys"]

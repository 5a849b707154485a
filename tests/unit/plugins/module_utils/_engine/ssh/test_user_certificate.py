# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User certificates: the text of a task, its key, and its time in the error of a refused login."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh import user_certificate as module
from support.servers import ssh_keys

KEY = ssh_keys.key("unit")
AUTHORITY = ssh_keys.key("unit-ca")
REFUSED = errors.AuthenticationFailed("host does not accept the login of user", cure="Check username.")


def certified(validity: str = "-5m:+1h", principals: str = "user") -> ssh_keys.SshKey:
    return ssh_keys.certify_user(KEY, AUTHORITY, principals=principals, validity=validity)


def test_a_task_without_a_certificate() -> None:
    assert module.user_certificate(Credentials(private_key_file="/key")) is None


@pytest.mark.parametrize("form", ["text", "file", "file-with-comment"])
def test_the_certificate_of_a_task(tmp_path: Path, form: str) -> None:
    line = certified().certificate_text
    (tmp_path / "c.pub").write_text(f"# a comment\n{line}\n" if form == "file-with-comment" else f"{line}\n")
    given = {"certificate": line} if form == "text" else {"certificate_file": str(tmp_path / "c.pub")}
    found = module.user_certificate(Credentials(**given))
    assert found is not None
    assert found.option == next(iter(given))
    assert found.key.plain.text == KEY.public
    assert found.text.split() == line.split()[:2]


@pytest.mark.parametrize("text", ["", "nonsense", KEY.public, "ssh-ed25519-cert-v01@openssh.com AAAA"])
def test_a_text_without_a_certificate(text: str) -> None:
    with pytest.raises(errors.PrivateKeyUnusable) as caught:
        module.user_certificate(Credentials(certificate=text))
    assert caught.value.message == "certificate: holds no SSH certificate"
    assert caught.value.cure.startswith("Set certificate to ")


def test_a_certificate_is_for_its_key() -> None:
    found = module.user_certificate(Credentials(certificate=certified().certificate_text))
    assert found is not None
    found.require(certifies=True)
    with pytest.raises(errors.PrivateKeyUnusable) as caught:
        found.require(certifies=False)
    assert caught.value.message == f"certificate: certifies another key, {KEY.fingerprint}"


@pytest.mark.parametrize(
    ("validity", "fact"),
    [
        ("20200101000000Z:20200102000000Z", "; certificate: ended at 2020-01-02T00:00:00Z"),
        ("20400101000000Z:20400102000000Z", "; certificate: is valid from 2040-01-01T00:00:00Z on"),
        ("-5m:+1h", "; certificate: has the principals user"),
        ("always:forever", "; certificate: has the principals user"),
    ],
)
def test_the_time_in_the_error_of_a_refused_login(validity: str, fact: str) -> None:
    given = Credentials(private_key=KEY.text, certificate=certified(validity).certificate_text)
    error = module.explained(REFUSED, given)
    assert error.message == REFUSED.message + fact
    assert error.cure != REFUSED.cure
    assert error.code == "authentication_failed"


def test_the_limits_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a certificate is the first second at which it is no longer valid, as in sshd."""
    given = Credentials(certificate=certified("20260101000000Z:20260101001000Z").certificate_text)
    begin = 1767225600
    for moment, outside in ((begin - 1, True), (begin, False), (begin + 599, False), (begin + 600, True)):
        monkeypatch.setattr(module.time, "time", lambda moment=moment: float(moment))
        assert ("principals" not in module.explained(REFUSED, given).message) is outside, moment


@pytest.mark.parametrize(("principals", "fact"), [("a,b", "has the principals a, b"), ("", "has no principals")])
def test_the_principals_in_the_error_of_a_refused_login(principals: str, fact: str) -> None:
    given = Credentials(private_key=KEY.text, certificate=certified(principals=principals).certificate_text)
    assert module.explained(REFUSED, given).message == f"{REFUSED.message}; certificate: {fact}"


def test_a_certificate_next_to_the_key_is_not_blamed() -> None:
    """The login may rely on the key alone."""
    assert module.explained(REFUSED, Credentials(private_key_file=str(certified().path))) is REFUSED


def test_a_certificate_next_to_the_key_is_named_by_its_file() -> None:
    key = certified("20200101:20200102")
    error = module.explained(REFUSED, Credentials(private_key_file=str(key.path)))
    assert "; certificate_file: ended at 2020-01-0" in error.message


@pytest.mark.parametrize(
    "error", [errors.PrivateKeyUnusable("key"), errors.ConnectionFailed("net"), errors.HostKeyChanged("host")]
)
def test_other_errors_stay(error: errors.SyncError) -> None:
    given = Credentials(certificate=certified("20200101:20200102").certificate_text)
    assert module.explained(error, given) is error


def test_an_error_stays_if_the_certificate_is_gone(tmp_path: Path) -> None:
    assert module.explained(REFUSED, Credentials(certificate_file=str(tmp_path / "gone"))) is REFUSED
    assert module.explained(REFUSED, Credentials(password="p")) is REFUSED

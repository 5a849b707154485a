# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login of a key without its certificate."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.commands import (
    key_alone,
    without_certificate,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.login import Outcome
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from support.servers import ssh_keys

KEY = ssh_keys.certify_user(ssh_keys.key("unit"), ssh_keys.key("unit-ca"), principals="u")
BOTH = Credentials(private_key_file=str(KEY.path), certificate=KEY.certificate_text, password="p", passphrase="q")


def account(credentials: Credentials = BOTH) -> SshAccount:
    return SshAccount(Endpoint("sftp", "host.example"), credentials, SshTrust())


def test_the_key_goes_alone() -> None:
    """As text: ssh would use the certificate next to a key file."""
    alone = without_certificate(BOTH)
    assert alone == Credentials(private_key=KEY.text, passphrase="q")
    assert without_certificate(Credentials(private_key=KEY.text, certificate_file="/c")) == Credentials(
        private_key=KEY.text
    )


def test_a_server_that_takes_the_key_alone() -> None:
    used = []
    not_checked: list[tuple[str, str]] = []
    found = list(key_alone(account(), not_checked, lambda who, words: used.append((who, words)) or Outcome(False)))
    assert [(each.id, each.severity) for each in found] == [("key_alone", "high")]
    assert [(who.credentials, words) for who, words in used] == [(without_certificate(BOTH), ("-s", "sftp"))]
    assert not_checked == []


def test_a_server_that_refuses_the_key_alone() -> None:
    def refused(_who: SshAccount, _words: tuple[str, ...]) -> Outcome:
        raise errors.AuthenticationFailed("refused")

    assert list(key_alone(account(), [], refused)) == []


def test_another_error_ends_the_probe() -> None:
    def lost(_who: SshAccount, _words: tuple[str, ...]) -> Outcome:
        raise errors.ConnectionFailed("lost")

    with pytest.raises(errors.ConnectionFailed):
        list(key_alone(account(), [], lost))


def test_a_key_in_the_agent_is_not_checked() -> None:
    not_checked: list[tuple[str, str]] = []
    assert list(key_alone(account(Credentials(certificate="c")), not_checked)) == []
    assert [what for what, _why in not_checked] == ["key alone"]

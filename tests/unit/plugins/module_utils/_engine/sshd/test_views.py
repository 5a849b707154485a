# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings on each port and for each client, by the real sshd of this machine."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConfigurationInvalid
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.info import look_up
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import daemon
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import Client, effective
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.views import (
    values,
    views,
    views_of_all,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import ask_program
from support.servers import ssh_keys

USER = getpass.getuser()
CLIENT = Client(USER, "192.0.2.1")
PORTS = (
    "Port 2201",
    "Port 2202",
    "ListenAddress 127.0.0.1",
    "ListenAddress 127.0.0.1:2203",
    "ListenAddress [::1]:2204",
)


def configuration(directory: Path, *lines: str) -> str:
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    path = directory / "sshd_config"
    path.write_text("\n".join([f"HostKey {ssh_keys.key('host-views').path}", *lines, ""]))
    return str(path)


def test_settings_that_are_the_same_on_all_ports_are_asked_for_once(tmp_path: Path) -> None:
    config = configuration(tmp_path, *PORTS, f"Match User {USER}", "AuthorizedKeysFile /etc/keys")
    (view,) = views(CLIENT, config)
    assert (view.ports, view.settings["authorizedkeysfile"]) == ((), ("/etc/keys",))


def test_each_port_has_its_settings(tmp_path: Path) -> None:
    config = configuration(
        *(tmp_path, *PORTS, "Match LocalPort 2202", "AuthorizedKeysFile /etc/second", "PasswordAuthentication no"),
        *(f"Match User {USER} LocalPort 2204", "AuthorizedKeysFile /etc/third"),
    )
    with pytest.raises(ConfigurationInvalid, match="lport"):
        effective(CLIENT, config)
    found = views(CLIENT, config)
    assert [each.ports for each in found] == [(2201, 2203), (2202,), (2204,)]
    assert [each.settings["authorizedkeysfile"][0] for each in found[1:]] == ["/etc/second", "/etc/third"]
    assert found[1].settings["passwordauthentication"] == ("no",)
    assert values(CLIENT, "passwordauthentication", config) == ("yes", "no")
    assert len(values(CLIENT, "authorizedkeysfile", config)) == 3
    assert values(CLIENT, "nonsense", config) == ()


def test_a_port_block_that_does_not_apply_to_the_account(tmp_path: Path) -> None:
    config = configuration(tmp_path, *PORTS, "Match User nobody LocalPort 2202", "PasswordAuthentication no")
    (view,) = views(CLIENT, config)
    assert view.ports == ()


def test_a_configuration_that_sshd_refuses_on_each_port(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="Nonsense"):
        views(CLIENT, configuration(tmp_path, "Nonsense yes"))


def test_the_second_factor_on_the_weakest_port(tmp_path: Path) -> None:
    """A factor that only one port demands is none."""
    tokens = "PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com"
    token = ("AuthenticationMethods publickey", "PubkeyAuthOptions verify-required", tokens)
    both = configuration(tmp_path, *PORTS, *token, "Match LocalPort 2202", "PasswordAuthentication no")
    assert look_up([USER], "/nonexistent", both)[0].factors == ("fido2",)
    weak = configuration(tmp_path, *PORTS, "Match LocalPort 2202", "AuthenticationMethods any", "Match all", *token)
    assert look_up([USER], "/nonexistent", weak)[0].factors == ()


def test_clients_whose_settings_differ(tmp_path: Path) -> None:
    lines = ("Match Address *,!127.0.0.1", "PasswordAuthentication no", "Match Address 10.0.0.0/8", "PermitTTY no")
    found = views_of_all(Client(USER, "127.0.0.1"), configuration(tmp_path, *lines))
    assert [(each.client, each.settings["passwordauthentication"], each.settings["permittty"]) for each in found] == [
        ("", ("yes",), ("yes",)),
        ("0.0.0.0", ("no",), ("yes",)),  # noqa: S104 (nothing listens)
        ("10.0.0.0", ("no",), ("no",)),
    ]


def test_clients_and_ports_whose_settings_differ(tmp_path: Path) -> None:
    lines = (*PORTS, "Match LocalPort 2202 Address 2001:db8::/32", "PermitTTY no")
    found = views_of_all(CLIENT, configuration(tmp_path, *lines))
    assert [(each.client, each.ports, each.settings["permittty"]) for each in found] == [
        ("", (), ("yes",)),
        ("2001:db8::", (2201, 2203, 2204), ("yes",)),
        ("2001:db8::", (2202,), ("no",)),
    ]


def test_a_configuration_that_distinguishes_no_client_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configuration(tmp_path, f"Match User {USER}", "PermitTTY no")
    asked = []
    monkeypatch.setattr(daemon, "ask_program", lambda *words: asked.append(words) or ask_program(*words))
    assert [(each.client, each.settings["permittty"]) for each in views_of_all(CLIENT, config)] == [("", ("no",))]
    assert len(asked) == 1


def test_the_second_factor_from_the_weakest_address(tmp_path: Path) -> None:
    """The settings for an address show nothing about other clients."""
    tokens = ("PubkeyAuthOptions verify-required", "PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com")
    token = ("AuthenticationMethods publickey", *tokens)
    for address, pattern in (("127.0.0.1", "*,!127.0.0.1"), ("192.0.2.1", "198.51.100.0/24"), ("192.0.2.1", "fe80::*")):
        weak = configuration(tmp_path, f"Match Address {pattern}", "AuthenticationMethods any", "Match all", *token)
        assert look_up([USER], "/nonexistent", weak, address)[0].factors == ()
        same = configuration(tmp_path, f"Match Address {pattern}", "PermitTTY no", "Match all", *token)
        assert look_up([USER], "/nonexistent", same, address)[0].factors == ("fido2",)


def test_values_of_each_address_and_port_of_the_server(tmp_path: Path) -> None:
    """For the client's own address: a block for another address is of another login."""
    lines = (
        *PORTS,
        "Match LocalAddress 10.0.0.5 LocalPort 2202",
        "AuthenticationMethods password,publickey",
        "AuthorizedKeysFile /keys/at-this-address",
        "RevokedKeys none",
        "Match Address 198.51.100.0/24",
        "AuthenticationMethods keyboard-interactive",
        "Match Host *.example.org",
        "AuthenticationMethods hostbased",
        "Match all",
        "AuthenticationMethods publickey",
        "RevokedKeys /etc/ssh/revoked",
    )
    config = configuration(tmp_path, *lines)
    found = {keyword: set(values(CLIENT, keyword, config)) for keyword in ("authenticationmethods", "revokedkeys")}
    assert found == {
        "authenticationmethods": {"publickey", "password,publickey", "hostbased"},
        "revokedkeys": {"none", "/etc/ssh/revoked"},
    }
    assert "/keys/at-this-address" in " ".join(values(CLIENT, "authorizedkeysfile", config))


def test_the_second_factor_at_the_weakest_address_of_the_server(tmp_path: Path) -> None:
    tokens = ("PubkeyAuthOptions verify-required", "PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com")
    weak = ("Match LocalAddress 10.0.0.5 Address 10.0.0.0/8", "AuthenticationMethods any", "Match all")
    config = configuration(tmp_path, *weak, "AuthenticationMethods publickey", *tokens)
    assert look_up([USER], "/nonexistent", config, "192.0.2.1")[0].factors == ()
    assert "10.0.0.0 to 10.0.0.5" in [each.client for each in views_of_all(Client(USER, "192.0.2.1"), config)]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients that the configuration of sshd distinguishes; sshd itself judges that none is left out."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConfigurationInvalid
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import Client, effective
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.views import clients
from support.servers import ssh_keys

ASKED = Client("root", "192.0.2.1")


def configuration(directory: Path, *lines: str, name: str = "sshd_config") -> str:
    path = directory / name
    path.write_text("\n".join([f"HostKey {ssh_keys.key('host-views').path}", *lines, ""]))
    return str(path)


def asked(directory: Path, *lines: str) -> list[tuple[str, str]]:
    return [(each.address, each.host) for each in clients(ASKED, configuration(directory, *lines), from_anywhere=True)]


@pytest.mark.parametrize(
    ("line", "addresses"),
    [
        ("Match User a", None),
        ("# Match Address 10.0.0.0/8", None),
        ("Match Address *", ["1.1.1.1", "1.1.1.2"]),
        ("Match Address *,!127.0.0.1", ["1.1.1.1", "1.1.1.2", "127.0.0.1", "127.0.0.2"]),
        ("Match User a Address 10.0.0.0/8", ["10.0.0.0", "11.0.0.0"]),
        ('\tmatch  address="10.0.0.0/8"', ["10.0.0.0", "11.0.0.0"]),
        ("Match Address 10.*", ["10.0.0.0", "11.0.0.0"]),
        ("Match Address 10.1.2.*", ["10.1.2.0", "10.1.3.0"]),
        ("Match Address 10.?.*", ["10.1.1.1", "10.1.1.2"]),
        ("Match Address 192.0.2.1", ["192.0.2.2"]),
        ("Match Address 64.0.0.0/2,128.0.0.0/1", ["64.0.0.0", "128.0.0.0"]),
        ("Match Address fe80::/10", ["fe80::", "fec0::"]),
        ("Match Address 2001:db8:5:*", ["2001:db8:5::1", "2001:db8:5::2"]),
        ("Match Address 128.0.0.0/1", ["128.0.0.0"]),
        ("Match Address a.example", []),
    ],
)
def test_addresses(tmp_path: Path, line: str, addresses: list[str] | None) -> None:
    found = [address for address, _host in asked(tmp_path, line)]
    assert found == ([] if addresses is None else ["0.0.0.0", "::", *addresses])  # noqa: S104 (nothing listens)


def test_addresses_of_the_server(tmp_path: Path) -> None:
    lines = ("Match LocalAddress 10.0.0.1 Address 192.0.2.0/24", "PermitTTY no", "Match LocalAddress !10.0.0.7,*")
    config = configuration(tmp_path, *lines, "X11Forwarding yes")
    found = {
        (each.local, effective(each, config)["permittty"], effective(each, config)["x11forwarding"])
        for each in clients(ASKED, config, from_anywhere=True)
    }
    assert {("10.0.0.1", ("no",), ("yes",)), ("10.0.0.7", ("yes",), ("no",)), ("", ("yes",), ("no",))} <= found
    assert {
        each.local
        for each in clients(ASKED, configuration(tmp_path, "Match LocalAddress 10.0.0.1"), from_anywhere=True)
    } == {
        "10.0.0.1",
        "10.0.0.2",
    }


def test_names_of_clients(tmp_path: Path) -> None:
    found = asked(tmp_path, "Match Host *.example.com,!a?.example.com,10.1.*")
    assert [host for _address, host in found if host] == ["x.example.com", "ax.example.com", "10.1.x"]
    assert ("10.1.0.0", "") in found
    config = configuration(tmp_path, "Match Host *.example.com", "PermitTTY no")
    assert [effective(each, config)["permittty"] for each in clients(ASKED, config, from_anywhere=True)][-1] == ("no",)


def test_included_files(tmp_path: Path) -> None:
    inner = configuration(tmp_path, "Match Address 10.0.0.0/8", name="inner.conf")
    assert ("10.0.0.0", "") in asked(tmp_path, f"Include {tmp_path}/none.conf {tmp_path}/in*.conf # a comment")
    assert ("10.0.0.0", "") in asked(tmp_path, "Match User a", f'  include "{inner}"')


def test_a_file_that_includes_itself(tmp_path: Path) -> None:
    assert ("10.0.0.0", "") in asked(tmp_path, "Match Address 10.0.0.0/8", f"Include {tmp_path}/sshd_config")


def test_a_pattern_for_which_no_address_is_found(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"Match Address \*x\*: no address is known"):
        asked(tmp_path, "Match Address *x*")


def test_no_address_has_settings_that_the_clients_do_not_show(tmp_path: Path) -> None:
    """sshd is asked for random addresses. The networks overlap, and each has a setting of its own."""
    chance = random.Random(7)
    settings = ("MaxSessions 3", "PermitTTY no", "X11Forwarding yes", "AllowTcpForwarding no")
    keywords = [each.split()[0].lower() for each in settings]
    for number in range(12):
        networks = [ipaddress.ip_network((chance.getrandbits(32), bits), strict=False) for bits in (1, 2, 3)]
        networks.append(ipaddress.ip_network((int(networks[0][0]) + chance.getrandbits(20), 12), strict=False))
        lines = [
            line for pair in zip((f"Match Address {each}" for each in networks), settings, strict=True) for line in pair
        ]
        config = configuration(tmp_path, *lines)

        def seen(clients_of: Iterable[Client], config: str = config) -> set[tuple[tuple[str, ...], ...]]:
            return {tuple(effective(each, config)[keyword] for keyword in keywords) for each in clients_of}

        others = [Client("root", str(ipaddress.ip_address(chance.getrandbits(32)))) for _ in range(60)]
        assert seen(others) <= seen([ASKED, *clients(ASKED, config, from_anywhere=True)]), number

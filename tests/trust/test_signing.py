# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An authority on the controller signs only the controller's values, for all requests of a compromised host. It is
never replaced, and neither its key nor its passphrase goes to a host."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from support.compromised.answers import PIN
from support.compromised.estate import Estate
from support.compromised.our_names import ON_HOSTS, ROLES, roles_in, task_files
from support.compromised.requests import certificates_in, make_authority, names_in, request
from support.running.other_collections import with_collection

SIGNING = {role for role in ROLES if any("host_certificate:" in text for text in task_files(role))}
NAMES = [path.stem for path in ON_HOSTS if roles_in(path) & SIGNING]
PASSPHRASE = "canary-d2e5 of the authority"
OTHER = "files1.example.com"


def requests(own: str, client: bool) -> dict[str, str]:
    """Return the request of each compromised host; client: whether its certificate is for logins at servers."""
    return {
        "other-name": request([OTHER], client=client),
        "further-name": request([own, OTHER], client=client),
        "wildcard": request(["*.example.com"], client=client),
        "authority": request([own], client=client, ca=True),
        "usage": request([own], client=not client),
        "broken": request([own], client=client, broken=True),
        "template": "{{ lookup('ansible.builtin.file', '/etc/hostname') }}",
        "no-request": "",
        "huge": request([own], client=client) + "A" * 200_000,
    }


CASES = list(requests("any", False))


def answers(pem: str) -> dict[str, Any]:
    """Return the result of certificate_rotation that asks for a signature."""
    return {
        "wanted": [{"pin": PIN, "request": pem, "place": "/etc/ssl/own.key.d/1/issued.pem", "why": "none is there"}]
    }


def estate_with_authority(directory: Path, passphrase: str = PASSPHRASE, cases: Sequence[str] = ()) -> Estate:
    """Return an estate whose hosts all request certificates; some are compromised."""
    estate = Estate(
        directory,
        servers=cases,
        clients=[f"client-{case}" for case in cases],
        collections=[with_collection("community.crypto")],
        everywhere={
            "ftps_server_ca_directory": str(directory / "controller" / "servers"),
            "ftps_server_ca_passphrase": passphrase,
            "certificate_rotation_client_ca_directory": str(directory / "controller" / "clients"),
            "certificate_rotation_client_ca_passphrase": passphrase,
        },
    )
    for host in (*estate.servers, estate.client, *estate.clients):
        client = host in (estate.client, *estate.clients)
        own = host.name if client else f"{host.name}.example.com"
        honest = request([own], client=client)
        pem = requests(own, client).get(host.name.removeprefix("client-"), honest)
        host.answer("certificate_rotation", answers(pem))
        host.answer("host_certificate", {"request": pem})
    return estate


@pytest.mark.parametrize("name", NAMES)
def test_what_the_controller_wrote_is_signed(name: str, tmp_path: Path) -> None:
    estate = estate_with_authority(tmp_path, cases=CASES)
    played = estate.playbook(name)
    hosts = [estate.client, *estate.clients] if "client" in name else estate.servers
    for host in hosts:
        own = host.name if "client" in name else f"{host.name}.example.com"
        for certificate in certificates_in(host):
            assert names_in(certificate) == {own}, host.name
            assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca, host.name
            usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            assert [usage._name for usage in usages] == ["clientAuth" if "client" in name else "serverAuth"], host.name
    assert certificates_in(hosts[0]), played.output
    assert PASSPHRASE not in estate.sent() + played.output
    assert "PRIVATE KEY" not in estate.sent() + played.output
    assert {"client"} <= played.done() if "client" in name else {"files1", "files2"} <= played.done(), played.output
    assert {host.name for host in hosts if host.name.endswith("broken")} <= played.failed(), played.output
    print(f"{len(hosts)} hosts")


@pytest.mark.parametrize("passphrase", ["", "short", "another passphrase than before"])
@pytest.mark.parametrize("name", NAMES)
def test_the_authority_is_never_replaced(name: str, passphrase: str, tmp_path: Path) -> None:
    estate = estate_with_authority(tmp_path, passphrase)
    for place in ("servers", "clients"):
        make_authority(estate.controller / place, PASSPHRASE)
    estate.watch()
    played = estate.playbook(name)
    assert estate.touched() == [], played.output
    assert {"client"} <= played.failed() if "client" in name else {"files1", "files2"} <= played.failed()
    assert "passphrase" in played.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of jails that log in by certificates: from keys to certificates and back, and verify_jails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.jail_host import JailHost
from support.running.playbook_process import with_variables
from support.servers import ssh_keys
from support.servers.ssh_keys import SshKey

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks/verify_jails.yml"
AUTHORITY = ssh_keys.key("jail-ca")
KEY_FILE = "/etc/ssh/authorized_keys.d/partner"


@pytest.fixture(scope="module", params=["debian13", "ubuntu2404"])
def jails(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JailHost]:
    """A host with a jail that has a key; the tests below go through its life in their order."""
    with JailHost(tmp_path_factory.mktemp("jails"), request.param) as host:
        done = host.provision(accounts(authorized_keys=[host.key.public]))
        assert done.status == 0, done.output
        yield host


def accounts(**options: Any) -> list[dict[str, Any]]:
    return [{"name": "partner", **options}]


def certified(jails: JailHost, principals: str = "nightly", **options: Any) -> SshKey:
    return ssh_keys.certify_user(jails.key, AUTHORITY, principals=principals, **options)


def logs_in(jails: JailHost, key: SshKey) -> bool:
    return jails.client("partner", key).run("server", program="sftp", input="ls\n").returncode == 0


def certificates_only() -> list[dict[str, Any]]:
    return accounts(certificate_authorities=[f"{AUTHORITY.public} secrets manager"], principals=["nightly"])


def test_from_keys_to_certificates(jails: JailHost) -> None:
    assert logs_in(jails, jails.key)
    both = [{**certificates_only()[0], "authorized_keys": [jails.key.public]}]
    assert jails.provision(both).status == 0
    assert logs_in(jails, jails.key)
    assert jails.provision(certificates_only()).status == 0
    assert logs_in(jails, certified(jails))
    assert not logs_in(jails, jails.key)
    assert not logs_in(jails, certified(jails, "partner"))
    assert not logs_in(jails, certified(jails, validity="20200101:20200102"))
    assert jails.provision(certificates_only()).changed == 0


def test_sshd_names_the_certificate(jails: JailHost) -> None:
    mark = jails.mark()
    assert logs_in(jails, certified(jails))
    assert "nightly" not in jails.inside("sshd -T -C user=partner,host=x,addr=198.51.100.1")
    jails.logged(r"Accepted publickey for partner .*-CERT SHA256:.* CA ED25519 SHA256:", mark)


def verified(jails: JailHost, directory: Path, key: SshKey, pins: Path) -> tuple[int, str]:
    play = HostPlay(directory, jails.host, groups={"sftp_servers": {"jails": jails.host}})
    given = {
        "chroot_jail_accounts": certificates_only(),
        "chroot_jail_verify_private_key_file": str(key.path),
        "chroot_jail_verify_known_hosts_file": str(pins),
        "chroot_jail_verify_host": jails.host.address,
        "jail_hosts": "sftp_servers",
    }
    return play.run_text(PLAYBOOK.read_text(), *with_variables(directory, given), timeout=500)


def test_the_verification_of_a_certificate_only_account(jails: JailHost, tmp_path: Path) -> None:
    key, pins = certified(jails), Path(jails.host.known_hosts)
    status, output = verified(jails, tmp_path, key, pins)
    assert status == 0, output
    jails.inside(f"echo '{jails.key.public}' >> {KEY_FILE}")
    status, output = verified(jails, tmp_path, key, pins)
    assert status
    assert "the key logs in without its certificate (key_alone)" in output
    assert f"{KEY_FILE}: " in output


def test_back_to_keys(jails: JailHost) -> None:
    assert jails.provision(accounts(authorized_keys=[jails.key.public])).status == 0
    assert logs_in(jails, jails.key)
    assert "cert-authority" not in jails.inside(f"cat {KEY_FILE}")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"principals": ["nightly"]}, "principals: partner has no certificate_authorities"),
        ({"certificate_authorities": ["ssh-ed25519 AAAA"]}, "certificate_authorities: "),
        (
            {"certificate_authorities": [AUTHORITY.public], "rotated": True},
            "certificate_authorities: the keys of partner are rotated",
        ),
    ],
)
def test_refusals(jails: JailHost, options: dict[str, Any], words: str) -> None:
    before = jails.inside(f"cat {KEY_FILE}")
    done = jails.provision(accounts(**options))
    assert done.status
    assert words in done.output
    assert jails.inside(f"cat {KEY_FILE}") == before

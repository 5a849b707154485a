# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts after the playbooks: keys, certificates and passwords in place, and no rotation under way."""

from __future__ import annotations

import json

from testinfra.host import Host

JOB = "/etc/secure_ftp_synchronize/keys/nightly"
AUTHORIZED = "/etc/ssh/authorized_keys.d/partner"


def is_client(host: Host) -> bool:
    return host.backend.get_pytest_id().endswith("batch1")


def test_every_server_has_one_key_of_the_job(host: Host) -> None:
    if is_client(host):
        links = [host.file(f"{JOB}/to/{name}").linked_to for name in ("files1", "files2")]
        assert len(set(links)) == 1
        key = host.file(links[0])
        assert (key.user, key.mode) == ("root", 0o600)
        assert host.file(f"{links[0]}.pub").content_string.startswith("ssh-ed25519 ")
    else:
        lines = [line for line in host.file(AUTHORIZED).content_string.splitlines() if not line.startswith("#")]
        assert len(lines) == 1
        assert lines[0].startswith("restrict ssh-ed25519 ")
        assert lines[0].endswith(" client_key_rotation:batch1/nightly")


def test_nothing_is_left_to_do(host: Host) -> None:
    if is_client(host):
        assert json.loads(host.file(f"{JOB}/ledger.json").content_string) == {"servers": {}}
        assert host.file(f"{JOB}/uncleared").listdir() == []
    else:
        revoked = host.file("/etc/ssh/revoked_keys")
        assert (revoked.user, revoked.mode) == ("root", 0o644)
        assert "revokedkeys /etc/ssh/revoked_keys" in host.run("/usr/sbin/sshd -T").stdout.splitlines()


def test_the_client_has_a_certificate_of_its_authority(host: Host) -> None:
    if is_client(host):
        assert host.file("/etc/ssl/private/batch1.pem").linked_to.startswith("/etc/ssl/private/batch1.key.d/")
        assert "CN = FTPS clients" in host.run("openssl x509 -noout -issuer -in /etc/ssl/private/batch1.pem").stdout


def test_no_rotation_of_a_server_is_under_way(host: Host) -> None:
    if not is_client(host):
        assert not host.file("/etc/ssh/sshd_config.d/96-secure_ftp_synchronize_host_keys.conf").exists
        assert not host.file("/etc/secure_ftp_synchronize/ftps_key.pem.d/unproven").exists


def test_the_account_has_one_password(host: Host) -> None:
    if not is_client(host):
        assert host.user("partner").password.startswith("$")
        assert "partner:" not in host.run("cat /etc/secure_ftp_synchronize/ftps_passwords").stdout

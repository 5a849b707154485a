# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""key_revocation and account_keys change no file before everything about it is verified, and cause no lockout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.running.playbook_process import Outcome
from support.servers import ssh_keys

pytestmark = pytest.mark.one_in(3, 2)

FILE = "/etc/ssh/revoked_keys"
ROOTS = "/root/.ssh/authorized_keys"
ROOTS_LINE = "# root's own keys\n"


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    with SystemdHost("debian13") as host:
        yield host


def play(host: SystemdHost, directory: Path, module: str, **options: Any) -> Outcome:
    return HostPlay(directory, host).run([{"name": "Do it", f"secure.ftp_synchronize.{module}": options}])


def revoke(host: SystemdHost, directory: Path, *keys: str, **options: Any) -> Outcome:
    return play(host, directory, "key_revocation", keys=list(keys), **options)


def inside(host: SystemdHost, script: str) -> str:
    return host.enter("sh", "-c", script).stdout


def read_by_sshd(host: SystemdHost) -> None:
    inside(host, f"touch {FILE}; chmod 644 {FILE}; echo RevokedKeys {FILE} > /etc/ssh/sshd_config.d/10-revoked.conf")
    host.restart_sshd()


def test_the_key_of_ones_own_session_is_refused(tmp_path: Path, host: SystemdHost) -> None:
    lost = ssh_keys.key("lost").public
    refused = revoke(host, tmp_path, lost, host.key.public)
    assert refused.status != 0
    assert "owner_locked_out" in refused.output
    assert host.key.fingerprint in refused.output
    assert inside(host, f"cat {FILE} 2>/dev/null || true") == "", "not the other key either"

    read_by_sshd(host)
    done = revoke(host, tmp_path, lost)
    assert done.status == 0, done.output
    assert lost.split()[1] in inside(host, f"cat {FILE}")
    assert revoke(host, tmp_path, lost).count("changed") == 0, "its owner still gets in"


def test_keys_are_revoked_in_the_file_that_sshd_reads_and_in_no_other(tmp_path: Path, host: SystemdHost) -> None:
    """The request of a compromised client: a key "to revoke", appended to root's authorized keys."""
    read_by_sshd(host)
    inside(host, f"mkdir -p /root/.ssh; printf '%s' \"{ROOTS_LINE}\" > {ROOTS}")
    for state in ("present", "absent"):
        refused = revoke(host, tmp_path, ssh_keys.key("attacker").public, path=ROOTS, state=state)
        assert refused.status != 0
        assert f"sshd does not read {ROOTS} for root" in refused.output
        assert inside(host, f"cat {ROOTS}") == ROOTS_LINE


@pytest.mark.parametrize(
    ("preparation", "why"),
    [
        (f": > {FILE}; chown nobody {FILE}", "others can write it"),
        (f": > {FILE}; chmod 666 {FILE}", "others can write it"),
        (f"mv {FILE} {FILE}.real; ln -s {FILE}.real {FILE}", "cannot be read: Too many levels of symbolic links"),
    ],
)
def test_a_file_that_is_not_roots_alone(tmp_path: Path, host: SystemdHost, preparation: str, why: str) -> None:
    read_by_sshd(host)
    inside(host, preparation)
    look = f"stat -c '%F %U %a' {FILE}; cat {FILE}"
    before = inside(host, look)
    refused = revoke(host, tmp_path, ssh_keys.key("attacker").public)
    assert refused.status != 0
    assert why in " ".join(refused.output.split())
    assert inside(host, look) == before
    inside(host, f"rm {FILE}")


def test_a_match_block_with_another_file(tmp_path: Path, host: SystemdHost) -> None:
    read_by_sshd(host)
    inside(host, "echo 'Match User nobody\n RevokedKeys none' > /etc/ssh/sshd_config.d/90-nobody.conf")
    refused = revoke(host, tmp_path, ssh_keys.key("lost").public, account="nobody")
    assert refused.status != 0
    assert f"sshd does not read {FILE} for nobody" in refused.output
    inside(host, "rm /etc/ssh/sshd_config.d/90-nobody.conf")


def test_authorized_keys_are_written_where_sshd_reads_them_and_nowhere_else(tmp_path: Path, host: SystemdHost) -> None:
    inside(host, "useradd partner; mkdir -p /etc/ssh/authorized_keys.d")
    task = {"account": "partner", "holder": "client/nightly", "keys": [ssh_keys.key("nightly").public]}
    for path in ("/etc/ssh/authorized_keys.d/partner", ROOTS, "/etc/ssh/authorized_keys.d/root"):
        before = inside(host, f"cat {path} 2>/dev/null || true")
        refused = play(host, tmp_path, "account_keys", path=path, **task)
        assert refused.status != 0
        assert f"sshd does not read {path} for partner" in refused.output
        assert inside(host, f"cat {path} 2>/dev/null || true") == before
    setting = "Match User partner\n AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u"
    inside(host, f"echo '{setting}' > /etc/ssh/sshd_config.d/90-partner.conf")
    done = play(host, tmp_path, "account_keys", path="/etc/ssh/authorized_keys.d/partner", **task)
    assert done.status == 0, done.output
    assert "client_key_rotation:client/nightly" in inside(host, "cat /etc/ssh/authorized_keys.d/partner")

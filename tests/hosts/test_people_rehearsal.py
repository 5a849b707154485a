# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsal of failures for the roles that change sshd for people and incidents: after harm in the middle of the
change of a role, the administrator can log in again, and sshd and PAM are as before. Root only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hosts.host_play import HostPlay, role
from support.hosts.rehearsal import configuration, harmed, undone
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.servers.ssh_keys import key

# The older system has a block in the file of PAM.
SYSTEMS = ("debian13", "debian12")

PLACES = "/etc/ssh/sshd_config /etc/ssh/sshd_config.d /etc/pam.d/sshd"
SECONDS = 20
"""How long a change waits to be confirmed."""
TOKEN = (
    "sk-ssh-ed25519@openssh.com "
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAICZtf8vqBLeTjVcyFDZPFoqUBnVeG7qQoT7GCKRCUfqoAAAABHNzaDo= bob"
)
ROLES = {
    "mfa": role("mfa", mfa_people=[{"name": "bob", "keys": [TOKEN]}], mfa_confirm_timeout=SECONDS),
    "break_glass": role(
        "break_glass",
        break_glass_authorities=[key("offline").public],
        sftp_server_confirm_timeout=SECONDS,
    ),
    "revoked_keys": role("client_key_rotation", "server", sftp_server_confirm_timeout=SECONDS),
}
HARM = {
    "the configuration": "echo 'AllowUsers nobody' > /etc/ssh/sshd_config.d/00-other.conf",
    "the syntax": "echo 'Nonsense yes' >> /etc/ssh/sshd_config",
    "the key": f"truncate -s 0 /home/{OWNER}/.ssh/authorized_keys",
    "the place of the key": f"chmod 0777 /home/{OWNER} /home/{OWNER}/.ssh",
}


@pytest.fixture(scope="module", params=SYSTEMS)
def host(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    with SystemdHost(request.param) as host:
        host.enter("useradd", "-m", "bob")
        yield host


@pytest.mark.parametrize("what", HARM)
@pytest.mark.parametrize("name", ROLES)
def test_harm_in_the_middle_of_a_change(tmp_path: Path, host: SystemdHost, name: str, what: str) -> None:
    before = configuration(host, PLACES)
    with harmed(host, HARM[what]):
        done = HostPlay(tmp_path, host).run([ROLES[name]])
        assert done.status != 0, done.output
        undone(host, before, PLACES)

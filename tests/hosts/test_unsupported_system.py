# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An unsupported system is refused before any change, regardless of earlier facts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.hosts.host_play import HostPlay, role
from support.hosts.refusals import Case, Refusal, refusals
from support.hosts.systemd_host import SystemdHost

STATE = "ls -laR /etc/ssh /etc/systemd/system /srv /etc/secure_ftp_synchronize; getent passwd; dpkg-query -W"
ALPINE = """
rm -f /etc/debian_version /etc/os-release /usr/lib/os-release /etc/lsb-release
printf 'NAME="Alpine Linux"\\nID=alpine\\nVERSION_ID=3.22.0\\n' > /etc/os-release
echo 3.22.0 > /etc/alpine-release
"""
EARLIER = {"name": "Earlier", "ansible.builtin.set_fact": {"os_family": "Debian", "cacheable": True}}
CASES = {
    name: Case([EARLIER, role(name, **variables)])
    for name, variables in {
        "chroot_jail": {"chroot_jail_accounts": [{"name": "partner"}]},
        "ftps_server": {"ftps_server_accounts": [{"name": "partner"}]},
        "sftp_server": {},
    }.items()
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Refusal]]:
    with SystemdHost("debian13") as host:
        host.enter("sh", "-c", ALPINE)
        play = HostPlay(tmp_path_factory.mktemp("refused"), host)
        yield refusals(CASES, STATE, play.run, lambda script: host.enter("sh", "-c", script).stdout)


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_and_the_supported_systems_are_named(refused: dict[str, Refusal], name: str) -> None:
    assert refused[name].refused, refused[name].output
    assert "the system alpine is not supported. Use Debian 12 or 13 or Ubuntu 24.04" in refused[name].output
    assert refused[name].difference == ""

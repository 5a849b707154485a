# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's Molecule scenario verifies jails by the playbook of the installed artifact: green for the role's jails,
and red for six weaknesses, each by its name. One host, one converge; every weakness is at an account of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from support.hosts.host_play import role
from support.hosts.stranger import Stranger
from support.hosts.systemd_host import SystemdHost
from support.running.playbook_process import Outcome
from support.servers import ssh_keys

KEY = ssh_keys.key("jail")
ACCOUNTS = ("forced", "rooted", "forwarder", "keyed", "shelled", "linker")
CHECKSUM = "find /etc/ssh /srv/jail /etc/passwd -printf '%p %y %U:%G %m %s %l\\n' | sort; cat /etc/ssh/sshd_config.d/*"
WEAKNESSES = r"""set -eu
chmod 0777 /srv/jail/rooted
usermod -s /bin/sh shelled
ln -s /etc /srv/jail/linker/data/etc
install -d -m 0755 /srv/jail/keyed/.ssh
cp /etc/ssh/authorized_keys.d/keyed /srv/jail/keyed/.ssh/authorized_keys
chmod 0644 /srv/jail/keyed/.ssh/authorized_keys
cat > /etc/ssh/sshd_config.d/00-planted.conf <<END
Match User forced
    ForceCommand none
Match User forwarder
    DisableForwarding no
    AllowTcpForwarding yes
Match User keyed
    AuthorizedKeysFile /srv/jail/keyed/.ssh/authorized_keys
Match User shelled
    ForceCommand none
    ChrootDirectory none
Match User linker
    ForceCommand internal-sftp
END
systemctl reload ssh
"""
NAMED = {
    # account: lines of the report
    "forced": [r"forced: sshd has forcecommand none, not internal-sftp", r"forced from outside: .*not_forced"],
    "rooted": [r"/srv/jail/rooted: is .* 0777, not .* 0750", r"rooted from outside: .*no_sftp"],
    # The key itself has "restrict": from outside, nothing is forwarded.
    "forwarder": [r"forwarder: sshd has disableforwarding no"],
    "keyed": [r"keyed: sshd has authorizedkeysfile /srv/jail/keyed/.ssh", r"keyed from outside: .*keys_inside"],
    "shelled": [r"account shelled: is .*shell /bin/sh", r"shelled from outside: .*\(command\)"],
    "linker": [r"linker from outside: a symbolic link was made .*links", r"linker from outside: .*link_leads_out"],
}


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    with SystemdHost("debian13") as host:
        yield host


@pytest.fixture(scope="module")
def stranger(host: SystemdHost, tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    accounts = [{"name": name, "authorized_keys": [KEY.public]} for name in ACCOUNTS]
    variables = {
        "chroot_jail_accounts": accounts,
        "chroot_jail_verify_host": host.address,
        "chroot_jail_verify_private_key_file": str(KEY.path),
        "chroot_jail_verify_known_hosts_file": str(host.known_hosts),
        "chroot_jail_verify_pause": 0,
    }
    directory = tmp_path_factory.mktemp("stranger")
    return Stranger(directory, host, converge=[role("chroot_jail")], verify=["verify_jails"], variables=variables)


@pytest.fixture(scope="module")
def green(stranger: Stranger, host: SystemdHost) -> Outcome:
    converged = stranger.molecule("converge")
    assert converged.status == 0, converged.output
    before = host.enter("sh", "-c", CHECKSUM).stdout
    verified = stranger.molecule("verify")
    assert host.enter("sh", "-c", CHECKSUM).stdout == before, "the verification changed the host"
    return verified


@pytest.fixture(scope="module")
def red(stranger: Stranger, host: SystemdHost, green: Outcome) -> Outcome:
    assert green.status == 0, green.output
    host.enter("sh", "-c", WEAKNESSES)
    before = host.enter("sh", "-c", CHECKSUM).stdout
    verified = stranger.molecule("verify")
    assert host.enter("sh", "-c", CHECKSUM).stdout == before, "the verification changed the host"
    return verified


def test_jails_of_the_role_are_green(green: Outcome) -> None:
    assert green.status == 0, green.output
    assert "jails verified on the host: 6; also from outside: 6." in " ".join(green.output.split())


@pytest.mark.parametrize("account", NAMED)
def test_a_weakness_is_red_by_its_name(red: Outcome, account: str) -> None:
    assert red.status != 0
    report = red.output.rpartition("Require that nothing was found")[2]
    for pattern in NAMED[account]:
        assert re.search(pattern, report), f"{pattern}\n{report}"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the role: accounts, directories, mounts and sshd's settings."""

from __future__ import annotations

import pytest
from testinfra.host import Host

JAILS = ["partner", "collector", "reader"]


@pytest.mark.parametrize("name", JAILS)
def test_the_account_has_one_purpose(host: Host, name: str) -> None:
    account = host.user(name)
    assert account.home == f"/srv/jail/{name}"
    assert account.shell == "/usr/sbin/nologin"
    assert account.groups == [name]
    assert account.password == "*"


@pytest.mark.parametrize(
    ("path", "owner", "group", "mode"),
    [
        ("/srv/jail", "root", "root", 0o755),
        ("/srv/jail/partner", "root", "partner", 0o750),
        ("/srv/jail/partner/dev", "root", "root", 0o711),
        ("/srv/jail/partner/incoming", "root", "partner", 0o2770),
        ("/srv/jail/partner/outgoing", "admin", "partner", 0o2750),
        ("/srv/jail/collector/data", "root", "collector", 0o2770),
        ("/srv/jail/reader/data", "root", "reader", 0o2750),
        ("/etc/ssh/authorized_keys.d/partner", "root", "partner", 0o640),
    ],
)
def test_owners_and_modes(host: Host, path: str, owner: str, group: str, mode: int) -> None:
    found = host.file(path)
    assert (found.user, found.group, found.mode) == (owner, group, mode)


def test_nothing_runs_in_the_jails(host: Host) -> None:
    mount = host.mount_point("/srv/jail")
    assert mount.exists
    assert {"nosuid", "nodev", "noexec"} <= set(mount.options)
    assert host.service("srv-jail.mount").is_enabled
    assert host.run("cp /usr/bin/id /srv/jail/partner/incoming/id && /srv/jail/partner/incoming/id").rc == 126
    assert host.run("rm /srv/jail/partner/incoming/id").rc == 0


@pytest.mark.parametrize("name", JAILS)
def test_the_log_is_in_the_jail(host: Host, name: str) -> None:
    assert host.file(f"/srv/jail/{name}/dev/log").is_socket
    assert host.service(f"srv-jail-{name}-dev-log.mount").is_enabled
    inode = "stat -c %d:%i {}"
    assert host.check_output(inode.format(f"/srv/jail/{name}/dev/log")) == host.check_output(
        inode.format("/run/systemd/journal/dev-log")
    )


@pytest.mark.parametrize("name", JAILS)
def test_sshd_locks_the_account_in(host: Host, name: str) -> None:
    lines = host.check_output(f"sshd -T -C user={name},host=client,addr=198.51.100.1").splitlines()
    assert f"chrootdirectory /srv/jail/{name}" in lines
    assert f"authorizedkeysfile /etc/ssh/authorized_keys.d/{name}" in lines
    assert {"disableforwarding yes", "permittty no", "permituserrc no", "passwordauthentication no"} <= set(lines)
    assert sum(line.startswith("forcecommand internal-sftp ") for line in lines) == 1


def test_others_are_not_locked_in(host: Host) -> None:
    lines = host.check_output("sshd -T -C user=admin,host=client,addr=198.51.100.1").splitlines()
    assert "chrootdirectory none" in lines


def test_there_is_nothing_of_a_removed_account(host: Host) -> None:
    assert not host.user("former").exists
    assert not host.file("/srv/jail/former").exists

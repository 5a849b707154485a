# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsal of failures: after any fault in the middle of a change of sshd, the administrator can log in again.

Every case breaks a real host in its own way, between the change and its confirmation or by the change itself, and ends
with two checks of the host: the administrator can log in, and the configuration is unchanged. Root only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay, role
from support.hosts.rehearsal import BACK_SECONDS, configuration, owner_gets_in, undone
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.playbook_process import Outcome
from support.servers import ssh_keys

SECONDS = 20
"""How long a change may wait to be confirmed. No test fails because something is slower than that."""
SOON = 10
"""The same where there is no harm to be done meanwhile."""
OTHER_PORT = 2222
CHANGE: dict[str, Any] = {
    "name": "Make the change",
    "secure.ftp_synchronize.sshd_change": {
        "state": "applied",
        "profile": "compatible-2026",
        "confirm_timeout": SECONDS,
    },
}
CONFIRM: dict[str, Any] = {
    "name": "Confirm it",
    "secure.ftp_synchronize.sshd_change": {"state": "confirmed", "confirm_timeout": SECONDS},
}


@pytest.fixture(scope="module")
def host(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    with SystemdHost(getattr(request, "param", "debian13")) as host:
        yield host


def on(*systems: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a test run on these systems."""
    return pytest.mark.parametrize("host", systems, indirect=True, scope="module")


on_all = on("debian13", "debian12", "ubuntu2404")
# By itself, and by systemd's socket.
on_each_kind = on("debian13", "ubuntu2404")


def shell(command: str) -> dict[str, Any]:
    """Return the task that does harm."""
    return {"name": "Do harm", "ansible.builtin.shell": command}


def greeted(host: SystemdHost, port: int) -> bool:
    """Whether an SSH server answers on a port."""
    try:
        with socket.create_connection((host.address, port), timeout=30) as connection:
            return connection.recv(100).startswith(b"SSH-2.0")
    except OSError:
        return False


def test_an_option_that_refuses_the_owner_is_not_even_written(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    done = HostPlay(tmp_path, host).run([role("sftp_server", sftp_server_settings={"AllowUsers": "nobody"})])
    assert done.count("failed") == 1, done.output
    assert "owner_locked_out" in done.output
    undone(host, before)


def test_root_who_makes_the_change_is_not_locked_out(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    done = HostPlay(tmp_path, host, user="root").run([role("sftp_server")])
    assert "PermitRootLogin no" in done.output
    assert done.count("failed") == 1
    undone(host, before)


HARM = {
    "the configuration": "echo 'AllowUsers nobody' > /etc/ssh/sshd_config.d/00-other.conf; systemctl reload ssh",
    "a line after our write": "echo 'AllowUsers nobody' >> /etc/ssh/sshd_config.d/10-secure_ftp_synchronize.conf",
    "the syntax": "echo 'Nonsense yes' >> /etc/ssh/sshd_config; systemctl stop ssh",
    "the key": f"truncate -s 0 /home/{OWNER}/.ssh/authorized_keys",
    "the place of the key": f"chmod 0777 /home/{OWNER} /home/{OWNER}/.ssh",
    "the host keys": "rm /etc/ssh/ssh_host_*; systemctl restart ssh || true",
    "the firewall": "nft add table inet harm; nft add chain inet harm in '{ type filter hook input priority 0; }'; "
    "nft add rule inet harm in tcp dport 22 tcp flags '& (syn | ack)' == syn drop",
}


@on_each_kind
@pytest.mark.parametrize("what", HARM)
def test_harm_between_the_change_and_its_confirmation(tmp_path: Path, host: SystemdHost, what: str) -> None:
    before = configuration(host)
    done = HostPlay(tmp_path, host).run([CHANGE, shell(HARM[what]), CONFIRM])
    assert done.status != 0, done.output
    assert "was not confirmed" in done.output, done.output
    undone(host, before)


OF_ROOT = {"/root/secret": "only root reads this", "/etc/of_root": "only root writes this"}
PLANTED = {
    "a link to be read": "mv authorized_keys was; ln -s /root/secret authorized_keys",
    "a link to be written": "mv authorized_keys was; ln -s /etc/of_root authorized_keys.restored",
    "a link to a directory": "cd ..; mv .ssh was; ln -s /root .ssh",
    "no key": "cd ..; mv .ssh was",
}


@on_each_kind
@pytest.mark.parametrize("what", PLANTED)
def test_an_account_that_plants_links_and_forces_the_rollback_gains_nothing(
    tmp_path: Path, host: SystemdHost, what: str
) -> None:
    """A program in the account that makes the change, without root's rights: the account's password is not known."""
    before, home = configuration(host), f"/home/{OWNER}"
    state = f"cd {home}; stat -c '%n %F %U %G %a' . .ssh .ssh/authorized_keys; stat -c '%n %U %a %Y' /root /etc/of_root"
    for path, text in OF_ROOT.items():
        host.enter("/bin/sh", "-c", f"echo '{text}' > {path}; chmod {600 if path.startswith('/root') else 644} {path}")
    host.enter("/bin/sh", "-c", f"cp -a {home}/.ssh /root/kept")
    found = host.enter("/bin/sh", "-c", state).stdout
    try:
        plant = {**shell(f"cd {home}/.ssh; {PLANTED[what]}"), "become": False}
        done = HostPlay(tmp_path, host).run([CHANGE, plant, CONFIRM])
        assert "was not confirmed" in done.output, done.output
        undone(host, before)
        assert OF_ROOT["/root/secret"] not in host.enter("cat", f"{home}/.ssh/authorized_keys").stdout
        assert host.enter("cat", *OF_ROOT).stdout.splitlines() == list(OF_ROOT.values())
        assert host.enter("/bin/sh", "-c", state).stdout == found
    finally:
        clean = f"cd {home}; rm -rf .ssh was /root/authorized_keys; mv /root/kept .ssh; rm {' '.join(OF_ROOT)}"
        host.enter("/bin/sh", "-c", clean)


REVOKED, OTHERS_KEYS = "/etc/ssh/revoked_keys", "/etc/ssh/authorized_keys.d/partner"
REVOCATION = "/etc/ssh/sshd_config.d/03-revoked.conf"
COPIES_OF_KEYS = "grep -rl 'PRIVATE KEY' /var/lib/secure_ftp_synchronize || true"


def test_what_others_do_to_keys_while_a_change_waits_survives_the_rollback(tmp_path: Path, host: SystemdHost) -> None:
    key, owners = ssh_keys.key("revoked"), f"/home/{OWNER}/.ssh/authorized_keys"
    prepare = f"touch {REVOKED}; mkdir /etc/ssh/authorized_keys.d; echo '{key.public}' >> {owners}"
    host.enter("/bin/sh", "-c", f"{prepare}; echo 'RevokedKeys {REVOKED}' > {REVOCATION}")
    host.restart_sshd()
    login = [*host.ssh(OWNER, key.path), "true"]
    try:
        assert subprocess.run(login, capture_output=True, check=False).returncode == 0
        before = host.enter("cat", "/etc/ssh/sshd_config").stdout
        meanwhile = (
            f"echo '{key.public}' >> {REVOKED}; echo '{key.public}' > {OTHERS_KEYS}; {HARM['the configuration']}"
        )
        done = HostPlay(tmp_path, host).run([CHANGE, shell(meanwhile), CONFIRM])
        assert "was not confirmed" in done.output, done.output
        owner_gets_in(host)
        assert host.enter("cat", "/etc/ssh/sshd_config").stdout == before
        assert sorted(host.enter("ls", "/etc/ssh/sshd_config.d").stdout.split()) == [Path(REVOCATION).name]
        assert host.enter("cat", REVOKED, OTHERS_KEYS).stdout == f"{key.public}\n" * 2
        assert subprocess.run(login, capture_output=True, check=False).returncode == 255
        assert host.enter("/bin/sh", "-c", COPIES_OF_KEYS).stdout == ""
    finally:
        undo = f"rm -r {REVOKED} {REVOCATION} /etc/ssh/authorized_keys.d; sed -i '$d' {owners}"
        host.enter("/bin/sh", "-c", undo)
        host.restart_sshd()


def test_a_change_that_only_a_login_finds_fatal(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    fatal = {"AllowUsers": f"{OWNER}@203.0.113.1"}
    done = HostPlay(tmp_path, host).run(
        [role("sftp_server", sftp_server_settings=fatal, sftp_server_confirm_timeout=SOON)]
    )
    assert "was not confirmed" in done.output, done.output
    undone(host, before)


@on_all
def test_the_controller_dies_in_the_middle(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    waits = {"name": "Wait for the end", "ansible.builtin.pause": {"seconds": 300}}
    with HostPlay(tmp_path, host).running([CHANGE, waits, CONFIRM]) as process:
        deadline = time.monotonic() + BACK_SECONDS
        while configuration(host) == before:
            assert time.monotonic() < deadline, "the change was not made"
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGKILL)
    undone(host, before)


BOOT_UNIT = "secure_ftp_synchronize-restore-boot.service"


@on_each_kind
@pytest.mark.parametrize("at_a_boot", [False, True], ids=["timer", "boot"])
def test_a_rollback_that_fails_is_tried_again_by_the_host(tmp_path: Path, host: SystemdHost, at_a_boot: bool) -> None:
    """No task comes to its help, and no other boot. The test starts the unit that a boot starts."""
    before = configuration(host)
    change = {**CHANGE["secure.ftp_synchronize.sshd_change"], "confirm_timeout": 3600 if at_a_boot else SECONDS}
    read_only = shell("mount --bind /etc/ssh /etc/ssh && mount -o remount,ro,bind /etc/ssh")
    assert HostPlay(tmp_path, host).run([{"secure.ftp_synchronize.sshd_change": change}, read_only]).status == 0
    try:
        if at_a_boot:
            host.enter("systemctl", "stop", "secure_ftp_synchronize-restore-*.timer")  # no boot starts it
            host.enter("systemctl", "daemon-reload")
            host.enter("systemctl", "start", BOOT_UNIT, check=False)
        failed = "journalctl --boot --unit='secure_ftp_synchronize-restore-*' | grep -q 'is not restored: correct'"
        deadline = time.monotonic() + SECONDS + BACK_SECONDS
        while host.enter("sh", "-c", failed, check=False).returncode:
            assert time.monotonic() < deadline, "the rollback did not fail"
            time.sleep(0.5)
        assert configuration(host) != before
    finally:
        host.enter("umount", "/etc/ssh")
    undone(host, before)
    states = "systemctl list-units --plain --no-legend 'secure_ftp_synchronize-restore-*'"
    assert host.enter("sh", "-c", states).stdout == "", "it is tried no more"


@on_each_kind
def test_the_unit_that_a_boot_runs_puts_it_back(tmp_path: Path, host: SystemdHost) -> None:
    # The hosts of the tests cannot reboot: their network ends with their first process. The test starts the units of a
    # boot.
    before = configuration(host)
    change = {
        "state": "applied",
        "profile": "compatible-2026",
        "settings": {"Port": [22, OTHER_PORT]},
        "confirm_timeout": 3600,
    }
    assert HostPlay(tmp_path, host).run([{"secure.ftp_synchronize.sshd_change": change}]).status == 0
    assert configuration(host) != before
    host.enter("systemctl", "daemon-reload")
    assert BOOT_UNIT in host.enter("systemctl", "list-dependencies", "--plain", "sysinit.target").stdout
    host.enter("systemctl", "start", BOOT_UNIT)
    # Of the socket, if there is a socket: it is started later in a boot.
    assert str(OTHER_PORT) not in host.enter("systemctl", "show", "--property=Listen", "ssh.socket").stdout
    undone(host, before)
    assert not greeted(host, OTHER_PORT)


@on_all
def test_an_upgrade_from_stock_keeps_an_open_session_alive(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    session = subprocess.Popen(
        [*host.ssh(OWNER), "--", "echo open; read word; echo still $word"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert session.stdout.readline() == "open\n"
        done = HostPlay(tmp_path, host).run([role("sftp_server")])
        assert done.status == 0, done.output
        assert configuration(host) != before
        told, _none = session.communicate("here\n", timeout=60)
        assert told == "still here\n"
        assert host.enter("/bin/sh", "-c", COPIES_OF_KEYS).stdout == "", "what a rollback would have needed"
    finally:
        session.kill()
        session.wait()
    owner_gets_in(host)


def effective(host: SystemdHost, keyword: str) -> str:
    """Return sshd's settings for an unknown account."""
    asked = host.enter("/usr/sbin/sshd", "-T", "-C", "user=stranger,host=h,addr=198.51.100.1").stdout
    return next(line.partition(" ")[2] for line in asked.splitlines() if line.startswith(f"{keyword} "))


@on_each_kind
def test_sshd_listens_where_it_is_told_to(tmp_path: Path, host: SystemdHost) -> None:
    for ports, heard in (([22, OTHER_PORT], True), ([22], False)):
        done = HostPlay(tmp_path, host).run([role("sftp_server", sftp_server_settings={"Port": ports})])
        assert done.status == 0, done.output
        assert (greeted(host, 22), greeted(host, OTHER_PORT)) == (True, heard)
    owner_gets_in(host)


@on_each_kind
def test_a_change_right_behind_several_others(tmp_path: Path, host: SystemdHost) -> None:
    """Of a socket, systemd refuses the fifth start within ten seconds."""
    by_socket = not host.enter("systemctl", "is-active", "ssh.socket", check=False).returncode
    unit = "ssh.socket" if by_socket else "ssh.service"
    for _each in range(4):
        host.enter("systemctl", "restart", unit)
    done = HostPlay(tmp_path, host).run([role("sftp_server", sftp_server_settings={"Port": [22, OTHER_PORT]})])
    assert done.status == 0, done.output
    assert (greeted(host, 22), greeted(host, OTHER_PORT)) == (True, True)
    done = HostPlay(tmp_path, host).run([role("sftp_server")])
    assert done.status == 0, done.output
    owner_gets_in(host)


@on_each_kind
def test_a_port_behind_which_the_controller_does_not_come_is_taken_back(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    done = HostPlay(tmp_path, host).run(
        [role("sftp_server", sftp_server_settings={"Port": OTHER_PORT}, sftp_server_confirm_timeout=SOON)]
    )
    assert "was not confirmed" in done.output, done.output
    undone(host, before)
    assert (greeted(host, 22), greeted(host, OTHER_PORT)) == (True, False)


@on_each_kind
def test_a_port_that_another_service_has_changes_nothing(tmp_path: Path, host: SystemdHost) -> None:
    before = configuration(host)
    host.enter("systemd-run", "--unit=other", "python3", "-m", "http.server", str(OTHER_PORT))
    try:
        done = HostPlay(tmp_path, host).run([role("sftp_server", sftp_server_settings={"Port": [22, OTHER_PORT]})])
        assert done.count("failed") == 1, done.output
        assert f"port {OTHER_PORT} is already in use" in done.output
        assert configuration(host) == before
    finally:
        host.enter("systemctl", "stop", "other")


@on_each_kind
def test_what_a_cloud_image_allows_is_allowed_no_more(tmp_path: Path, host: SystemdHost) -> None:
    cloud = "/etc/ssh/sshd_config.d/50-cloud-init.conf"
    host.enter("/bin/sh", "-c", f"echo 'PasswordAuthentication yes' > {cloud}")
    host.restart_sshd()
    done = HostPlay(tmp_path, host).run([role("sftp_server")])
    assert done.status == 0, done.output
    assert effective(host, "passwordauthentication") == "no"
    assert host.enter("cat", cloud).stdout == "PasswordAuthentication yes\n"
    host.enter("rm", cloud)


@on_all
def test_the_whole_file_is_ours_and_leaves_the_distributions_drop_ins_out(tmp_path: Path, host: SystemdHost) -> None:
    host.enter("/bin/sh", "-c", "echo 'MaxSessions 77' > /etc/ssh/sshd_config.d/00-cloud.conf")
    whole = role("sftp_server", sftp_server_layout="whole_file")
    for wanted in (1, 0):
        done = HostPlay(tmp_path, host).run([whole])
        assert (done.status, done.count("changed")) == (0, wanted), done.output
    assert "Include /etc/ssh/sshd_config.d/*.conf" not in host.enter("cat", "/etc/ssh/sshd_config").stdout
    assert [effective(host, word) for word in ("maxsessions", "permitrootlogin")] == ["10", "no"]
    host.restart_sshd()
    owner_gets_in(host)


DRIFT = {
    "our file": "echo 'MaxAuthTries 90' > /etc/ssh/sshd_config.d/10-secure_ftp_synchronize.conf",
    "an earlier file": "echo 'PasswordAuthentication yes' > /etc/ssh/sshd_config.d/00-earlier.conf",
    "the head of the main file": "sed -i '1i PermitRootLogin yes' /etc/ssh/sshd_config",
    "an open host key": "chmod 0644 /etc/ssh/ssh_host_ed25519_key",
}


@pytest.mark.parametrize("what", DRIFT)
def test_drift_is_found_and_mended(tmp_path: Path, host: SystemdHost, what: str) -> None:
    def converge(*options: str) -> Outcome:
        done = HostPlay(tmp_path, host).run([role("sftp_server")], *options)
        assert done.status == 0, done.output
        return done

    converge()
    host.enter("/bin/sh", "-c", DRIFT[what])
    assert converge("--check").count("changed") == 1
    assert converge().count("changed") == 1
    assert [effective(host, word) for word in ("maxauthtries", "passwordauthentication", "permitrootlogin")] == [
        *("2", "no", "no")
    ]
    assert host.enter("stat", "-c", "%a", "/etc/ssh/ssh_host_ed25519_key").stdout == "600\n"
    assert converge().count("changed") == 0

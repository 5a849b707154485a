# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is closed over SFTP and FTPS and opened again, on a real host with the roles of both servers, while
clients work and log in again and again. The tests go through the life of one host in their order."""

from __future__ import annotations

import ftplib
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import paramiko
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import JobUnit, timer_text
from support.hosts.ftps_host import HASH, PASSWORD, FtpsHost
from support.hosts.host_play import NOWHERE, HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.examples import ROOT
from support.running.playbook_process import Outcome, done
from support.scenes.client_loop import ClientLoop, lftp_loop, sftp_command, sftp_loop
from support.servers.ssh_keys import SshKey, certify_user, key

REVOKED = "/etc/ssh/revoked_keys"
LIST = "/etc/secure_ftp_synchronize/ftps_accounts.list"
KEYS = "/etc/ssh/authorized_keys.d/partner"
TIMER, SERVICE = "secure-sync-nightly.timer", "secure-sync-nightly.service"
NEW_PASSWORD = "another long passphrase"
FILES = "find /etc/secure_ftp_synchronize -type f -exec sha256sum {} +"
STATE = f"getent shadow partner monitor; cat {REVOKED} {LIST}; {FILES}; systemctl is-enabled {TIMER} || true"
QUIET = 3.0
"""Seconds without an answer, in which each loop tries several times."""
# A shell of cron, or a daemon, is no session.
DAEMON = "setpriv --reuid=partner --regid=partner --clear-groups setsid --fork sleep 3600 > /dev/null 2>&1"
JOB = JobUnit("nightly", "/usr/bin/true", "/etc/nightly.json", "*-*-* 02:15:00")
# The role writes the same timer. The service stands for a run that takes long.
UNITS = f"""cat > /etc/systemd/system/{TIMER}
printf '[Service]\\nType=oneshot\\nExecStart=/usr/bin/sleep 3600\\n' > /etc/systemd/system/{SERVICE}
systemctl daemon-reload
systemctl enable --now {TIMER}
systemctl start --no-block {SERVICE}
"""


class Scene:
    """A host whose account partner has a key and a password."""

    def __init__(self, directory: Path, server: FtpsHost) -> None:
        self.directory, self.server = directory, server
        self.ledger = directory / "ledger"
        self.ledger.mkdir()
        self.old, self.new = key("partner"), key("partner-new")

    def inside(self, script: str, **options: Any) -> str:
        return self.server.inside(script, **options)

    def playbook(
        self, name: str, *options: str, second: Any = None, servers_of: str = "sftp_servers", **given: Any
    ) -> Outcome:
        """Run a playbook for the account on files1, which has the job too, and on files2."""
        servers: Mapping[str, Any] = {"files1": self.server.host, **({"files2": second} if second else {})}
        variables = {"directory": str(self.ledger), "account": "partner", "jobs": ["nightly"], **given}
        play = HostPlay(self.directory, self.server.host, groups={"sftp_servers": servers})
        text = (ROOT / f"playbooks/{name}.yml").read_text()
        extra = {f"account_access_{name}": value for name, value in variables.items()}
        extra |= {"access_servers": servers_of, "access_clients": servers_of}
        return play.run_text(text, "-e", json.dumps(extra), *options)

    def tasks(self, *tasks: dict[str, Any]) -> list[str]:
        """Run a task for each, and return the code of its error or ""."""
        played = [
            {"name": "Do it", "secure.ftp_synchronize.account_access": {"account": "partner", **task},
             "register": f"told{number}", "ignore_errors": True}
            for number, task in enumerate(tasks)
        ]  # fmt: skip
        codes = " ".join(
            f"CODE={{{{ (told{number}.error | default({{}})).code | default('') }}}}." for number in range(len(tasks))
        )
        outcome = done(self.server.run([*played, {"name": "Tell", "ansible.builtin.debug": {"msg": codes}}]))
        return [part.partition(".")[0] for part in outcome.output.split("CODE=")[1:]]

    def takes_key(self, used: SshKey) -> bool:
        command = sftp_command(self.server, "partner", used)
        tried = subprocess.run(command, input="pwd\n", capture_output=True, text=True, timeout=120, check=False)
        return tried.returncode == 0

    def takes_password(self, password: str) -> bool:
        try:
            self.server.login("partner", password).quit()
        except ftplib.error_perm as error:
            if not str(error).startswith("530"):
                raise
            return False
        return True

    def takes_old(self) -> bool:
        return self.takes_key(self.old) or self.takes_password(PASSWORD)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    directory = tmp_path_factory.mktemp("access")
    accounts = [
        {"name": "partner", "password_hash": HASH, "authorized_keys": [key("partner").public],
         "directories": [{"name": "incoming"}]},
        {"name": "monitor", "password_hash": HASH},
    ]  # fmt: skip
    with FtpsHost(directory, accounts=accounts) as server:
        # Penalties would hide whether the account refuses a login.
        server.inside("echo PerSourcePenalties no > /etc/ssh/sshd_config.d/10-tests.conf")
        done(server.run([role("chroot_jail", chroot_jail_accounts=accounts)]))
        done(server.converge(jails=False))
        done(server.run([role("client_key_rotation", tasks_from="server")]))
        server.inside(UNITS, input=timer_text(JOB))
        yield Scene(directory, server)


def test_check_mode_changes_nothing(scene: Scene) -> None:
    before = scene.inside(STATE)
    checked = done(scene.playbook("close_account", "--check", "--diff"))
    assert "locked and expired" in checked.output, checked.output
    assert scene.inside(STATE) == before
    assert list(scene.ledger.iterdir()) == []


def test_closed_while_clients_work_and_log_in_again_and_again(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    loops = {
        "SFTP": ClientLoop(sftp_loop(scene.server, "partner", scene.old), scene.directory / "sftp.log"),
        "FTPS": ClientLoop(lftp_loop(scene.server, "partner", PASSWORD), scene.directory / "ftps.log"),
    }
    with ExitStack() as stack:
        for loop in loops.values():
            stack.enter_context(loop).until_alive()
        scene.inside(DAEMON)
        began = time.time()
        closed = scene.playbook("close_account", second=NOWHERE)
        ended = time.time()
        time.sleep(QUIET)
        assert {name for name, loop in loops.items() if loop.last() > ended} == set()
    with capsys.disabled():
        took = ", ".join(f"{name} {loop.last() - began:.2f} s" for name, loop in loops.items())
        print(f"\nlast answer after the start of the play: {took}; end of the play {ended - began:.2f} s")
    assert closed.status != 0
    assert "partner is not closed on files2 (unreachable, since 20" in " ".join(closed.output.split())
    assert scene.inside("ps -o pid= -u partner || true") == ""
    assert not scene.takes_old()
    assert "partner" not in scene.inside(f"cat {LIST}").split()
    assert scene.old.public.split()[1] in scene.inside(f"cat {REVOKED}")
    states = scene.inside(f"systemctl is-active {TIMER} {SERVICE}; systemctl is-enabled {TIMER} || true").split()
    assert states == ["inactive", "inactive", "disabled"] or states == ["inactive", "failed", "disabled"]
    scene.server.login("monitor").quit()


def test_the_server_that_was_missed_is_named_until_it_is_done(scene: Scene) -> None:
    """The host answers under the second name as well."""
    before = scene.inside(STATE)
    again = scene.playbook("close_account")
    assert again.status != 0
    assert "files2 (unreachable" in " ".join(again.output.split())
    assert again.total("changed") == 0
    left_out = scene.playbook("close_account", "--limit", "files1", second=NOWHERE)
    assert "files2 (unreachable" in " ".join(left_out.output.split())
    nowhere = scene.playbook("close_account", servers_of="absent")
    assert "account_access_servers: matches no host of the inventory" in " ".join(nowhere.output.split())
    refused = scene.playbook("open_account", keys=[scene.new.public])
    assert "is not closed on files2" in " ".join(refused.output.split())
    done(scene.playbook("close_account", second=scene.server.host))
    assert scene.inside(STATE) == before


def test_what_may_not_open_it(scene: Scene) -> None:
    before = scene.inside(STATE)
    assert scene.tasks(
        {"state": "open", "keys": [scene.old.public]},
        {"state": "open", "password": PASSWORD},
        {"state": "open", "keys": [scene.new.public]},
        {"state": "open"},
        {"state": "open", "password": NEW_PASSWORD, "version": 1},
    ) == ["key_compromised", "password_compromised", "not_found", "invalid_request", "ledger_changed"]
    assert scene.inside(STATE) == before
    scene.inside(f"echo partner >> {LIST}")
    assert not scene.takes_old(), "the account is expired"


def test_lines_that_are_no_plain_key(scene: Scene) -> None:
    """The second is a key for sshd, and none for a parser that ends lines at a form feed."""
    before = scene.inside(f"cat {KEYS}")
    half = len(scene.new.public) // 2
    for line in (f"cert-authority {scene.new.public}", f"{scene.new.public[:half]}\f{scene.new.public[half:]}"):
        scene.inside(f"cat >> {KEYS}", input=line + "\n")
        assert scene.tasks({"state": "open", "keys": [scene.old.public], "password": NEW_PASSWORD}) == [
            "key_compromised"
        ]
        assert scene.tasks({"state": "open", "password": NEW_PASSWORD}) == ["key_unnamed"]
        scene.inside(f"cat > {KEYS}", input=before + "\n")


def test_opened_with_a_new_key(scene: Scene) -> None:
    accounts = [{**each, "authorized_keys": [scene.new.public]} for each in scene.server.accounts[:1]]
    done(scene.server.run([role("chroot_jail", chroot_jail_accounts=accounts, chroot_jail_unlisted="keep")]))
    assert not scene.takes_key(scene.new), "the account is still closed"
    refused = scene.playbook("open_account", keys=[scene.old.public])
    assert "key_compromised" in refused.output
    proof = {
        "private_key_file": str(scene.new.path),
        "host": scene.server.host.address,
        "known_hosts_file": str(scene.server.host.known_hosts),
    }
    given = {"keys": [scene.new.public], "proof": proof, "retired_hosts": ["files2"]}
    done(scene.playbook("open_account", **given))
    assert scene.takes_key(scene.new)
    assert not scene.takes_old()
    assert scene.inside(f"cat {LIST}").split().count("partner") == 1
    assert scene.inside(f"systemctl is-active {TIMER}; systemctl is-enabled {TIMER}").split() == ["active", "enabled"]
    before = scene.inside(STATE)
    assert done(scene.playbook("open_account", **given)).total("changed") == 0
    assert scene.inside(STATE) == before


def test_closed_again_and_opened_with_a_new_password(scene: Scene) -> None:
    assert scene.tasks(
        {"state": "closed"},
        {"state": "open", "keys": [scene.new.public]},
        {"state": "open", "password": PASSWORD},
        {"state": "open", "password": NEW_PASSWORD},
    ) == ["", "key_compromised", "password_compromised", ""]
    assert scene.takes_password(NEW_PASSWORD)
    assert not scene.takes_old()
    assert not scene.takes_key(scene.new)


def test_sessions_of_others_are_none_of_root(scene: Scene) -> None:
    """vsftpd has a process of root for each connection, until the login or, with some settings, to its end."""
    scene.inside("usermod --password '*' root")
    task = {"account": "root", "password": NEW_PASSWORD, "state": "beside", "end_sessions": True}
    shown = {"name": "Show", "ansible.builtin.debug": {"msg": "ended {{ done.sessions_ended }}."}}
    session, waiting = scene.server.login("monitor"), scene.server.connect()
    run = scene.server.run(
        [
            {"name": "Try it", "secure.ftp_synchronize.account_password": task, "check_mode": True, "register": "done"},
            shown,
        ]
    )
    assert "ended 0." in done(run).output
    session.quit()
    waiting.quit()


def test_locks_by_hand_and_administrators(scene: Scene) -> None:
    """A lock stays. The account writes the key of the administrator into its own file, who keeps the login."""
    scene.inside(f"usermod --lock monitor; echo '{scene.server.host.key.public}' >> {KEYS}")
    before = scene.inside("getent shadow monitor").split(":")[1]
    assert scene.tasks(
        {"account": "monitor", "state": "closed"},
        {"account": "monitor", "state": "open", "password": NEW_PASSWORD},
        {"account": "root", "state": "closed"},
        {"account": OWNER, "state": "closed"},
        {"state": "closed"},
    ) == ["", "account_locked", "owner_locked_out", "owner_locked_out", ""]
    assert scene.inside("getent shadow monitor").split(":")[1] == before
    assert scene.server.host.key.public.split()[1] not in scene.inside(f"cat {REVOKED}")
    assert scene.tasks({"state": "closed"}) == [""]


class Neighbours:
    """A host with an account, and with others who log in by certificates, by a directory service, or by a key."""

    site, own = key("site-ca"), key("keeper-ca")
    guest, ghost = key("guest"), key("ghost")
    chief = key("chief")
    deputy = certify_user(key("deputy"), site, principals="deputy")
    keeper = certify_user(key("keeper"), own, principals="keeper")
    controller = certify_user(key("controller"), site, principals=OWNER)
    CONFIG = f"""RevokedKeys {REVOKED}
TrustedUserCAKeys "/etc/ssh/site ca.pub"
Match User chief
    AuthorizedKeysFile none
    AuthorizedKeysCommand /usr/local/bin/directory
    AuthorizedKeysCommandUser root
"""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.inside("for each in guest deputy keeper chief; do useradd -m $each; done; : > /etc/ssh/revoked_keys")
        self.write("/etc/ssh/site ca.pub", f"# The site\n{self.site.public} ca\n")
        self.write("/usr/local/bin/directory", f"#!/bin/sh\necho '{self.chief.public}'\n")
        self.write("/etc/ssh/sshd_config.d/10-tests.conf", self.CONFIG)
        self.inside("echo PerSourcePenalties no > /etc/ssh/sshd_config.d/09-tests.conf")
        self.inside("chmod 755 /usr/local/bin/directory")
        self.authorize("guest", self.guest.public)
        self.authorize("keeper", f"cert-authority {self.own.public}")
        host.restart_sshd()

    def inside(self, script: str, given: str = "") -> str:
        return self.host.enter("sh", "-c", script, input=given).stdout

    def write(self, path: str, text: str) -> None:
        self.inside(f"cat > '{path}'", text)

    def authorize(self, account: str, *lines: str) -> None:
        self.inside(
            f"mkdir -p /home/{account}/.ssh; chown {account} /home/{account}/.ssh; chmod 700 /home/{account}/.ssh"
        )
        self.write(f"/home/{account}/.ssh/authorized_keys", "".join(f"{line}\n" for line in lines))

    def moves(self, path: str) -> bool:
        """Return whether somebody changes an entry all the time."""
        return len(set(self.inside(f"stat -c %z {path}; sleep 1; stat -c %z {path}").split("\n")[:2])) == 2

    def refused(self) -> list[str]:
        """Return those who cannot log in."""
        everyone = {"guest": self.guest, "deputy": self.deputy, "keeper": self.keeper, "chief": self.chief}
        tried = {name: self.host.ssh(name, used.path) for name, used in everyone.items()}
        tried |= {"controller": self.host.ssh(OWNER, self.controller.path), "owner": self.host.ssh()}
        codes = {
            name: subprocess.run([*words, "true"], capture_output=True, timeout=60, check=False).returncode
            for name, words in tried.items()
        }
        return sorted(name for name, code in codes.items() if code)

    def close(self, *options: str, account: str = "guest") -> dict[str, Any]:
        """Close an account over a login by certificate, and return the result."""
        task = {"secure.ftp_synchronize.account_access": {"account": account, "state": "closed"}, "register": "done"}
        told = {
            "ansible.builtin.copy": {"content": "{{ done }}", "dest": f"{self.directory}/done"},
            "check_mode": False,
            "delegate_to": "localhost",
            "become": False,
            "vars": {"ansible_connection": "local"},
        }
        play = HostPlay(self.directory, self.host)
        done(play.run([task, told], "-e", f"ansible_ssh_private_key_file={self.controller.path}", *options))
        return json.loads((self.directory / "done").read_text())


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with SystemdHost("debian13") as host:
        yield Neighbours(tmp_path_factory.mktemp("neighbours"), host)


def test_planted_keys_of_others(neighbours: Neighbours) -> None:
    """The account writes authorities, the controller's keys, and keys of a directory service into its own file."""
    others = [neighbours.site, neighbours.own, neighbours.controller, neighbours.host.key, neighbours.deputy]
    others += [neighbours.chief, neighbours.ghost]
    assert neighbours.refused() == []
    neighbours.authorize("guest", neighbours.guest.public, *(each.public for each in others))
    planned = neighbours.close("--check")
    assert neighbours.inside(f"cat {REVOKED}") == ""
    closed = neighbours.close()
    assert neighbours.refused() == ["guest"]
    revoked = neighbours.inside(f"cat {REVOKED}").split()
    assert neighbours.guest.public.split()[1] in revoked
    assert [each.path.name for each in others if each.public.split()[1] in revoked] == []
    assert sorted(closed["spared"]) == sorted({each.fingerprint for each in others})
    assert [line for line in closed["unrevoked"] if neighbours.ghost.fingerprint in line]
    assert (planned["spared"], planned["changes"]) == (closed["spared"], closed["changes"])
    again = neighbours.close()
    assert (again["changed"], again["spared"]) == (False, closed["spared"])


def test_keys_and_ways_for_other_addresses(neighbours: Neighbours) -> None:
    """sshd has other settings for its own address."""
    own = key("roamer")
    neighbours.inside("useradd -m roamer; mkdir -p /etc/ssh/roaming")
    neighbours.write("/etc/ssh/roaming/roamer", f"{own.public}\n")
    block = "Match User roamer Address *,!127.0.0.1\nAuthorizedKeysFile /etc/ssh/roaming/%u\n"
    block += "AuthorizedKeysCommand /usr/local/bin/directory\nAuthorizedKeysCommandUser root\n"
    neighbours.write("/etc/ssh/sshd_config.d/08-roaming.conf", block)
    neighbours.host.restart_sshd()
    assert subprocess.run([*neighbours.host.ssh("roamer", own.path), "true"], timeout=60, check=False).returncode == 0
    closed = neighbours.close(account="roamer")
    assert own.fingerprint in closed["fingerprints"]
    assert own.public.split()[1] in neighbours.inside(f"cat {REVOKED}")
    assert "sshd has AuthorizedKeysCommand" in closed["unrevoked"]


# newuidmap(1) and newgidmap(1) write the same maps, of the ids that useradd gives to each account (subuid(5)).
OTHER_ID = """useradd -m sub
systemd-run --quiet --unit=escaped --uid=sub /usr/bin/python3 -c '
import os, time
os.unshare(os.CLONE_NEWUSER)
while not open("/proc/self/uid_map").read():
    time.sleep(0.1)
os.setresgid(1, 1, 1)
os.setresuid(1, 1, 1)
time.sleep(3600)'
pid=$(systemctl show --property=MainPID --value escaped)
until [ "$(readlink /proc/$pid/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.1; done
printf '0 %s 1\\n1 100000 100\\n' $(id -g sub) > /proc/$pid/gid_map
printf '0 %s 1\\n1 100000 100\\n' $(id -u sub) > /proc/$pid/uid_map
until [ "$(stat -c %u /proc/$pid)" = 100000 ]; do sleep 0.1; done
"""


def test_a_process_with_another_user_id(neighbours: Neighbours) -> None:
    """Root of its user namespace, it could become the account again. It is in no session, as if cron had started it."""
    neighbours.inside(OTHER_ID)
    assert neighbours.inside("systemctl is-active escaped") == "active\n"
    neighbours.close(account="sub")
    assert neighbours.inside("systemctl is-active escaped || true") in ("failed\n", "inactive\n")


# Each process ends as soon as it has a child: once somebody has read a list of processes, none of it is left.
COMETS = """useradd -m comet
systemd-run --quiet --unit=comets --uid=comet --property=KillMode=process --property=RemainAfterExit=yes \\
    /usr/bin/perl -e 'fork for 1, 2; while (fork == 0) { utime undef, undef, "/home/comet" }'
"""


def test_processes_that_run_away(neighbours: Neighbours) -> None:
    """They are in no session, as if cron had started them."""
    neighbours.inside(COMETS)
    assert neighbours.moves("/home/comet")
    neighbours.close(account="comet")
    assert not neighbours.moves("/home/comet")


KEY_LAST = """Match User visitor
KbdInteractiveAuthentication yes
AuthenticationMethods keyboard-interactive,publickey"""


def half_way(client: paramiko.Transport) -> None:
    assert client.auth_interactive("visitor", lambda _title, _text, prompts: [PASSWORD] * len(prompts)) == ["publickey"]


def just_begun(client: paramiko.Transport) -> None:
    with pytest.raises(paramiko.BadAuthenticationType):
        client.auth_none("visitor")


@pytest.mark.parametrize(
    ("settings", "begin"),
    [
        ("UsePAM no", just_begun),
        (KEY_LAST, half_way),
    ],
)
def test_a_login_under_way(neighbours: Neighbours, settings: str, begin: Callable[[paramiko.Transport], None]) -> None:
    """sshd looks at the date of expiry early in a login, and not again. The key was not used before."""
    own = key("visitor")
    neighbours.inside(f"userdel -r visitor || true; useradd -m visitor; echo 'visitor:{PASSWORD}' | chpasswd")
    neighbours.inside(f"usermod --password '*' {OWNER}")  # without PAM, sshd refuses an account with !
    neighbours.authorize("visitor", own.public)
    neighbours.write("/etc/ssh/sshd_config.d/07-visitor.conf", f"{settings}\n")
    neighbours.host.restart_sshd()
    with closing(paramiko.Transport((neighbours.host.address, 22))) as client:
        client.start_client()
        begin(client)
        neighbours.close(account="visitor")
        with pytest.raises((paramiko.SSHException, EOFError)):
            client.auth_publickey("visitor", paramiko.PKey.from_path(own.path))


def test_a_service_of_pam_that_does_not_look_at_the_date(neighbours: Neighbours) -> None:
    """The key was not used before, so that it is not revoked."""
    neighbours.inside("useradd -m lodger; cp /etc/pam.d/sshd /root/pam.sshd")
    neighbours.inside("sed -i 's/^@include common-account/account required pam_permit.so/' /etc/pam.d/sshd")
    own = key("lodger")
    neighbours.authorize("lodger", own.public)
    words = [*neighbours.host.ssh("lodger", own.path), "true"]
    with pytest.raises(
        AssertionError, match="PAM's service sshd admits it although it has expired, so lodger may be able"
    ):
        neighbours.close(account="lodger")
    assert subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0
    neighbours.inside("mv /root/pam.sshd /etc/pam.d/sshd")
    assert neighbours.close(account="lodger")["state"] == "closed"
    assert subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 255

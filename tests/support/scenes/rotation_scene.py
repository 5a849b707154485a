# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two servers with a jailed account, and the client whose sync job logs in there; its keys are rotated.

with RotationScene(directory) as scene:
    scene.rotate()
    scene.works("files1")
"""

from __future__ import annotations

__all__ = ["ACCOUNT", "JOB", "PASSPHRASE", "SERVERS", "RotationScene"]

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from ..hosts.host_play import HostPlay, role
from ..hosts.jail_host import Client
from ..hosts.systemd_host import SystemdHost
from ..running.playbook_process import Outcome, with_variables
from ..servers.ssh_keys import SshKey

ACCOUNT, JOB = "partner", "nightly"
PASSPHRASE = "canary-4d1f of the job"
SERVERS = ("files1", "files2")
_ROOT = Path(__file__).resolve().parents[3]
_KEYS = f"/etc/secure_ftp_synchronize/keys/{JOB}"
_AUTHORIZED = f"/etc/ssh/authorized_keys.d/{ACCOUNT}"
_PINS = "/etc/ssh/partners_known_hosts"
_CALLBACKS = Path(__file__).parents[1] / "callback_plugins"
# Passes the passphrase to ssh in tests of the final state; the role has no such program.
_ASKPASS = f"printf '#!/bin/sh\\necho %s\\n' '{PASSPHRASE}' > /run/askpass && chmod 755 /run/askpass"


class RotationScene:
    """Hosts of one system, booted and bare until `provide` was called."""

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        self.directory = directory
        self.client = SystemdHost(system)
        self.servers = {name: SystemdHost(system) for name in SERVERS}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for host in (self.client, *self.servers.values()):
                stack.enter_context(host)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.__exit__(*exception)

    def provide(self) -> None:
        """Make the account on the servers, and pin the servers on the client."""
        self.pin()
        jails = role("chroot_jail", chroot_jail_accounts=[{"name": ACCOUNT, "rotated": True}])
        done = self.play([jails], "sftp_servers")
        assert done.status == 0, done.output

    def play(self, tasks: Sequence[dict[str, Any]], hosts: str) -> Outcome:
        """Run tasks on a group of the scene."""
        play = {"hosts": hosts, "gather_facts": False, "become": True, "tasks": list(tasks)}
        return self._play().run_text(json.dumps([play]))

    def pin(self) -> None:
        """Let the client know the servers' host keys."""
        pins = "".join(host.known_hosts.read_text() for host in self.servers.values())
        self.client.enter("sh", "-c", f"cat > {_PINS}", input=pins)

    def rotate(self, *options: str, killed_at: int = 0, **variables: Any) -> Outcome:
        """Run the playbook rotate_keys. killed_at: how many items go well until the controller is killed."""
        job = {"name": JOB, "username": ACCOUNT, "servers": [{"host": name} for name in SERVERS]}
        given = {
            "client_key_rotation_jobs": [job],
            "client_key_rotation_passphrase": PASSPHRASE,
            "client_key_rotation_known_hosts_file": _PINS,
            **{f"client_key_rotation_{name}": value for name, value in variables.items()},
        }
        text = (_ROOT / "playbooks/rotate_keys.yml").read_text()
        return self._play(killed_at).run_text(text, *with_variables(self.directory, given), *options)

    def run_text(self, text: str, *options: str) -> Outcome:
        """Run a playbook as written, with the passphrase in the environment."""
        return self._play(environment={"NIGHTLY_PASSPHRASE": PASSPHRASE}).run_text(text, *options)

    def works(self, server: str, *, key: str | None = None, user: str = "root") -> bool:
        """Whether an account of the client gets in with the key that the job's link names, or with another file."""
        address, path = self.servers[server].address, key or f"{_KEYS}/to/{server}"
        script = (
            f"{_ASKPASS}; echo ls | SSH_ASKPASS=/run/askpass SSH_ASKPASS_REQUIRE=force "
            f"runuser -u {user} -- sftp -q -oBatchMode=no -b - -F none "
            f"-i {path} -oIdentitiesOnly=yes -oUserKnownHostsFile={_PINS} {ACCOUNT}@{address}; "
            "s=$?; rm /run/askpass; exit $s"
        )
        return not self.client.enter("sh", "-c", script, check=False).returncode

    def published(self, server: str) -> list[str]:
        """The keys of the job at a server, type and text."""
        lines = self.servers[server].enter("cat", _AUTHORIZED).stdout.splitlines()
        return [" ".join(line.split()[1:3]) for line in lines if line.endswith(f"client_key_rotation:client/{JOB}")]

    def current(self, server: str) -> str:
        """The public key that the job uses with a server, type and text."""
        text = self.inside(f"cat $(readlink -f {_KEYS}/to/{server}).pub")
        return " ".join(text.split()[:2])

    def fingerprint(self, server: str) -> str:
        """The same as sshd logs it."""
        return self.inside(f"ssh-keygen -lf $(readlink -f {_KEYS}/to/{server}).pub").split()[1]

    def generations(self) -> list[str]:
        """The private keys on the client."""
        return self.inside(f"cd {_KEYS}/keys && ls -A | grep -v .pub").split()

    def ledger(self) -> dict[str, dict[str, str]]:
        """The servers that are behind."""
        return json.loads(self.inside(f"cat {_KEYS}/ledger.json"))["servers"]

    def inside(self, script: str) -> str:
        """Run a shell script on the client as root, and return its output."""
        return self.client.enter("sh", "-c", script).stdout

    @contextmanager
    def down(self, server: str) -> Iterator[None]:
        """Inside, the SSH server of a host is stopped."""
        self.servers[server].enter("systemctl", "stop", "ssh")
        try:
            yield
        finally:
            self.servers[server].enter("systemctl", "start", "ssh")

    def opened_key(self, server: str) -> Client:
        """A client of this machine with a copy, without a passphrase, of the key that the job uses with a server."""
        copy = self.directory / f"copy-{server}"
        copy.unlink(missing_ok=True)
        copy.touch(0o600)
        copy.write_text(self.inside(f"cat {_KEYS}/to/{server}"))
        words = ["ssh-keygen", "-q", "-p", "-P", PASSPHRASE, "-N", "", "-f", str(copy)]
        subprocess.run(words, check=True, capture_output=True)
        return self.client_with(server, copy)

    def client_with(self, server: str, key: Path) -> Client:
        """A client of this machine, with a key."""
        host = self.servers[server]
        config = self.directory / f"{server}-{key.name}.conf"
        config.write_text(
            f"Host server\n HostName {host.address}\n User {ACCOUNT}\n IdentityFile {key}\n IdentitiesOnly yes\n"
            f" BatchMode yes\n UserKnownHostsFile {host.known_hosts}\n GlobalKnownHostsFile none\n"
        )
        return Client(config)

    def allow(self, server: str, key: SshKey) -> None:
        """Authorize a foreign key for the same account."""
        self.servers[server].enter("sh", "-c", f"echo 'restrict {key.public} somebody' >> {_AUTHORIZED}")

    def _play(self, killed_at: int = 0, environment: Mapping[str, str] = MappingProxyType({})) -> HostPlay:
        environment = {
            "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "killed_at",
            "KILLED_AT": str(killed_at),
            **environment,
        }
        groups = {"sftp_servers": self.servers, "sftp_clients": {"client": self.client}}
        return HostPlay(self.directory, self.client, environment=environment, groups=groups)

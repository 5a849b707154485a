# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with systemd and stock sshd, jails on it by playbooks/provision_jail.yml, and clients that log in to them.

with JailHost(directory) as host:
    host.provision([{"name": "partner", "authorized_keys": [host.key.public]}])
    with RawSftp(host.client("partner")) as sftp: ...
"""

from __future__ import annotations

__all__ = ["Client", "JailHost", "Provisioned"]

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ..servers import ssh_keys
from ..servers.ssh_keys import SshKey
from .control_path import control_path_directory
from .systemd_host import SystemdHost

_ROOT = Path(__file__).resolve().parents[3]
_LOG_SECONDS = 60.0


@dataclass(frozen=True)
class Client:
    """A configuration of ssh by which the host is `server`."""

    client_config: Path

    def run(self, *words: str, program: str = "ssh", **options: Any) -> subprocess.CompletedProcess[str]:
        """Run any client program to its end; the words may name the host `server`."""
        given = {"capture_output": True, "text": True, "timeout": 120, "input": "", **options}
        command = [program, "-F", str(self.client_config), *words]
        return subprocess.run(command, check=given.pop("check", False), **given)


@dataclass(frozen=True)
class Provisioned:
    """A run of the playbook: how many tasks changed something, all that it printed, and its exit status."""

    changed: int
    output: str
    status: int


class JailHost:
    """One host; `key` may log in to the jails if it is named there."""

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        self.host = SystemdHost(system)
        self.key: SshKey = ssh_keys.key("jail")
        self._directory = directory
        self._control_paths = control_path_directory(self)

    def __enter__(self) -> Self:
        self.host.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.host.__exit__(*exception)

    def client(self, user: str, key: SshKey | None = None) -> Client:
        """Return the client of an account."""
        path = self._directory / f"{user}-{(key or self.key).path.name}.conf"
        path.write_text(
            f"Host server\n HostName {self.host.address}\n User {user}\n IdentityFile {(key or self.key).path}\n"
            f" IdentitiesOnly yes\n BatchMode yes\n UserKnownHostsFile {self.host.known_hosts}\n"
            " GlobalKnownHostsFile none\n ConnectTimeout 30\n"
        )
        return Client(path)

    def provision(self, accounts: list[dict[str, Any]], *options: str, **variables: Any) -> Provisioned:
        """Run the playbook for these accounts; `variables` are further variables, `options` options of
        ansible-playbook."""
        given = self._directory / "variables.json"
        given.write_text(json.dumps({"chroot_jail_accounts": accounts, **variables}))
        inventory = self._directory / "hosts.json"
        inventory.write_text(json.dumps({"sftp_servers": {"hosts": {"jails": self._reach()}}}))
        playbook = str(_ROOT / "playbooks/provision_jail.yml")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory)]
        done = subprocess.run(
            [*command, "-e", f"@{given}", *options, playbook],
            env=self._environment(),
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
            check=False,
        )
        counted = re.search(r"changed=(\d+)", done.stdout)
        return Provisioned(int(counted.group(1)) if counted else -1, done.stdout, done.returncode)

    def mark(self) -> str:
        """Return a position in the host's log, from which later entries are found."""
        return self.inside("journalctl -n 0 --show-cursor -q").partition("cursor: ")[2].strip()

    def logged(self, pattern: str, mark: str) -> str:
        """Return the first line of the log since `mark` that matches; the log may be a little late."""
        deadline = time.monotonic() + _LOG_SECONDS
        while True:
            lines = self.inside(f"journalctl -q --no-pager -o cat --after-cursor='{mark}'").splitlines()
            found = next((line for line in lines if re.search(pattern, line)), None)
            if found is not None:
                return found
            assert time.monotonic() < deadline, f"the log has no line like {pattern!r}:\n" + "\n".join(lines)
            time.sleep(0.2)

    def inside(self, script: str, **options: Any) -> str:
        """Run a shell script on the host as root, and return its output."""
        return self.host.enter("sh", "-c", script, **options).stdout

    def _reach(self) -> dict[str, str]:
        known = f"-o UserKnownHostsFile={self.host.known_hosts} -o GlobalKnownHostsFile=none -F none"
        return {
            "ansible_host": self.host.address,
            "ansible_user": "admin",
            "ansible_ssh_private_key_file": str(self.host.key.path),
            "ansible_ssh_common_args": known,
            "ansible_python_interpreter": "/usr/bin/python3",
        }

    def _environment(self) -> dict[str, str]:
        home = self._directory / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "ANSIBLE_HOME": str(home / ".ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._control_paths),
            "ANSIBLE_COLLECTIONS_PATH": str(_ROOT / ".cache/collections"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_TIMEOUT": "60",
            "ANSIBLE_NOCOLOR": "true",
        }

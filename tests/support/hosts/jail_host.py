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

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from ..running.playbook_process import with_variables
from ..servers import ssh_keys
from ..servers.ssh_keys import SshKey
from .host_play import HostPlay
from .systemd_host import SystemdHost

_PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks/provision_jail.yml"
_PATIENT = MappingProxyType({"ANSIBLE_TIMEOUT": "60"})
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
        play = HostPlay(self._directory, self.host, environment=_PATIENT, groups={"sftp_servers": {"jails": self.host}})
        given = with_variables(self._directory, {"chroot_jail_accounts": accounts, **variables})
        status, output = play.run_text(_PLAYBOOK.read_text(), *given, *options, timeout=500)
        counted = re.search(r"changed=(\d+)", output)
        return Provisioned(int(counted.group(1)) if counted else -1, output, status)

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

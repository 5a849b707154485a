# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays on a test host, over SSH as its owner, as operators run them.

status, output = HostPlay(tmp_path, host).run([role("sftp_server", sftp_server_profile="pq_only")])
"""

from __future__ import annotations

__all__ = ["NOWHERE", "HostPlay", "reached", "role"]

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..running.playbook_process import Outcome, controller, finished, killed_at, playbook_process
from .control_path import control_path_directory
from .systemd_host import SystemdHost
from .systemd_image import OWNER

NOWHERE = {
    "ansible_host": "127.0.0.1",
    "ansible_port": "1",
    "ansible_user": OWNER,
    "ansible_ssh_common_args": "-F none",
}
"""A server that is down: a port without a listener."""


def role(name: str, tasks_from: str = "main", **variables: Any) -> dict[str, Any]:
    """Return the task that includes a role of the collection."""
    included = {"name": f"secure.ftp_synchronize.{name}", "tasks_from": tasks_from}
    return {"name": f"Include {name}", "ansible.builtin.include_role": included, "vars": variables}


def reached(host: SystemdHost, user: str = OWNER) -> dict[str, str]:
    """Return the variables by which Ansible reaches a host with the keys of an agent."""
    known = f"-o UserKnownHostsFile={host.known_hosts} -o GlobalKnownHostsFile=none"
    return {
        "ansible_host": host.address,
        "ansible_user": user,
        "ansible_ssh_common_args": f"-F none {known}",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


class HostPlay:
    """A directory with a playbook and an inventory.

    collections: further directories; environment: further variables of the controller; groups: the inventory, if it has
    more than `host`; a member is a host, or the variables by which Ansible reaches it.
    """

    def __init__(
        self,
        directory: Path,
        host: SystemdHost,
        user: str = OWNER,
        *,
        collections: Sequence[str] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
        groups: Mapping[str, Mapping[str, SystemdHost | dict[str, str]]] | None = None,
    ) -> None:
        self._directory, self._host, self._user = directory, host, user
        self._control_paths = control_path_directory(self)
        self._groups = groups or {"files": {"host": host}}
        self._given = environment
        self._collections = collections

    def run(self, tasks: Sequence[dict[str, Any]], *options: str, timeout: float = 400) -> Outcome:
        """Run the tasks and return the outcome."""
        with self.running(tasks, *options) as process:
            return finished(process, timeout)

    def run_text(self, text: str, *options: str, timeout: float = 400) -> Outcome:
        """Run a playbook as written; its hosts are `files`."""
        with self.running_text(text, *options) as process:
            return finished(process, timeout)

    def killed(self, text: str, task: str, *options: str, nth: int = 1) -> str:
        """Run a playbook, kill the controller at the nth start of a task, and return its output."""
        with self.running_text(text, *options) as process:
            return killed_at(process, task, nth)

    @contextmanager
    def running(self, tasks: Sequence[dict[str, Any]], *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run ansible-playbook inside the context; kill its remaining processes at the end."""
        play = {"hosts": "all", "gather_facts": False, "become": True, "tasks": list(tasks)}
        with self.running_text(json.dumps([play]), *options) as process:
            yield process

    @contextmanager
    def running_text(self, text: str, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The same with a playbook as written."""
        playbook, inventory = self._directory / "play.yml", self._directory / "hosts.json"
        playbook.write_text(text)
        inventory.write_text(json.dumps(self._inventory()))
        words = ("-i", str(inventory), *options, str(playbook))
        with playbook_process(self._directory, *words, environment=self._environment()) as process:
            try:
                yield process
            finally:
                self._close_connections()

    def _inventory(self) -> dict[str, Any]:
        return {
            group: {"hosts": {name: self.variables(host) for name, host in hosts.items()}}
            for group, hosts in self._groups.items()
        }

    def _close_connections(self) -> None:
        """End the processes that Ansible keeps running for its next play."""
        for socket in self._control_paths.glob("*"):
            command = ["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", self._host.address]
            subprocess.run(command, capture_output=True, check=False)

    def variables(self, host: SystemdHost | dict[str, str]) -> dict[str, str]:
        """Return the variables by which Ansible reaches a host."""
        if not isinstance(host, SystemdHost):
            return host
        found = reached(host, self._user)
        return {
            **found,
            "ansible_ssh_private_key_file": str(host.key.path),
            "ansible_ssh_common_args": f"{found['ansible_ssh_common_args']} -o IdentitiesOnly=yes",
        }

    def _environment(self) -> dict[str, str]:
        own = {
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._control_paths),
            "ANSIBLE_PIPELINING": "true",
            # How long a login may take, on a machine that has other things to do.
            "ANSIBLE_TIMEOUT": "30",
        }
        return controller(self._directory, collections=self._collections, **{**own, **self._given})

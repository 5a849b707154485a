# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays on a test host, over SSH as its owner, as operators run them.

status, output = HostPlay(tmp_path, host).run([role("sftp_server", sftp_server_profile="pq_only")])
"""

from __future__ import annotations

__all__ = ["HostPlay", "Outcome", "role"]

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ..running.processes import end
from .control_path import control_path_directory
from .systemd_host import SystemdHost
from .systemd_image import OWNER

_COLLECTIONS = Path(__file__).parents[3] / ".cache" / "collections"


class Outcome(NamedTuple):
    """The exit status of ansible-playbook and its output."""

    status: int
    output: str

    def count(self, word: str) -> int:
        """Return a figure of the recap: changed, failed, unreachable, ..."""
        return int(re.findall(rf"{word}=(\d+)", self.output)[-1])


def role(name: str, tasks_from: str = "main", **variables: Any) -> dict[str, Any]:
    """Return the task that includes a role of the collection."""
    included = {"name": f"secure.ftp_synchronize.{name}", "tasks_from": tasks_from}
    return {"name": f"Include {name}", "ansible.builtin.include_role": included, "vars": variables}


class HostPlay:
    """A directory with a playbook and an inventory.

    collections: further directories; environment: further variables of the controller; groups: the inventory, if it has
    more than `host`.
    """

    def __init__(
        self,
        directory: Path,
        host: SystemdHost,
        user: str = OWNER,
        *,
        collections: Sequence[str] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
        groups: Mapping[str, Mapping[str, SystemdHost]] | None = None,
    ) -> None:
        self._directory, self._host, self._user = directory, host, user
        self._control_paths = control_path_directory(self)
        self._groups = groups or {"files": {"host": host}}
        self._given = environment
        self._collections = os.pathsep.join([str(_COLLECTIONS), *collections])

    def run(self, tasks: Sequence[dict[str, Any]], *options: str, timeout: float = 400) -> Outcome:
        """Run the tasks and return the outcome."""
        with self.running(tasks, *options) as process:
            return _finished(process, timeout)

    def run_text(self, text: str, *options: str, timeout: float = 400) -> Outcome:
        """Run a playbook as written; its hosts are `files`."""
        with self.running_text(text, *options) as process:
            return _finished(process, timeout)

    def killed(self, text: str, task: str, *options: str, nth: int = 1) -> str:
        """Run a playbook, kill the controller at the nth start of a task, and return its output."""
        with self.running_text(text, *options) as process:
            printed = ""
            for line in process.stdout:
                printed += line
                nth -= line.startswith("TASK") and task in line
                if not nth:
                    os.killpg(process.pid, signal.SIGKILL)
                    return printed
        raise AssertionError(f"it did not come to the task {task!r}:\n{printed}")

    @contextmanager
    def running(self, tasks: Sequence[dict[str, Any]], *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run ansible-playbook inside the context; kill its remaining processes at the end."""
        play = {"hosts": "all", "gather_facts": False, "become": True, "tasks": list(tasks)}
        with self.running_text(json.dumps([play]), *options) as process:
            yield process

    @contextmanager
    def running_text(self, text: str, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The same with a playbook as written."""
        process = self._start(text, *options)
        try:
            yield process
        finally:
            end(process)
            process.stdout.close()
            self._close_connections()

    def _start(self, text: str, *options: str) -> subprocess.Popen[str]:
        playbook, inventory = self._directory / "play.yml", self._directory / "hosts.json"
        playbook.write_text(text)
        groups = {
            group: {"hosts": {name: self._variables(host) for name, host in hosts.items()}}
            for group, hosts in self._groups.items()
        }
        inventory.write_text(json.dumps(groups))
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), *options, str(playbook)],
            cwd=self._directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _close_connections(self) -> None:
        """End the processes that Ansible keeps running for its next play."""
        for socket in self._control_paths.glob("*"):
            command = ["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", self._host.address]
            subprocess.run(command, capture_output=True, check=False)

    def _variables(self, host: SystemdHost) -> dict[str, str]:
        known = f"-o UserKnownHostsFile={host.known_hosts} -o GlobalKnownHostsFile=none"
        return {
            "ansible_host": host.address,
            "ansible_user": self._user,
            "ansible_ssh_private_key_file": str(host.key.path),
            "ansible_ssh_common_args": f"-F none -o IdentitiesOnly=yes {known}",
            "ansible_python_interpreter": "/usr/bin/python3",
        }

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self._directory),
            "ANSIBLE_HOME": str(self._directory / ".ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._control_paths),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_NOCOLOR": "true",
            # How long a login may take, on a machine that has other things to do.
            "ANSIBLE_TIMEOUT": "30",
            **self._given,
        }


def _finished(process: subprocess.Popen[str], timeout: float) -> Outcome:
    output, _none = process.communicate(timeout=timeout)
    return Outcome(process.returncode, output)

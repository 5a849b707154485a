# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays on localhost as users run them: ansible-playbook, the module packed by Ansible, its result as the play has it.

play = Play(tmp_path)
first, second = play.run([{"secure_sync": {...}}, {"secure_sync": {...}}]).results
"""

from __future__ import annotations

__all__ = ["Play", "Played"]

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .ansible_cores import playbook_command
from .playbook_process import controller, finished, playbook_process

COLLECTION = "secure.ftp_synchronize"


@dataclass(frozen=True)
class Played:
    """The outcome of a play: the result of each task, its whole output, and its exit status."""

    results: list[dict[str, Any]]
    output: str
    status: int


@dataclass
class Play:
    """A directory with a playbook and a home of its own, and the environment in which it runs."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, Any] = field(default_factory=dict)
    """Keywords of the play, such as module_defaults."""
    core: str = ""
    """The series of ansible-core that runs it, see `ansible_cores`; by default the pinned version."""
    collections: Sequence[str] = ()
    """Directories of other collections, see `other_collections`."""

    def run(self, tasks: Sequence[dict[str, Any]], *options: str, timeout: float = 120.0) -> Played:
        """Run all tasks, even after a failure; `options` are options of ansible-playbook."""
        with self.running(tasks, *options) as process:
            return self.wait(process, timeout)

    @contextmanager
    def running(self, tasks: Sequence[dict[str, Any]], *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run ansible-playbook inside the context; kill its remaining processes at the end."""
        playbook = self.write(tasks)
        environment = self.controller_environment()
        words = (*options, str(playbook))
        with playbook_process(self.directory, *words, environment=environment, core=self.core) as process:
            yield process

    def wait(self, process: subprocess.Popen[str], timeout: float = 30.0) -> Played:
        """Wait for the end of a play and return its outcome."""
        status, output = finished(process, timeout)
        results = json.loads(self._results.read_text()) if self._results.exists() else []
        return Played(results, output, status)

    def write(self, tasks: Sequence[dict[str, Any]]) -> Path:
        """Write the playbook, and return its path."""
        self.directory.mkdir(exist_ok=True)
        self._results.unlink(missing_ok=True)
        playbook = self.directory / "play.yml"
        playbook.write_text(json.dumps([self._play(tasks)]))
        return playbook

    def prepare(self, tasks: Sequence[dict[str, Any]], *options: str) -> tuple[list[str], dict[str, Any]]:
        """Write the playbook; return the command that runs it, and its directory and environment for Popen."""
        command = [*playbook_command(self.core), *options, str(self.write(tasks))]
        return command, {"cwd": self.directory, "env": self.controller_environment()}

    def controller_environment(self) -> dict[str, str]:
        """Return the environment of the controller, with the variables of this play."""
        home = self.directory / "home"
        own = {
            "ANSIBLE_REMOTE_TEMP": str(home / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(home / "jobs"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOG_PATH": str(self.directory / "ansible.log"),
        }
        return controller(home, collections=self.collections, **{**own, **self.environment})

    @property
    def _results(self) -> Path:
        return self.directory / "results.json"

    def _play(self, tasks: Sequence[dict[str, Any]]) -> dict[str, Any]:
        names = [f"result{number}" for number in range(len(tasks))]
        steps = [
            {**_qualified(task), "register": name, "ignore_errors": True}
            for name, task in zip(names, tasks, strict=True)
        ]
        keep = {
            "ansible.builtin.copy": {
                "content": "{{ [%s] | to_json }}" % ", ".join(names),
                "dest": str(self._results),
                "mode": "0600",
            },
            "check_mode": False,
            "diff": False,
        }
        return {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": sys.executable},
            **self.keywords,
            "tasks": [*steps, keep],
        }


def _qualified(task: dict[str, Any]) -> dict[str, Any]:
    return {f"{COLLECTION}.{key}" if key == "secure_sync" else key: value for key, value in task.items()}

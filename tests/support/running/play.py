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
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .ansible_cores import playbook_command
from .processes import end

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
    """The series of ansible-core that runs it, see `ansible_cores`; that of the virtual environment if not given."""

    def run(self, tasks: Sequence[dict[str, Any]], *options: str, timeout: float = 120.0) -> Played:
        """Run all tasks, even after a failure; `options` are options of ansible-playbook."""
        with self.running(tasks, *options) as process:
            return self.wait(process, timeout)

    @contextmanager
    def running(self, tasks: Sequence[dict[str, Any]], *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run ansible-playbook inside the context, in a session of its own; kill its remaining processes at the end."""
        process = self._start(tasks, *options)
        try:
            yield process
        finally:
            end(process)
            process.stdout.close()

    def wait(self, process: subprocess.Popen[str], timeout: float = 30.0) -> Played:
        """Wait for the end of a play and return its outcome."""
        output, _none = process.communicate(timeout=timeout)
        results = json.loads(self._results.read_text()) if self._results.exists() else []
        return Played(results, output, process.returncode)

    def prepare(self, tasks: Sequence[dict[str, Any]], *options: str) -> tuple[list[str], dict[str, Any]]:
        """Write the playbook; return the command that runs it, and its directory and environment for Popen."""
        self.directory.mkdir(exist_ok=True)
        self._results.unlink(missing_ok=True)
        playbook = self.directory / "play.yml"
        playbook.write_text(json.dumps([self._play(tasks)]))
        command = [*playbook_command(self.core), *options, str(playbook)]
        return command, {"cwd": self.directory, "env": self._environment()}

    def _start(self, tasks: Sequence[dict[str, Any]], *options: str) -> subprocess.Popen[str]:
        command, place = self.prepare(tasks, *options)
        return subprocess.Popen(
            command,
            **place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

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

    def _environment(self) -> dict[str, str]:
        collections = Path(__file__).parents[3] / ".cache" / "collections"
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "ANSIBLE_HOME": str(home / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(home / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(home / "jobs"),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_LOG_PATH": str(self.directory / "ansible.log"),
            **self.environment,
        }


def _qualified(task: dict[str, Any]) -> dict[str, Any]:
    return {f"{COLLECTION}.{key}" if key == "secure_sync" else key: value for key, value in task.items()}

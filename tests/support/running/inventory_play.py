# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task for many hosts of an inventory, and its result on each.

play = InventoryPlay(tmp_path, {"partner01": {"ansible_port": 2222}, ...})
results = play.run({"secure.ftp_synchronize.sftp_probe": {}, "delegate_to": "localhost"}).results
"""

from __future__ import annotations

__all__ = ["Crowd", "InventoryPlay"]

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .playbook_process import controller, finished, playbook_process

GROUP = "partners"


class Crowd(NamedTuple):
    """The result of the task on each host, the whole output, and the exit status."""

    results: dict[str, dict[str, Any]]
    output: str
    status: int

    def code(self, host: str) -> str | None:
        """Return the code of a host's error, or None."""
        error = self.results[host].get("error")
        return error["code"] if error else None

    def figures(self, host: str) -> dict[str, int]:
        """Return the figures of a host in the recap."""
        (line,) = re.findall(rf"^{re.escape(host)}\s+: (ok=.*)$", self.output, re.M)
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}


@dataclass
class InventoryPlay:
    """A directory with an inventory, group_vars and a playbook.

    hosts: the members of the group `partners`, each with its variables
    group: variables of the group
    core: the series of ansible-core, by default the pinned version
    """

    directory: Path
    hosts: Mapping[str, Mapping[str, Any]]
    group: Mapping[str, Any] = field(default_factory=dict)
    core: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, task: Mapping[str, Any], *options: str, **keywords: Any) -> Crowd:
        """Run the task on every host, and collect the results."""
        results = self.directory / "results.json"
        results.unlink(missing_ok=True)
        registered = "ansible_play_hosts_all | map('extract', hostvars, 'result')"
        keep = {
            "ansible.builtin.copy": {
                "content": "{{ dict(ansible_play_hosts_all | zip(%s)) | to_json }}" % registered,
                "dest": str(results),
                "mode": "0600",
            },
            "delegate_to": "localhost",
            "run_once": True,
            "check_mode": False,
            "diff": False,
            "vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        }
        tasks = [{**task, "register": "result", "ignore_errors": True}, keep]
        play = {"hosts": GROUP, "gather_facts": False, **keywords, "tasks": tasks}
        output, status = self.playbook(json.dumps([play]), *options)
        return Crowd(json.loads(results.read_text()) if results.exists() else {}, output, status)

    def playbook(self, text: str, *options: str) -> tuple[str, int]:
        """Run a playbook with the inventory; return its output and exit status."""
        self.directory.mkdir(exist_ok=True)
        playbook = self.directory / "play.yml"
        playbook.write_text(text)
        return self.command(str(playbook), *options)

    def command(self, *words: str) -> tuple[str, int]:
        """Run ansible-playbook with the inventory and these words; return its output and exit status."""
        self.directory.mkdir(exist_ok=True)
        inventory = self.directory / "hosts.json"
        group = {"hosts": {name: dict(variables) for name, variables in self.hosts.items()}, "vars": dict(self.group)}
        inventory.write_text(json.dumps({"all": {"children": {GROUP: group}}}))
        environment = controller(self.directory / "home", **{**self._own(), **self.environment})
        words = ("-i", str(inventory), *words)
        with playbook_process(self.directory, *words, environment=environment, core=self.core) as process:
            status, output = finished(process)
        return output, status

    def _own(self) -> dict[str, str]:
        return {
            "ANSIBLE_FORKS": "5",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_DEVEL_WARNING": "false",
        }

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A controller with secrets, and plays on hosts of its inventory that may be compromised.

scene = TrustScene(tmp_path)
client = scene.host("client", "sftp_clients")
client.facts("setup", client_key_rotation_directory="/tmp")
played = scene.run(PLAYBOOK.read_text())
assert scene.touched() == []
"""

from __future__ import annotations

__all__ = ["Played", "TrustScene"]

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ..running.playbook_process import controller, finished, playbook_process
from ..trees.trees import differences, tree_digest
from .played_host import PlayedHost


class Played(NamedTuple):
    """The exit status of ansible-playbook and its output."""

    status: int
    output: str

    def failed(self) -> set[str]:
        """Return the hosts that failed."""
        return {host for host, figures in self._recap() if not re.search(r"failed=0\b", figures)}

    def done(self) -> set[str]:
        """Return the hosts that came to the end."""
        return {host for host, figures in self._recap() if re.search(r"unreachable=0\s+failed=0\b", figures)}

    def refusal(self, host: str) -> str:
        """Return the output about the failure of a host."""
        return "\n".join(re.findall(rf"^(?:fatal|failed): \[{re.escape(host)}\b.*", self.output, re.M))

    def _recap(self) -> list[tuple[str, str]]:
        return re.findall(r"^(\S+)\s+: (ok=.*)$", self.output, re.M)


class TrustScene:
    """A directory with the controller's files, an inventory and a playbook.

    core: another version of ansible-core than the virtual environment's. environment: further variables of the
    controller. become: whether its hosts obey the keyword; otherwise they ignore it. collections: further directories.
    everywhere: variables of all hosts.
    """

    def __init__(
        self,
        directory: Path,
        core: str = "",
        environment: Mapping[str, str] | None = None,
        *,
        become: bool = False,
        collections: Sequence[str] = (),
        everywhere: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._directory, self._core, self._environment = directory, core, dict(environment or {})
        self._become, self._everywhere = become, dict(everywhere)
        self._collections = collections
        self.controller = directory / "controller"
        (self.controller / "secrets").mkdir(parents=True)
        (self.controller / "secrets" / "other_host").write_text("canary-3f7a of another host\n")
        self.hosts: dict[str, PlayedHost] = {}
        self._groups: dict[str, list[str]] = {}
        self._before = tree_digest(self.controller)

    def host(self, name: str, *groups: str, **variables: Any) -> PlayedHost:
        """Add a host to groups of the inventory."""
        self.hosts[name] = PlayedHost(
            self._directory / "hosts" / name, name, {"ansible_become": self._become, **variables}
        )
        for group in groups or ("others",):
            self._groups.setdefault(group, []).append(name)
        return self.hosts[name]

    def watch(self) -> None:
        """Save the present state of the controller's files, which must not change."""
        self._before = tree_digest(self.controller)

    def touched(self) -> list[str]:
        """Return how the controller's files differ from those that were watched."""
        return differences(self._before, tree_digest(self.controller))

    def sent(self, *apart_from: str) -> str:
        """Return all that hosts got to see, apart from some."""
        return "\n".join(host.sent for name, host in self.hosts.items() if name not in apart_from)

    def run(self, text: str, *options: str, timeout: float = 300, **variables: Any) -> Played:
        """Run a playbook with these extra variables."""
        playbook, inventory = self._directory / "play.yml", self._directory / "hosts.json"
        playbook.write_text(text)
        inventory.write_text(json.dumps(self._inventory()))
        extra = ["-e", json.dumps(variables)] if variables else []
        words = ("-i", str(inventory), *extra, *options, str(playbook))
        with playbook_process(self._directory, *words, environment=self._variables(), core=self._core) as process:
            return Played(*finished(process, timeout))

    def play(self, tasks: list[dict[str, Any]], hosts: str = "all", *options: str, **keywords: Any) -> Played:
        """Run one play."""
        play = {"hosts": hosts, "gather_facts": False, **keywords, "tasks": tasks}
        return self.run(json.dumps([play]), *options)

    def _inventory(self) -> dict[str, Any]:
        groups = {
            group: {"hosts": {name: self.hosts[name].variables() for name in names}}
            for group, names in self._groups.items()
        }
        return {"all": {"children": groups, "vars": self._everywhere}}

    def _variables(self) -> dict[str, str]:
        own = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_FORKS": "4",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_DEVEL_WARNING": "false",
        }
        return controller(self._directory / "home", collections=self._collections, **{**own, **self._environment})

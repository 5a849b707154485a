# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository of a stranger: a playbook project with a Molecule scenario, which has the collection as an artifact.

stranger = Stranger(directory, host, converge=[role("chroot_jail", ...)], variables={...})
outcome = stranger.molecule("verify")
"""

from __future__ import annotations

__all__ = ["Stranger"]

import json
import subprocess
from pathlib import Path
from typing import Any

from ..running.playbook_process import Outcome, controller
from .control_path import control_path_directory
from .systemd_host import SystemdHost
from .systemd_image import OWNER

_ROOT = Path(__file__).parents[3]
_MOLECULE = {
    "driver": {"name": "default", "options": {"managed": False}},
    "platforms": [{"name": "files"}],
    "provisioner": {"name": "ansible", "inventory": {"links": {"hosts": "../../hosts.json"}}},
    "verifier": {"name": "ansible"},
}


class Stranger:
    """A project on disk.

    converge: tasks of the play that sets up the host
    verify: the playbooks of the collection that verify it
    variables: of the inventory
    """

    def __init__(
        self, directory: Path, host: SystemdHost, *, converge: list[Any], verify: list[str], variables: dict[str, Any]
    ) -> None:
        self._directory = directory
        self._host = host
        self._control_paths = control_path_directory(self)
        scenario = directory / "project/molecule/default"
        scenario.mkdir(parents=True)
        play = {"name": "Converge", "hosts": "sftp_servers", "become": True, "gather_facts": False, "tasks": converge}
        imports = [{"ansible.builtin.import_playbook": f"secure.ftp_synchronize.{name}"} for name in verify]
        files = {"molecule.yml": _MOLECULE, "converge.yml": [play], "verify.yml": imports}
        for name, content in files.items():
            (scenario / name).write_text(json.dumps(content))
        inventory = {"sftp_servers": {"hosts": {"files": {**self._reached(), **variables}}}}
        (directory / "project/hosts.json").write_text(json.dumps(inventory))
        self._install()

    def molecule(self, verb: str, *, timeout: float = 600) -> Outcome:
        """Run Molecule in the project."""
        environment = {**self._environment(), "ANSIBLE_PIPELINING": "true", "ANSIBLE_HOST_KEY_CHECKING": "true"}
        done = subprocess.run(
            ["molecule", verb],
            cwd=self._directory / "project",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def _environment(self) -> dict[str, str]:
        """Only the installed artifact is found, not the work tree."""
        place = str(self._directory / "collections")
        return controller(
            self._directory / "home",
            ANSIBLE_COLLECTIONS_PATH=place,
            ANSIBLE_TIMEOUT="60",
            ANSIBLE_SSH_CONTROL_PATH_DIR=str(self._control_paths),
        )

    def _install(self) -> None:
        source, built = self._directory / "source", self._directory / "built"
        subprocess.run(["scripts/copy-tree", str(source)], cwd=_ROOT, check=True, capture_output=True)
        build = ["ansible-galaxy", "collection", "build", "--output-path", str(built), str(source)]
        subprocess.run(build, check=True, capture_output=True, env=self._environment())
        (artifact,) = built.glob("*.tar.gz")
        install = ["ansible-galaxy", "collection", "install", "--offline", "--no-deps", str(artifact)]
        words = [*install, "--collections-path", str(self._directory / "collections")]
        subprocess.run(words, check=True, capture_output=True, env=self._environment())

    def _reached(self) -> dict[str, str]:
        known = f"-o UserKnownHostsFile={self._host.known_hosts} -o GlobalKnownHostsFile=none"
        return {
            "ansible_host": self._host.address,
            "ansible_user": OWNER,
            "ansible_ssh_private_key_file": str(self._host.key.path),
            "ansible_ssh_common_args": f"-F none -o IdentitiesOnly=yes {known}",
            "ansible_python_interpreter": "/usr/bin/python3",
        }

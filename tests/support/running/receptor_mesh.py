# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh of receptor nodes on loopback, as between AWX and the nodes that execute jobs: `control` submits the work,
`execution` and `second` run `ansible-runner worker`. AWX adds TLS, signed work and a container.

with ReceptorMesh(tmp_path / "mesh", environment) as mesh:
    AwxJob(tmp_path / "job", playbook, {}, mesh=mesh).run()
"""

from __future__ import annotations

__all__ = ["EXECUTION", "SECOND", "ReceptorMesh"]

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Self

from ..servers.ports import LOOPBACK, free_port
from .patience import HANG_SECONDS
from .processes import end, end_all, mark, orphans, spawn

CONTROL, EXECUTION, SECOND = "control", "execution", "second"
WORK = "ansible-runner"


class ReceptorMesh:
    """The nodes, from `with` to its end, when no process of their work is left.

    directory: of their data
    runner: the path of ansible-runner
    environment: of the nodes, and so of their jobs
    execution: the names of the nodes that execute jobs
    """

    def __init__(
        self, directory: Path, runner: str, environment: Mapping[str, str], execution: Sequence[str] = (EXECUTION,)
    ) -> None:
        self.directory, self._runner, self._execution = directory, runner, execution
        self._environment = environment
        self._marks = {name: mark() for name in (CONTROL, *execution)}
        self._sockets = Path(tempfile.mkdtemp(prefix="mesh-"))  # the path of a socket has 107 bytes at most
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        port = free_port()
        try:
            self._start(CONTROL, "--tcp-listener", f"port={port}", f"bindaddr={LOOPBACK}")
            work = [f"worktype={WORK}", f"command={self._runner}", "params=worker", "allowruntimeparams=true"]
            for name in self._execution:
                self._start(name, "--tcp-peer", f"address={LOOPBACK}:{port}", "--work-command", *work)
            for name in self._execution:
                self._wait_for(name)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop()

    def worker(self, private_data_directory: str, node: str) -> list[str]:
        """Return a command that runs the job on its standard input on a node, and prints its events."""
        submit = ["work", "submit", "--node", node, "--payload", "-", "--follow", "--rm"]
        return [*self._receptorctl(), *submit, "-a", f"params=--private-data-dir {private_data_directory}", WORK]

    def cancel(self) -> None:
        """Cancel the work, as AWX does when a user cancels its job."""
        listed = subprocess.run(
            [*self._receptorctl(), "work", "list", "--quiet"], check=True, capture_output=True, text=True
        )
        for unit in listed.stdout.split():
            subprocess.run([*self._receptorctl(), "work", "cancel", unit], check=True, capture_output=True)

    def lose(self, name: str) -> None:
        """Kill a node with all of its processes, as when its machine loses power."""
        end(self._nodes.pop(name))
        end_all(orphans(self._marks[name]))

    def _receptorctl(self) -> list[str]:
        return ["receptorctl", "--socket", f"unix:{self._sockets / CONTROL}"]

    def _start(self, name: str, *options: str) -> None:
        data = self.directory / name
        data.mkdir(parents=True)
        command = ["receptor", "--node", f"id={name}", f"datadir={data}", "--log-level", "level=error"]
        control = ["--control-service", "service=control", f"filename={self._sockets / name}"]
        with open(self.directory / f"{name}.log", "wb") as log:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            environment = {**self._environment, **self._marks[name]}
            self._nodes[name] = spawn([*command, *control, *options], env=environment, **pipes)

    def _wait_for(self, name: str) -> None:
        deadline = time.monotonic() + 4 * HANG_SECONDS
        while time.monotonic() < deadline:
            ping = [*self._receptorctl(), "ping", "--count", "1", name]
            if subprocess.run(ping, check=False, capture_output=True, timeout=HANG_SECONDS).returncode == 0:
                return
            time.sleep(0.1)
        raise TimeoutError("\n".join(path.read_text() for path in self.directory.glob("*.log")))

    def _stop(self) -> None:
        for name in list(self._nodes):
            self.lose(name)
        rmtree(self._sockets)

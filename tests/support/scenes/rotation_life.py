# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of scenes in which a role rotates the keys of a server in steps, and clients on two systems check its pins.

with HostKeyScene(directory) as scene:
    done(scene.step("max_age"))
    scene.rests()
"""

from __future__ import annotations

__all__ = ["NAME", "STEPS", "RotationLife", "life_of", "scene_of"]

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest

from ..hosts.host_play import HostPlay
from ..hosts.systemd_host import SystemdHost
from ..hosts.systemd_image import OWNER
from ..running.playbook_process import Outcome, done, killed_at, with_variables

NAME = "files.example.com"
"""The server's name for the client `backup`."""
STEPS = ("max_age", "announce", "overlap")
"""The periods of a rotation, in their order."""
_WAITS = "/var/lib/secure_ftp_synchronize/sshd_guard/facts"
"""Exists on a host whose sshd has a changed configuration that is not confirmed yet."""


class RotationLife(ABC):
    """A server and a client of another system, which are booted and set up inside the context.

    PLAYBOOK, ROLE: the rotation; BEHIND: the role's message about clients that stop it
    """

    PLAYBOOK: ClassVar[Path]
    ROLE: ClassVar[str]
    BEHIND: ClassVar[str] = ""

    host: SystemdHost
    directory: Path

    def __init__(self, system: str) -> None:
        self.client = SystemdHost("debian12" if system == "debian13" else "debian13")
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.host)
            stack.enter_context(self.client)
            self._set_up()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.__exit__(*exception)

    def rotate(self, *options: str, **variables: Any) -> Outcome:
        """Run the playbook with further variables; `options` are options of ansible-playbook."""
        return self.play(self.PLAYBOOK.read_text(), *options, **self.given(**variables))

    def step(self, *due: str, **variables: Any) -> Outcome:
        """Run the playbook after the end of these periods: max_age, announce, overlap."""
        return self.rotate(**{f"{self.ROLE}_{name}": 0 for name in due}, **variables)

    def rests(self) -> None:
        """Assert that with the defaults nothing is due."""
        again = done(self.rotate())
        assert again.count("changed") == 0, again.output

    def killed(self, task: str, **variables: Any) -> str:
        """Run the playbook, kill it at the start of a task, and return its output until then."""
        words = self._words(self.given(**variables))
        with self._plays().running_text(self.PLAYBOOK.read_text(), *words) as process:
            return killed_at(process, task)

    def killed_in(self, name: str, task: str) -> str:
        """Kill a step at the start of a task."""
        return self.killed(task, **{f"{self.ROLE}_{name}": 0})

    def killed_waiting(self, name: str) -> None:
        """Kill a step while its change of sshd's configuration waits to be confirmed: the login for that waits."""
        held = f"sudo test ! -e {_WAITS} || sleep 600"
        self.host.enter("sh", "-c", f"echo '{held}' > /home/{OWNER}/.ssh/rc")
        words = self._words(self.given(**{f"{self.ROLE}_{name}": 0}))
        try:
            with self._plays().running_text(self.PLAYBOOK.read_text(), *words) as process:
                while self.host.enter("test", "-e", _WAITS, check=False).returncode:
                    assert process.poll() is None, process.stdout.read()
                os.killpg(process.pid, signal.SIGKILL)
        finally:
            self.host.enter("rm", f"/home/{OWNER}/.ssh/rc")

    def play(self, text: str, *options: str, **variables: Any) -> Outcome:
        """Run any playbook for the server and its clients."""
        return self._plays().run_text(text, *self._words(variables), *options)

    def behind(self, outcome: Outcome) -> str:
        """Return the final report of a run about clients that stop it."""
        assert outcome.status != 0, outcome.output
        assert self.BEHIND in outcome.output, outcome.output
        return " ".join(outcome.output.split())

    def on_client(self, script: str) -> str:
        """Run a shell script on the client as root, and return its output."""
        return self.client.enter("sh", "-c", script).stdout

    @contextmanager
    def client_away(self) -> Iterator[None]:
        """Inside, nothing reaches the client over SSH."""
        self.on_client("systemctl stop ssh")
        try:
            yield
        finally:
            self.on_client("systemctl start ssh")

    def lead(self, address: str) -> None:
        """Have the client find the server's name at another address."""
        self.on_client(f"sed -i '/{NAME}/d' /etc/hosts && echo '{address} {NAME}' >> /etc/hosts")

    def given(self, **variables: Any) -> dict[str, Any]:
        """Return the variables of the playbook, and further variables, which win."""
        return {f"{self.ROLE}_clients": self.clients(), **variables}

    @abstractmethod
    def clients(self) -> list[dict[str, Any]]:
        """Return the clients as the role takes them."""

    @abstractmethod
    def variables(self, **variables: Any) -> dict[str, Any]:
        """Return the variables of every playbook of the scene, and further variables, which win."""

    @abstractmethod
    def _set_up(self) -> None:
        """Prepare the hosts, which are booted and bare."""

    @abstractmethod
    def _plays(self) -> HostPlay:
        """Return the playbook directory with its inventory."""

    def _words(self, variables: dict[str, Any]) -> tuple[str, str]:
        return with_variables(self.directory, self.variables(**variables))


def life_of(scene: Callable[[Path, str], RotationLife]) -> Any:
    """Return the fixture of a life on each system; its tests run in their order."""

    @pytest.fixture(scope="module", params=["debian13", "debian12"])
    def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotationLife]:
        with scene(tmp_path_factory.mktemp(request.param), request.param) as running:
            yield running

    return life


def scene_of(scene: Callable[[Path], RotationLife]) -> Any:
    """Return the fixture of a scene for one test."""

    @pytest.fixture
    def running(tmp_path: Path) -> Iterator[RotationLife]:
        with scene(tmp_path) as found:
            yield found

    return running

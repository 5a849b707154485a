# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process of ansible-playbook: its command, its environment, its end and its outcome.

with playbook_process(directory, "-i", "hosts.json", "play.yml", environment=controller(home)) as process:
    outcome = finished(process)
"""

from __future__ import annotations

__all__ = ["Outcome", "controller", "done", "finished", "killed_at", "playbook_process", "with_variables"]

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .ansible_cores import playbook_command
from .module_payloads import with_shared_payloads
from .processes import end

_COLLECTIONS = Path(__file__).parents[3] / ".cache" / "collections"


class Outcome(NamedTuple):
    """The exit status of ansible-playbook and its output."""

    status: int
    output: str

    def count(self, word: str) -> int:
        """Return a figure of the last host in the recap: changed, failed, unreachable, ..."""
        return self._figures(word)[-1]

    def total(self, word: str) -> int:
        """Return the sum of a figure over all hosts in the recap."""
        return sum(self._figures(word))

    def _figures(self, word: str) -> list[int]:
        figures = re.findall(rf"{word}=(\d+)", self.output)
        assert figures, f"there is no recap:\n{self.output}"
        return [int(each) for each in figures]


def controller(home: Path, *, collections: Sequence[str] = (), **variables: str) -> dict[str, str]:
    """Return the whole environment of a controller: of the caller's, only PATH.

    collections: directories besides the collection under test. variables: further variables, which win.
    """
    home.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(_COLLECTIONS), *collections]),
        "ANSIBLE_NOCOLOR": "true",
        **variables,
    }


@contextmanager
def playbook_process(
    directory: Path, *words: str, environment: Mapping[str, str], core: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """Run ansible-playbook inside the context, in a session of its own; kill its remaining processes at the end.

    core: a series of ansible-core, without it the virtual environment's.
    """
    process = subprocess.Popen(
        [*playbook_command(core), *words],
        cwd=directory,
        env=environment if core else with_shared_payloads(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)
        process.stdout.close()


def finished(process: subprocess.Popen[str], timeout: float = 400) -> Outcome:
    """Wait for the end of the process and return its outcome."""
    output, _none = process.communicate(timeout=timeout)
    return Outcome(process.returncode, output)


def killed_at(process: subprocess.Popen[str], task: str, nth: int = 1) -> str:
    """Kill the controller at the nth start of a task, and return its output until then."""
    printed = ""
    for line in process.stdout:
        printed += line
        nth -= line.startswith("TASK") and task in line
        if not nth:
            os.killpg(process.pid, signal.SIGKILL)
            return printed
    raise AssertionError(f"the task {task!r} did not start:\n{printed}")


def with_variables(directory: Path, variables: Mapping[str, Any]) -> tuple[str, str]:
    """Write extra variables into a file of the directory, and return the option that names it."""
    path = directory / "variables.json"
    path.write_text(json.dumps(variables))
    return "-e", f"@{path}"


def done(outcome: Outcome) -> Outcome:
    """Return the outcome of a run that must succeed."""
    assert outcome.status == 0, outcome.output
    return outcome

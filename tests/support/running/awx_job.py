# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: packed by `ansible-runner transmit`, run by `ansible-runner worker` without traces of an
earlier job, and returned by `ansible-runner process`. AWX itself needs a cluster and its container an engine, so both
are replaced here: the data that AWX passes comes from the test, and the container is an empty home directory. It has no
directory for the temporary files of modules, which would contain their options.

job = AwxJob(tmp_path, playbook, variables, credentials=[Credential(kind, {"username": "app"})])
outcome = job.run()
"""

from __future__ import annotations

__all__ = ["RUNNER", "AwxJob", "JobOutcome", "container_environment", "slice_of"]

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from ..awx.credential import Credential
from .processes import end, end_all, mark, orphans
from .receptor_mesh import EXECUTION, ReceptorMesh

RUNNER = str(Path(sys.executable).with_name("ansible-runner"))
_COLLECTIONS = Path(__file__).parents[3] / ".cache/collections"
_SECONDS = 120
_LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
_numbers = itertools.count(1)


def slice_of(hosts: Mapping[str, Any], number: int, count: int) -> dict[str, Any]:
    """Return the hosts of one slice of a job, as AWX deals them out: by name, in turn."""
    return {name: hosts[name] for name in sorted(hosts)[number - 1 :: count]}


@dataclass(frozen=True)
class JobOutcome:
    """The records that AWX keeps of a job: its status, its output and, by the name of the task, the result of its last
    host. kept: their directory; stats: the values of set_stats; hosts: by the name of the task, the results by host."""

    status: str
    output: str
    results: dict[str, dict[str, Any]]
    stats: dict[str, Any]
    kept: Path
    hosts: dict[str, dict[str, dict[str, Any]]]


class AwxJob:
    """A job template.

    playbook: its text, or a file in the directory of a project; variables: extra variables, visible to all;
    groups: the groups of the inventory with their hosts, instead of localhost; shared: variables of all hosts;
    machine_key: the text of a key in the job's agent; mesh: carries the job to another node, `node`; collections:
    directories that the project's requirements would fill. Each run has a container of its own.
    """

    def __init__(
        self,
        directory: Path,
        playbook: str | Path,
        variables: Mapping[str, Any],
        *,
        groups: Mapping[str, Mapping[str, Any]] | None = None,
        shared: Mapping[str, Any] = MappingProxyType({}),
        credentials: Sequence[Credential] = (),
        machine_key: str | None = None,
        mesh: ReceptorMesh | None = None,
        node: str = EXECUTION,
        collections: Sequence[str] = (),
    ) -> None:
        self.directory = directory
        self._playbook, self._variables, self._groups = playbook, dict(variables), groups
        self._shared, self._credentials, self._machine_key = dict(shared), credentials, machine_key
        self._mesh, self._node, self._collections = mesh, node, collections

    def run(self, *options: str) -> JobOutcome:
        """Run the job to its end; `options` are options of ansible-playbook, as AWX derives them from the job type."""
        with self.running(*options) as (packed, worker):
            told, errors = worker.communicate(packed, timeout=_SECONDS)
        assert b'{"eof": true}' in told, errors.decode()
        return self._brought_back(told)

    @contextmanager
    def running(self, *options: str) -> Iterator[tuple[bytes, subprocess.Popen[bytes]]]:
        """Inside, the worker waits for the job on its standard input; at the end nothing of its container is left."""
        container = self._place("container")
        runner = str(container / "runner")
        packed = self._packed(runner, options)
        marked = mark()
        here = [RUNNER, "worker", "--private-data-dir", runner]
        command = self._mesh.worker(runner, self._node) if self._mesh else here
        worker = self._start(*command, home=container / "home", environment=marked)
        try:
            yield packed, worker
        finally:
            end(worker)
            # As with a container, every process of the job ends with it.
            end_all(orphans(marked))
            for stream in (worker.stdin, worker.stdout, worker.stderr):
                stream.close()
            shutil.rmtree(container)

    def _packed(self, runner: str, options: Sequence[str]) -> bytes:
        handed = self._place("handed")
        for name in ("inventory", "env"):
            (handed / name).mkdir()
        playbook = self._with_project(handed / "project")
        (handed / "inventory/hosts.json").write_text(json.dumps(self._inventory()))
        (handed / "env/cmdline").write_text(" ".join(options))
        paths = ":".join((str(_COLLECTIONS), *self._collections))
        (handed / "env/envvars").write_text(yaml.safe_dump({"ANSIBLE_COLLECTIONS_PATH": paths}))
        variables = dict(self._variables)
        for injected in (each.injected(f"{runner}/env") for each in self._credentials):
            variables |= injected.variables
            for name, text in injected.files.items():
                (handed / "env" / name).touch(0o600)
                (handed / "env" / name).write_text(text)
        (handed / "env/extravars").write_text(yaml.safe_dump(variables))
        if self._machine_key is not None:
            (handed / "env/ssh_key").write_text(self._machine_key)
        packer = self._start(RUNNER, "transmit", str(handed), "-p", playbook, home=self._place("packer"))
        packed, errors = packer.communicate(timeout=_SECONDS)
        assert packer.returncode == 0, errors.decode()
        shutil.rmtree(handed)
        return packed

    def _with_project(self, project: Path) -> str:
        """Fill the directory of the project; return the name of its playbook."""
        if isinstance(self._playbook, Path):
            shutil.copytree(self._playbook.parent, project)
            return self._playbook.name
        project.mkdir()
        (project / "job.yml").write_text(self._playbook)
        return "job.yml"

    def _inventory(self) -> dict[str, Any]:
        if self._groups is None:
            return {"all": {"hosts": {"localhost": _LOCAL}}}
        children = {name: {"hosts": dict(hosts)} for name, hosts in self._groups.items()}
        return {"all": {"vars": self._shared, "children": children}}

    def _brought_back(self, told: bytes) -> JobOutcome:
        kept = self._place("kept")
        process = self._start(RUNNER, "process", str(kept), home=self._place("processor"))
        _output, errors = process.communicate(told, timeout=_SECONDS)
        assert process.returncode == 0, errors.decode()
        artifacts = kept / "artifacts"
        events = [json.loads(path.read_text()) for path in (artifacts / "job_events").iterdir()]
        ended = [event["event_data"] for event in events if event["event"] in ("runner_on_ok", "runner_on_failed")]
        hosts: dict[str, dict[str, dict[str, Any]]] = {}
        for each in ended:
            hosts.setdefault(each["task"], {})[each["host"]] = each["res"]
        (last,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
        return JobOutcome(
            status=(artifacts / "status").read_text(),
            output=(artifacts / "stdout").read_text(),
            results={each["task"]: each["res"] for each in ended},
            stats=last.get("artifact_data", {}),
            kept=kept,
            hosts=hosts,
        )

    def _start(
        self, *command: str, home: Path, environment: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.Popen[bytes]:
        home.mkdir(exist_ok=True)
        environment = {**environment, **container_environment(home)}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(command, env=environment, cwd=home, start_new_session=True, **pipes)

    def _place(self, name: str) -> Path:
        place = self.directory / f"{name}{next(_numbers)}"
        place.mkdir(parents=True)
        return place


def container_environment(home: Path) -> dict[str, str]:
    """Return the environment of a job."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ANSIBLE_REMOTE_TEMP": "/dev/null/nowhere",
    }

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks, run by ansible-rulebook itself and its engine in Java: records and events become actions."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    LOGIN,
    Alert,
    Event,
    line_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.records import Records
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.examples import ROOT
from support.running.patience import HANG_SECONDS
from support.running.playbook_process import controller
from support.running.processes import end, end_all, mark, orphans
from support.running.python_environment import python_environment
from support.running.scratch import scratch

JOB = "nightly"
KEY = "SHA256:" + "A" * 43
UNIT = "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo started >> /run/starts'\n"


class Monitored:
    """A host with a job, and a controller on which ansible-rulebook watches the job's records and the events."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self._host = directory, host
        self._records = Records(str(directory / "records"), keep=2)
        self._events = directory / "events.jsonl"
        self.proposals, self.touched = directory / "proposals", directory / "touched"
        host.enter("sh", "-c", f"cat > /run/systemd/system/secure-sync-{JOB}.service", input=UNIT)
        host.enter("systemctl", "daemon-reload")

    @property
    def template(self) -> str:
        """A template that leaves a file if anything renders it."""
        return f"{{{{ lookup('ansible.builtin.pipe', 'touch {self.touched}') }}}}"

    def ended(self, code: str, message: str) -> None:
        """Record a run that failed."""
        error = {"code": code, "path": None, "message": message, "cure": ""}
        fields = {"schema": 1, "job": JOB, "run": "a", "result": "failed", "error": error}
        self._records.append(fields, lambda counters, _record: counters)

    def alert(self, rule: str, account: str) -> None:
        """Write an alert, as the monitoring does."""
        alert = Alert(rule, observed="a key that was never used", expected="keys of 28 days")
        with open(self._events, "ab") as stream:
            stream.write(line_of(Event(time.time(), LOGIN, account=account, key=KEY, alert=alert)))

    def starts(self) -> int:
        """Return how often the unit of the job was started."""
        return self._host.enter("sh", "-c", "cat /run/starts 2>/dev/null || true").stdout.count("started")

    def proposed(self, cause: str) -> list[str]:
        """Return the proposals with this cause that are complete."""
        texts = [path.read_text() for path in self.proposals.glob(f"*-{cause}-*.md")]
        return [text for text in texts if "Proposed:" in text]

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Inside, ansible-rulebook runs both rulebooks, and has begun to follow the files."""
        marked = mark()
        with open(self.directory / "output", "wb") as output:
            process = subprocess.Popen(
                self._command(), env={**self._environment(), **marked}, cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            try:
                self.wait(lambda: len(list(self.directory.glob("*.position"))) == 2)
                yield
                assert process.poll() is None
            finally:
                end(process)
                end_all(orphans(marked))

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until it is so, for as long as Java and a play may take on a busy machine."""
        deadline = time.monotonic() + 8 * HANG_SECONDS
        while not condition():
            assert time.monotonic() < deadline, (self.directory / "output").read_text()
            time.sleep(0.2)

    def _command(self) -> list[str]:
        rulebooks = [yaml.safe_load(path.read_text()) for path in (ROOT / "extensions/eda/rulebooks").glob("*.yml")]
        self._write("rulebook.yml", [ruleset for rulebook in rulebooks for ruleset in rulebook])
        self._write("inventory.yml", {"all": {"hosts": self._hosts()}})
        self._write("variables.yml", self._variables())
        program = python_environment("rulebook") / "bin/ansible-rulebook"
        return [str(program), "-r", "rulebook.yml", "-i", "inventory.yml", "-e", "variables.yml", "-v"]

    def _write(self, name: str, content: Any) -> None:
        (self.directory / name).write_text(yaml.safe_dump(content))

    def _hosts(self) -> dict[str, dict[str, str]]:
        known = f"-o UserKnownHostsFile={self._host.known_hosts} -o GlobalKnownHostsFile=none"
        reached = {
            "ansible_host": self._host.address,
            "ansible_user": OWNER,
            "ansible_ssh_private_key_file": str(self._host.key.path),
            "ansible_ssh_common_args": f"-F none -o IdentitiesOnly=yes {known}",
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        return {"client": reached, "localhost": here}

    def _variables(self) -> dict[str, str]:
        return {
            "runs_file": str(self.directory / "records/runs.jsonl"),
            "runs_position": str(self.directory / "runs.position"),
            "events_file": str(self._events),
            "events_position": str(self.directory / "events.position"),
            "job_hosts": "client",
            "proposals_directory": str(self.proposals),
        }

    def _environment(self) -> dict[str, str]:
        here = controller(self.directory / "home")
        return {**here, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.fixture
def monitored() -> Iterator[Monitored]:
    with contextlib.ExitStack() as stack:
        directory = scratch("rules")
        stack.callback(lambda: subprocess.run(["rm", "-rf", str(directory)], check=True))
        yield Monitored(directory, stack.enter_context(SystemdHost("debian13")))


def test_records_and_alerts_become_actions(monitored: Monitored) -> None:
    with monitored.watched():
        monitored.ended("connection_lost", "the connection was lost")
        monitored.wait(lambda: monitored.starts() == 1)
        monitored.ended("connection_lost", "the connection was lost")
        monitored.ended("host_key_changed", monitored.template)
        monitored.wait(lambda: len(monitored.proposed("host_key_changed")) == 1)
        monitored.alert("first_seen_key", monitored.template)
        monitored.wait(lambda: len(monitored.proposed("first_seen_key")) == 1)
    assert not monitored.touched.exists()
    assert monitored.starts() == 1, "one retry in an hour, and none for a server that was not proven"
    (proposal,), (alert,) = monitored.proposed("host_key_changed"), monitored.proposed("first_seen_key")
    assert f'"client_key_rotation_compromised": ["{KEY}"]' in alert
    assert f'"key_revocation_fingerprints": ["{KEY}"]' in alert
    assert '"key_revocation_reason": "alert first_seen_key"' in alert
    assert "Do not start the job again." in proposal
    assert monitored.template.replace("{{", "\\\\173{") in proposal, "shown, and not rendered"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job of the program sync.pyz, as a scheduler runs it: a process of Python without any installed package.

job = JobScene(tmp_path, {"host": ..., "src": ..., "dest": ...})
job.credential("private_key", text)
ran = job.run("--check")
"""

from __future__ import annotations

__all__ = ["INTERPRETER", "JobScene", "Ran", "built_program"]

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.build_program import program

from ..judges.job_records import valid_records
from ..running.patience import HANG_SECONDS

INTERPRETER = (sys.executable, "-I", "-S")
"""Without site-packages: neither Ansible nor paramiko can be imported."""


class Ran(NamedTuple):
    """A run that has ended."""

    status: int
    result: dict[str, Any]
    stderr: str


@functools.cache
def built_program() -> bytes:
    """Return the program, built once."""
    return program()


class JobScene:
    """directory: for the program, the job file, credentials and records. options: of secure_sync."""

    def __init__(self, directory: Path, options: dict[str, Any], *, name: str = "nightly") -> None:
        self.directory = directory / name
        self.records = self.directory / "records"
        self.metrics = self.directory / "metrics"
        self.credentials = self.directory / "credentials"
        self.runtime = self.directory / "runtime"
        for each in (self.metrics, self.credentials, self.runtime):
            each.mkdir(parents=True)
        self.program = self.directory / "sync.pyz"
        self.program.write_bytes(built_program())
        self.file = self.directory / "job.json"
        self.fields: dict[str, Any] = {
            "schema": 1,
            "job": name,
            "options": options,
            "records": str(self.records),
            "metrics": str(self.metrics),
        }
        self.environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        self.write()

    def write(self, **options: Any) -> None:
        """Write the job file; `options` win."""
        self.fields["options"] = {**self.fields["options"], **options}
        self.file.write_text(json.dumps(self.fields))
        self.file.chmod(0o640)

    def credential(self, name: str, text: str) -> None:
        """Store a secret."""
        path = self.credentials / name
        path.write_text(text)
        path.chmod(0o600)

    def command(self, *words: str) -> list[str]:
        """Return the command of a run."""
        place = ["--credentials", str(self.credentials)]
        return [*INTERPRETER, str(self.program), "--job", str(self.file), *place, *words]

    def run(self, *words: str) -> Ran:
        """Run the job to its end."""
        return self._ran(self.command(*words))

    def start(self, *words: str, **popen: Any) -> subprocess.Popen[str]:
        """Start the job."""
        return subprocess.Popen(self.command(*words), env=self.environment, stdout=subprocess.PIPE, text=True, **popen)

    def record(self, result: str, code: str, status: str, *, run: str) -> Ran:
        """Record a job as the unit does when the job has ended in this way."""
        systemd = {"SERVICE_RESULT": result, "EXIT_CODE": code, "EXIT_STATUS": status, **self.unit(run)}
        words = [*INTERPRETER, str(self.program), "record", "--job", str(self.file)]
        return self._ran(words, **{name: value for name, value in systemd.items() if value})

    def unit(self, run: str) -> dict[str, str]:
        """Return systemd's variables for a run."""
        return {"INVOCATION_ID": run, "RUNTIME_DIRECTORY": str(self.runtime)}

    def check_records(self) -> str:
        """Return the output of the check of the records."""
        words = [*INTERPRETER, str(self.program), "check-records", "--job", str(self.file)]
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True).stdout

    @property
    def history(self) -> list[dict[str, Any]]:
        """Return the records, oldest first."""
        return valid_records((self.records / "runs.jsonl").read_text())

    @property
    def metrics_text(self) -> str:
        """Return the job's metrics."""
        return (self.metrics / f"ftp_synchronize_job_{self.fields['job']}.prom").read_text()

    def _ran(self, command: list[str], **environment: str) -> Ran:
        ended = subprocess.run(
            command,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        return Ran(ended.returncode, json.loads(ended.stdout) if ended.stdout else {}, ended.stderr)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program sync.pyz: secure_sync for schedulers, without Ansible.

    sync.pyz --job FILE [--check] [--progress] [--record] [--ansible] [--credentials DIRECTORY]
    sync.pyz record --job FILE
    sync.pyz check-records --job FILE
    sync.pyz ping --name NAME [--start]
    sync.pyz notify --name NAME -- COMMAND...

The first runs the job: one JSON object on standard output, lines about the progress on standard error. The second
records a job that systemd has ended (ExecStopPost=). The third checks that each record follows the record before. The
last two are for units that systemd starts before a job, or after it: see side_units.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Callable, Optional, Sequence, TextIO

from ..._engine.errors import SyncError
from ..._engine.jobs.exit_status import exit_status
from ..receipting import VERSION
from ..words import sentence
from .after_failure import notify
from .job_run import JobRun, run_job, status_of
from .pings import ping_unit
from .recording import Recording, check_records, record_end, record_result

RECORD, CHECK_RECORDS, PING, NOTIFY = "record", "check-records", "ping", "notify"


def main(words: Optional[Sequence[str]] = None) -> int:
    """Carry out a command line, and return the exit status."""
    words = sys.argv[1:] if words is None else list(words)
    if words[:1] == [RECORD]:
        given = _of_records(RECORD, "Record a job that systemd has ended.").parse_args(words[1:])
        return _explained(lambda: record_end(_recording(given.job), os.environ))
    if words[:1] == [CHECK_RECORDS]:
        file = _of_records(CHECK_RECORDS, "Check that each record follows the record before.").parse_args(words[1:]).job
        return _explained(lambda: _show(f"{check_records(file)} records"))
    if words[:1] == [PING]:
        pinged = _pinger().parse_args(words[1:])
        return _explained(lambda: ping_unit(pinged.name, os.environ, _warn, start=pinged.start))
    if words[:1] == [NOTIFY]:
        asked = _notifier().parse_args(words[1:])
        return _explained(lambda: notify(asked.name, asked.command, os.environ))
    return _run(_runner().parse_args(words))


def _run(given: argparse.Namespace) -> int:
    lines = sys.stderr if given.progress or (sys.stderr and sys.stderr.isatty()) else None
    result = run_job(JobRun(given.job, os.environ, given.credentials, given.check, given.record, lines, given.ansible))
    _show(json.dumps(result))
    status = status_of(result)
    if given.record:
        recorded = _explained(lambda: record_result(_recording(given.job, given.credentials), result))
        return status or recorded
    return status


def _recording(file: str, credentials: Optional[str] = None) -> Recording:
    return Recording(file, sys.argv[0], _warn, credentials)


def _explained(work: Callable[[], None]) -> int:
    """Do `work`; show an error on standard error."""
    try:
        work()
    except SyncError as error:
        _warn(sentence(error))
        return exit_status(error.code)
    return 0


def _runner() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sync.pyz",
        description="Make a directory tree like another, over SFTP or FTPS, from a job file.",
        epilog="'sync.pyz record' records a job that systemd has ended, 'sync.pyz check-records' checks all records.",
        allow_abbrev=False,
    )
    parser.add_argument("--job", metavar="FILE", required=True, help="the job file")
    parser.add_argument("--check", action="store_true", help="change nothing, and report the changes to make")
    parser.add_argument("--progress", action="store_true", help="show progress, also if stderr is not a terminal")
    parser.add_argument("--record", action="store_true", help="write the run's record and metrics")
    parser.add_argument("--ansible", action="store_true", help="carry out the sync by ansible-playbook of this host")
    parser.add_argument("--credentials", metavar="DIRECTORY", help="directory of the secrets, a file each")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser


def _show(text: str) -> None:
    _write(sys.stdout, text)


def _warn(text: str) -> None:
    _write(sys.stderr, text)


def _write(stream: Optional[TextIO], text: str) -> None:
    """Write a line, unless the stream is closed. Without a reader, the exit status still shows the outcome."""
    if stream is None:
        return
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError:
        # Python writes the rest of the buffer at its end, and would end with another status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _of_records(subcommand: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"sync.pyz {subcommand}", description=description, allow_abbrev=False)
    parser.add_argument("--job", metavar="FILE", required=True, help="the job file")
    return parser


def _pinger() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"sync.pyz {PING}", description="Ping the URL of a job from its unit for pings.", allow_abbrev=False
    )
    parser.add_argument("--name", required=True, help="the name of the job")
    parser.add_argument("--start", action="store_true", help="before the run, instead of after it")
    return parser


def _notifier() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"sync.pyz {NOTIFY}",
        description="Pass a message about a failed run to a command, from the unit for notifications.",
        allow_abbrev=False,
    )
    parser.add_argument("--name", required=True, help="the name of the job")
    parser.add_argument("command", nargs="+", help="a program and its arguments; it reads the message from its input")
    return parser

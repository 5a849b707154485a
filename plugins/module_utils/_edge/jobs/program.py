# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program sync.pyz: secure_sync for people and schedulers, without Ansible.

    sync.pyz push|pull|check SRC DEST [--OPTION VALUE]...
    sync.pyz completion bash|zsh
    sync.pyz job FILE [--check] [--diff] [--progress] [--record] [--ansible] [--credentials DIRECTORY]
    sync.pyz record --job FILE
    sync.pyz check-records --job FILE
    sync.pyz ping --name NAME [--start]
    sync.pyz notify --name NAME -- COMMAND...

The first is for people: see command_line. `job` runs a job: one JSON object on standard output, or text if that is a
terminal; lines about the progress are on standard error. `--job FILE` does the same, always with JSON. `record` records
a job that systemd has ended (ExecStopPost=). `check-records` checks that each record follows the record before. The
last two are for units that systemd starts before a job, or after it: see side_units.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any, Callable, Mapping, Optional, Sequence, TextIO

from ..._engine.errors import SyncError
from ..._engine.jobs.ended_run import ended_run, message, pass_on
from ..._engine.jobs.exit_status import exit_status
from ..._engine.jobs.job_file import job_name
from ..._engine.model.human import counted
from ..receipting import VERSION
from ..sync.progress_lines import failed_line, last_line, refused_lines
from ..words import sentence
from .command_line import CHECK, COMMANDS, FORMS, completion, parsed
from .job_run import JobRun, SyncRun, run_job, run_sync, status_of
from .pings import ping_unit
from .recording import Recording, check_records, record_end, record_result

JOB, RECORD, CHECK_RECORDS, PING, NOTIFY, COMPLETION = "job", "record", "check-records", "ping", "notify", "completion"
SHELLS = ("bash", "zsh")


def main(words: Optional[Sequence[str]] = None) -> int:
    """Carry out a command line, and return the exit status."""
    words = sys.argv[1:] if words is None else list(words)
    if words[:1] and words[0] in COMMANDS:
        return _sync(words)
    if words[:1] == [COMPLETION]:
        shell = _of_completion().parse_args(words[1:]).shell
        return _explained(lambda: _show(completion(shell)))
    if words[:1] == [JOB]:
        return _run(_runner(positional=True).parse_args(words[1:]))
    if words[:1] == [RECORD]:
        given = _of_records(RECORD, "Record a job that systemd has ended.").parse_args(words[1:])
        return _explained(lambda: record_end(_recording(given.job), os.environ))
    if words[:1] == [CHECK_RECORDS]:
        file = _of_records(CHECK_RECORDS, "Check that each record follows the record before.").parse_args(words[1:]).job
        return _explained(lambda: _show(counted(check_records(file), "record")))
    if words[:1] == [PING]:
        pinged = _pinger().parse_args(words[1:])
        return _explained(lambda: ping_unit(pinged.name, os.environ, _warn, start=pinged.start))
    if words[:1] == [NOTIFY]:
        asked = _notifier().parse_args(words[1:])
        return _explained(lambda: notify(asked.name, asked.command, os.environ))
    runner = _runner()
    if not words or not words[0].startswith("-"):
        runner.error(f"the first word must be one of {', '.join(FORMS)}")
    return _run(runner.parse_args(words))


def _sync(words: Sequence[str]) -> int:
    """Carry out push, pull or check."""
    try:
        given = parsed(words)
    except SyncError as error:
        _warn(f"sync.pyz {words[0]}: {sentence(error)}")
        return exit_status(error.code)
    check = given.command == CHECK or "check" in given.flags
    as_json = "json" in given.flags
    diff = given.command == CHECK or "diff" in given.flags
    lines = _lines("progress" in given.options)
    result = run_sync(SyncRun(given.command, given.all_options, given.secrets, check, diff or not as_json, lines))
    if as_json:
        _show(json.dumps(result))
    else:
        _tell(given.command, result, diff=diff)
    return status_of(result)


def _lines(asked: bool) -> Optional[TextIO]:
    return sys.stderr if asked or (sys.stderr and sys.stderr.isatty()) else None


def _tell(name: str, result: Mapping[str, Any], *, diff: bool) -> None:
    """Show a result to people: warnings, changes, and its outcome in one line. Refused changes are always shown."""
    for text in result.get("warnings", ()):
        _warn(last_line("warning", text))
    changes = result.get("diff", {}).get("prepared", "") if diff else ""
    for line in refused_lines(result) or changes.splitlines():
        _show(line)
    if result["failed"]:
        _warn(last_line(name, f"{result['error']['code']}: {result['msg']}"))
    else:
        _show(last_line(name, result["msg"]))


def _run(given: argparse.Namespace) -> int:
    lines, text = _lines(given.progress), given.text and not given.json and bool(sys.stdout and sys.stdout.isatty())
    asked = JobRun(given.job, os.environ, given.credentials, given.check, given.record, lines, given.ansible)
    result = run_job(asked._replace(diff=given.diff or text))
    name = str(result.get("job") or "sync.pyz")
    if text:
        _tell(name, result, diff=given.diff)
    else:
        _show(json.dumps(result))
        if sys.stderr and sys.stderr.isatty() and not (sys.stdout and sys.stdout.isatty()):
            _warn(failed_line(name, result) if result["failed"] else last_line(name, result["msg"]))
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


def _runner(*, positional: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sync.pyz job" if positional else "sync.pyz",
        usage=None if positional else "\n       ".join(FORMS.values()),
        description="Make a directory tree like another, over SFTP or FTPS. These are the options of a job:",
        epilog="'sync.pyz push --help' shows the options of push, pull and check; sync.pyz.1 explains each of them.",
        allow_abbrev=False,
    )
    if positional:
        parser.add_argument("job", metavar="FILE", help="the job file")
    else:
        parser.add_argument("--job", metavar="FILE", required=True, help="the job file; always with JSON")
    parser.set_defaults(text=positional)
    parser.add_argument("--json", action="store_true", help="print the result as JSON, also on a terminal")
    parser.add_argument("--diff", action="store_true", help="show each change")
    parser.add_argument("--check", action="store_true", help="change nothing, and report the changes to make")
    parser.add_argument("--progress", action="store_true", help="show progress, also if stderr is not a terminal")
    parser.add_argument("--record", action="store_true", help="write the run's record and metrics")
    parser.add_argument("--ansible", action="store_true", help="carry out the sync by ansible-playbook of this host")
    parser.add_argument("--credentials", metavar="DIRECTORY", help="directory of the secrets, a file each")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser


def _of_completion() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"sync.pyz {COMPLETION}", description="Print the completion script of a shell.", allow_abbrev=False
    )
    parser.add_argument("shell", choices=SHELLS)
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


def notify(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Pass the message about the run that has just failed to a command. Raises InvalidRequest, OperationFailed."""
    pass_on(message(job_name(name), os.uname().nodename, ended_run(environment)), command)

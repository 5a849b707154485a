# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector with all rules on many lines: lines a second of CPU, and the largest memory of the process.

    PYTHONPATH=tests:.cache/collections .venv/bin/python -m benchmark.event_lines [LINES]

The lines are entries of a journal as journalctl prints them: sessions of a hundred accounts that upload under a
temporary name, rename, download and delete, and a failed login from another address for each session.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.collecting import collect
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import (
    Entry,
    parse_entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import RuleLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.watch import Watch
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.settings import Settings
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.ssh_sessions import Accounts

__all__ = ["main"]

ACCOUNTS, FILES = 100, 10
KEY = "SHA256:MwZ39ZuPZTht1Ps6/sxDIGb43/4L4n6skWb1LCex6l8"
BEGAN = 1_790_000_000


def session(number: int) -> Iterator[tuple[int, int, str, str]]:
    """Yield pid, user id, program and text of each line of a session and of a failed login."""
    pid, account = 10 * number, number % ACCOUNTS
    name, source = f"user{account}", f"from 192.0.2.{account} port {1024 + number % 60000}"
    outsider = f"from 198.51.{number // 250 % 250}.{number % 250} port 5 ssh2"
    yield pid + 9, 0, "sshd-session", f"Failed password for invalid user admin{number % 5000} {outsider}"
    yield pid, 0, "sshd-session", f"Accepted publickey for {name} {source} ssh2: ED25519 {KEY}"
    yield pid, 0, "sshd-session", f"User child is on pid {pid + 1}"
    for file in range(FILES):
        part, whole = f"/in/.{number}-{file}.part", f"/in/{number}-{file}"
        yield pid + 2, 1000 + account, "internal-sftp", f'close "{part}" bytes read 0 written {file + 1}'
        yield pid + 2, 1000 + account, "internal-sftp", f'posix-rename old "{part}" new "{whole}"'
        yield pid + 2, 1000 + account, "internal-sftp", f'close "{whole}" bytes read 7 written 0'
        yield pid + 2, 1000 + account, "internal-sftp", f'remove name "{whole}"'
    yield pid, 0, "sshd-session", f"pam_unix(sshd:session): session closed for user {name}"


def lines(count: int) -> Iterator[bytes]:
    """Yield entries of the journal; a session takes a minute."""
    made = 0
    for number in range(count):
        for pid, uid, program, text in session(number):
            if made == count:
                return
            yield json.dumps(entry(made, BEGAN + 60 * number, pid, uid, program, text)).encode()
            made += 1


def entry(number: int, moment: int, pid: int, uid: int, program: str, text: str) -> dict[str, str]:
    """Return the fields of an entry."""
    return {
        "__CURSOR": f"c{number}",
        "__REALTIME_TIMESTAMP": str(1000000 * moment),
        "_BOOT_ID": "b" * 32,
        "_PID": str(pid),
        "_UID": str(uid),
        "_COMM": "sshd-session",
        "_EXE": "/usr/lib/openssh/sshd-session",
        "_SYSTEMD_CGROUP": f"/user.slice/session-{pid // 10}.scope",
        "SYSLOG_IDENTIFIER": program,
        "MESSAGE": text,
    }


def measure(count: int) -> tuple[float, int, int]:
    """Return lines a second of CPU, the number of alerts and of all events. The lines are made outside of the clock."""
    spent = 0.0

    def journal(_cursor: str, _since: float) -> Iterator[Entry]:
        nonlocal spent
        made = lines(count)
        while True:
            begun = time.process_time()
            line = next(made, None)
            spent += time.process_time() - begun
            if line is None:
                return
            yield parse_entry(line)

    accounts = Accounts(
        lambda name: 1000 + int(name[4:]), lambda uid: f"user{uid - 1000}", lambda _pid: False, "b" * 32
    )
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(output=f"{place}/events.jsonl", state=f"{place}/state")
        begun = time.process_time()
        passed = collect(
            settings, accounts, lambda _saved: Watch(RuleLimits(), 0.0), lambda: BEGAN + 60.0 * count, journal
        )
        seconds = time.process_time() - begun - spent
        with Path(settings.output).open("rb") as output:
            alerts = sum(b'"kind":"alert"' in line for line in output)
    return passed.lines / seconds, alerts, passed.events


def main(count: int) -> None:
    """Print the figures."""
    rate, alerts, events = measure(count)
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} lines: {rate:.0f} a second of CPU, {largest:.1f} MiB, {events} events, {alerts} of them alerts")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

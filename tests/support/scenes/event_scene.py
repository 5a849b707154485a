# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A collector over a journal and a log of the test's own: entries and lines are added, passes are run.

scene = EventScene(tmp_path)
scene.session(1)
scene.run()
assert scene.events() == [...]
"""

from __future__ import annotations

__all__ = ["EventScene", "Recorder"]

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.collecting import Passed, collect
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import Event
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import Entry, Gap, Item
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.settings import Settings
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.ssh_sessions import Accounts

_KEY = "SHA256:MwZ39ZuPZTht1Ps6/sxDIGb43/4L4n6skWb1LCex6l8"
_SSHD = "/usr/lib/openssh/sshd-session"


class Recorder:
    """A watcher that counts the events it has seen; the number is in its state."""

    def __init__(self, saved: dict[str, Any] | None) -> None:
        self.seen: int = (saved or {}).get("seen", 0)

    def add(self, event: Event) -> Iterable[Event]:
        self.seen += 1
        return ()

    def end_pass(self, lines: int, unknown: int, newest: float | None, now: float) -> Iterable[Event]:
        return ()

    def written(self, now: float) -> dict[str, Any]:
        return {"seen": self.seen}


class EventScene:
    """One host. `entries` are its journal, `log` is its vsftpd.log."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.directory = directory
        directory.mkdir(exist_ok=True)
        self.log = directory / "vsftpd.log"
        self.log.touch()
        self.output = directory / "events.jsonl"
        given = {"output": str(self.output), "state": str(directory / "state"), "vsftpd": (str(self.log),), **settings}
        self.settings = Settings(**given)
        self.entries: list[Entry] = []
        self.now = 1000.0

    def write(self, pid: int, uid: int, text: str, identifier: str = "sshd-session") -> None:
        """Add an entry to the journal."""
        self.now += 1
        group = f"/user.slice/session-{pid // 10}.scope"
        cursor = f"c{len(self.entries)}"
        self.entries.append(Entry(cursor, self.now, "boot", pid, uid, "sshd-session", _SSHD, group, identifier, text))

    def session(self, number: int, files: int = 3) -> None:
        """Add a whole session over SFTP, and an upload over FTPS."""
        pid = number * 10
        self.write(pid, 0, f"Accepted publickey for partner from 192.0.2.1 port {pid} ssh2: ED25519 {_KEY}")
        self.write(pid, 0, f"User child is on pid {pid + 1}")
        self.write(pid + 2, 1001, "session opened for local user partner from [192.0.2.1]", "internal-sftp")
        for file in range(files):
            self.write(pid + 2, 1001, f'close "/in/.{number}-{file}" bytes read 0 written {file + 1}', "internal-sftp")
            line = f'posix-rename old "/in/.{number}-{file}" new "/in/{number}-{file}"'
            self.write(pid + 2, 1001, line, "internal-sftp")
        self.write(pid + 2, 1001, "session closed for local user partner from [192.0.2.1]", "internal-sftp")
        self.write(pid, 0, "pam_unix(sshd:session): session closed for user partner")
        with self.log.open("a") as file:
            file.write(
                f'Fri Nov 27 15:50:59 2026 [pid 38] [partner] OK UPLOAD: Client "192.0.2.1", '
                f'"/in/{number}", {number} bytes, 1.00Kbyte/sec\n'
            )

    def run(self) -> Passed:
        """Run one pass."""
        accounts = Accounts({"partner": 1001}.get, lambda _uid: "partner", lambda _pid: True, "boot")
        return collect(self.settings, accounts, Recorder, lambda: self.now, self._journal)

    def events(self) -> list[dict[str, Any]]:
        """Return all events so far."""
        return [json.loads(line) for line in self.output.read_bytes().splitlines()]

    def written(self) -> bytes:
        """Return the events as written, without the inode of the log: it differs between hosts."""
        return self.output.read_bytes().replace(b"%d" % self.log.stat().st_ino, b"INODE")

    def state(self) -> dict[str, Any]:
        """Return the saved state."""
        return json.loads((self.directory / "state/state").read_bytes().partition(b"\n")[0])

    def _journal(self, cursor: str, _since: float) -> Iterator[Item]:
        places = [place for place, entry in enumerate(self.entries) if entry.cursor == cursor]
        if cursor and not places:
            yield Gap(cursor, self.entries[0].moment)
        yield from self.entries[places[0] + 1 if places else 0 :]

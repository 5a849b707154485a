# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/jobs.md as it is written: the program is built, and the job of the page runs against a real sshd, by hand and as
cron runs it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from support.running.examples import ROOT
from support.running.page_walk import walk
from support.running.patience import HANG_SECONDS
from support.servers.sshd import Sshd

PAGE = (ROOT / "docs/jobs.md").read_text()
CRONTAB = re.compile(r"^   ```\n   (?P<schedule>\S+ \S+ \S+ \S+ \S+) (?P<command>.+)\n   ```$", re.MULTILINE)
REFUSED, LOCKED = 6, 7


def test_the_commands_of_the_page(tmp_path: Path) -> None:
    home = tmp_path / "home"
    collections = home / ".ansible/collections/ansible_collections/secure"
    for path in (collections, home / ".ssh", home / "outbox"):
        path.mkdir(parents=True)
    (collections / "ftp_synchronize").symlink_to(ROOT)
    (home / "outbox/a.txt").write_text("first\n")
    with Sshd() as server:
        shutil.copy(server.key.path, home / ".ssh/id_ed25519")
        (home / ".ssh/known_hosts").write_text(server.known_hosts_line())
        here = {
            "files.example.com": server.host,
            "2222": str(server.port),
            '"upload"': f'"{server.user}"',
            '"inbox"': f'"{server.remote_root}/inbox"',
        }
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        steps = walk(ROOT / "docs/jobs.md", home, {"PATH": path, "LANG": "C.UTF-8"}, here)
        check, run = (json.loads(line) for line in steps[-2].output.splitlines())
        assert (server.root / "inbox/a.txt").read_text() == "first\n"
        by_cron(home, server)
    assert (check["check"], check["changed"], run["failed"], run["changed"]) == (True, True, False, True)
    records = [json.loads(line) for line in (home / "jobs/records/runs.jsonl").read_text().splitlines()]
    assert [record["result"] for record in records] == ["ok", "ok", "failed", "locked"]
    assert {record["program_sha256"] for record in records} == {steps[0].output.split()[-2]}


def by_cron(home: Path, server: Sshd) -> None:
    """Run the line of the page as cron does: a good run, a failed run, and a run that meets another run."""
    (line,) = CRONTAB.finditer(PAGE)
    environment = {"HOME": str(home), "LOGNAME": "sync", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}

    def run() -> tuple[int, str]:
        ended = subprocess.run(
            ["/bin/sh", "-c", line["command"]], cwd=home, env=environment, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=HANG_SECONDS,
        )  # fmt: skip
        return ended.returncode, ended.stdout

    assert run() == (0, "")
    (home / "outbox").rename(home / "away")
    status, mail = run()
    (home / "away").rename(home / "outbox")
    assert (status, json.loads(mail)["error"]["code"]) == (REFUSED, "source_missing")

    (home / "outbox/large").write_bytes(bytes(8 << 20))
    job = json.loads((home / "jobs/nightly.json").read_text())
    slow = home / "jobs/slow.json"
    slow.write_text(json.dumps({**job, "options": {**job["options"], "bandwidth_limit": "64K"}}))
    words = ["/usr/bin/python3", "-I", "sync.pyz", "--job", slow.name, "--credentials", "credentials"]
    with subprocess.Popen(words, cwd=home / "jobs", env=environment, stdout=subprocess.DEVNULL) as other:
        until = time.monotonic() + HANG_SECONDS
        while not (server.root / "inbox" / LOCK_NAME.decode()).exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert run() == (LOCKED, "")
        other.terminate()

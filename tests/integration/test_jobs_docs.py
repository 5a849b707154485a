# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/jobs.md as it is written: the program is built, and the job of the page runs against a real sshd."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from support.running.examples import ROOT
from support.running.page_walk import walk
from support.servers.sshd import Sshd


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
            "/home/sync": str(home),
        }
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        steps = walk(ROOT / "docs/jobs.md", home, {"PATH": path, "LANG": "C.UTF-8"}, here)
        check, run = (json.loads(line) for line in steps[-1].output.splitlines())
        assert (server.root / "inbox/a.txt").read_text() == "first\n"
    assert (check["check"], check["changed"], run["failed"], run["changed"]) == (True, True, False, True)
    (record,) = (json.loads(line) for line in (home / "jobs/records/runs.jsonl").read_text().splitlines())
    assert steps[0].output.split()[0] == record["program_sha256"]

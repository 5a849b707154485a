# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of a run without -v: the diff, its totals, warnings, and the outcome; a real sshd and vsftpd."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.running.play import Play
from support.scenes.module_tasks import Task, own_directory, remote, task_maker
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

NEW, EXTRA = 501, 201


@pytest.fixture(scope="module", params=[Sshd, Vsftpd], ids=["sftp", "ftps"])
def server(request: pytest.FixtureRequest) -> Iterator[Sshd | Vsftpd]:
    with request.param() as running:
        yield running


@pytest.fixture
def far(server: Sshd | Vsftpd, request: pytest.FixtureRequest) -> Path:
    return own_directory(server, request.node.name)


@pytest.fixture
def task(server: Sshd | Vsftpd, far: Path, tmp_path: Path) -> Task:
    if isinstance(server, Vsftpd):
        ftps = {"protocol": "ftps", "password": server.password, "ca_file": str(server.authority.file)}
        return task_maker(server, far, tmp_path, **ftps)
    login = {"private_key_file": str(server.key.path), "known_hosts_file": str(server.known_hosts)}
    return task_maker(server, far, tmp_path, ssh_config_file="none", ssh_agent=False, **login)


def warnings(output: str) -> list[str]:
    """Return the texts of Ansible's warnings, without their line breaks."""
    found: list[str] = []
    for text in output.splitlines():
        if text.startswith("[WARNING]: "):
            found.append(text.removeprefix("[WARNING]: "))
        elif found and text and not text.startswith(("TASK", "PLAY", "changed", "ok", "localhost")):
            found[-1] += " " + text
    return found


def test_no_number_of_new_files_hides_a_removal(task: Task, far: Path, server: Sshd | Vsftpd, tmp_path: Path) -> None:
    near, tree = tmp_path / "near", far / "tree"
    (near / "a").mkdir(parents=True)
    tree.mkdir()
    for number in range(NEW):
        (near / "a" / f"{number:04}").write_bytes(b"new")
    for number in range(EXTRA):
        (tree / f"old{number:04}").write_bytes(b"before")
    (near / "kind").mkdir()
    (tree / "kind").write_bytes(b"a file")
    (near / "same").write_bytes(b"longer")
    (tree / "same").write_bytes(b"short")
    server.give(tree)
    options = {"delete": True, "max_delete": "100%", "max_listed": 5, "preserve_mtime": False, "preserve_mode": False}
    seen = Play(tmp_path / "play").run([task(**options)], "--check", "--diff")
    assert seen.results[0]["failed"] is False, seen.results[0]["msg"]
    shown = [text for text in seen.output.splitlines() if text.startswith(("- ", "~ ", "+ ", "...", "Total"))]
    assert [text.split(" (")[0] for text in shown[:4]] == ["- kind", "~ kind", "- old0000", "- old0001"]
    assert [text[0] for text in shown] == ["-", "~"] + ["-"] * EXTRA + ["~"] + ["+"] * 4 + [".", "T"]
    assert shown[-2:] == [
        "... and 498 more",
        "Total: 202 removals (1.2 KiB), 1 change of kind, 1 replacement (6 B), 502 new entries (1.5 KiB)",
    ]
    refused = Play(tmp_path / "refused").run([task(**{**options, "max_delete": "200"})], "--diff")
    assert (refused.results[0]["error"]["code"], refused.results[0]["changed"]) == ("too_many_deletions", False)
    assert [
        text for text in refused.output.splitlines() if text.startswith(("- ", "~ ", "+ ", "... ", "Total"))
    ] == shown
    outcome = "would push 502 files (1.5 KiB), create 2 directories and remove 202 entries"
    assert seen.results[0]["msg"] == outcome
    assert f"localhost: {outcome}\n" in Play(tmp_path / "quiet").run([task(**options)], "--check").output


def test_skipped_entries_are_warnings_once_and_fallbacks_are_notes(task: Task, far: Path, tmp_path: Path) -> None:
    near = tmp_path / "near"
    near.mkdir()
    (near / "file").write_bytes(b"x")
    for number in range(3):
        (near / f"link{number}").symlink_to("file")
    os.mkfifo(near / "pipe")
    looped = task(dest=task()["secure_sync"]["dest"] + "-{{ item }}")
    played = Play(tmp_path / "play").run([{**looped, "loop": [1, 2, 3]}])
    results = played.results[0]["results"]
    assert [each["failed"] for each in results] == [False] * 3, played.output
    found = warnings(played.output)
    assert [text for text in found if text.startswith("skipped")] == [
        "skipped 'pipe': fifo, socket or device",
        "skipped 'link0' and 2 more: symbolic link, links are skipped",
    ]
    notes = {note for each in results for note in each["notes"]}
    assert len(notes) == (3 if "no MLSD" in str(notes) else 0), "of vsftpd, which has other ways to the same end"
    assert [text for text in found if not text.startswith("skipped")] == []
    hidden = Play(tmp_path / "hidden").run([{**task(), "no_log": True}])
    assert "pipe" not in hidden.output


def test_the_outcome_of_a_pull_of_nothing_and_of_a_failure(
    task: Task, far: Path, server: Sshd | Vsftpd, tmp_path: Path
) -> None:
    (far / "tree").mkdir()
    (far / "tree" / "one").write_bytes(b"1" * 3000)
    (far / "tree" / "two").write_bytes(b"2")
    server.give(far / "tree")
    near = tmp_path / "near"
    (near / "one").mkdir(parents=True)
    (near / "one" / "kept").write_bytes(b"")
    pull = task(direction="pull", src=remote(server, far) + "/tree", dest=str(near), proof="none")
    played = Play(tmp_path / "play")
    (refused,) = played.run([pull]).results
    assert (refused["error"]["code"], refused["changed"]) == ("kind_conflict", True)
    assert "Finished: pulled 1 file" in refused["msg"]
    (near / "one" / "kept").unlink()
    (near / "one").rmdir()
    done, again = played.run([pull, pull]).results
    assert done["msg"].startswith("pulled 1 file (2.9 KiB) in ")
    assert done["msg"].endswith("iB/s; not proven")
    assert again["msg"].startswith("nothing to do; 2 files are the same, 1 proven by read_back, 1 proven by ")

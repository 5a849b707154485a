# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""create_parents of secure_sync: missing directories above dest, at real servers and on this host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.running.play import Play
from support.scenes.module_tasks import Task, own_directory, remote, small_tree, task_maker
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served_by_each
from support.servers.server import Server
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.trees import differences, tree_digest

server = served_by_each(Sshd, Vsftpd, ProftpdFtps)

NEW = ["../..", "..", "."]


@pytest.fixture
def far(server: Server, request: pytest.FixtureRequest) -> Path:
    """Return a directory of this test's own at the server."""
    return own_directory(server, request.node.name)


@pytest.fixture
def task(server: Server, far: Path, tmp_path: Path) -> Task:
    """Return a function that makes a task with a good endpoint; options win."""
    small_tree(tmp_path / "near")
    if isinstance(server, Sshd):
        login = {"private_key_file": str(server.key.path), "known_hosts_file": str(server.known_hosts)}
        return task_maker(server, far, tmp_path, ssh_config_file="none", ssh_agent=False, **login)
    login = {"protocol": "ftps", "password": server.password, "ca_file": str(server.authority.file)}
    return task_maker(server, far, tmp_path, **login)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path / "play")


def above(result: dict) -> list[str]:
    """Return the directories outside the tree that a result lists as made; and in its diff, if there is one."""
    made = [each["path"] for each in result["changes"] if each["action"] == "create_directory"]
    if "diff" in result:
        lines = result["diff"]["prepared"].splitlines()
        assert [line.split()[1] for line in lines if line.endswith("(directory, 0755)")][: len(NEW)] == made[: len(NEW)]
    return [path for path in made if set(path) <= set("./")]


def test_a_push_makes_the_missing_parents(task: Task, play: Play, server: Server, far: Path, tmp_path: Path) -> None:
    dest = remote(server, far) + "/new/deep/tree"
    (refused,) = play.run([task(dest=dest)]).results
    assert refused["error"]["code"] == "not_found"
    assert refused["msg"].endswith("/new/deep' does not exist. Set create_parents to true, or correct dest.")
    new = task(dest=dest, create_parents=True)
    (foreseen,) = play.run([new], "--check", "--diff").results
    assert list(far.iterdir()) == []
    made, again = play.run([new, new], "--diff").results
    assert made["failed"] is False, made["msg"]
    assert above(foreseen) == above(made) == NEW
    assert foreseen["diff"] == made["diff"]
    assert (again["changed"], above(again)) == (False, [])
    assert differences(tree_digest(tmp_path / "near"), tree_digest(far / "new/deep/tree")) == []
    for path in (far / "new", far / "new/deep", far / "new/deep/tree"):
        assert (path.stat().st_mode & 0o7777, path.stat().st_uid) == (0o755, far.stat().st_uid), path


def test_only_the_missing_parents_are_made(task: Task, play: Play, server: Server, far: Path) -> None:
    (far / "kept").mkdir(mode=0o777)
    (far / "kept").chmod(0o777)
    (made,) = play.run([task(dest=remote(server, far) + "/kept//new/./tree/", create_parents=True)]).results
    assert made["failed"] is False, made["msg"]
    assert above(made) == NEW[1:]
    assert (far / "kept").stat().st_mode & 0o7777 == 0o777
    assert (far / "kept/new/tree/a.txt").read_bytes() == b"first\n"


def test_a_pull_makes_the_missing_parents_here(
    task: Task, play: Play, server: Server, far: Path, tmp_path: Path
) -> None:
    (small_tree(far / "tree") / "sub/b.bin").chmod(0o644)
    dest = tmp_path / "back/deep/tree"
    pull = {"direction": "pull", "src": remote(server, far) + "/tree", "dest": str(dest)}
    (refused,) = play.run([task(**pull)]).results
    assert refused["msg"].endswith("back/deep' does not exist. Set create_parents to true, or correct dest.")
    (foreseen,) = play.run([task(create_parents=True, **pull)], "--check", "--diff").results
    assert not (tmp_path / "back").exists()
    made, again = play.run([task(create_parents=True, **pull)] * 2, "--diff").results
    assert made["failed"] is False, made["msg"]
    assert above(foreseen) == above(made) == NEW
    assert again["changed"] is False
    assert differences(tree_digest(far / "tree"), tree_digest(dest)) == []
    assert {path.stat().st_uid for path in (tmp_path / "back", dest.parent, dest)} == {os.geteuid()}


def test_the_directory_of_a_single_file(task: Task, play: Play, server: Server, far: Path, tmp_path: Path) -> None:
    src, there = str(tmp_path / "near/a.txt"), remote(server, far)
    push = {"src": src, "dest": f"{there}/new/deep/name.txt"}
    pull = {"direction": "pull", "src": f"{there}/new/deep/name.txt", "dest": str(tmp_path / "back/deep/a.txt")}
    (refused,) = play.run([task(**push)]).results
    assert refused["msg"].endswith("/new/deep' does not exist. Set create_parents to true, or correct dest.")
    (foreseen,) = play.run([task(create_parents=True, **push)], "--check").results
    pushed, again, pulled = play.run([task(create_parents=True, **options) for options in (push, push, pull)]).results
    assert [result["failed"] for result in (pushed, again, pulled)] == [False] * 3, pulled["msg"]
    assert above(foreseen) == above(pushed) == above(pulled) == NEW[1:]
    assert again["changed"] is False
    assert (far / "new/deep/name.txt").read_bytes() == (tmp_path / "back/deep/a.txt").read_bytes() == b"first\n"


def test_a_parent_that_cannot_be_made(task: Task, play: Play, server: Server, far: Path) -> None:
    (far / "closed").mkdir(mode=0o555)
    (far / "a file").write_bytes(b"")
    there = remote(server, far)
    closed, file = (task(dest=f"{there}/{name}/new/tree", create_parents=True) for name in ("closed", "a file"))
    denied, conflict = play.run([closed, file]).results
    assert denied["error"]["code"] == "permission_denied", denied["msg"]
    assert denied["msg"].endswith("Let the account write to the parent directory, or correct dest.")
    assert conflict["error"]["code"] == "kind_conflict", conflict["msg"]
    assert conflict["msg"].endswith("is not a directory. Move it away, or correct dest.")
    assert [denied["changed"], conflict["changed"]] == [False, False]

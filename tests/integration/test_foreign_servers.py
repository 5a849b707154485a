# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs against third-party servers: push, pull and deletion, and the notes about each server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.known_abilities import (
    UNKNOWN_DIRECTORY_TIMES,
)
from support.foreign.asyncssh_sftp import Asyncssh
from support.foreign.dropbear import Dropbear
from support.foreign.ftp_srv_ftps import FtpSrv
from support.foreign.paramiko_sftp import Paramiko
from support.foreign.pyftpdlib_ftps import Pyftpdlib
from support.foreign.rclone_sftp import RcloneSftp
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.servers.ftps_server import FtpsServer
from support.servers.server import Server
from support.trees.real_tree import read_tree, write_tree
from support.trees.tree_spec import MTIME, SECOND, Directory, File, TreeSpec

pytestmark = pytest.mark.one_in(2)

SERVERS = {
    "asyncssh": Asyncssh,
    "dropbear": Dropbear,
    "gesftpserver": partial(Dropbear, green_end=True),
    "paramiko": Paramiko,
    "rclone": RcloneSftp,
    "pyftpdlib": partial(Pyftpdlib, umask="077"),
    "ftp-srv": partial(FtpSrv, umask="077"),
}
NOTES = {
    "asyncssh": (),
    "dropbear": (),
    "ftp-srv": (
        "the server takes some names for others, so they are refused: it drops quotation marks in names;",
        "the server has no MLSD: the tree is read by LIST",
        "the server accepts MKD for existing directories: the lock does not exclude other runs",
        "the server does not report or set the mtimes of directories",
        "the server does not set mtimes as requested",
    ),
    "gesftpserver": (),
    "paramiko": ("the server cannot replace a file in one step (no posix-rename@openssh.com)",),
    "pyftpdlib": (
        "the server takes some names for others, so they are refused: it changes names that are not UTF-8",
        "the server does not report or set the mtimes of directories",
    ),
    "rclone": ("the destination does not keep modes", "the server's RENAME replaces files that exist: the lock"),
}
"""The beginning of each note of a push; docs/servers.md lists them."""
TREE: TreeSpec = {
    b"a": File(b"a" * 100, 0o640, MTIME),
    b"d/b": File(b"b" * 300_000, 0o600, MTIME + SECOND),
    b"d/e/c": File(b"", 0o644, MTIME + 2 * SECOND),
    b"empty": Directory(0o750, MTIME),
    "two words, \u00fc".encode(): File(b"odd", 0o644, MTIME),
    **{b"many/%d" % number: File(b"%d" % number, 0o644, MTIME + number * SECOND) for number in range(15)},
}
LATER: TreeSpec = {b"a": File(b"A" * 100, 0o640, MTIME + 60 * SECOND), b"new/f": File(b"new", 0o644, MTIME)}


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with SERVERS[request.param]() as running:
        yield running


@pytest.fixture
def name(request: pytest.FixtureRequest, server: Server) -> str:
    """The key of the server in the tables above."""
    return request.node.callspec.params["server"]


@pytest.fixture
def runs(server: Server, tmp_path: Path) -> SyncRuns:
    kind = FtpsRuns if isinstance(server, FtpsServer) else SyncRuns
    far = server.root / f"run-{len(list(server.root.iterdir()))}"
    return kind(server, tmp_path / "near", far, push=True, state_dir=tmp_path / "state")


def held(place: Path, *, times: bool) -> dict[bytes, Any]:
    """The content of a tree; only the names of directories. times: whether the mtimes of files count."""
    found = read_tree(os.fsencode(place))
    return {
        path: None if isinstance(one, Directory) else (one.content, one.mtime // SECOND if times else 0)
        for path, one in found.items()
    }


def test_push_pull_and_deletion(runs: SyncRuns, name: str, tmp_path: Path) -> None:
    write_tree(os.fsencode(runs.near), TREE)
    first = runs.good()
    times = not any("does not set mtimes" in note for note in first.report.notes)
    assert held(runs.far, times=times) == held(runs.near, times=times)
    again = runs.good()
    assert again.done == []
    notes = again.report.notes
    assert len(notes) == len(NOTES[name])
    assert all(note.startswith(words) for note, words in zip(sorted(notes), sorted(NOTES[name]), strict=True)), notes
    write_tree(os.fsencode(runs.near), LATER)
    (runs.near / "d/b").unlink()
    (runs.near / "empty").rmdir()
    changed = runs.good(delete=True)
    assert {path for path, _action, _reason in changed.done} >= {b"a", b"d/b", b"empty", b"new", b"new/f"}
    assert held(runs.far, times=times) == held(runs.near, times=times)
    again = runs.good(delete=True)
    assert again.done == []
    assert again.moved == 0 or not times
    back = runs.back(tmp_path / "back")
    write_tree(os.fsencode(back.near), {b"extra/x": b"x", b"a": b"old"})
    back.good(delete=True)
    assert held(back.near, times=times) == held(runs.far, times=times)
    assert back.good(delete=True).done == []


def test_a_check_predicts_the_run(runs: SyncRuns, tmp_path: Path) -> None:
    """It writes nothing, and uses the abilities that the previous run detected."""
    write_tree(os.fsencode(runs.near), TREE)
    assert runs.good(check_mode=True).report.plan.actions
    assert not runs.far.exists()
    runs.good()
    before = read_tree(os.fsencode(runs.far))
    assert runs.good(check_mode=True).report.plan.actions == ()
    assert read_tree(os.fsencode(runs.far)) == before
    assert runs.good().done == []


def test_a_first_check_against_pyftpdlib_leaves_out_times_of_directories(tmp_path: Path) -> None:
    """Nothing was written there yet, so the abilities are unknown."""
    with Pyftpdlib(umask="077") as server:
        runs = FtpsRuns(server, tmp_path / "near", server.root / "far", push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(runs.near), TREE)
        runs.good()
        first = runs.good(check_mode=True, state_dir=os.fsencode(tmp_path / "another state"))
        assert (first.report.plan.actions, UNKNOWN_DIRECTORY_TIMES in first.report.notes) == ((), True)
        again = runs.good(check_mode=True)
        assert (again.report.plan.actions, UNKNOWN_DIRECTORY_TIMES in again.report.notes) == ((), False)


def test_ftp_srv_alters_no_name_of_ours(tmp_path: Path) -> None:
    """It reads b'a"b' as b'ab': such a name is never sent, and the file that it would reach is not touched."""
    with FtpSrv(umask="077") as server:
        runs = FtpsRuns(server, tmp_path / "near", server.root / "far", push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(runs.far), {b"ab": File(b"theirs"), b"c": File(b"theirs")})
        server.give(runs.far)
        write_tree(os.fsencode(runs.near), {b'a"b': File(b"ours"), b"c -x": File(b"ours"), b"good": File(b"good")})
        ran = runs.run()
        assert {error.path for error in ran.errors} == {b'a"b', b"c -x"}
        assert ran.codes == {"unsafe_name"}
        content = {path: one.content for path, one in read_tree(os.fsencode(runs.far)).items() if isinstance(one, File)}
        assert content == {b"ab": b"theirs", b"c": b"theirs", b"good": b"good"}
        assert any("drops quotation marks" in note for note in ran.report.notes)

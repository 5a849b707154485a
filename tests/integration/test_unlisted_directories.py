# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A destination with a directory that can be written and not be listed: unknown files in it are not replaced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import PULL, DropBoxRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import account
from support.running.child import NOBODY, in_child
from support.running.scratch import scratch
from support.scenes.ftps_ends import Ends, every_server, fresh_ends, good
from support.scenes.sync_pair import codes, done
from support.scenes.sync_runs import SyncRuns
from support.servers.served import served
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.tree_spec import TreeSpec

CLOSED = 0o333
SOURCE: TreeSpec = {
    b"d/unknown": b"new",
    b"d/sub/unknown": b"new",
    b"d/late": b"late",
    b"e/new": b"new",
    b"top": b"new",
}
DESTINATION: TreeSpec = {b"d/unknown": b"theirs", b"d/sub/unknown": b"theirs", b"extra": b"extra", b"top": b"old"}
OPTIONS = [{}, {"delete": True}, {"trash": b".trash"}, {"delete": True, "trash": b".trash"}]
EACH = pytest.mark.parametrize("options", OPTIONS, ids=[" ".join(each) or "plain" for each in OPTIONS])

sshd, server, ends = served(Sshd), every_server(), fresh_ends()


def write(root: Path, tree: TreeSpec) -> None:
    for path, content in tree.items():
        file = root / path.decode()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def files(root: Path) -> dict[str, bytes]:
    """The files below `root`, as root sees them, without the trash."""
    found = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if not name.startswith(".trash/")}


def trash(root: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (root / ".trash").rglob("*") if path.is_file())


AFTER = {"d/unknown": b"theirs", "d/sub/unknown": b"theirs", "extra": b"extra", "top": b"new", "e/new": b"new"}


@pytest.fixture
def runs(sshd: Sshd, tmp_path: Path) -> Iterator[SyncRuns]:
    """Give pushes to a tree of the server's account."""
    area = sshd.root / "area"
    made = SyncRuns(sshd, tmp_path / "near", area / "tree", push=True, state_dir=tmp_path / "state")
    write(made.source, SOURCE)
    write(made.destination, DESTINATION)
    sshd.give(area)
    yield made
    shutil.rmtree(area)


@EACH
def test_a_push_over_sftp(runs: SyncRuns, options: dict[str, Any]) -> None:
    (runs.destination / "d").chmod(CLOSED)
    ran = runs.run(preserve_mode=False, **options)
    assert [(error.code, error.path) for error in ran.errors] == [("permission_denied", b"d")], ran
    assert files(runs.destination) == AFTER
    assert {path for path, action, _reason in ran.done if action == "store"} == {b"e/new", b"top"}
    assert account.WITHHELD % 4 in ran.report.notes, ran
    assert trash(runs.destination) == ([b"old"] if "trash" in options else [])
    (runs.destination / "d").chmod(0o755)
    runs.good(**options)
    assert {name: content for name, content in files(runs.destination).items() if name != "extra"} == files(runs.source)
    removed = [b"extra"] if "delete" in options else []
    kept = sorted([b"old", b"theirs", b"theirs", *removed])
    assert trash(runs.destination) == (kept if "trash" in options else [])


def test_the_mode_of_the_source_opens_the_directory_for_the_next_run(runs: SyncRuns) -> None:
    (runs.destination / "d").chmod(CLOSED)
    first = runs.run(trash=b".trash")
    assert first.codes == {"permission_denied"}, first
    assert files(runs.destination) == AFTER
    runs.good(trash=b".trash")
    assert trash(runs.destination) == [b"old", b"theirs", b"theirs"]
    assert not runs.good(trash=b".trash").changed


def test_a_push_to_a_root_that_cannot_be_listed(runs: SyncRuns) -> None:
    runs.destination.chmod(CLOSED)
    before = files(runs.destination)
    ran = runs.run(trash=b".trash")
    assert ran.codes == {"permission_denied"}, ran
    assert not ran.changed, ran
    assert files(runs.destination) == before


@pytest.mark.parametrize("drop_box", [DropBoxRequest(deliver_once=True), DropBoxRequest(in_place=True)], ids=str)
def test_a_drop_box_that_cannot_be_listed_takes_the_files(runs: SyncRuns, drop_box: DropBoxRequest) -> None:
    runs.destination.chmod(CLOSED)
    ran = runs.run(drop_box=drop_box)
    assert ran.codes == {"permission_denied"}, ran
    assert {name: content for name, content in files(runs.destination).items() if name != "extra"} == files(runs.source)


@EACH
def test_a_pull_by_an_account_that_may_not_list(sshd: Sshd, options: dict[str, Any]) -> None:
    """The destination is on this host."""
    place, area = scratch("pull"), sshd.root / "pulled"
    runs = SyncRuns(sshd, place / "near", area, push=False, state_dir=place / "state")
    write(runs.source, SOURCE)
    sshd.give(area)
    write(runs.destination, DESTINATION)
    shutil.copy(sshd.key.path, place / "key")
    for path in (place, *place.rglob("*")):
        shutil.chown(path, NOBODY, NOBODY)
    (place / "key").chmod(0o600)
    (runs.destination / "d").chmod(CLOSED)
    runs.options["credentials"] = Credentials(private_key_file=str(place / "key"), ssh_agent=False)
    options = {**options, "preserve_mode": False}

    def act() -> list[tuple[str, bytes | None]]:
        return [(error.code, error.path and bytes(error.path)) for error in runs.run(**options).errors]

    assert in_child(act, unprivileged=True) == [("permission_denied", b"d")]
    assert files(runs.destination) == AFTER
    shutil.rmtree(place)
    shutil.rmtree(area)


def test_a_push_over_ftps(ends: Ends) -> None:
    ends.write_local(SOURCE)
    ends.write_remote(DESTINATION)
    (ends.remote / "d").chmod(CLOSED)
    report = ends.run(delete=True, trash=b".trash", preserve_mode=False)
    assert report.error is None
    assert [problem.path for problem in report.problems] == [b"d"]
    # pure-ftpd gives no reason.
    assert len(codes(report)) == 1
    assert codes(report) <= {"permission_denied", "operation_failed"}
    assert files(ends.remote) == AFTER
    assert {path for path, action in done(report) if action == "store"} == {b"e/new", b"top"}
    assert trash(ends.remote) == [b"old"]


@pytest.mark.parametrize("lock", [True, False])
def test_a_single_file_over_ftps(ends: Ends, lock: bool) -> None:
    """A server without MLST is asked for the listing of the directory; any other finds the file itself."""
    ends.write_local({b"unknown": b"new"})
    ends.write_remote({b"d/unknown": b"theirs"})
    ends.local, ends.remote, ends.remote_root = ends.local / "unknown", ends.remote / "d", ends.remote_root + b"/d"
    ends.remote.chmod(CLOSED)
    report = ends.run(trash=b".trash", lock=lock)
    if isinstance(ends.server, Vsftpd):
        assert codes(report) == {"permission_denied"}
        assert files(ends.remote) == {"unknown": b"theirs"}
        assert done(report) == []
    else:
        assert codes(report) == set()
        assert files(ends.remote) == {"unknown": b"new"}
        assert trash(ends.remote) == [b"theirs"]


def test_a_directory_in_a_directory_of_the_same_name_is_listed_over_ftps(ends: Ends) -> None:
    """The listing looks nearly like the listing that vsftpd sends for a directory that it cannot open."""
    ends.write_local({b"d/d/d/file": b"content"})
    good(ends.run())
    ends.local = ends.local.with_name("back")
    good(ends.run(PULL))
    assert files(ends.local) == files(ends.remote) == {"d/d/d/file": b"content"}
    assert done(good(ends.run(delete=True))) == []

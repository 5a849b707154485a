# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`trash_max_age` on real servers: days leave the trash after their time, and nothing else does."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from support.running.tasks import run_task
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.scripted.stand_in_ssh import stand_in_ssh
from support.servers import ssh_keys
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.real_tree import write_tree

OPTIONS: dict[str, Any] = {"delete": True, "trash": b".trash", "trash_max_age": 30}
DAY = 86400
OLD, OTHER = "secure_sync-2026-01-31", "2026-01-31"
OUTSIDE = "outside"


@pytest.fixture(scope="module", params=["sshd", "vsftpd"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Any, type[SyncRuns]]]:
    """Yield a server, and the runs with it."""
    with ExitStack() as stack:
        if request.param == "sshd":
            yield stack.enter_context(Sshd()), SyncRuns
        else:
            yield stack.enter_context(Vsftpd()), FtpsRuns


@pytest.fixture(params=[True, False], ids=["push", "pull"])
def runs(request: pytest.FixtureRequest, server: tuple[Any, type[SyncRuns]], tmp_path: Path) -> SyncRuns:
    running, kind = server
    far = running.root / f"tree-{len(list(running.root.iterdir()))}"
    made = kind(running, tmp_path / "near", far, push=request.param, state_dir=tmp_path / "state", **OPTIONS)
    write_tree(os.fsencode(made.source), {b"a": b"new", b"keep/b": b"b"})
    write_tree(os.fsencode(made.destination), {b"a": b"old", b"keep/b": b"b", b"sub/gone": b"gone"})
    return made


def named(days_ago: int) -> str:
    return time.strftime("secure_sync-%Y-%m-%d", time.gmtime(time.time() - days_ago * DAY))


def put(runs: SyncRuns, **days: dict[str, bytes]) -> None:
    """Put files into the trash, and give all that is at the server to its account."""
    for day, files in days.items():
        write_tree(
            os.fsencode(runs.destination / ".trash" / day), {name.encode(): data for name, data in files.items()}
        )
    runs.server.give(runs.far)


def trash_of(runs: SyncRuns) -> dict[str, bytes]:
    trash = runs.destination / ".trash"
    return {str(path.relative_to(trash)): path.read_bytes() for path in trash.rglob("*") if path.is_file()}


def test_expired_days_leave_the_trash(runs: SyncRuns) -> None:
    young, older = named(1), named(29)  # not 30: midnight may pass
    outside = runs.destination.parent / OUTSIDE
    outside.mkdir(exist_ok=True)
    (outside / "precious").write_bytes(b"precious")
    put(
        runs,
        **{
            OLD: {"a": b"1", "deep/er/b": b"2", "odd \xfc;name": b"3"},
            named(31): {"x": b"x"},
            older: {"x": b"y"},
            young: {"x": b"z"},
            OTHER: {"report": b"of a run without the option"},
        },
    )
    trash = runs.destination / ".trash"
    (trash / OLD / "link").symlink_to(outside, target_is_directory=True)
    (trash / "secure_sync-2025-01-01").symlink_to(outside, target_is_directory=True)
    before = trash_of(runs)
    foreseen = runs.run(check_mode=True)
    assert not foreseen.failed, foreseen
    assert trash_of(runs) == before
    planned = [action.path for action in foreseen.report.plan.actions if action.action == "expire_trash"]
    first, midnight = runs.good(), named(0)
    kept = trash_of(runs)
    assert {path: data for path, data in kept.items() if data in (b"old", b"gone")}.keys() <= {
        f"{day}/{path}" for day in (midnight, named(1)) for path in ("a", "sub/gone")
    }
    assert sorted(kept.values()) == sorted([b"old", b"gone", b"y", b"z", b"of a run without the option"])
    assert not (trash / OLD).exists()
    assert (trash / "secure_sync-2025-01-01").is_symlink()
    assert (outside / "precious").read_bytes() == b"precious"
    expired = [path for path, action, _reason in first.done if action == "expire_trash"]
    assert expired == planned
    assert len(expired) == 9
    assert any("outside the directories of days (2)" in note for note in first.report.notes), first.report.notes
    again = runs.good()
    assert again.done == []


def test_a_day_after_today_stops_it(runs: SyncRuns) -> None:
    """A day of a wrong clock would expire too early: files of such a run go to the trash itself."""
    ahead = named(-2)
    put(runs, **{OLD: {"a": b"1"}, ahead: {"b": b"2"}})
    ran = runs.good()
    kept = {f"{OLD}/a": b"1", f"{ahead}/b": b"2", "a": b"old", "sub/gone": b"gone"}
    assert trash_of(runs) == kept
    assert any("is of a later day than today" in note for note in ran.report.notes)


def test_the_default_is_for_ever(runs: SyncRuns) -> None:
    put(runs, **{OLD: {"a": b"1"}})
    runs.good(trash_max_age=None)
    assert trash_of(runs) == {f"{OLD}/a": b"1", "a": b"old", "sub/gone": b"gone"}


def test_check_mode_of_a_run_to_a_new_place(runs: SyncRuns) -> None:
    shutil.rmtree(runs.destination)
    ran = runs.run(check_mode=True)
    assert not ran.failed, ran
    assert not runs.destination.exists()


def test_the_result_of_a_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is the tests' own, behind a stand-in for `ssh`."""
    key = ssh_keys.key("unit")
    monkeypatch.setenv("PATH", stand_in_ssh(tmp_path / "bin", tmp_path, key))
    write_tree(os.fsencode(tmp_path / "near"), {b"a": b"1"})
    write_tree(os.fsencode(tmp_path / "far"), {b"a": b"1", b".trash/" + OLD.encode() + b"/b": b"22"})
    options = {
        "host": "localhost",
        "host_keys": [key.public],
        "state_dir": str(tmp_path / "state"),
        "src": str(tmp_path / "near"),
        "dest": str(tmp_path / "far"),
        "trash": ".trash",
        "trash_max_age": "4w",
    }
    result = run_task(secure_sync, **options)
    assert (result["changed"], result["totals"]["expire_trash"], result["totals"]["remove"]) == (True, 2, 0), result
    assert result["changes"][-2:] == [
        {"path": f".trash/{OLD}/b", "action": "expire_trash", "reason": "expired", "proof": None},
        {"path": f".trash/{OLD}", "action": "expire_trash", "reason": "expired", "proof": None},
    ]
    assert "removed 2 expired entries of the trash" in result["msg"]
    again = run_task(secure_sync, **options)
    assert (again["changed"], "expire_trash" in again["totals"]) == (False, False)

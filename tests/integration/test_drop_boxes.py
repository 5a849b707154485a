# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that move files, against real servers: a drop box that takes uploads away at once, a partner that takes files
between two runs, and sources that are emptied at either end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.scenes.box_scene import BoxScene, files
from support.scenes.module_tasks import own_directory
from support.scenes.partner_box import PartnerBox
from support.scenes.sealed_pair import age_key
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served_by_each
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

CONTENT = {"empty": b"", "small.csv": b"1;2\n", "medium": bytes(range(256)) * 600, "large": b"\0\1" * (9 << 20)}

server = served_by_each(Sshd, Vsftpd, ProftpdFtps)


@pytest.fixture
def scene(server: Sshd | FtpsServer, request: pytest.FixtureRequest, tmp_path: Path) -> BoxScene:
    return BoxScene(server, own_directory(server, request.node.name), tmp_path)


def test_a_drop_box_gets_each_file_whole_and_once(scene: BoxScene) -> None:
    scene.fill(scene.near, CONTENT)
    with PartnerBox(scene.far) as box:
        first = scene.run(in_place=True, proof="none", deliver_once=True)
        assert first.get("failed") is None, first["msg"]
        second = scene.run(in_place=True, proof="none", deliver_once=True)
        assert (second["changed"], second["stats"]["files_delivered_before"]) == (False, len(CONTENT))
        (scene.near / "small.csv").write_bytes(b"new\n")
        third = scene.run(in_place=True, proof="none", deliver_once=True)
        assert [change["path"] for change in third["changes"]] == ["small.csv"]
    assert dict(box.taken[: len(CONTENT)]) == CONTENT
    assert box.taken[len(CONTENT) :] == [("small.csv", b"new\n")]
    assert list(scene.far.iterdir()) == []


def test_the_same_address_behind_a_jump_host_has_a_record_of_its_own(tmp_path: Path) -> None:
    """Two partners can have the same private address. Here one server stands for both."""
    gate = Sshd(forwarding=True, name="gate", config=("AllowTcpForwarding yes",))
    with Sshd() as server, gate:
        scene = BoxScene(server, own_directory(server, "partner"), tmp_path)
        scene.fill(scene.near, {"a": b"1"})
        assert scene.run(deliver_once=True)["changed"] is True
        (scene.far / "a").unlink()
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(server.known_hosts_line() + gate.known_hosts_line())
        hop = f"{gate.user}@{gate.host}:{gate.port}"
        behind = {"deliver_once": True, "proxy_jump": [hop], "known_hosts_file": str(known_hosts)}
        result = scene.run(**behind)
        assert files(scene.far) == {"a": b"1"}, result["msg"]
        assert scene.run(**behind)["changed"] is False
        assert scene.run(deliver_once=True)["changed"] is False


def test_a_file_in_place_is_written_over_the_old_content(scene: BoxScene) -> None:
    scene.fill(scene.near, CONTENT)
    scene.fill(scene.far, dict.fromkeys(CONTENT, b"older and longer than some"))
    result = scene.run(in_place=True, proof="none")
    assert result.get("failed") is None, result["msg"]
    assert files(scene.far) == CONTENT
    assert scene.run(in_place=True, proof="none")["changed"] is False


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_files_that_were_taken_are_not_transferred_again(scene: BoxScene, push: bool) -> None:
    source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
    scene.fill(source, {"a": b"1", "sub/b": b"2"})
    assert scene.run(push=push, deliver_once=True)["totals"]["store"] == 2
    assert files(destination) == {"a": b"1", "sub/b": b"2"}
    (destination / "a").unlink()
    (destination / "sub" / "b").unlink()
    (destination / "sub").rmdir()
    assert scene.run(push=push, deliver_once=True)["changed"] is False
    scene.fill(source, {"sub/c": b"3"})
    result = scene.run(push=push, deliver_once=True)
    assert [change["path"] for change in result["changes"]] == ["sub", "sub/c"]


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_directory_that_became_a_link_gets_no_file_twice(scene: BoxScene, push: bool) -> None:
    source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
    scene.fill(source, {"a": b"1"})
    assert scene.run(push=push, deliver_once=True)["totals"]["store"] == 1
    (destination / "a").unlink()
    scene.far.rename(scene.far.with_name(f"{scene.far.name}-1"))
    scene.far.symlink_to(f"{scene.far.name}-1")
    try:
        assert scene.run(push=push, deliver_once=True)["changed"] is False
        assert len(list(scene.state.glob("*.deliveries"))) == 1
    finally:
        scene.far.unlink()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_delivered_files_leave_the_source(scene: BoxScene, push: bool) -> None:
    source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
    scene.fill(source, {"a": b"1", "sub/b": b"2", ".sent/a": b"0"})
    archiving = {"push": push, "after_transfer": "archive", "archive_dir": ".sent"}
    foreseen = run_check(scene, **archiving)
    assert files(source) == {"a": b"1", "sub/b": b"2", ".sent/a": b"0"}
    result = scene.run(**archiving)
    assert result.get("failed") is None, result["msg"]
    assert result["changes"] == [
        {**change, "proof": done["proof"]} for change, done in zip(foreseen["changes"], result["changes"], strict=True)
    ]
    assert result["totals"]["archive_source"] == 2
    assert files(source) == {".sent/a": b"0", ".sent/a.1": b"1", ".sent/sub/b": b"2"}
    assert files(destination) == {"a": b"1", "sub/b": b"2"}
    assert scene.run(**archiving)["changed"] is False
    scene.fill(source, {"a": b"4", "sub/young": b"5"})
    os.utime(source / "sub" / "young")
    result = scene.run(push=push, after_transfer="delete", min_age="30m", exclude=["/.sent/"])
    assert (result["totals"]["delete_source"], result["stats"]["files_filtered"]) == (1, 1)
    assert files(source)["sub/young"] == b"5"
    assert files(destination) == {"a": b"4", "sub/b": b"2"}


def run_check(scene: BoxScene, *, push: bool, **options: Any) -> dict[str, Any]:
    """Return the result of check mode, whose diff shows the files that would leave."""
    result = scene.run(push=push, check=True, diff=True, **options)
    assert "< a (archived at the source: " in result["diff"]["prepared"]
    return result


def test_sealed_files_are_delivered_once_and_leave_both_sources(scene: BoxScene) -> None:
    key = age_key()
    recipients, identities = [key.recipient], [key.identity]
    scene.fill(scene.near, {"a": b"1", "sub/b": b"2"})
    sent = scene.run(after_transfer="archive", archive_dir=".sent", encrypt={"recipients": recipients})
    assert sent.get("failed") is None, sent["msg"]
    assert set(files(scene.near)) == {".sent/a", ".sent/sub/b"}
    assert set(files(scene.far)) == {"a.age", "sub/b.age"}
    shutil.rmtree(scene.near)
    scene.near.mkdir()
    fetched = scene.run(push=False, after_transfer="delete", decrypt={"identities": identities})
    assert fetched.get("failed") is None, fetched["msg"]
    assert (files(scene.near), files(scene.far)) == ({"a": b"1", "sub/b": b"2"}, {})
    scene.run(deliver_once=True, encrypt={"recipients": recipients})
    (scene.far / "a.age").unlink()
    assert scene.run(deliver_once=True, encrypt={"recipients": recipients})["changed"] is False


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_single_file_leaves_the_source_under_its_own_name(scene: BoxScene, push: bool) -> None:
    source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
    scene.fill(source, {"report": b"1", "other": b"2"})
    near, far = scene.ends()
    ends = {"src": f"{near}/report", "dest": f"{far}/new"} if push else {"src": f"{far}/report", "dest": f"{near}/new"}
    result = scene.run(push=push, **ends, after_transfer="archive", archive_dir=".sent")
    assert result.get("failed") is None, result["msg"]
    assert files(source) == {"other": b"2", ".sent/report": b"1"}
    assert files(destination) == {"new": b"1"}


def test_no_removal_is_done_that_max_delete_refuses_and_all_changes_are_listed(scene: BoxScene) -> None:
    scene.fill(scene.near, {"a": b"1"})
    scene.fill(scene.far, {f"old{number}": b"" for number in range(3)})
    before = files(scene.far)
    result = scene.run(delete=True, max_delete="2", diff=True)
    assert (result["error"]["code"], result["changed"]) == ("too_many_deletions", False)
    assert [(change["path"], change["action"]) for change in result["changes"]] == [
        ("old0", "remove"),
        ("old1", "remove"),
        ("old2", "remove"),
        ("a", "store"),
    ]
    assert result["diff"]["prepared"].splitlines()[-1] == "Total: 3 removals, 1 new entry (1 B)"
    assert files(scene.far) == before


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_directory_in_the_way_of_one_file_does_not_stop_the_others(scene: BoxScene, push: bool) -> None:
    source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
    scene.fill(source, {"a": b"1", "report": b"2", "sub/c": b"3"})
    scene.fill(destination, {"report/kept": b"0"})
    foreseen = scene.run(push=push, check=True)
    for result in (foreseen, scene.run(push=push, deliver_once=True), scene.run(push=push, deliver_once=True)):
        failed = [(item["path"], item["code"]) for item in result["failed_items"]]
        assert (result["failed"], failed) == (True, [("report", "kind_conflict")])
        assert "delete" in result["failed_items"][0]["cure"]
    assert files(destination) == {"a": b"1", "report/kept": b"0", "sub/c": b"3"}
    assert (foreseen["totals"]["store"], result["totals"]["store"]) == (2, 0)
    result = scene.run(push=push, delete=True)
    assert result.get("failed") is None, result["msg"]
    assert files(destination) == files(source) == {"a": b"1", "report": b"2", "sub/c": b"3"}

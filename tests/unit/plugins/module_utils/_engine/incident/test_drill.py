# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a drill, with real keys and a real chain of records. The watches are written by the test."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, Refused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident import drill
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.directory import DrillDirectory
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.judgement import (
    ACCEPTED,
    ENDED,
    FAILED,
    REFUSED,
    SESSION,
    Limits,
    Moment,
    format_moment,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    Receipting,
    Signing,
)
from support.servers.ssh_keys import key
from support.trees.receipt_chain import ReceiptChain

CLOSED = {"files1": {"failed": True, "error": {"code": "authentication_failed"}}}
GOOD = {"files1": {"changed": False, "peer": {}}}


class Scene:
    """A drill of one server, with its directory and its records."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "drill"
        self.directory = DrillDirectory(os.fsencode(self.path))
        self.chain = ReceiptChain(directory / "receipts")
        signing = Signing(private_key_file=str(key("receipts").path))
        self.receipts = Receipting(os.fsencode(self.chain.directory), signing, "drill", "0.2.0")

    def begin(self, **limits: int) -> drill.Begun:
        return drill.begin(self.directory, drill.Plan("canary", ("files1",), Limits(**limits)), self.receipts)

    def watch(self, *kinds: str, code: str = "") -> None:
        """Let the watch see these moments now."""
        now = time.monotonic()
        lines = [format_moment(Moment(kind, now, now, code)) for kind in kinds]
        with open(self.path / f"watch-{hashlib.sha256(b'files1').hexdigest()}.jsonl", "ab") as file:
            file.write(b"".join(lines))

    def finish(self, *refusals: dict[str, Any]) -> drill.Finished:
        return drill.finish(self.directory, self.receipts, refusals)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.iterdir())


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_drill_that_passes(scene: Scene) -> None:
    begun = scene.begin()
    assert begun.compromised.fingerprint != begun.restored.fingerprint
    scene.watch(SESSION, ACCEPTED)
    assert drill.mark(scene.directory, 10).endswith("Z")
    scene.watch(REFUSED, ENDED)
    assert drill.wait(scene.directory)
    assert drill.note(scene.directory, "access_back", GOOD) == []
    found = scene.finish(CLOSED, CLOSED)
    assert (found.causes, found.fields["verdict"]) == ([], "passed")
    assert found.fields["servers"][0]["closed"]
    assert found.fields["key"] == begun.compromised.fingerprint
    assert scene.chain.fields(1)["phases"] == found.fields["phases"]
    assert scene.names() == []


def test_the_server_must_let_the_account_in(scene: Scene) -> None:
    scene.begin()
    scene.watch(FAILED, code="connection_failed")
    with pytest.raises(Refused, match=r"files1 \(connection_failed\)"):
        drill.mark(scene.directory, 0.01)
    scene.watch(REFUSED)
    with pytest.raises(Refused):
        drill.mark(scene.directory, 3600)
    found = scene.finish(CLOSED, CLOSED)
    assert [each.id for each in found.causes] == ["not_begun"]


def test_a_refusal_after_the_wait_does_not_count(scene: Scene) -> None:
    """Then the key has left the account."""
    scene.begin(all_hosts=1)
    scene.watch(SESSION, ACCEPTED)
    drill.mark(scene.directory, 10)
    state = scene.directory.read() or {}
    scene.directory.write({**state, "marked": state["marked"] - 100})
    assert not drill.wait(scene.directory)
    scene.watch(REFUSED, ENDED)
    assert not drill.wait(scene.directory)
    drill.note(scene.directory, "access_back", GOOD)
    found = scene.finish(CLOSED, CLOSED)
    assert [each.id for each in found.causes] == ["key_not_refused", "session_not_ended"]


def test_without_a_wait_no_refusal_counts(scene: Scene) -> None:
    """The keys may have left the account by then."""
    scene.begin()
    scene.watch(SESSION, ACCEPTED)
    drill.mark(scene.directory, 10)
    scene.watch(REFUSED, ENDED)
    drill.note(scene.directory, "access_back", GOOD)
    found = scene.finish(CLOSED, CLOSED)
    assert [each.id for each in found.causes] == ["key_not_refused", "session_not_ended"]


def test_nothing_is_awaited_before_the_key_was_marked(scene: Scene) -> None:
    scene.begin(all_hosts=3600)
    assert not drill.wait(scene.directory)


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"failed": True}, {"error": {"code": "connection_failed"}}, {"error": "authentication_failed"},
     {"unreachable": True}, "text", GOOD["files1"]],
)  # fmt: skip
def test_only_a_refused_login_proves_that_the_account_is_closed(scene: Scene, answer: Any) -> None:
    scene.begin()
    found = scene.finish(CLOSED, {"files1": answer})
    assert found.causes[0].id == "canary_open"
    assert not found.fields["servers"][0]["closed"]


def test_without_an_answer_the_account_counts_as_open(scene: Scene) -> None:
    scene.begin()
    assert scene.finish().causes[0].id == "canary_open"


@pytest.mark.parametrize("answer", [None, {"failed": True}, {"unreachable": True}, {"skipped": True}, "text", []])
def test_a_server_without_a_good_answer_is_missed(scene: Scene, answer: Any) -> None:
    scene.begin()
    assert drill.note(scene.directory, "access_back", {"files1": answer}) == ["files1"]


def test_a_drill_that_was_killed(scene: Scene) -> None:
    """Its record is written once; its key is named, because it may not be revoked."""
    killed = scene.begin()
    scene.watch(SESSION, ACCEPTED)
    begun = scene.begin()
    assert begun.former == killed.compromised.fingerprint
    assert begun.aborted is not None
    assert scene.chain.fields(1)["verdict"] == "aborted"
    assert scene.chain.fields(1)["servers"][0]["closed"] is False
    assert "watch" not in " ".join(scene.names())
    scene.finish(CLOSED, CLOSED)
    last = scene.begin()
    assert (last.former, last.aborted) == ("", None)


def test_a_drill_that_was_killed_after_its_record_has_no_second_record(scene: Scene) -> None:
    scene.begin()
    state = scene.directory.read() or {}
    scene.finish(CLOSED, CLOSED)
    scene.directory.write(state)
    assert scene.begin().aborted is None


def test_no_step_without_a_begin(scene: Scene) -> None:
    scene.directory.make()
    for step in (lambda: drill.wait(scene.directory), lambda: scene.finish(CLOSED)):
        with pytest.raises(Refused, match="no drill is under way"):
            step()


def test_a_record_that_cannot_be_written_stops_the_drill_before_any_change(scene: Scene) -> None:
    scene.chain.write(1)
    with pytest.raises(InvalidRequest, match=r"receipts\.job"):
        scene.begin()
    assert not scene.path.exists()

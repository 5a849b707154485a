# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of sshd_change, and its request. The change itself is a stand-in; its steps are in _engine/sshd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import sshd_change
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.change import Report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.plan import Group, Request
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.stage import File
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.wanted import Difference
from support.running.tasks import refusals_of, run_task

NOTHING = Report({}, [], [], "admin", False)


class Engine:
    """calls: of the engine, with check mode. report, found, undoes: its answers"""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.requests: list[Request] = []
        self.report, self.found, self.undoes, self.installed = NOTHING, [], True, True

    def apply(self, request: Request, *, check_mode: bool) -> Report:
        self.requests.append(request)
        self.calls.append(("apply", check_mode))
        return self.report

    def verify(self, request: Request) -> list[Difference]:
        self.requests.append(request)
        self.calls.append("verify")
        return self.found

    def undo(self) -> bool:
        self.calls.append("undo")
        return self.undoes

    def confirm(self) -> None:
        self.calls.append("confirm")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    for name in ("apply", "verify", "undo", "confirm"):
        monkeypatch.setattr(sshd_change, name, getattr(made, name))
    monkeypatch.setattr(sshd_change.daemon, "installed", lambda: made.installed)
    return made


@pytest.mark.parametrize(
    ("state", "check", "calls", "changed", "msg"),
    [
        ("confirmed", False, ["confirm"], False, "confirmed"),
        ("confirmed", True, [], False, "confirmed"),
        ("undone", False, ["undo"], True, "the previous configuration is restored"),
        ("undone", True, [], False, "nothing was undone"),
        ("verified", False, ["verify"], False, "everything is as expected"),
        ("kept", False, [("apply", False)], False, "everything is as wanted"),
        ("applied", True, [("apply", True)], False, "everything is as wanted"),
    ],
)
def test_states(engine: Engine, *, state: str, check: bool, calls: list[Any], changed: bool, msg: str) -> None:
    result = run_task(sshd_change, check=check, state=state)
    assert (engine.calls, result["changed"], result["msg"]) == (calls, changed, msg)


def test_nothing_to_undo(engine: Engine) -> None:
    engine.undoes = False
    result = run_task(sshd_change, state="undone")
    assert (result["changed"], result["msg"]) == (False, "nothing was undone")


def test_without_an_sshd(engine: Engine) -> None:
    engine.installed = False
    assert run_task(sshd_change)["error"]["code"] == "sshd_missing"
    assert run_task(sshd_change, check=True)["changed"]
    assert run_task(sshd_change, state="undone")["changed"], "a change is undone without an sshd as well"
    assert engine.calls == ["undo"]


def test_the_request(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "pam"
    file.write_text("rest\n")
    files = [
        {"path": "/etc/x", "content": "new", "mode": "0640"},
        {"path": str(file), "block": "auth"},
        {"path": str(file) + "2", "block": "none"},
    ]
    run_task(
        sshd_change,
        profile="pq_only",
        settings={"UsePAM": True, "X11Forwarding": False, "Port": [22, 2222]},
        group="sftp",
        group_settings={"ForceCommand": "internal-sftp"},
        files=files,
        expected=[{"user": "partner", "settings": {"MaxSessions": 2}}],
        confirmation="trial",
        confirm_timeout=9,
        service="sshd",
        strong_moduli=False,
        layout="whole_file",
    )
    (asked,) = engine.requests
    assert (asked.profile and asked.profile.name, asked.layout, asked.service) == ("pq_only-2026", "whole_file", "sshd")
    assert (asked.strong_moduli, asked.timeout, asked.by_trial) == (False, 9, True)
    assert asked.own == {"UsePAM": "yes", "X11Forwarding": "no", "Port": "22\n2222"}
    assert asked.group == Group("sftp", {"ForceCommand": "internal-sftp"})
    assert asked.expected == {"partner": {"MaxSessions": "2"}}
    assert asked.extra["/etc/x"] == File("new", 0o640)
    merged, removed = asked.extra[str(file)], asked.extra[str(file) + "2"]
    assert (merged.text or "").endswith("rest\n")
    assert "auth" in (merged.text or "")
    assert (merged.last, removed.text, removed.last) == (False, None, True)


def test_a_request_of_the_defaults(engine: Engine) -> None:
    run_task(sshd_change)
    (asked,) = engine.requests
    assert (asked.profile, asked.group, asked.by_trial, asked.extra) == (None, None, False, {})


def test_the_result_of_a_change(engine: Engine) -> None:
    engine.report = Report({"/b": ("1", "2"), "/a": ("", "x")}, ["a new key"], ["a note\x1b"], "admin", True)
    result = run_task(sshd_change)
    assert (result["changed"], result["waiting"], result["owner"]) == (True, True, "admin")
    assert result["files"] == ["/a", "/b"]
    assert result["changes"] == ["/a: written", "/b: written", "a new key"]
    assert [(each["before_header"], each["before"], each["after"]) for each in result["diff"]] == [
        ("/b", "1", "2"),
        ("/a", "", "x"),
    ]


def test_differences_are_printable(engine: Engine) -> None:
    engine.found = [Difference("root", "port", "22", "2\x1b")]
    result = run_task(sshd_change, state="verified")
    assert result["msg"] == "1 settings are not as expected"
    assert result["differences"] == [{"user": "root", "keyword": "port", "wanted": "22", "found": r"2\x1b"}]


@pytest.mark.parametrize(
    "options",
    [{"state": "gone"}, {"files": [{"content": "x"}]}, {"expected": [{"user": "x"}]}, {"expected": [{"settings": {}}]}],
)
def test_options_that_are_refused(options: dict[str, Any]) -> None:
    assert refusals_of(sshd_change, options)

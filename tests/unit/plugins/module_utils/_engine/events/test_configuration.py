# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts from reports of AIDE."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.configuration import (
    CHANGED,
    UNCHECKED,
    Configuration,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    CONFIGURATION_ACCEPTED,
    CONFIGURATION_ADDED,
    CONFIGURATION_CHANGED,
    CONFIGURATION_CHECKED,
    CONFIGURATION_REMOVED,
    Event,
    line_of,
    read_line,
)

DAY = 86400.0
SSHD = "/etc/ssh/sshd_config"
OTHER = {SSHD: {"size": {"old": 1, "new": 2}, "sha512": {"old": "a", "new": "b"}}}


def report(changed: dict[str, Any] = {}, state: str = "first", **parts: list[str]) -> bytes:  # noqa: B006
    return json.dumps(
        {
            "number_of_entries": {"total": 9, "changed": len(changed)},
            **{name: dict.fromkeys(names, "f+++") for name, names in parts.items()},
            **({"changed": dict.fromkeys(changed, "f > H"), "details": changed} if changed else {}),
            "databases": {"/var/lib/aide.db": {"sha256": state}},
        }
    ).encode()


class Scene:
    """A report on disk, and the state of each pass."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "report.json"
        self._saved: dict[str, Any] | None = None

    def write(self, text: bytes, moment: float) -> None:
        (self.path.parent / "new").write_bytes(text)
        os.utime(self.path.parent / "new", (moment, moment))
        os.replace(self.path.parent / "new", self.path)

    def events(self, now: float, up: float = 9e9) -> list[Event]:
        """Return the events of a pass; `checks` are the states of its checks."""
        configuration = Configuration(str(self.path), 0.0, self._saved)
        events = list(configuration.events(now, up))
        self.checks = [each.state for each in events if each.action == CONFIGURATION_CHECKED]
        self._saved = json.loads(json.dumps(configuration.saved()))
        self.differences, self.checked = configuration.differences, configuration.checked
        return [each for each in events if each.action != CONFIGURATION_CHECKED]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def rules(events: list[Event]) -> list[str]:
    return [each.alert.rule if each.alert else each.action for each in events]


def test_each_difference_is_an_alert_that_names_the_file(scene: Scene) -> None:
    scene.write(report(OTHER, added=["/etc/ssh/new\nname"], removed=["/etc/vsftpd.conf"]), 100.0)
    events = scene.events(160.0)
    assert [(each.action, each.path, each.moment) for each in events] == [
        (CONFIGURATION_ADDED, b"/etc/ssh/new\nname", 100.0),
        (CONFIGURATION_REMOVED, b"/etc/vsftpd.conf", 100.0),
        (CONFIGURATION_CHANGED, SSHD.encode(), 100.0),
    ]
    assert rules(events) == [CHANGED] * 3
    assert [(each.alert.observed, each.alert.expected) for each in events if each.alert] == [
        ("a new file", "no file"),
        ("no file", "the accepted file"),
        ("another size, sha512", "the accepted file"),
    ]
    assert scene.differences == 3
    line = json.loads(line_of(events[0]))
    assert (line["event"]["kind"], line["event"]["category"], "network" in line) == ("alert", ["configuration"], False)
    assert [read_line(line_of(each)) for each in events] == events


def test_a_difference_is_reported_once_until_it_changes(scene: Scene) -> None:
    scene.write(report(OTHER), 100.0)
    assert len(scene.events(160.0)) == 1
    assert scene.events(220.0) == []
    scene.write(report(OTHER), DAY)
    assert scene.events(DAY) == []
    scene.write(report({SSHD: {"sha512": {"old": "a", "new": "c"}}}), 2 * DAY)
    assert [each.path for each in scene.events(2 * DAY)] == [SSHD.encode()]


def test_a_change_that_is_accepted_can_be_reported_again(scene: Scene) -> None:
    scene.write(report(OTHER), 100.0)
    scene.events(100.0)
    scene.write(report(state="second"), 200.0)
    (accepted,) = scene.events(200.0)
    assert (accepted.action, accepted.state, accepted.alert) == (CONFIGURATION_ACCEPTED, "second", None)
    assert read_line(line_of(accepted)) == accepted
    assert scene.differences == 0
    scene.write(report(OTHER, state="second"), 300.0)
    assert rules(scene.events(300.0)) == [CHANGED]


def test_no_report_for_two_days_is_an_alert_once(scene: Scene) -> None:
    assert scene.events(DAY) == []
    assert rules(scene.events(2 * DAY + 1)) == [UNCHECKED]
    assert scene.events(3 * DAY) == []
    scene.write(report(), 3 * DAY)
    assert scene.events(3 * DAY) == []
    assert rules(scene.events(5 * DAY + 1)) == [UNCHECKED]


@pytest.mark.parametrize("text", [b"", b"WARNING: x\n{}", b"[" * 99999])
def test_a_report_that_cannot_be_read_is_an_alert_and_no_failure(scene: Scene, text: bytes) -> None:
    scene.write(report(OTHER), 50.0)
    scene.events(60.0)
    scene.write(text, 100.0)
    assert rules(scene.events(160.0)) == [UNCHECKED]
    assert (scene.events(220.0), scene.differences) == ([], 1)


def test_each_check_is_an_event_that_names_the_accepted_state(scene: Scene) -> None:
    """Root can write the memory of the collector, but not the memory of a log server."""
    scene.write(report(), 100.0)
    assert (scene.events(100.0), scene.checks) == ([], ["first"])
    assert (scene.events(160.0), scene.checks) == ([], [])
    scene.write(report(), DAY)
    assert (scene.events(DAY), scene.checks) == ([], ["first"])


def test_settings_that_compare_less_are_an_alert(scene: Scene) -> None:
    values = {**json.loads(report()), "different_attributes": {SSHD: "-p-u-g-s-sha512"}}
    scene.write(json.dumps(values).encode(), 100.0)
    (alert,) = scene.events(100.0)
    assert alert.alert is not None
    assert (alert.action, alert.alert.observed) == (UNCHECKED, "1 file of which not all is compared")


def test_a_time_in_the_future_does_not_hide_that_checks_end(scene: Scene) -> None:
    scene.write(report(), 9e9)
    assert (scene.events(100.0), scene.checked) == ([], 100.0)
    assert rules(scene.events(2 * DAY + 101)) == [UNCHECKED]


def test_a_host_that_was_off_has_time_for_its_check(scene: Scene) -> None:
    scene.write(report(), 100.0)
    scene.events(100.0)
    assert scene.events(9 * DAY, up=3600.0) == []
    assert rules(scene.events(9 * DAY, up=7201.0)) == [UNCHECKED]


def test_a_report_that_is_no_file_is_none(scene: Scene) -> None:
    """A fifo would stop the collector, a directory each of its passes."""
    os.mkfifo(scene.path)
    assert scene.events(100.0) == []
    scene.path.unlink()
    scene.path.mkdir()
    assert rules(scene.events(2 * DAY + 1)) == [UNCHECKED]


def test_a_report_of_any_size_takes_little_memory(scene: Scene) -> None:
    scene.write(report(added=[f"/etc/ssh/{number:0200d}" for number in range(6000)]), 100.0)
    assert rules(scene.events(100.0)) == [UNCHECKED]

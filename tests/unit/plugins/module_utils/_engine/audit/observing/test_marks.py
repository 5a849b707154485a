# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import upkeep as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    LOGIN,
    LOGIN_FAILED,
    UPLOAD,
    Event,
    line_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.marked_login import (
    FORGED_ADDRESS,
    FORGED_END,
    forged_name,
)

MARK = "probe-51ab0f0a9d1c5be2"


def settings(directory: Path, *events: Event) -> str:
    (directory / "events.jsonl").write_bytes(b"".join(map(line_of, events)))
    (directory / "events.json").write_text(json.dumps({"output": str(directory / "events.jsonl")}))
    return str(directory / "events.json")


def test_events_of_a_mark_and_of_the_forged_address(tmp_path: Path) -> None:
    now = time.time()
    path = settings(
        tmp_path,
        Event(now, LOGIN_FAILED, account=forged_name(MARK), address="198.51.100.7"),
        Event(now, LOGIN_FAILED, account="other", address="198.51.100.7"),
        Event(now, LOGIN, account="root", address=FORGED_ADDRESS),
    )
    (found,) = subject.marks([MARK], path)
    assert [each["address"] for each in found["events"]] == ["198.51.100.7"]
    assert [(each["action"], each["account"]) for each in found["forged"]] == [("login", "root")]
    assert fits([found], FORMS["marks"])


def test_events_of_a_marked_file(tmp_path: Path) -> None:
    now, mark = time.time(), "jail_probe-51ab0f0a9d1c5be2"
    path = settings(
        tmp_path,
        Event(now, UPLOAD, account="partner", address="198.51.100.7", path=b"/data/." + mark.encode() + FORGED_END),
        Event(now, UPLOAD, account="partner", address="198.51.100.7", path=b"/data/other"),
    )
    (found,) = subject.marks([mark], path)
    assert ([each["action"] for each in found["events"]], found["forged"]) == (["upload"], [])


def test_events_that_do_not_come(tmp_path: Path) -> None:
    (found,) = subject.marks([MARK], settings(tmp_path), patience=0.0)
    assert (found["events"], found["forged"]) == ([], [])


def test_nothing_is_read_without_a_mark() -> None:
    assert subject.marks([], "/none") == []


def test_without_a_collector(tmp_path: Path) -> None:
    with pytest.raises(Unobservable, match="events are not collected"):
        subject.marks([MARK], str(tmp_path / "none"))

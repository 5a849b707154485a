# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer of a job is stopped and comes back as it was; a fake systemctl keeps two units."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.job_timer import (
    JobRequest,
    Systemd,
    close_job,
    open_job,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed

ASKED = JobRequest("nightly", "/etc/closed_jobs")


class Units:
    """The timer and the service of one job."""

    def __init__(self, directory: Path, *, active: bool = True, enabled: bool = True, running: bool = True) -> None:
        self.active, self.enabled, self.running, self.loaded = active, enabled, running, True
        self.calls: list[tuple[str, ...]] = []
        self.host = Systemd(self.ask, self.run, os.geteuid(), str(directory))
        directory.chmod(0o755)

    def ask(self, *words: str) -> Completed:
        timer = words[-1].endswith(".timer")
        active = self.active if timer else self.running
        lines = (
            f"LoadState={'loaded' if self.loaded else 'not-found'}",
            f"ActiveState={'active' if active else 'inactive'}",
            f"UnitFileState={'enabled' if timer and self.enabled else 'static'}",
        )
        return Completed(0, "\n".join(lines), "")

    def run(self, *words: str, **_options: Any) -> None:
        self.calls.append(words)
        timer = words[-1].endswith(".timer")
        changes = {"disable": {"enabled": False}, "stop": {"active" if timer else "running": False},
                   "enable": {"enabled": True}, "start": {"active": True}}  # fmt: skip
        for word in words:
            self.__dict__.update(changes.get(word, {}))


@pytest.mark.parametrize(("active", "enabled"), [(True, True), (False, True), (True, False), (False, False)])
def test_the_former_state_comes_back(tmp_path: Path, active: bool, enabled: bool) -> None:
    units = Units(tmp_path, active=active, enabled=enabled)
    report = close_job(ASKED, units.host)
    assert (report.state, report.ended) == ("closed", True)
    assert (units.active, units.enabled, units.running) == (False, False, False)
    assert close_job(ASKED, units.host).changes == ()
    assert open_job(ASKED, units.host).state == "open"
    assert (units.active, units.enabled) == (active, enabled)
    assert open_job(ASKED, units.host).changes == ()


def test_check_mode(tmp_path: Path) -> None:
    units = Units(tmp_path)
    checked = ASKED._replace(check_mode=True)
    assert close_job(checked, units.host).ended
    assert not units.calls
    close_job(ASKED, units.host)
    calls = len(units.calls)
    assert open_job(checked, units.host).changes
    assert len(units.calls) == calls


def test_a_run_that_was_killed_after_the_record(tmp_path: Path) -> None:
    units = Units(tmp_path)
    close_job(ASKED, units.host)
    units.active = units.enabled = True
    close_job(ASKED, units.host)
    assert not units.active
    open_job(ASKED, units.host)
    assert units.active


def test_a_job_that_does_not_exist(tmp_path: Path) -> None:
    """Its name may be wrong: the job with the right name may run."""
    units = Units(tmp_path)
    units.loaded = False
    with pytest.raises(NotFound):
        close_job(ASKED, units.host)
    assert open_job(ASKED, units.host).changes == ()


def test_a_job_that_was_removed_since_it_was_closed(tmp_path: Path) -> None:
    units = Units(tmp_path)
    close_job(ASKED, units.host)
    units.loaded = False
    assert close_job(ASKED, units.host) == ((), "closed", False, "")
    calls = len(units.calls)
    opened = open_job(ASKED, units.host)
    assert (opened.state, opened.note) == ("open", "jobs: nightly was removed from this host")
    assert len(units.calls) == calls
    assert open_job(ASKED, units.host).changes == ()


def test_a_run_that_the_timer_starts_at_the_last_moment(tmp_path: Path) -> None:
    units = Units(tmp_path, running=False)
    stop = units.run

    def late(*words: str, **options: Any) -> None:
        stop(*words, **options)
        units.running = words[-1].endswith(".timer")

    report = close_job(ASKED, units.host._replace(run=late))
    assert (report.ended, units.running) == (True, False)


def test_a_damaged_record(tmp_path: Path) -> None:
    units = Units(tmp_path)
    close_job(ASKED, units.host)
    next((tmp_path / "etc/closed_jobs").iterdir()).write_text("{}")
    with pytest.raises(OperationFailed):
        open_job(ASKED, units.host)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a drill by a clock of the test."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.verdict import Phases, PhasesOfPull
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import COMPARING


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_phase_ends_where_the_next_begins() -> None:
    clock, entered = Clock(), []
    phases = Phases(clock, entered.append)
    for name, seconds in (("connect", 0.5), ("manifest", 0.25), ("manifest", 0.25), ("connect", 1.0)):
        phases.begin(name)
        clock.now += seconds
    phases.end()
    clock.now += 9
    phases.end()
    assert phases.milliseconds == {"connect": 1500, "manifest": 500}
    assert entered == ["connect", "manifest", "connect"]


def test_a_clock_that_goes_back_gives_no_time() -> None:
    clock = Clock()
    phases = Phases(clock)
    phases.begin("connect")
    clock.now -= 5
    phases.end()
    assert phases.milliseconds == {"connect": 0}


def test_the_steps_of_a_pull_begin_phases() -> None:
    clock, asked = Clock(), []
    phases = Phases(clock)
    phases.begin("connect")
    progress = PhasesOfPull(phases, before_transfer=asked.append)
    clock.now += 1
    progress.comparing(lambda: 7)
    assert (progress.phase, progress.state().entries) == (COMPARING, 7)
    clock.now += 2
    with progress.transfer(iter([10, 20])):
        clock.now += 4
    phases.end()
    assert phases.milliseconds == {"connect": 1000, "manifest": 2000, "transfer": 4000}
    assert asked == [30]
    assert progress.state().bytes_total == 30

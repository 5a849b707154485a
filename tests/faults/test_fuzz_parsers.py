# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every parser of untrusted bytes, with nearly valid and invalid input.

`test_guided_fuzz.py` runs the same parsers under a fuzzer that is guided by coverage.
"""

from __future__ import annotations

import gc
import time
import weakref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from support.fuzz.mutate import inputs
from support.fuzz.targets import TARGETS, Target, run_bounded
from support.running.peak_memory import peak_kib

EXAMPLES = 600
LONG_EXAMPLES = 20_000
MOST_MEMORY = 8 << 10
"""KiB by which a process may grow over all examples of one target, without the memory of Hypothesis."""


@pytest.mark.parametrize("name", TARGETS)
def test_only_its_own_errors_come_out(name: str, seed: int, long_run: bool) -> None:
    target, examples = TARGETS[name], LONG_EXAMPLES if long_run else EXAMPLES
    seen: list[bytes] = []
    for example in target.examples:
        run_bounded(target, example)

    @seeded(seed)
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(inputs(target.examples, target.limit))
    def trial(data: bytes) -> None:
        seen.append(data)
        run_bounded(target, data)

    begun = time.monotonic()
    trial()
    before = peak_kib(reset=True)
    for data in seen:
        run_bounded(target, data)
    grown = peak_kib() - before
    assert grown < MOST_MEMORY, f"{grown} KiB"
    assert len(seen) >= examples
    print(f"{len(seen)} examples in {time.monotonic() - begun:.1f} s, {grown} KiB")


def test_an_input_leaves_no_garbage_in_a_cycle() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.me = self

    left: list[weakref.ref[Cycle]] = []
    run_bounded(Target(lambda _data: left.append(weakref.ref(Cycle())), ()), b"")
    assert gc.isenabled()
    assert left[0]() is None

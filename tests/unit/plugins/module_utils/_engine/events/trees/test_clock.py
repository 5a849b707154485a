# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.kept_tree import (
    Moment,
    now,
    was_set_back,
)

EARLIER = Moment(1000.0, "boot", 500.0)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (Moment(1060.0, "boot", 560.0), False),
        (Moment(9000.0, "boot", 560.0), False),
        (Moment(1030.0, "boot", 560.0), True),
        (Moment(940.0, "boot", 560.0), True),
        (Moment(1030.0, "next boot", 20.0), False),
        (Moment(940.0, "next boot", 20.0), True),
    ],
)
def test_a_clock_that_was_set_back(later: Moment, expected: bool) -> None:
    assert was_set_back(EARLIER, later) is expected


def test_this_moment() -> None:
    first, second = now(), now()
    assert abs(first.wall - time.time()) < 60
    assert len(first.boot) == 32
    assert first.running <= second.running
    assert not was_set_back(first, second)

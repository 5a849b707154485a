# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invented accounts for the volume rules: bytes of each hour, of 56 days and more, from a seed.

nightly: a batch at two o'clock
people: an office, on working days from 8 to 18
feed: a file every quarter of an hour
rare: twice a month
"""

from __future__ import annotations

__all__ = ["FIRST_DAY", "KINDS", "history"]

import math
from collections.abc import Callable
from random import Random

FIRST_DAY = 20_454
"""2026-01-01, a Thursday, in days since 1970."""
MB = 1_000_000


def history(kind: str, days: int, seed: int) -> list[int]:
    """Return the bytes of each hour from midnight of `FIRST_DAY` on."""
    random = Random(f"{kind} {seed}")
    scale = random.lognormvariate(0, 0.5)
    return [int(scale * KINDS[kind](random, day, hour)) for day in range(days) for hour in range(24)]


def _nightly(random: Random, day: int, hour: int) -> float:
    size = random.lognormvariate(math.log(2_000 * MB), 0.12)
    late = Random(f"{day} of nightly").random() < 0.03
    return size if hour == (3 if late else 2) else 0


def _people(random: Random, day: int, hour: int) -> float:
    works = not _is_weekend(day) and 8 <= hour < 18
    active = random.random() < (0.55 if works else 0.004)
    return random.lognormvariate(math.log(40 * MB), 1.1) if active else 0


def _feed(random: Random, day: int, hour: int) -> float:
    return sum(random.lognormvariate(math.log(50 * MB), 0.35) for _quarter in range(4))


def _rare(random: Random, day: int, hour: int) -> float:
    return random.lognormvariate(math.log(400 * MB), 0.25) if day % 15 == 3 and hour == 10 else 0


def _is_weekend(day: int) -> bool:
    return (FIRST_DAY + day + 3) % 7 >= 5


KINDS: dict[str, Callable[[Random, int, int], float]] = {
    "nightly": _nightly,
    "people": _people,
    "feed": _feed,
    "rare": _rare,
}

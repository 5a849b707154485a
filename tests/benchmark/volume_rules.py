# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volume rules on invented accounts: false alarms in 28 days, and detections.

    PYTHONPATH=tests:.cache/collections .venv/bin/python -m benchmark.volume_rules [RUNS]

Each run has one account of each kind (`support/scenes/transfer_accounts.py`), 56 days of history and 28 watched days.
Four plain rules are there for comparison; the last rows are the rules of the collection with their defaults. The second
part plants a theft into the first watched day: ten times a busy hour, and 20 GB at 3 o'clock. The third part plants a
growth of the watched days.
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.volumes import (
    UPLOAD,
    Volumes,
)
from support.scenes.transfer_accounts import FIRST_DAY, KINDS, history

__all__ = ["PLAIN", "alarms", "detected", "main"]

BEFORE, WATCHED, DAYS_OF_RULE = 56, 28, 28
STOLEN = 20_000_000_000
RULES = ("volume_hour", "volume_day", "volume_drift")


def _mean_and_deviations(past: Sequence[float], _same: Sequence[float]) -> float:
    return statistics.fmean(past) + 3 * statistics.pstdev(past)


def _same_hour(_past: Sequence[float], same: Sequence[float]) -> float:
    median = statistics.median(same)
    return median + max(6 * statistics.median(abs(size - median) for size in same), 50_000_000)


def _largest(past: Sequence[float], _same: Sequence[float]) -> float:
    return max(3 * max(past), 50_000_000)


PLAIN: dict[str, Callable[[Sequence[float], Sequence[float]], float]] = {
    "mean + 3 deviations, all hours": _mean_and_deviations,
    "median + 6 MAD, same hour": _same_hour,
    "3 x largest hour": _largest,
}


def plain_alarms(hours: Sequence[int], rule: Callable[[Sequence[float], Sequence[float]], float]) -> int:
    """Return how many watched hours exceed the limit of a plain rule."""
    found = 0
    for index in range(BEFORE * 24, len(hours)):
        past = hours[index - DAYS_OF_RULE * 24 : index]
        found += hours[index] > 0 and hours[index] > rule(past, past[::24])
    return found


def alarms(hours: Sequence[int], days: int = WATCHED) -> Counter[str]:
    """Return how often each rule of the collection fires in the first watched days."""
    return Counter(rule for rule, _hour in fired(hours, days))


def fired(hours: Sequence[int], days: int = WATCHED) -> Iterator[tuple[str, int]]:
    """Yield the rules that fire in the watched days, and the hour, counted from the first watched day."""
    volumes, limits, start = Volumes(), VolumeLimits(), FIRST_DAY * 24
    for index, size in enumerate(hours[: (BEFORE + days) * 24 + 1]):
        watched = index - BEFORE * 24
        volumes.add("account", UPLOAD, (start + index) * 3600.0, size, learn=watched < 0)
        if watched < 0:
            continue
        for each in volumes.judge((start + index) * 3600.0, limits):
            yield each.unusual.rule, watched


def detected(hours: Sequence[int], hour: int, size: int) -> bool:
    """Return whether `size` more bytes in one watched hour are found."""
    planted = list(hours)
    planted[BEFORE * 24 + hour] += size
    return any(at == hour for _rule, at in fired(planted, hour // 24 + 1))


def grown(hours: Sequence[int], times: float) -> int | None:
    """Return the day on which a steady growth is found; None if it is not found in the watched days."""
    start = BEFORE * 24
    later = [int(times * size) for size in hours[start:]]
    return next((at // 24 for rule, at in fired([*hours[:start], *later]) if rule == "volume_drift"), None)


def main(runs: int) -> None:
    """Print the tables."""
    accounts = {kind: [history(kind, BEFORE + WATCHED + 1, seed) for seed in range(runs)] for kind in KINDS}
    print(f"False alarms for each account in {WATCHED} days ({runs} runs)\n")
    print("|", " | ".join(["rule", *KINDS]), "|")
    for name, rule in PLAIN.items():
        print(_row(name, [[plain_alarms(hours, rule) for hours in accounts[kind]] for kind in KINDS]))
    counted = {kind: [alarms(hours) for hours in accounts[kind]] for kind in KINDS}
    for rule in RULES:
        print(_row(f"`{rule}`", [[each[rule] for each in counted[kind]] for kind in KINDS]))
    print("\nFound, in percent of the runs\n")
    busy = {kind: [_busy_hour(hours) for hours in accounts[kind]] for kind in KINDS}
    ten = [
        [detected(hours, at, 9 * hours[BEFORE * 24 + at]) for hours, at in zip(accounts[kind], busy[kind], strict=True)]
        for kind in KINDS
    ]
    print(_row("ten times a busy hour", [[100 * each for each in column] for column in ten]))
    theft = [[detected(hours, 3, STOLEN) for hours in accounts[kind]] for kind in KINDS]
    print(_row("20 GB at 3 o'clock", [[100 * each for each in column] for column in theft]))
    for times in (1.3, 2.0):
        days = {kind: [grown(hours, times) for hours in accounts[kind]] for kind in KINDS}
        found = [[100 * (each is not None) for each in days[kind]] for kind in KINDS]
        print(_row(f"growth x {times}", found))
        first = [[each for each in days[kind] if each is not None] for kind in KINDS]
        print(_row("... median day", [[statistics.median(each)] if each else [-1] for each in first]))


def _busy_hour(hours: Sequence[int]) -> int:
    """Return the largest hour of the first watched day with bytes."""
    days = [hours[day * 24 : (day + 1) * 24] for day in range(BEFORE, BEFORE + WATCHED)]
    day = next(number for number, sizes in enumerate(days) if any(sizes))
    return day * 24 + days[day].index(max(days[day]))


def _row(name: str, columns: Sequence[Sequence[float]]) -> str:
    return "| %s | %s |" % (name, " | ".join("%.2f" % statistics.fmean(column) for column in columns))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)

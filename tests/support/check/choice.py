# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which groups of tests a run takes, given the ledger and the test files near to the changes.

    choose(groups, ledger, reached, landing=58, budget=3360, limit=14400)

First come the groups that passed longest ago, until a tenth of the time of all groups is full: so every group runs
within ten landings. Then come the groups that a change since their own last run reaches: on hosts, on Debian 13. If
both leave time of the budget, the reached groups on other systems follow, then further groups by age.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from .ledger import LONG, SYSTEMS, Ledger

LANDINGS = 10
"""Within so many landings every group runs."""
_GUESSED_SECONDS = {"hosts": 12.0, "trust": 12.0, "faults": 2.0}
_GUESSED_ELSEWHERE = 0.3


@dataclass(frozen=True)
class Choice:
    """due: by their age. reached: by a change. more: for the rest of the budget. left: reached, beyond the limit."""

    due: Sequence[str]
    reached: Sequence[str]
    more: Sequence[str]
    left: Sequence[str]

    @property
    def groups(self) -> list[str]:
        """Return all groups that run."""
        return [*self.due, *self.reached, *self.more]


class Times:
    """The seconds of each group: known by the ledger, else guessed by the number of its tests."""

    def __init__(self, groups: Mapping[str, Collection[str]], ledger: Ledger, form: str) -> None:
        self._seconds = {
            group: ledger.seconds(group, form) or len(tests) * guess(group) for group, tests in groups.items()
        }

    def of(self, *groups: str) -> float:
        """Return the sum of groups."""
        return sum(self._seconds[group] for group in groups)

    def until(self, groups: Iterable[str], most: float) -> Iterator[str]:
        """Yield those of the groups that fit."""
        for group in groups:
            if self.of(group) <= most:
                most -= self.of(group)
                yield group


def guess(group: str) -> float:
    """Return the seconds of a test of a group that never ran."""
    suite = group.partition("::")[0].split("/")[-2:][0]
    return _GUESSED_SECONDS.get(suite, _GUESSED_ELSEWHERE)


def choose(
    groups: Collection[str], ledger: Ledger, reached: Collection[str], times: Times, *, budget: float, limit: float
) -> Choice:
    """Choose the groups of a landing. budget and limit: seconds of tests, of all processes together."""
    by_age = sorted(groups, key=lambda group: (ledger.last(group).landing, group not in reached, crc32(group.encode())))
    due = _stalest(by_age, times, times.of(*groups) / LANDINGS)
    others = [group for group in by_age if group in reached and group not in due]
    always = [group for group in others if _is_first_system(group, groups)]
    taken = list(times.until(always, limit - times.of(*due)))
    rest = [group for group in others if group not in always]
    rest += [group for group in by_age if group not in {*due, *others}]
    more = list(times.until(rest, budget - times.of(*due, *taken)))
    return Choice(due, taken, more, [group for group in others if group not in {*taken, *more}])


def shard(groups: Iterable[str], number: int, of: int) -> list[str]:
    """Return one of several parts of the groups: neighbours, such as systems of a file, are in different parts."""
    return sorted(groups)[number - 1 :: of]


def lacking(ledger: Ledger, files: Iterable[str], is_same: Mapping[str, bool]) -> list[str]:
    """Return the groups of test files that did not pass in the long form on this content; a file without any group."""
    lines = {key: line for key, line in ledger.lines.items() if key[1] == LONG}
    absent = set(files) - {group.partition("::")[0] for group, _form in lines}
    return sorted({*absent, *(group for (group, _form), line in lines.items() if not is_same.get(line.commit))})


def proof(groups: Iterable[str], ledger: Ledger, landing: int) -> tuple[str, bool]:
    """Return a sentence on the oldest run of a group, and whether all groups ran within ten landings."""
    ages = {group: landing - ledger.last(group).landing for group in groups}
    oldest = max(sorted(ages), key=ages.__getitem__)
    if ages[oldest] <= LANDINGS:
        return f"Every group ran within the last {LANDINGS} landings; the oldest: {oldest}, {ages[oldest]} ago.", True
    old = sorted(group for group, age in ages.items() if age > LANDINGS)
    names = ", ".join(old)
    return f"{len(old)} of {len(ages)} groups did not pass within the last {LANDINGS} landings: {names}.", False


def _stalest(by_age: Sequence[str], times: Times, share: float) -> list[str]:
    taken: list[str] = []
    for group in by_age:
        if times.of(*taken) >= share:
            break
        taken.append(group)
    return taken


def _is_first_system(group: str, groups: Collection[str]) -> bool:
    """Return whether no group of the same file has an earlier system: Debian 13 is the first."""
    file, _colons, system = group.partition("::")
    earlier = SYSTEMS[: SYSTEMS.index(system)] if system in SYSTEMS else ()
    return not any(f"{file}::{each}" in groups for each in earlier)

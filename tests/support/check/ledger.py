# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger of the suites, `tests/ledger.txt`: when each group of tests passed, and how long it took.

    tests/hosts/test_mfa.py::debian13 short 58 65987afa1b2c 554.9 301.2 51,57

A line is a group, the form of the run, the landing and the commit of the last run that passed, its seconds and
processor seconds, and the landings in which a second try was necessary. A group is a file; on hosts it is a file and a
system, in Molecule a scenario. A landing is a commit that was tested: each commit with other files has the next number.
Lines are sorted, and git merges the file by union (.gitattributes): of two lines of a group and a form, the later
landing counts.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

FILE = "tests/ledger.txt"
SHORT, LONG = "short", "long"
NEVER = "-"
"""Stands for the commit of a group that has not passed yet."""
REMEMBERED = 20
"""For so many landings a second try counts."""
SYSTEMS = ("debian13", "debian12", "ubuntu2404")
_SYSTEM = re.compile("|".join(SYSTEMS))
_HEAD = "# group, form, landing, commit, seconds, processor seconds, landings with a second try; see CONTRIBUTING.md\n"

type Key = tuple[str, str]


def group_of(nodeid: str) -> str:
    """Return the group of a test in the ledger."""
    path, _colons, test = nodeid.partition("::")
    suite, name = path.split("/")[-2:] if "/" in path else ("", path)
    parameters = test.partition("[")[2].rstrip("]")
    if name == "test_molecule.py":
        return f"{path}::{parameters}"
    system = _SYSTEM.search(parameters) if suite == "hosts" else None
    return f"{path}::{system.group()}" if system else path


@dataclass(frozen=True)
class Passed:
    """The last run of a group that passed. second_tries: the landings in which it passed at the second try only."""

    landing: int = 0
    commit: str = NEVER
    seconds: float = 0.0
    processor: float = 0.0
    second_tries: tuple[int, ...] = ()


class Ledger:
    """The lines of a ledger, by group and form."""

    def __init__(self, lines: Mapping[Key, Passed]) -> None:
        self.lines = dict(lines)

    @property
    def landing(self) -> int:
        """Return the number of the last landing."""
        return max((line.landing for line in self.lines.values()), default=0)

    def last(self, group: str) -> Passed:
        """Return the last run of a group in either form."""
        return max((self.lines.get((group, form), Passed()) for form in (SHORT, LONG)), key=lambda line: line.landing)

    def seconds(self, group: str, form: str) -> float | None:
        """Return the seconds of a group in a form, else in the other form."""
        known = [self.lines[group, each].seconds for each in (form, SHORT, LONG) if (group, each) in self.lines]
        return next(filter(None, known), None)

    def next_landing(self, is_same: Callable[[str], bool]) -> int:
        """Return the number of a run now. is_same: whether a commit has the content of this run."""
        last = {line.commit for line in self.lines.values() if line.landing == self.landing}
        return self.landing if any(map(is_same, last)) else self.landing + 1

    def record(self, group: str, form: str, passed: Passed) -> None:
        """Note that a group passed, and forget its second tries of long ago."""
        before = self.lines.get((group, form), Passed()).second_tries
        kept = tuple(each for each in before + passed.second_tries if each > passed.landing - REMEMBERED)
        self.lines[group, form] = replace(passed, second_tries=kept)

    def keep_only(self, groups: Iterable[str], form: str) -> None:
        """Remove groups that do not exist any more, and add those that have not run in this form."""
        there = set(groups)
        gone = {key for key in self.lines if key[0] not in there and (form == LONG or key[1] == form)}
        kept = {key: line for key, line in self.lines.items() if key not in gone}
        self.lines = {**{(group, form): Passed() for group in there}, **kept}

    def repeated(self) -> list[str]:
        """Return the groups that needed a second try more than once in the remembered landings."""
        since = self.landing - REMEMBERED
        tries = Counter(group for (group, _form), line in self.lines.items() for n in line.second_tries if n > since)
        return sorted(group for group, count in tries.items() if count > 1)


def read(path: Path) -> Ledger:
    """Return the ledger of a file; an empty one if there is no file."""
    lines: dict[Key, Passed] = {}
    for text in path.read_text().splitlines() if path.exists() else ():
        if not text.startswith("#"):
            key, line = _parsed(text)
            lines[key] = _merged(lines[key], line) if key in lines else line
    return Ledger(lines)


def write(path: Path, ledger: Ledger) -> None:
    """Replace the file in one step: a run that is killed loses nothing."""
    texts = [
        f"{group} {form} {line.landing} {line.commit} {line.seconds:.1f} {line.processor:.1f}"
        f" {','.join(map(str, line.second_tries)) or '-'}\n"
        for (group, form), line in sorted(ledger.lines.items())
    ]
    path.parent.mkdir(exist_ok=True)
    # Ignored by git: other targets copy the tree meanwhile.
    new = path.with_name(f".ledger-{os.getpid()}")
    new.write_text(_HEAD + "".join(texts))
    new.replace(path)


def _parsed(text: str) -> tuple[Key, Passed]:
    try:
        group, form, landing, commit, seconds, processor, tries = text.split(" ")
        numbers = tuple(map(int, tries.split(","))) if tries != "-" else ()
        return (group, form), Passed(int(landing), commit, float(seconds), float(processor), numbers)
    except ValueError:
        raise ValueError(f"{FILE}: not a line of the ledger: {text!r}; remove it or restore the file") from None


def _merged(one: Passed, other: Passed) -> Passed:
    later = max(one, other, key=lambda line: line.landing)
    tries = Counter(one.second_tries) | Counter(other.second_tries)
    return replace(later, second_tries=tuple(sorted(tries.elements())))

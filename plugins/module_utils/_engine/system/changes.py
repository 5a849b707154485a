# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run changes on a host, noted before it is done; in check mode noted only."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

__all__ = ["Change", "JailReport", "Ledger"]


class Change(NamedTuple):
    """One difference: what is about, what was there, what is there afterwards."""

    path: str
    before: str
    after: str


class JailReport(NamedTuple):
    """changes: done or, in check mode, to be done; notes: what an operator should know; archives: paths of new ones.
    unlisted: accounts of jails that the request does not name."""

    changes: Tuple[Change, ...] = ()
    notes: Tuple[str, ...] = ()
    archives: Tuple[str, ...] = ()
    unlisted: Tuple[str, ...] = ()


class Ledger:
    """Notes changes; `change` says whether they shall be done too."""

    def __init__(self, *, check_mode: bool) -> None:
        self.check_mode = check_mode
        self._changes: List[Change] = []
        self._notes: List[str] = []
        self._archives: List[str] = []

    def change(self, path: str, before: str, after: str) -> bool:
        self._changes.append(Change(path, before, after))
        return not self.check_mode

    def note(self, text: str) -> None:
        self._notes.append(text)

    def archived(self, path: str) -> None:
        self._archives.append(path)

    def report(self) -> JailReport:
        return JailReport(tuple(self._changes), tuple(self._notes), tuple(self._archives))

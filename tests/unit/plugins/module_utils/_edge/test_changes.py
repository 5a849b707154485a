# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.changes import changes_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, ChangeReport

ENTRIES = (
    Change("/srv/jail", "missing", "directory 0:0 0755"),
    Change("/srv/jail/a", "0:0 0777", "0:0 0755"),
    Change("/etc/keys/old", "kept", "missing"),
)
UNIT = Change("/etc/a.mount", "missing", "[Unit]\nDescription=a\n")


def diff(*changes: Change) -> list[dict[str, str]]:
    return changes_result(ChangeReport(changes), check_mode=False)["diff"]


def test_entries_are_one_diff_with_a_line_each() -> None:
    (shown,) = diff(*ENTRIES)
    assert shown["before"] == "/srv/jail/a: 0:0 0777\n/etc/keys/old: kept\n"
    assert shown["after"] == "/srv/jail: directory 0:0 0755\n/srv/jail/a: 0:0 0755\n"


def test_a_file_has_a_diff_of_its_own_and_a_new_file_no_line_before() -> None:
    _entries, unit = diff(ENTRIES[0], UNIT)
    assert (unit["before_header"], unit["before"], unit["after"]) == (UNIT.path, "", UNIT.after)


def test_nothing_to_do_has_no_diff() -> None:
    assert diff() == []


def test_a_name_cannot_break_a_line() -> None:
    (shown,) = diff(Change("/srv/a\nb", "missing", "there"))
    assert shown["after"].count("\n") == 1

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that are recorded, and made only outside check mode."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, Changes


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_change_is_recorded_in_both_modes_and_made_in_one(check_mode: bool) -> None:
    changes = Changes(check_mode=check_mode)
    assert changes.record("/a", "missing", "directory") is not check_mode
    assert changes.report().changes == (Change("/a", "missing", "directory"),)


def test_the_report_has_all_in_order() -> None:
    changes = Changes(check_mode=False)
    for name in ("/b", "/a"):
        changes.record(name, "", "x")
    changes.note("look here")
    changes.archived("/archive.tar")
    report = changes.report()
    assert [each.path for each in report.changes] == ["/b", "/a"]
    assert (report.notes, report.archives, report.unlisted) == (("look here",), ("/archive.tar",), ())

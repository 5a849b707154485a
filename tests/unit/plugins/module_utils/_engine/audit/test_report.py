# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import counts
from support.scenes.audit_site import good_site


def test_counts_and_changes() -> None:
    report = good_site().without_check("9.2", "10.2").report()
    assert counts(report) == {"fail": 0, "not_measured": 2, "exempt": 0, "pass": 25}
    assert report.changes() == ()
    report = report._replace(before={"6.2": "fail", "6.1": "pass", "99": "pass"})
    assert [(row.control, before) for row, before in report.changes()] == [("6.2", "fail")]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (
            lambda site: site.values()["sets"][0]["findings"].append(
                {
                    "id": "changed_content",
                    "severity": "critical",
                    "observed": "seen",
                    "wanted": "other",
                    "source": "a text",
                }
            ),
            "fail",
            "release: changed_content: seen",
        ),
        (
            lambda site: site.values()["sets"][0]["findings"].append(
                {"id": "note", "severity": "info", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "pass",
            "",
        ),
        (lambda site: site.values()["sets"][0].update(since=""), "fail", "some files were never read"),
        (
            lambda site: site.values()["sets"][0].update(since="2025-10-01T00:00:00Z"),
            "fail",
            "some files were last read on 2025-10-01",
        ),
        (lambda site: site.values()["sets"][0].update(sequence=0), "not_measured", "release has no verified manifest"),
        (
            lambda site: site.values()["receipts"][0]["findings"].append(
                {"id": "gap", "severity": "critical", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "fail",
            "drills: gap: seen",
        ),
        (lambda site: site.values()["receipts"][0].update(newest=""), "not_measured", "drills has no receipt"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("4.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_result_without_a_value_hides_no_finding_of_the_others() -> None:
    site = good_site()
    site.values()["sets"].insert(0, {**site.values()["sets"][0], "problem": "lost: no answer"})
    row = site.row("4.2")
    assert (row.state, [each.reason for each in row.missing]) == ("not_measured", ["sets: lost: no answer"])
    site.values()["sets"][1].update(since="")
    assert (site.row("4.2").state, site.row("4.2").missing) == ("fail", row.missing)

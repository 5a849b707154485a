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
        (lambda site: site.values()["receipts"][0].update(drill=""), "fail", "drills: no drill has passed"),
        (
            lambda site: site.values()["receipts"][0].update(drill="2025-08-01T00:00:00Z"),
            "fail",
            "the newest passed drill is of 2025-08-01",
        ),
        (
            lambda site: site.values()["receipts"][0].update(drill="2025-12-02T00:00:00Z"),
            "fail",
            "the newest passed drill is of 2025-12-02",
        ),
        (
            lambda site: site.values()["receipts"][0]["findings"].append(
                {"id": "gap", "severity": "critical", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "fail",
            "drills: the chain of receipts is broken",
        ),
        (
            lambda site: site.values()["receipts"][0].update(failed="2025-11-30T00:00:00Z"),
            "fail",
            "drills: the newest drill, of 2025-11-30T00:00:00Z, has not passed",
        ),
        (
            lambda site: site.values()["receipts"][0].update(drill="none"),
            "not_measured",
            "no check of receipts has the option drill",
        ),
        (
            lambda site: site.values()["receipts"][0].update(drill="once"),
            "not_measured",
            "the time once cannot be read",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("9.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_result_without_a_value_hides_no_finding_of_the_others() -> None:
    site = good_site()
    site.values()["receipts"].insert(0, {**site.values()["receipts"][0], "problem": "lost: no answer"})
    row = site.row("9.1")
    assert (row.state, [each.reason for each in row.missing]) == ("not_measured", ["receipts: lost: no answer"])
    site.values()["receipts"][1].update(drill="")
    assert (site.row("9.1").state, site.row("9.1").missing) == ("fail", row.missing)


def test_receipts_of_transfers_decide_nothing_about_drills() -> None:
    site = good_site()
    chain = {**site.values()["receipts"][0], "name": "partner01", "of": "transfers", "problem": "lost: no answer"}
    site.values()["receipts"].append(chain)
    assert [site.row(control).state for control in ("4.2", "9.1", "10.1")] == ["not_measured", "pass", "pass"]

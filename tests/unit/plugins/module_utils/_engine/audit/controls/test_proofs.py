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
        (lambda site: site.values()["jobs"][0].update(proof="none"), "fail", "nightly: proof none"),
        (lambda site: site.values()["job_runs"][0].update(unproven=3), "fail", "nightly: 3 of 40 files without proof"),
        (lambda site: site.values()["job_runs"][0].update(broken_line=7), "fail", "record 7 does not follow"),
        (
            lambda site: site.values()["job_runs"][0].update(ended="2025-11-30T01:00:00Z"),
            "fail",
            "its newest successful run is of 2025-11-30",
        ),
        (
            lambda site: site.values()["job_runs"][0].update(ended="2025-12-02T00:00:00Z"),
            "fail",
            "its newest successful run is of 2025-12-02",
        ),
        (lambda site: site.values()["job_runs"][0].update(ended=""), "not_measured", "no successful run of nightly"),
        (
            lambda site: site.values()["transfers"][0].update(proof="none"),
            "fail",
            "partner01: out: proof none",
        ),
        (
            lambda site: site.values()["transfers"][0].update(unproven=1),
            "fail",
            "partner01: out: 1 of 3 files without proof",
        ),
        (
            lambda site: site.values()["transfers"][0].update(ended="2025-11-29T00:00:00Z"),
            "fail",
            "partner01: out: its newest successful run is of 2025-11-29",
        ),
        (
            lambda site: site.values()["transfers"][0].update(ended=""),
            "not_measured",
            "transfers: partner01: out has no receipt of a successful run",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("4.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_late_job_wants_a_run_within_its_own_time() -> None:
    site = good_site()
    site.values()["jobs"][0].update(late_after=7200)
    site.values()["job_runs"][0].update(ended="2025-11-30T01:00:00Z")
    assert [each.wanted for each in site.row("4.1").findings] == ["a run of the last 2 hours"]

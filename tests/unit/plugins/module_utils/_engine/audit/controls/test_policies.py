# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.catalogue import TITLES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.controls.policies import MEASURED_BY
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (lambda site: site.values()["policies"].pop(), "fail", "no policy of contacts"),
        (
            lambda site: site.values()["policies"][0].update(approved="2024-10-01T00:00:00Z"),
            "fail",
            "retention: approved on 2024-10-01",
        ),
        (
            lambda site: site.values()["policies"][0].update(approved="2026-10-01T00:00:00Z"),
            "fail",
            "retention: approved on 2026-10-01",
        ),
        (lambda site: site.values()["policies"].clear(), "not_measured", "policies: none is declared"),
        (
            lambda site: site.values()["retention"][0].update(written="2024-10-01T00:00:00Z"),
            "fail",
            "events: /var/log/x/events.jsonl-1: of 2024-10-01",
        ),
        (lambda site: site.values()["retention"].clear(), "not_measured", "retention: no events, log or archives"),
        (
            lambda site: site.values()["job_runs"][0].update(oldest="2024-10-01T00:00:00Z"),
            "fail",
            "records of nightly: of 2024-10-01",
        ),
        (lambda site: site.values()["job_runs"][0].update(oldest=""), "pass", ""),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("10.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_the_controls_that_measure_policies_exist() -> None:
    assert {control for controls in MEASURED_BY.values() for control in controls} <= set(TITLES)

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
        (lambda site: site.values()["second_factors"][1].update(factors=[]), "fail", "owner: no second factor"),
        (
            lambda site: site.values()["second_factors"][1].update(pending_until="2026-01-01T00:00:00Z"),
            "fail",
            "owner: logs in without a code until 2026-01-01",
        ),
        (lambda site: site.values()["second_factors"][1].update(pending_until="2025-11-01T00:00:00Z"), "pass", ""),
        (lambda site: site.values()["second_factors"].pop(), "not_measured", "not observed: owner"),
        (lambda site: setattr(site, "named", site.named._replace(people=())), "not_measured", "no account of a person"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("2.3")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_person_who_is_missing_hides_no_finding_of_the_others() -> None:
    site = good_site()
    site.named = site.named._replace(people=("gone", "root"))
    row = site.row("2.3")
    assert [each.observed for each in row.findings] == ["root: no second factor"]
    assert [each.reason for each in row.missing] == ["second_factors: not observed: gone"]

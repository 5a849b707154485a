# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"date": "2025-11-30T04:00:00Z"}, "pass"),
        ({"date": "2025-11-30T03:59:59Z"}, "fail"),
        ({"date": "2025-12-01T05:00:00Z"}, "fail"),
        ({"date": ""}, "not_measured"),
        ({"form": "text"}, "fail"),
        ({"form": "none", "path": ""}, "fail"),
        ({"form": "missing"}, "fail"),
        ({"form": "damaged"}, "fail"),
        ({"form": "another"}, "not_measured"),
    ],
)
def test_forms_and_ages(change: dict[str, Any], state: str) -> None:
    site = good_site()
    site.values()["revocation_list"].update(change)
    assert site.row("10.1").state == state


@pytest.mark.parametrize("other", ["none", "/srv/own"])
def test_an_account_with_another_list(other: str) -> None:
    site = good_site()
    site.settings("partner")["revokedkeys"] = [other]
    row = site.row("10.1")
    assert (row.state, row.findings[0].observed) == ("fail", f"partner: RevokedKeys {other}")


def test_the_policy_sets_the_age() -> None:
    site = good_site()
    site.policy = site.policy._replace(revocation_list_max_age=3600)
    assert site.row("10.1").findings[0].wanted == "a list of the last 60 minutes"


def _drill(**fields: Any) -> Any:
    return lambda site: site.values()["receipts"][1].update(fields)


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda site: site.values()["receipts"].pop(), "not_measured", "is of records of incident_drill"),
        (_drill(failed="2025-11-30T00:00:00Z"), "fail", "the newest drill, of 2025-11-30T00:00:00Z, has not passed"),
        (_drill(drill=""), "fail", "revocations: no drill of a revocation has passed"),
        (_drill(drill="2024-10-01T00:00:00Z"), "fail", "the newest passed drill is of 2024-10-01"),
        (_drill(drill="2025-12-02T00:00:00Z"), "fail", "the newest passed drill is of 2025-12-02"),
        (_drill(revoked_in=300_000), "pass", ""),
        (_drill(revoked_in=300_100), "fail", "every server refused the key after 300.1 s"),
        (_drill(revoked_in=-1), "fail", "has no time to revoke"),
        (_drill(findings=[{"id": "gap", "severity": "critical", "observed": "a", "wanted": "b"}]), "fail", "is broken"),
        (_drill(drill="once"), "not_measured", "the time once cannot be read"),
        (_drill(drill="none"), "not_measured", "no check of receipts has the option drill"),
    ],
)
def test_drills(change: Any, state: str, words: str) -> None:
    """They decide this control alone. Restores have their own."""
    site = good_site()
    change(site)
    row = site.row("10.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])
    assert site.row("9.1").state == "pass"


@pytest.mark.parametrize("first", ["none", "once"])
def test_no_chain_hides_the_next(first: str) -> None:
    """A check without the option drill, or a time that cannot be read, comes first."""
    site = good_site()
    receipts = site.values()["receipts"]
    receipts.insert(0, {**receipts[1], "drill": first})
    assert site.row("10.1").state == ("pass" if first == "none" else "not_measured")
    receipts[2]["drill"] = ""
    assert site.row("10.1").state == "fail"

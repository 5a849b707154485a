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
    assert site.row("10.1").findings[0].wanted == "a list of the last 1 hours"

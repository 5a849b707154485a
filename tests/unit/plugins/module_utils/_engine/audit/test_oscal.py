# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.exports import oscal_data
from support.scenes.audit_site import good_site


def test_states_and_identifiers() -> None:
    site = good_site().without_check("9.2")
    site.values()["revocation_list"]["form"] = "text"
    data = oscal_data(site.report())
    assert data == oscal_data(site.report())
    (result,) = data["assessment-results"]["results"]
    status = {each["target"]["target-id"]: each["target"]["status"] for each in result["findings"]}
    assert status["sftp-6.2_obj"] == {"state": "satisfied", "reason": "pass"}
    assert (status["sftp-10.1_obj"]["state"], status["sftp-10.1_obj"]["reason"]) == ("not-satisfied", "fail")
    assert (status["sftp-9.2_obj"]["state"], status["sftp-9.2_obj"]["reason"]) == ("not-satisfied", "other")
    known = [each["uuid"] for each in result["observations"]]
    assert len(set(known)) == len(known)
    related = {
        each["observation-uuid"] for finding in result["findings"] for each in finding.get("related-observations", [])
    }
    assert related == set(known)
    found = data["assessment-results"]
    (plan,) = found["back-matter"]["resources"]
    assert (found["import-ap"]["href"], plan["title"]) == (f"#{plan['uuid']}", "Scope and policy")


def test_a_report_without_hosts() -> None:
    site = good_site([])
    assert "observations" not in oscal_data(site.report())["assessment-results"]["results"][0]


def test_a_value_of_a_host_is_no_markup() -> None:
    site = good_site()
    site.change("revocation_list", value=None, reason="[see](https://evil.example) <b>now</b>")
    text = json.dumps(oscal_data(site.report()))
    assert "[see](" not in text
    assert "<b>" not in text
    assert json.dumps(r"\[see\]\(https://evil\.example\) \<b\>now\</b\>")[1:-1] in text

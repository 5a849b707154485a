# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.exports import sarif_data
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption
from support.scenes.audit_site import NOW, AuditSite, good_site


def results(site: AuditSite) -> dict[str, list[dict[str, object]]]:
    (run,) = sarif_data(site.report())["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [each["ruleId"] for each in run["results"]]
    return {rule: [each for each in run["results"] if each["ruleId"] == rule] for rule in rules}


def test_kinds_and_levels() -> None:
    site = good_site(["files1", "files2"]).without_check("9.2")
    site.values()["revocation_list"]["form"] = "text"
    site.change("key_files", "files2", value=None, reason="unreachable")
    found = results(site)
    assert [(each["kind"], each["level"]) for each in found["6.2"]] == [("pass", "none")]
    assert [(each["kind"], each["level"]) for each in found["10.1"]] == [("fail", "error")]
    assert [(each["kind"], each["level"]) for each in found["7.2"]] == [("open", "none")]
    assert [(each["kind"], each["level"]) for each in found["9.2"]] == [("open", "none")]


def test_an_exemption_suppresses() -> None:
    site = good_site()
    site.values()["revocation_list"]["form"] = "text"
    site.exemptions.append(Exemption("10.1", "A. Person", "soon", "2026-01-01", NOW + 1))
    (result,) = results(site)["10.1"]
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "A. Person, until 2026-01-01: soon"}
    ]


def test_a_value_of_a_host_is_no_link_and_no_placeholder() -> None:
    site = good_site()
    site.change("revocation_list", value=None, reason="[see the fix](https://evil.example) {0} a\\b")
    (result,) = results(site)["10.1"]
    assert r"\[see the fix\](https://evil.example) {{0}} a\\b" in result["message"]["text"]


def test_a_rule_has_the_demand_and_the_cure_of_its_control() -> None:
    site = good_site()
    site.values()["revocation_list"]["form"] = "text"
    rows = {row.control: row for row in site.report().rows}
    (run,) = sarif_data(site.report())["runs"]
    for rule in run["tool"]["driver"]["rules"]:
        row = rows[rule["id"]]
        assert rule.get("fullDescription", {"text": ""}) == {"text": row.wanted}
        assert rule.get("help", {"text": ""}) == {"text": row.cure}
        assert "" not in [each["text"] for each in rule.values() if isinstance(each, dict) and "text" in each]

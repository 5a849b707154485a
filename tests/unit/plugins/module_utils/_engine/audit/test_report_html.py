# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report_html import report_html
from support.scenes.audit_site import HOSTILE, NOW, good_site


def headings(page: str) -> list[str]:
    return [re.sub("<.*?>", "", each) for each in re.findall(r"<h2>(.*?)</h2>", page)]


def test_failures_are_first() -> None:
    site = good_site().without_check("9.2")
    site.values()["revocation_list"]["form"] = "text"
    site.values()["job_units"][0]["exposure"] = 9.0
    site.exemptions.append(Exemption("5.1", "A. Person", "a reason", "2026-01-01", NOW + 1))
    page = report_html(site.report())
    assert headings(page) == [
        *("Overview", "Changes", "All controls", "✗ Failures", "? Not measured", "◇ Exempt", "✓ Passes"),
        *("Policies", "Scope and limits"),
    ]
    assert "A. Person, until 2026-01-01: a reason" in page
    assert "Renew the list with key_revocation_list" in page
    assert page.count("Repeat the measurement of") == 26


def test_the_list_has_each_control_with_a_link_to_its_measurements() -> None:
    site = good_site().without_check("9.2")
    site.values()["revocation_list"]["form"] = "text"
    page = report_html(site.report())
    section = page.partition("<h2>All controls</h2>")[2].partition("</section>")[0]
    links = re.findall(r'href="#(control-[0-9-]+)"', section)
    assert len(links) == len(set(links)) == 27
    assert [each for each in links if f'id="{each}"' not in page] == []
    rows = [re.sub("<.*?>", " ", each).split() for each in re.findall(r"<tr .*?</tr>", section, re.S)[1:]]
    assert [row[0] for row in rows[:3]] == ["10.1", "9.2", "1.1"]
    assert " ".join(rows[2]).endswith("✓ pass measured on 1 host, no finding")


def test_changes() -> None:
    site = good_site()
    assert "This is the first report of its directory." in report_html(site.report())
    before = {row.control: row.state for row in site.rows()}
    page = report_html(site.report(before=before, before_made="2025-11-24T04:00:00Z"))
    assert "No control changed its state." in page
    page = report_html(site.report(before={**before, "6.2": "fail"}, before_made="2025-11-24T04:00:00Z"))
    assert "Changes since 2025-11-24 04:00:00 UTC" in headings(page)
    assert 'href="#control-6-2"' in page
    assert 'id="control-6-2"' in page
    assert "cannot be read" in report_html(site.report(before_problem="The report before cannot be read: x"))


def test_text_of_a_host_stays_text() -> None:
    site = good_site([HOSTILE])
    site.values(HOSTILE)["revocation_list"].update(path=HOSTILE, form="text")
    page = report_html(site.report())
    assert "<script" not in page
    assert "\u202e" not in page


def test_long_lists_end() -> None:
    site = good_site([f"host{number}" for number in range(60)])
    for name in site.observations:
        site.values(name)["revocation_list"]["form"] = "text"
    assert "10 more are in audit.json." in report_html(site.report())


def test_policies_are_shown_with_their_measurements() -> None:
    site = good_site()
    site.values()["policies"][2]["text"] = HOSTILE
    site.values()["jails"][1]["path"] = "none"
    page = report_html(site.report())
    section = page.partition("<h2>Policies</h2>")[2].partition("</section>")[0]
    rows = re.findall(r"<tr .*?</tr>", section, re.S)
    assert "<script" not in section
    access = next(row for row in rows if "access" in row)
    assert 'href="#control-5-2"' in access
    assert "✗ fail" in access
    assert "✓ pass" in access
    assert "no control measures it" in next(row for row in rows if "contacts" in row)
    assert "A. Person, 2025-10-01" in access
    site.change("policies", value=None)
    assert "Policies" not in headings(report_html(site.report()))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy_documents import (
    ALONE,
    policy_documents,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy_pages import policies_html
from support.scenes.audit_site import HOSTILE, AuditSite, good_site


def shown(site: AuditSite) -> str:
    report = site.report()
    return policies_html(report, policy_documents(report))


def test_each_policy_is_a_section() -> None:
    page = shown(good_site())
    assert [name in page for name in ("<h2>Retention</h2>", "<h2>Contacts</h2>")] == [True, True]
    assert page.count("Review until") == 5
    assert "✓ pass" in page
    assert "5 of 5" in page
    assert page.count(ALONE) == 5
    assert page.count("No control measures this policy.") == 1


def test_a_sentence_without_a_control_is_marked() -> None:
    site = good_site()
    site.values()["policies"][0]["statements"] = [{"text": "Nobody reads it.", "controls": []}]
    assert '<span class="soft">no control</span>' in shown(site)


def test_a_missing_policy_is_a_failure() -> None:
    site = good_site()
    site.values()["policies"].pop(0)
    assert "This policy is not declared." in shown(site)


def test_a_text_stays_a_text() -> None:
    site = good_site()
    site.values()["policies"][0].update(text=HOSTILE, approved_by=HOSTILE)
    page = shown(site)
    assert "<script" not in page
    assert "&lt;script&gt;" in page

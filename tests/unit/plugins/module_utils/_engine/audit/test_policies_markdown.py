# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy_documents import (
    policy_documents,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy_pages import (
    policies_markdown,
)
from support.scenes.audit_site import HOSTILE, AuditSite, good_site


def shown(site: AuditSite) -> str:
    report = site.report()
    return policies_markdown(report, policy_documents(report))


def test_each_policy_is_a_section_with_a_table() -> None:
    text = shown(good_site())
    assert text.count("\n## ") == 5
    assert "| SSH is modern | no finding on files1 | pass | 6.2 |" in text


def test_a_missing_policy_is_named() -> None:
    site = good_site()
    site.values()["policies"].pop(0)
    assert "This policy is **not declared**." in shown(site)


def test_a_text_begins_no_markup_and_no_line() -> None:
    site = good_site()
    site.values()["policies"][0].update(text=f"{HOSTILE}\n# taken | [x](https://example.com)")
    text = shown(site)
    assert "<script>" not in text
    assert "\n# taken" not in text
    assert "\\# taken \\| \\[x\\]\\(https\\://example.com\\)" in text


def test_a_host_puts_no_link_into_the_page() -> None:
    site = good_site()
    site.values()["authorized_keys"][0].update(type="www.evil.example/login WWW.evil.example", path="/x")
    text = shown(site)
    assert "www\\.evil.example/login WWW\\.evil.example" in text
    assert "www." not in text.lower()

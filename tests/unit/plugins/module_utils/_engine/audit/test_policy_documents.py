# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy_documents import (
    UNMEASURED,
    Line,
    PolicyDocument,
    policy_documents,
)
from support.scenes.audit_site import AuditSite, good_site


def documents(site: AuditSite) -> dict[str, PolicyDocument]:
    return {each.name: each for each in policy_documents(site.report())}


def line(document: PolicyDocument, declared: str) -> Line:
    return next(each for each in (*document.sentences, *document.limits) if each.declared.startswith(declared))


def with_statements(*statements: Any) -> AuditSite:
    site = good_site()
    site.values()["policies"][3]["statements"] = [{"text": text, "controls": numbers} for text, numbers in statements]
    return site


def test_each_policy_has_the_controls_that_measure_it() -> None:
    found = documents(good_site())
    assert list(found) == ["retention", "access", "encryption", "rotation", "contacts"]
    assert [each.controls for each in found["encryption"].limits] == [("1.3",), ("6.1",), ("6.2",), ("7.1",)]
    rotation = line(found["rotation"], "Keys and certificates")
    assert rotation.declared.endswith(": keys of at most 365 days, certificates with at least 14 days left")
    assert rotation.measured == (
        "no finding on files1; the oldest: /etc/ssh/ssh_host_ed25519_key on files1, of 2025-06-01"
    )
    assert (rotation.state, found["rotation"].approved, found["rotation"].due) == ("pass", "2025-10-01", "2026-11-05")


def test_a_text_without_statements_is_not_measured_by_itself() -> None:
    contacts = documents(good_site())["contacts"]
    assert (contacts.text, contacts.sentences, contacts.limits) == ("A text.", (), ())


def test_a_statement_is_measured_by_its_controls() -> None:
    site = with_statements(("Keys are young.", ["5.3", "2.1"]), ("Keys are on paper.", []))
    site.values()["key_files"][0]["changed"] = "2023-01-01T00:00:00Z"
    rotation = documents(site)["rotation"]
    young, paper = rotation.sentences
    assert (young.state, young.controls) == ("fail", ("5.3", "2.1"))
    assert young.measured.startswith("files1: /etc/ssh/ssh_host_ed25519_key: host key of")
    assert "no finding on files1" in young.measured
    assert paper == Line("Keys are on paper.", UNMEASURED)


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (
            lambda site: site.change("key_files", value=None, reason="no root"),
            "not_measured",
            "files1: key_files: no root",
        ),
        (lambda site: site.kinds, "pass", "no finding"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = with_statements(("Keys are young.", ["5.3"]))
    change(site)
    young = documents(site)["rotation"].sentences[0]
    assert young.state == state
    assert words in young.measured


def test_a_policy_that_is_missing_is_shown() -> None:
    site = good_site()
    site.values()["policies"].pop(0)
    retention = documents(site)["retention"]
    assert (retention.text, retention.approved) == ("", "")
    assert [each.controls for each in retention.limits] == [("10.2",)]


def test_without_policies_there_are_no_documents() -> None:
    site = good_site()
    site.change("policies", value=None, reason="none")
    assert documents(site) == {}

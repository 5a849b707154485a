# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit.audit_report import (
    documents,
    exemption,
    policy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy import AGES, Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest

NOW = 1764561600.0
POLICY = {
    **AGES,
    "ftps_only": [],
    "key_types": ["ED25519", "ED25519-SK", "RSA"],
    "rsa_bits": 4096,
    "exposure_max": 2.0,
}
GIVEN = {"control": "6.2", "hosts": ["files1"], "who": "A. Person", "why": "a reason", "until": "2025-12-01"}


def quiet(text: str) -> None:
    raise AssertionError(text)


def test_the_defaults_are_those_of_the_engine() -> None:
    assert policy(POLICY) == Policy()
    assert policy({**POLICY, "key_max_age": "2w"}).key_max_age == 14 * 86400


@pytest.mark.parametrize(
    ("name", "value"),
    [("key_max_age", "soon"), ("key_types", []), ("exposure_max", float("nan")), ("exposure_max", 11.0)],
)
def test_limits_without_a_value(name: str, value: Any) -> None:
    with pytest.raises(InvalidRequest, match=f"policy.{name}"):
        policy({**POLICY, name: value})


def test_the_last_day_counts_whole() -> None:
    found = exemption(GIVEN, NOW, quiet)
    assert found.covers("6.2", "files1", NOW)
    assert found.covers("6.2", "files1", 1764633599.0)
    assert not found.covers("6.2", "files1", 1764633600.0)


def test_an_exemption_that_has_ended_is_warned_of() -> None:
    warnings: list[str] = []
    exemption({**GIVEN, "until": "2025-11-30"}, NOW, warnings.append)
    assert warnings == ["The exemption of control 6.2 by A. Person ended on 2025-11-30."]


def test_an_exemption_has_an_end_within_a_year() -> None:
    assert exemption({**GIVEN, "until": "2026-12-02"}, NOW, quiet).until == "2026-12-02"
    for until in ("2026-12-03", "9999-12-31"):
        with pytest.raises(InvalidRequest, match="more than a year"):
            exemption({**GIVEN, "until": until}, NOW, quiet)


@pytest.mark.parametrize(
    ("name", "value"), [("who", " "), ("why", ""), ("until", "soon"), ("until", "2025-13-01"), ("until", "")]
)
def test_an_exemption_needs_who_why_and_until(name: str, value: str) -> None:
    with pytest.raises(InvalidRequest, match=f"exemptions.{name}"):
        exemption({**GIVEN, name: value}, NOW, quiet)


DOCUMENT = {
    "text": "Logs are kept for 90 days.",
    "approved_by": "A. Person",
    "approved": "2025-10-01",
    "statements": [{"text": "Logs are kept for 90 days.", "controls": ["10.2"]}],
}


def test_policies_that_are_declared() -> None:
    given = {"retention": DOCUMENT, "access": None, "encryption": None, "rotation": None, "contacts": DOCUMENT}
    found = documents(given)
    assert [each["name"] for each in found] == ["retention", "contacts"]
    assert found[0] == {"name": "retention", **DOCUMENT, "approved": "2025-10-01T00:00:00Z"}


@pytest.mark.parametrize(("name", "value"), [("text", " "), ("approved_by", ""), ("approved", "last year")])
def test_a_policy_needs_text_person_and_day(name: str, value: str) -> None:
    given = dict.fromkeys(("retention", "access", "encryption", "rotation", "contacts"))
    with pytest.raises(InvalidRequest, match=f"policies.access.{name}: "):
        documents({**given, "access": {**DOCUMENT, name: value}})  # type: ignore[dict-item]

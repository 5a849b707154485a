# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a rotation follows from the existing keys; an issued certificate is served only if it is valid."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.phases import (
    ANNOUNCED,
    IDLE,
    PROMOTED,
    Rotation,
    Schedule,
    due_at,
    is_due,
    issue_trouble,
    renewal_at,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.store import (
    Generation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.certificate import (
    CertificateFacts,
    read_certificate,
)
from support.servers.tls_authority import EXPIRED, NOT_YET_VALID, authority

SCHEDULE = Schedule(max_age=100.0, renew_before=30.0, announce=10.0, overlap=20.0)
CERTIFICATE = authority().server("files.example.com", "*.example.org", "192.0.2.1", "2001:db8::1")
FACTS = read_certificate(CERTIFICATE.der)
NOW = float(FACTS.not_before + 3600)


def generation(time: float, **parts: Any) -> Generation:
    return Generation(f"/keys/{time}", time, time, **parts)


OLD, NEW, NEWEST = generation(1000.0), generation(2000.0), generation(3000.0)


@pytest.mark.parametrize(
    ("others", "phase", "due"),
    [
        ([], IDLE, 2100.0),
        ([NEWEST], ANNOUNCED, 3010.0),
        ([OLD], PROMOTED, 2520.0),
        ([OLD, NEWEST], PROMOTED, 2520.0),
    ],
)
def test_the_phase_is_what_is_there(others: list[Generation], phase: str, due: float) -> None:
    rotation = Rotation(NEW, others, since=2500.0)
    assert (rotation.phase, due_at(rotation, SCHEDULE)) == (phase, due)
    assert (is_due(rotation, SCHEDULE, due), is_due(rotation, SCHEDULE, due - 1)) == (True, False)


def test_the_newest_follows_and_the_one_before_is_former() -> None:
    assert Rotation(OLD, [NEW, NEWEST], 0.0).successor == NEWEST
    assert Rotation(NEWEST, [OLD, NEW], 0.0).former == NEW


def test_a_certificate_is_renewed_before_its_end() -> None:
    assert renewal_at(generation(1.0, served=FACTS), SCHEDULE) == FACTS.not_after - 30
    assert renewal_at(generation(1.0), SCHEDULE) < 0


def trouble(names: list[str], now: float = NOW, **parts: Any) -> str:
    served = parts.pop("served", generation(1.0, served=FACTS))
    return issue_trouble(generation(2.0, **{"request": FACTS, "issued": FACTS, **parts}), served, names, now)


@pytest.mark.parametrize(
    "name",
    ["files.example.com", "FILES.Example.com", "any.example.org", "192.0.2.1", "2001:db8::1", "2001:DB8:0::1"],
)
def test_what_can_be_served(name: str) -> None:
    assert trouble([name]) == ""


@pytest.mark.parametrize("name", ["example.org", "a.b.example.org", "example.com", "192.0.2.2", "*.example.com"])
def test_a_name_that_is_lacking(name: str) -> None:
    assert trouble([name, "files.example.com"]) == f"it is not for {name}"


def facts(**options: Any) -> CertificateFacts:
    return read_certificate(authority().server("files.example.com", **options).der)


def test_what_cannot_be_served() -> None:
    assert trouble([], issued=None) == "it holds no certificate"
    assert trouble([], issued=facts()).startswith("it is for another key (sha256//")
    for validity in (EXPIRED, NOT_YET_VALID):
        other = facts(validity=validity)
        assert trouble([], request=other, issued=other) == "it is not valid now"
    same = generation(2.0, served=FACTS)
    assert issue_trouble(same._replace(issued=FACTS), same, [], NOW) == "it ends no later than the served certificate"

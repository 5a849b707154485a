# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import TITLES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.controls.policies import MEASURED_BY
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption
from support.scenes.audit_site import NOW, AuditSite, good_site


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (lambda site: site.values()["policies"].pop(), "fail", "no policy of contacts"),
        (
            lambda site: site.values()["policies"][0].update(approved="2024-10-01T00:00:00Z"),
            "fail",
            "retention: approved on 2024-10-01",
        ),
        (
            lambda site: site.values()["policies"][0].update(approved="2026-10-01T00:00:00Z"),
            "fail",
            "retention: approved on 2026-10-01",
        ),
        (lambda site: site.values()["policies"].clear(), "not_measured", "policies: none is declared"),
        (
            lambda site: site.values()["retention"][0].update(written="2024-10-01T00:00:00Z"),
            "fail",
            "events: /var/log/x/events.jsonl-1: of 2024-10-01",
        ),
        (lambda site: site.values()["retention"].clear(), "not_measured", "retention: no events, log or archives"),
        (
            lambda site: site.values()["job_runs"][0].update(oldest="2024-10-01T00:00:00Z"),
            "fail",
            "records of nightly: of 2024-10-01",
        ),
        (
            lambda site: site.values()["job_runs"][0].update(oldest=""),
            "not_measured",
            "job_runs: the oldest record of nightly has no time",
        ),
        (lambda site: site.values()["job_runs"][0].update(oldest="", ended=""), "pass", ""),
        (lambda site: site.values()["job_runs"].clear(), "not_measured", "the oldest record of any job has no time"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("10.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def stated(*statements: tuple[str, list[str]]) -> AuditSite:
    site = good_site()
    site.values()["policies"][1]["statements"] = [{"text": text, "controls": named} for text, named in statements]
    return site


def test_a_sentence_is_as_good_as_its_controls() -> None:
    site = stated(("Partners get SFTP alone, in a jail.", ["5.1", "5.2"]), ("Keys are young.", ["5.3"]))
    assert site.row("10.2").state == "pass"
    site.values()["jails"][1]["path"] = "none"
    row = site.row("10.2")
    shown = 'access: "Partners get SFTP alone, in a jail.": 5.2'
    assert [(each.host, each.observed, each.severity) for each in row.findings] == [("files1", shown, "medium")]
    site.exemptions.append(Exemption("5.2", "A. Person", "a reason", "2025-12-02", NOW + 1))
    assert site.row("10.2").state == "pass"


def test_a_sentence_whose_control_is_not_measured() -> None:
    site = stated(("Drills are made.", ["9.1"]), ("Partners are jailed.", ["5.2"]))
    site.values()["receipts"][0]["drill"] = "none"
    row = site.row("10.2")
    assert (row.state, row.missing[0].reason) == (
        *("not_measured", 'policies: not measured: access: "Drills are made.": 9.1'),
    )
    site.values()["jails"][1]["path"] = "none"
    assert site.row("10.2").state == "fail"  # a failure is named before a missing measurement


def test_a_sentence_about_this_control_itself() -> None:
    """Retention is measured by the other checks of the control."""
    site = stated(("Logs are kept for a year.", ["10.2"]))
    assert site.row("10.2").state == "pass"
    site.values()["retention"][0]["written"] = "2024-10-01T00:00:00Z"
    assert len(site.row("10.2").findings) == 1


def test_the_row_names_policies_and_sentences_without_a_measurement() -> None:
    site = stated(("Partners are jailed.", ["5.2"]), *((f"The owner decides {number}.", []) for number in range(7)))
    row = site.row("10.2")
    assert row.state == "pass"
    assert "names its controls: retention, encryption, rotation, contacts." in row.beyond
    assert 'No control measures: "The owner decides 0.", ' in row.beyond
    assert '"The owner decides 4." and 2 more.' in row.beyond


def test_the_controls_that_measure_policies_exist() -> None:
    assert {control for controls in MEASURED_BY.values() for control in controls} <= set(TITLES)

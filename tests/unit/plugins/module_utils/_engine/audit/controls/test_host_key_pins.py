# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (
            lambda site: site.values()["jobs"][0]["pins"][0].update(exists=False),
            "fail",
            "/etc/ssh/partners_known_hosts is missing",
        ),
        (lambda site: site.values()["jobs"][0]["pins"].clear(), "fail", "nightly: a file is missing"),
        (
            lambda site: site.values()["job_runs"][0].update(identity=""),
            "fail",
            "nightly: its newest run names no host key",
        ),
        (
            lambda site: site.values()["pins"][0]["pins"][0].update(state="expired"),
            "fail",
            "partners: the pin of a.example has expired",
        ),
        (
            lambda site: site.values()["pins"][0]["pins"][0].update(pattern=True),
            "fail",
            "a key is pinned for a.example",
        ),
        (lambda site: site.values()["pins"][0]["pins"][0].update(pattern=True, kind="authority"), "pass", ""),
        (lambda site: site.values()["pins"][0]["pins"].clear(), "not_measured", "partners has no pin"),
        (
            lambda site: (
                site.values()["pins"].insert(0, {"name": "empty", "problem": "", "pins": []})
                or site.values()["pins"][1]["pins"][0].update(state="expired")
            ),
            "fail",
            "partners: the pin of a.example has expired",
        ),
        (
            lambda site: site.change("pins", value=None, reason="it was not observed"),
            "not_measured",
            "pins: it was not observed",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("3.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_result_without_a_value_hides_no_finding_of_the_others() -> None:
    site = good_site()
    site.values()["pins"].insert(0, {**site.values()["pins"][0], "problem": "lost: no answer"})
    row = site.row("3.2")
    assert (row.state, [each.reason for each in row.missing]) == ("not_measured", ["pins: lost: no answer"])
    site.values()["pins"][1]["pins"][0].update(state="expired")
    assert (site.row("3.2").state, site.row("3.2").missing) == ("fail", row.missing)

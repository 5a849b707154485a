# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from support.scenes.audit_site import AuditSite, good_site


def pins(site: AuditSite) -> dict[str, Any]:
    """Return the file of pins of the first job."""
    found: dict[str, Any] = site.values()["jobs"][0]["pins"][0]
    return found


def missing(site: AuditSite, uid: int) -> None:
    """Add a file of pins that does not exist yet, in a directory of this user id."""
    file = {**copy.deepcopy(pins(site)), "exists": False}
    file["parts"].pop()
    file["parts"][-1]["uid"] = uid
    site.values()["jobs"][0]["pins"].append(file)


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (lambda site: pins(site)["parts"][-1].update(uid=1001), "fail", "known_hosts: owned by the user id 1001"),
        (lambda site: pins(site)["parts"][-1].update(mode="0664"), "fail", "known_hosts: mode 0664"),
        (lambda site: pins(site)["parts"][2].update(uid=1001), "fail", "known_hosts: /etc/ssh: owned by the user id"),
        (lambda site: pins(site)["parts"][1].update(mode="0777"), "fail", "known_hosts: /etc: mode 0777"),
        (lambda site: pins(site)["parts"][1].update(mode="rw"), "not_measured", "the mode rw cannot be read"),
        (lambda site: pins(site)["parts"].pop(), "not_measured", "/etc/ssh/partners_known_hosts was not observed"),
        (lambda site: pins(site)["parts"].pop(0), "not_measured", "the directory above /etc was not observed"),
        (lambda site: pins(site)["parts"].pop(2), "not_measured", "known_hosts was not observed"),
        (
            lambda site: pins(site)["parts"].clear(),
            "not_measured",
            "the directory above /etc/ssh/partners_known_hosts was",
        ),
        (lambda site: pins(site).update(exists=False), "not_measured", "nightly has no file with pins"),
        (lambda site: missing(site, uid=1001), "fail", "/etc/ssh: owned by the user id 1001"),
        (lambda site: missing(site, uid=0), "pass", ""),
        (lambda site: site.values()["jobs"][0]["pins"].clear(), "not_measured", "nightly has no file with pins"),
        (lambda site: site.values()["jobs"].clear(), "not_measured", "the host has no job"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("3.3")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_job_without_pins_hides_no_other_job() -> None:
    site = good_site()
    site.values()["jobs"][0]["pins"].clear()
    site.values()["jobs"][1]["pins"][0]["parts"][-1]["uid"] = 7
    row = site.row("3.3")
    assert (row.state, len(row.findings), len(row.missing)) == ("fail", 1, 1)

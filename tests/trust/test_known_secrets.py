# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised host in a scan for known secrets: its facts replace no value of the inventory."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compromised.trust_scene import TrustScene

FACTS = {
    "none": {},
    "of-another-name": {"flavour": "vanilla", "ansible_distribution": "Debian"},
    "itself": {"db_password": "harmless"},
    "in-its-template": {"kept_elsewhere": "harmless"},
}


@pytest.mark.parametrize("case", FACTS)
def test_facts_hide_no_secret_from_a_scan(case: str, tmp_path: Path) -> None:
    scene = TrustScene(tmp_path)
    local = scene.host("localhost")
    liar = scene.host("liar", db_password="{{ kept_elsewhere }}", kept_elsewhere="canary-81d4")
    if FACTS[case]:
        liar.facts("ping", **FACTS[case])
    scan = {"paths": [str(scene.controller)], "known_from": [".*_password"]}
    played = scene.play(
        [
            {"name": "Look at the hosts", "ansible.builtin.ping": {}},
            {
                "name": "Scan",
                "secure.ftp_synchronize.secret_scan": scan,
                "delegate_to": "localhost",
                "run_once": True,
            },
        ]
    )
    given = [each.arguments["_known_variables"] for each in local.asked if each.module == "secret_scan"]
    assert [list(each.values()) for each in given] == [["canary-81d4"]], played.output

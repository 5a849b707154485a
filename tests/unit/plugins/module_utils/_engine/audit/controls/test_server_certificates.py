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
            lambda site: site.values()["tls"]["findings"].append(
                {"id": "chain_untrusted", "severity": "high", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "fail",
            "chain_untrusted: seen",
        ),
        (
            lambda site: site.values()["tls"]["findings"].append(
                {"id": "host_name", "severity": "high", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "fail",
            "host_name: seen",
        ),
        (
            lambda site: site.values()["tls"]["findings"].append(
                {"id": "cipher_suite", "severity": "high", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "pass",
            "",
        ),
        (
            lambda site: site.values()["tls"]["not_checked"].append({"what": "chain", "why": "no file"}),
            "not_measured",
            "chain was not checked: no file",
        ),
        (lambda site: site.values()["tls"]["certificates"].clear(), "not_measured", "the server showed no certificate"),
        (
            lambda site: site.values()["job_runs"][1].update(identity=""),
            "fail",
            "legacy: its newest run names no certificate",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("3.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])

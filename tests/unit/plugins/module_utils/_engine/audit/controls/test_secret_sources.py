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
            lambda site: site.values()["secret_scan"]["findings"].append(
                {"id": "literal_secret", "severity": "high", "file": "/a.yml", "line": 3, "kind": "value of x"}
            ),
            "fail",
            "/a.yml:3: value of x",
        ),
        (
            lambda site: site.values()["secret_scan"]["findings"].append(
                {"id": "secret_in_debug", "severity": "high", "file": "/a.yml", "line": 3, "kind": "value of x"}
            ),
            "pass",
            "",
        ),
        (
            lambda site: site.values()["job_secrets"]["in_job_files"].append("nightly: options.password"),
            "fail",
            "nightly: options.password is written out",
        ),
        (
            lambda site: site.values()["job_secrets"]["in_cleartext"].append("/etc/credstore/a"),
            "fail",
            "/etc/credstore/a is not encrypted",
        ),
        (
            lambda site: site.values()["secret_scan"]["not_checked"].append("/a.yml: Permission denied"),
            "not_measured",
            "not checked: /a.yml: Permission denied",
        ),
        (lambda site: site.values()["secret_scan"]["checked"].update(files=0), "not_measured", "no file was read"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("8.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])

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
            lambda site: site.values()["jobs"][0].update(certificate="none", certificate_seconds=0),
            "fail",
            "nightly: a key without a certificate",
        ),
        (
            lambda site: site.values()["jobs"][0].update(certificate_seconds=90000),
            "fail",
            "nightly: a certificate of 25 hours",
        ),
        (
            lambda site: site.values()["jobs"][0].update(certificate_seconds=0),
            "not_measured",
            "lifetime of the certificate of nightly is not known",
        ),
        (lambda site: site.values()["jobs"].pop(0), "not_measured", "the host has no job over SFTP"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("8.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])

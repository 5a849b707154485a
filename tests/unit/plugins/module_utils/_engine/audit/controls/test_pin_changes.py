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
        (lambda site: site.values()["jobs"][0]["pins"].update(uid=1001), "fail", "is owned by the user id 1001"),
        (lambda site: site.values()["jobs"][0]["pins"].update(mode="0664"), "fail", "has the mode 0664"),
        (lambda site: site.values()["jobs"][0]["pins"].update(mode=""), "pass", ""),
        (lambda site: site.values()["jobs"][0]["pins"].update(mode="rw"), "not_measured", "the mode rw cannot be read"),
        (lambda site: site.values()["jobs"].clear(), "not_measured", "the host has no job"),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("3.3")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])

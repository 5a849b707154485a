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
        (lambda site: site.values()["vaults"][0].update(mount="/srv/jai"), "fail", "/srv/jail/partner is in no vault"),
        (lambda site: site.values()["vaults"][0].update(mount="/srv/jail/partner"), "pass", ""),
        (lambda site: site.values()["vaults"].clear(), "fail", "/srv/jail/partner is in no vault"),
        (
            lambda site: site.values()["vaults"][0].update(open=False),
            "not_measured",
            "the vault at /srv/jail is locked",
        ),
        (
            lambda site: setattr(site, "named", site.named._replace(encrypted=())),
            "not_measured",
            "no directory that must be encrypted",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("7.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])

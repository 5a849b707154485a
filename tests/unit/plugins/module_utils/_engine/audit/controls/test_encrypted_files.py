# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


def _mounted(point: str) -> Any:
    return lambda site: site.values()["vaults"][0].update(unencrypted=[point])


def _inner(is_open: bool) -> Any:
    """A vault in a vault: the inner vault has the files."""
    inner = {"unit": "inner", "mount": "/srv/jail/partner", "open": is_open, "unencrypted": []}
    return lambda site: site.values()["vaults"].append(inner)


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
        (_mounted("/srv/jail/partner/data"), "fail", "file system is mounted at /srv/jail/partner/data"),
        (_mounted("/srv/jail/partner"), "fail", "/srv/jail/partner: another file system is mounted at"),
        (_mounted("/srv/jail/partner2"), "pass", ""),
        (
            lambda site: site.values()["directories"][0].update(target="/plain"),
            "fail",
            "/srv/jail/partner, which leads to /plain, is in no vault",
        ),
        (lambda site: site.values()["directories"].clear(), "not_measured", "no answer about /srv/jail/partner"),
        (_inner(True), "pass", ""),
        (_inner(False), "not_measured", "the vault at /srv/jail/partner is locked"),
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

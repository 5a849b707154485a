# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that name revoked keys, as entries."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation.revoked_entries import (
    revoked_entries,
    revoked_spec,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.servers.ssh_keys import key


def test_each_kind_of_entry() -> None:
    ca = {"ca": key("ca").public, "serials": ["7-12"], "ids": ["bob"]}
    given = {"fingerprints": [key("lost").fingerprint], "keys": [key("old").public], "certificates": [ca]}
    assert set(given) == set(revoked_spec())
    assert [each.kind for each in revoked_entries(given)] == ["fingerprint", "key", "serial", "id"]


def test_an_authority_without_certificates() -> None:
    given = {"fingerprints": [], "keys": [], "certificates": [{"ca": key("ca").public, "serials": [], "ids": []}]}
    with pytest.raises(InvalidRequest, match="neither serials nor ids"):
        list(revoked_entries(given))

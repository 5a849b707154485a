# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module at_rest_vault: options in, result out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import at_rest_vault as edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, ChangeReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.engine import (
    VaultReport,
    VaultState,
)

GIVEN: dict[str, Any] = {
    "backend": "gocryptfs",
    "vaults": [{"name": "jails", "store": "/var/lib/vaults/jails", "mount": "/srv/jail", "owner": "root"}],
    "key": {
        "custody": "tpm2",
        "passphrase": "a passphrase of the operator",
        "url": "",
        "thumbprint": "",
        "pcr_ids": [7, 8],
    },
    "state": "unlocked",
}
STATE = VaultState("jails", "/srv/jail", "tpm2", locked=False, canary="hidden")


def test_the_request() -> None:
    request = edge.request(Task(GIVEN, check_mode=True))
    assert (request.backend, request.state, request.check_mode) == ("gocryptfs", "unlocked", True)
    assert (request.vaults[0].name, request.key.pcr_ids) == ("jails", "7,8")


def test_the_result_and_its_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    report = ChangeReport((Change("/srv/jail", "locked", "unlocked"),), ("a note",))
    monkeypatch.setattr(edge, "keep_vaults", lambda _request: VaultReport(report, (STATE,)))
    warned: list[str] = []
    result = edge.run(Task(GIVEN, warn=warned.append))
    assert (result["changed"], warned) == (True, ["a note"])
    assert result["vaults"] == [
        {"name": "jails", "mount": "/srv/jail", "custody": "tpm2", "locked": False, "canary": "hidden"}
    ]
    assert GIVEN["key"]["passphrase"] not in str(result)

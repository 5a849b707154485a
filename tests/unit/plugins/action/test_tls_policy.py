# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a host that have the names of options; the module is a stand-in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.tls_policy import ActionModule
from support.running.host_steps import answered

GIVEN = {"endpoint": {"host": "files.example.com"}}


def probed(monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any]) -> Any:
    return answered(monkeypatch, [{"changed": False, "findings": []}], GIVEN, ActionModule, facts=facts)


@pytest.mark.parametrize("name", ["audit_endpoint", "audit_scan_allowed", "ftps_server_profile"])
def test_a_fact_that_chooses_the_server_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = probed(monkeypatch, {name: {"host": "another"}})
    assert (result["error"]["code"], asked) == ("facts_refused", [])


def test_other_facts_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = probed(monkeypatch, {"os_family": "Debian"})
    assert (result["findings"], len(asked)) == ([], 1)

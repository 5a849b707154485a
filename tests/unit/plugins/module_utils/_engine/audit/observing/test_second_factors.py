# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pwd
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import accounts as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.info import MfaAccount


def test_accounts_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(names: Any, directory: str, address: str) -> Any:
        assert (directory, address) == (subject.DIRECTORY, "192.0.2.1")
        return [MfaAccount(name, ("totp",), "", "", "", True, 1764561600, None, 8) for name in names]

    monkeypatch.setattr(subject, "look_up", look_up)
    found = subject.second_factors([("root", pwd.getpwuid(0)), ("gone", None)], "192.0.2.1")
    assert found == [{"account": "root", "factors": ["totp"], "pending_until": "2025-12-01T04:00:00Z"}]
    assert fits(found, FORMS["second_factors"])

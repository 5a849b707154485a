# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The length of a password; errors never show it."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation.password_param import (
    checked_password,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def test_passwords() -> None:
    assert checked_password("a" * 16) == "a" * 16
    for password in ("b" * 15, "b" * 128, "b" * 16 + "\n"):
        with pytest.raises(InvalidRequest) as refused:
            checked_password(password)
        assert "bbb" not in str(refused.value.message + refused.value.cure)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The id of an account of this machine."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import id_of, user_id


def test_the_owner_of_a_directory() -> None:
    assert user_id("root") == 0
    with pytest.raises(InvalidRequest, match="no-such-account does not exist"):
        user_id("no-such-account")


def test_the_id_of_an_account() -> None:
    assert (id_of("root"), id_of("no such account")) == (0, None)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of a user: this machine has none of a user id that no account has."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import account_sessions

UNUSED = 4_000_000


def test_a_user_without_sessions() -> None:
    assert list(account_sessions.sessions_of(UNUSED)) == []
    assert account_sessions.end_sessions(UNUSED, 1e12) == 0

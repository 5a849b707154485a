# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of an account that cannot be opened again, or that two runs change at once."""

from __future__ import annotations

from ..errors import Refused


class KeyCompromised(Refused):
    """A key was in the account before it was closed, or sshd refuses it."""

    code = "key_compromised"


class KeyUnnamed(Refused):
    """A key, a line or a setting would open the account besides the named keys."""

    code = "key_unnamed"


class LedgerChanged(Refused):
    """Another run began to close or open the account after this run had begun."""

    code = "ledger_changed"


class NotClosed(Refused):
    """The account was not closed, or not completely: its former keys and passwords are not known."""

    code = "not_closed"


class PasswordCompromised(Refused):
    """A password was valid before the account was closed."""

    code = "password_compromised"


class PasswordUnnamed(Refused):
    """A password that was set meanwhile would open the account, and nothing shows that it is new."""

    code = "password_unnamed"


class UserShared(Refused):
    """Another account has the same user id, so their processes look alike."""

    code = "user_shared"

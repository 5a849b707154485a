# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons for which vaults are refused."""

from __future__ import annotations

from ..errors import Refused


class CustodyUnavailable(Refused):
    """The passphrase cannot be sealed or opened: no TPM, no tang server, or a tang server with another key."""

    code = "custody_unavailable"


class PassphraseWrong(Refused):
    """The passphrase does not open the vault."""

    code = "passphrase_wrong"


class VaultUnsafe(Refused):
    """Content would reach the disk unencrypted, or did."""

    code = "vault_unsafe"

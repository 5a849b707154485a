# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two public keys without owners: their private keys were never stored.

Each list of this collection revokes the first and never the second. So every host can check a list with a revoked and
an innocent key, without knowing its entries: an empty list, and a list that refuses everything, are found.
"""

from __future__ import annotations

from ..trust.fingerprint import PublicKey, parse_public_key


def _key(encoded: str) -> PublicKey:
    return parse_public_key("ssh-ed25519", encoded)


REVOKED = _key("AAAAC3NzaC1lZDI1NTE5AAAAIJh4K1hOMwI9YkPCnSUgMcYFHKZ1wpYtEJr7uBxCzPnH")
INNOCENT = _key("AAAAC3NzaC1lZDI1NTE5AAAAIOvNfQgoftrA03CBgN9TX5g6CfkiSzQvGkH9fFrBgnfM")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that a list works, by ssh-keygen's answers about a revoked, an innocent and further keys."""

from __future__ import annotations

from typing import Iterable

from ..errors import KrlEmpty, KrlIncomplete, KrlWrong
from ..trust.fingerprint import PublicKey
from .keygen import KrlFile
from .witnesses import INNOCENT, REVOKED


def require_working(file: KrlFile, keys: Iterable[PublicKey] = ()) -> None:
    """Raise KrlEmpty, KrlWrong, KrlIncomplete or KrlDamaged. keys: further keys that must be refused."""
    if not file.refuses(REVOKED):
        raise KrlEmpty(
            "the list does not revoke the key that every list of key_revocation_list revokes",
            cure="Make the list with key_revocation_list.",
        )
    if file.refuses(INNOCENT):
        raise KrlWrong("the list revokes a key that no list revokes", cure="Make the list with key_revocation_list.")
    for key in keys:
        if not file.refuses(key):
            raise KrlIncomplete(
                "keys: the list does not revoke %s" % key.fingerprint, cure="Add the key with key_revocation_list."
            )

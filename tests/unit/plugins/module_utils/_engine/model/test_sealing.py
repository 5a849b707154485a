# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of sealing: secrets never show."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import AGE, Identities


def test_secrets_are_not_shown() -> None:
    identities = Identities(AGE, ("AGE-SECRET-KEY-1CANARY",), "/etc/keys/age", "canary")
    assert "canary" not in repr(identities).lower()
    assert "/etc/keys/age" in repr(identities)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of key revocation lists.

Refused
|-- KrlDamaged     the file is not a whole key revocation list
|-- KrlEmpty       the list revokes nothing, or not the key that every list of this collection revokes
|-- KrlRollback    an older list than the installed list, or another list of the same version
|-- KrlIncomplete  a key that must be refused is not in the list
`-- KrlWrong       the list refuses a key that is not revoked, or lacks an entry of its source
"""

from __future__ import annotations

from ..errors import Refused


class KrlDamaged(Refused):
    code = "krl_damaged"


class KrlEmpty(Refused):
    code = "krl_empty"


class KrlRollback(Refused):
    code = "krl_rollback"


class KrlIncomplete(Refused):
    code = "krl_incomplete"


class KrlWrong(Refused):
    code = "krl_wrong"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second factors that sshd demands of each account, as mfa_info reports them."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from ...mfa.info import look_up
from ...mfa.pam_text import DIRECTORY
from ...model.utc import utc
from .accounts import Login


def second_factors(logins: Sequence[Login], address: str, directory: str = DIRECTORY) -> List[Dict[str, Any]]:
    """Return the factors of each account that exists, and the end of its time without a code ("" for none)."""
    names = [name for name, entry in logins if entry is not None]
    return [
        {
            "account": each.account,
            "factors": list(each.factors),
            "pending_until": "" if each.pending_until is None else utc(each.pending_until),
        }
        for each in look_up(names, directory, address=address)
    ]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encrypted directories of the role at_rest, and whether each is unlocked."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from ...system.vault_units import UNITS, all_vaults

__all__ = ["vaults"]


def vaults(units: str = UNITS) -> List[Dict[str, Any]]:
    """Return unit and mount point of each vault."""
    return [{"unit": each.name, "mount": each.mount, "open": os.path.ismount(each.mount)} for each in all_vaults(units)]

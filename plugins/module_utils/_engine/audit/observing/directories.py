# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The places that names of directories lead to: a part of a name may be a symbolic link."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Sequence

__all__ = ["directories"]


def directories(names: Sequence[str]) -> List[Dict[str, Any]]:
    """Return each name with the path that it leads to."""
    return [{"path": name, "target": os.path.realpath(name)} for name in names]

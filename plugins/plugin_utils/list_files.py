# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a revocation list and its signature on the controller, while no other run replaces them."""

from __future__ import annotations

__all__ = ["list_and_signature"]

import os
from pathlib import Path

from ..module_utils._edge.words import plain
from ..module_utils._engine.errors import NotFound
from ..module_utils._engine.system.directory_lock import locked


def list_and_signature(path: str, signature: str) -> tuple[bytes, bytes]:
    """Return both as the same run made them. Raises Locked, NotFound."""
    try:
        with locked(os.fsencode(os.path.dirname(path)), "this list"):
            return Path(path).read_bytes(), Path(signature).read_bytes()
    except OSError as error:
        raise NotFound(f"list: {plain(str(error))}", cure="Make the list with key_revocation_list.") from None

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that ssh-keygen gets for the bytes of a file."""

from __future__ import annotations

import os
from typing import IO

_SLOWEST = 8 << 20
"""Bytes a second, on a slow disk."""


def seconds_to_hash(file: IO[bytes]) -> float:
    """Return the time after which a program that hashes the file must have come to its end."""
    return os.fstat(file.fileno()).st_size // _SLOWEST

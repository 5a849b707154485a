# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SHA-256, the one digest of the engine."""

from __future__ import annotations

import hashlib

__all__ = ["DIGEST_SIZE", "sha256"]

DIGEST_SIZE = 32
"""Bytes of one digest."""

sha256 = hashlib.sha256
"""A new running hash: `update(data)`, then `digest()`. FIPS 180-4."""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buffer: bytes, a bytearray, or a view of memory."""

from __future__ import annotations

from typing import Union

Buffer = Union[bytes, bytearray, memoryview]

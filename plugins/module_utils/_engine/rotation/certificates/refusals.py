# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rotation of keys and certificates ends with where it cannot be."""

from __future__ import annotations

from ...errors import SyncError

__all__ = ["CertificateNotRotatable"]


class CertificateNotRotatable(SyncError):
    """The certificate of this server, or what was issued for it, cannot take the place of another."""

    code = "certificate_not_rotatable"

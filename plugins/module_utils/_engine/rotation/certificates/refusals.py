# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of a rotation of keys and certificates."""

from __future__ import annotations

from ...errors import SyncError


class CertificateNotRotatable(SyncError):
    """The certificate of this server, or an issued certificate, cannot be replaced or served."""

    code = "certificate_not_rotatable"

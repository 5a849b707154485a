# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why addresses that guess are not banned."""

from __future__ import annotations

from ..errors import SyncError


class BanFailed(SyncError):
    """fail2ban does not take the configuration, or does not start the jail."""

    code = "ban_failed"

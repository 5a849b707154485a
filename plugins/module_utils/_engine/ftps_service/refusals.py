# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the configuration of an FTPS server is not changed, or does not serve."""

from __future__ import annotations

from ..errors import InvalidRequest, Refused, SyncError


class ServiceMissing(InvalidRequest):
    """The server to configure is not installed."""

    code = "service_missing"


class ServiceFailed(SyncError):
    """The server on this host does not work."""

    code = "service_failed"


class ConfigUnsafe(Refused):
    """The configuration file is a link, or others could write it."""

    code = "config_unsafe"


class CandidateFailed(Refused):
    """The new configuration does not serve, or does not keep the policy."""

    code = "candidate_failed"

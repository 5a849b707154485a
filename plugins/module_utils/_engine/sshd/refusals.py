# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of a change of sshd's configuration that is refused or was not confirmed."""

from __future__ import annotations

from ..errors import SyncError


class SshdMissing(SyncError):
    """There is no sshd on this host."""

    code = "sshd_missing"


class ConfigurationInvalid(SyncError):
    """sshd itself refuses the configuration."""

    code = "sshd_config_invalid"


class NotAsWanted(SyncError):
    """sshd would not apply the requested settings."""

    code = "sshd_not_as_wanted"


class OwnerLockedOut(SyncError):
    """The account that makes the change could not log in afterwards."""

    code = "owner_locked_out"


class PortTaken(SyncError):
    """Another service uses a port for sshd."""

    code = "port_taken"


class NotOverSsh(SyncError):
    """The module was not reached over SSH: no login could prove anything."""

    code = "not_over_ssh"


class NotConfirmed(SyncError):
    """No new login proved the change; the previous files are restored."""

    code = "not_confirmed"


class NotRotatable(SyncError):
    """The host keys of this server cannot be rotated with a second key."""

    code = "host_keys_not_rotatable"

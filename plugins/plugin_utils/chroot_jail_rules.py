# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of the options of the role chroot_jail, checked on the controller before any change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..module_utils._engine.errors import InvalidRequest

_MOST_DAYS = 36500


def require_chroot_jail(options: Mapping[str, Any], _path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest."""
    days = options["chroot_jail_archive_days"]
    if not 0 <= days <= _MOST_DAYS:
        raise InvalidRequest(
            "chroot_jail_archive_days: must be a number from 0 to %d, and is %d" % (_MOST_DAYS, days),
            cure="Set chroot_jail_archive_days to a number of days, or to 0 to keep all archives.",
        )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of the options of chroot_jail."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import require_chroot_jail


@pytest.mark.parametrize("days", [0, 1, 36500])
def test_days_that_a_host_can_keep(days: int) -> None:
    require_chroot_jail({"archive_days": days}, str)


@pytest.mark.parametrize("days", [-1, 36501])
def test_days_that_no_host_can_keep(days: int) -> None:
    with pytest.raises(InvalidRequest, match=rf"chroot_jail_archive_days: .* and is {days}"):
        require_chroot_jail({"archive_days": days}, str)

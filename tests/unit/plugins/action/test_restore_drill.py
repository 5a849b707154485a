# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill shows its progress as a sync does, and takes its endpoint from the inventory."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.action.restore_drill import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.action.secure_sync import ActionModule as SyncAction
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.endpoint_action import EndpointAction


def test_it_does_as_a_sync() -> None:
    assert issubclass(ActionModule, SyncAction)
    assert issubclass(ActionModule, EndpointAction)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of drills."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.request import (
    DrillPolicy,
    DrillReport,
)


def test_without_numbers_nothing_is_demanded() -> None:
    assert DrillPolicy() == (None, None, None, 0)
    assert DrillReport({}).error is None

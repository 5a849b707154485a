# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Days and types as people write them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import host_key_rotation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest

DEFAULTS = {name: spec["default"] for name, spec in host_key_rotation.spec()["argument_spec"].items()}


@pytest.mark.parametrize("option", ["max_age", "announce", "overlap"])
@pytest.mark.parametrize("days", [-1.0, float("nan"), float("inf"), 36501.0])
def test_what_is_no_number_of_days_is_refused(option: str, days: float) -> None:
    with pytest.raises(InvalidRequest, match=option):
        host_key_rotation.run(Task({**DEFAULTS, option: days}, check_mode=True))

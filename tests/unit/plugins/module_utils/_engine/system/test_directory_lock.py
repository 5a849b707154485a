# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only one run at a time works in a directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.directory_lock import locked


def test_a_second_run_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    refused = pytest.raises(Locked, match="another run works on this list")
    with locked(bytes(tmp_path), "this list"), refused, locked(bytes(tmp_path), "this list", patience=0):
        pytest.fail("two runs at once")
    with locked(bytes(tmp_path), "this list", patience=0):
        assert list(tmp_path.iterdir()) == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file in memory has a path during the block alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.memory_file import in_memory


def test_another_process_reads_it_as_often_as_it_wants() -> None:
    with in_memory(b"canary") as path:
        assert Path(os.readlink(path)).name == "memfd:secure_sync (deleted)", "in no directory"
        for _time in range(2):
            assert subprocess.run(["cat", path], check=True, capture_output=True).stdout == b"canary"
    assert not os.path.exists(path)

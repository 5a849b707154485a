# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import host_files
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def task(mode: str) -> Task:
    file = {"path": "/etc/x", "content": "text", "mode": mode}
    return Task({"directories": [{"path": "/etc", "mode": "0755"}], "files": [file]}, check_mode=True)


def test_modes_are_octal() -> None:
    asked = host_files.request(task("0640"))
    assert (asked.files[0].mode, asked.directories[0].mode, asked.check_mode) == (0o640, 0o755, True)
    with pytest.raises(InvalidRequest, match="mode: 'rw' is not octal"):
        host_files.request(task("rw"))

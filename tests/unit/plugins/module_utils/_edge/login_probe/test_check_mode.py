# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of logins try none in check mode: the port has no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import ftps_probe, sftp_probe
from support.running.tasks import run_task

SFTP = {"host": "127.0.0.1", "host_keys": ["SHA256:" + "A" * 43], "ssh_config_file": "none"}


@pytest.mark.parametrize(("edge", "options"), [(ftps_probe, {}), (sftp_probe, SFTP)])
def test_nothing_is_tried(edge: Edge, options: dict[str, Any], tmp_path: Path) -> None:
    given = {"port": 1, "username": "partner", "password": "secret", **options}
    if edge is ftps_probe:
        given["certificate_file"] = str(tmp_path / "none.pem")
    assert run_task(edge, check=True, **given) == {"changed": False, "msg": "not tried in check mode"}
    assert run_task(edge, **given)["failed"]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import host_certificate
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def test_the_states(tmp_path: Path) -> None:
    params = {"private_key_file": str(tmp_path / "key"), "certificate_file": str(tmp_path / "pem"), "certificate": None}
    asked = host_certificate.run(Task({**params, "state": "requested"}))
    assert (asked["changed"], asked["certificate"]) == (True, "")
    assert asked["request"].startswith("-----BEGIN CERTIFICATE REQUEST-----")
    installed = host_certificate.run(Task({**params, "state": "installed", "certificate": "pem\n"}))
    assert (installed["changed"], (tmp_path / "pem").read_text()) == (True, "pem\n")
    assert not host_certificate.run(Task({**params, "state": "installed", "certificate": "pem\n"}))["changed"]


@pytest.mark.parametrize("state", ["signed", "issued"])
def test_a_host_signs_nothing(state: str) -> None:
    with pytest.raises(InvalidRequest, match="a host signs nothing"):
        host_certificate.request(Task({"state": state}))

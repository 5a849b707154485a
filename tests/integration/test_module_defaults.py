# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults of a module apply only to that module, defaults of the group `endpoint` only to its members."""

from __future__ import annotations

from pathlib import Path

from support.running.play import Play


def test_defaults_reach_their_modules_alone(tmp_path: Path) -> None:
    defaults = {
        "secure.ftp_synchronize.host_key_pin_info": {"path": str(tmp_path / "pins")},
        "group/secure.ftp_synchronize.endpoint": {"host": "[", "username": "partner"},
    }
    (tmp_path / "pins").write_text("")
    tasks = [
        {"secure.ftp_synchronize.host_key_pin_info": {}},
        {"secure.ftp_synchronize.sftp_probe": {}},
        {"secure.ftp_synchronize.account_keys": {"path": "/x", "account": "/", "holder": "x", "keys": []}},
    ]
    pins, probe, keys = Play(tmp_path, keywords={"module_defaults": defaults}).run(tasks).results
    assert pins["pins"] == []
    assert probe["msg"].startswith("host: ")
    assert keys["msg"].startswith("account: ")

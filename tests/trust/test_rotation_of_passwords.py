# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised job host in a rotation of passwords: the servers keep the old password, which other jobs may need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.compromised.estate import Estate

GIVEN = {"name": "files1-prices", "error": None}


@pytest.mark.parametrize(
    ("answer", "settles"),
    [
        ({"jobs": [GIVEN]}, True),
        ({"ansible_facts": {"exchange_job_host": "vault"}}, False),
        ({"add_host": {"host_name": "vault"}}, False),
        ({"failed": True, "jobs": "{{ password_rotation_stored }}", "msg": "{{ password_rotation_stored }}"}, False),
    ],
)
def test_the_old_password_stays(answer: dict[str, Any], settles: bool, tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    for server in estate.servers:
        server.answer("account_password", {"settled": False})
    estate.client.answer("sync_job", answer)
    played = estate.playbook("rotate_passwords", "--limit", "files1", password_rotation_overlap=0)
    asked = [each for each in estate.servers[0].asked if each.module == "account_password"]
    assert [each.arguments["state"] for each in asked] == ["beside", *(["sole"] if settles else [])], played.output
    assert played.failed() == (set() if settles else {"files1"})
    assert estate.vault.asked == []
    assert "canary" not in played.output

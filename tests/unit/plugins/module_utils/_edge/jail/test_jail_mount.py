# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request and the result of jail_mount; the engine is a double."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_mount
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.mounts import MountRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, ChangeReport
from support.running.tasks import run_task


@pytest.mark.parametrize("check", [False, True])
def test_a_task(monkeypatch: pytest.MonkeyPatch, *, check: bool) -> None:
    requests: list[MountRequest] = []

    def engine(request: MountRequest) -> ChangeReport:
        requests.append(request)
        return ChangeReport((Change("/srv/jail", "not mounted", "nosuid"),))

    monkeypatch.setattr(jail_mount, "keep_mounts", engine)
    result = run_task(jail_mount, check=check, path="/srv//jail/", jails=["a", "b"], state="absent")
    assert requests == [MountRequest("/srv/jail", ("a", "b"), "absent", check)]
    assert (result["changed"], result["msg"]) == (True, f"1 change {'to be made' if check else 'made'}")
    assert result["changes"] == [{"path": "/srv/jail", "before": "not mounted", "after": "nosuid"}]


def test_a_path_that_turns_is_refused() -> None:
    assert run_task(jail_mount, path="/srv/../etc", jails=[])["error"]["code"] == "invalid_request"

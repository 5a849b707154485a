# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request and the result of jail_tree; the engine is a double."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import JailRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, ChangeReport
from support.running.tasks import params_of

REPORT = ChangeReport((Change("/srv/jail/a\x1b", "missing", "directory"),), ("a note\x1b",), ("/backup/a",), ("left",))


@pytest.mark.parametrize("check", [False, True])
def test_a_task(monkeypatch: pytest.MonkeyPatch, *, check: bool) -> None:
    requests: list[JailRequest] = []

    def engine(request: JailRequest) -> ChangeReport:
        requests.append(request)
        return REPORT

    monkeypatch.setattr(jail_tree, "keep_jails", engine)
    warnings: list[str] = []
    given = params_of(jail_tree, {"jails": [{"name": "a"}], "refuse_unlisted": True})
    result = jail_tree.run(Task(given, check_mode=check, warn=warnings.append))
    (request,) = requests
    assert (request.base, [each.name for each in request.jails]) == ("/srv/jail", ["a"])
    assert (request.check_mode, request.refuse_unlisted) == (check, True)
    assert (result["changed"], result["msg"]) == (True, f"1 change {'to be made' if check else 'made'}")
    assert result["changes"] == [{"path": r"/srv/jail/a\x1b", "before": "missing", "after": "directory"}]
    assert (result["archives"], result["unlisted"]) == (["/backup/a"], ["left"])
    assert result["notes"] == warnings == [r"a note\x1b"]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit import audit_observe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import Observed
from support.running.tasks import params_of, run_task


def test_observations_are_printable_and_have_a_time() -> None:
    seen = Observed("jails", "source", "method", value=[{"path": "/srv/\udcff\x1b"}])
    result = audit_observe.result([seen, Observed("job_units", "s", "m", reason="no systemd")])
    assert result["observations"][0]["value"] == [{"path": "/srv/\\xff\\x1b"}]
    assert result["observations"][0]["time"].endswith("Z")
    assert result["msg"] == "1 observations; without a value: job_units"
    assert audit_observe.result([seen])["msg"] == "1 observations"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"address": "nearby"}, "address: 'nearby' is not an address"),
        ({"accounts": ["a b"]}, "accounts"),
        ({"marks": ["probe-0"]}, "marks: 'probe-0' is not a mark"),
        ({"marks": [".*"]}, "marks: '.*' is not a mark"),
    ],
)
def test_invalid_options(options: dict[str, object], words: str) -> None:
    result = run_task(audit_observe, **options)
    assert result["error"]["code"] == "invalid_request"
    assert words in result["msg"]


def test_marks_of_all_probes_and_of_none() -> None:
    marks = ["probe-51ab0f0a9d1c5be2", "", *(f"{kind}_probe-51ab0f0a9d1c5be2" for kind in ("jail", "tls"))]
    asked = audit_observe.request(Task(params_of(audit_observe, {"marks": marks})))
    assert asked.marks == (marks[0], *marks[2:])

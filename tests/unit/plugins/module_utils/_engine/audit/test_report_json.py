# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.exports import (
    read_states,
    report_data,
)
from support.scenes.audit_site import good_site

SCHEMA = json.loads((Path(__file__).parents[6] / "docs/audit.schema.json").read_text())


def test_it_meets_its_schema_which_refuses_others() -> None:
    site = good_site(["files1", "files2"])
    site.values()["revocation_list"]["form"] = "text"
    site.change("key_files", value=None, reason="stat failed")
    data = json.loads(json.dumps(report_data(site.report(before={"6.2": "fail"}, before_made="2025-11-24T04:00:00Z"))))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(data, SCHEMA)
    data["rows"][0]["state"] = "unknown"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_the_next_report_reads_the_states() -> None:
    data = report_data(good_site().report())
    states, made = read_states(json.dumps(data))
    assert made == "2025-12-01T04:00:00Z"
    assert states == {row["control"]: row["state"] for row in data["rows"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": 2}',
        '{"schema": 1}',
        '{"schema": 1, "made": "", "rows": [{"control": "1", "state": "x"}]}',
    ],
)
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"schema|form|state|Expecting"):
        read_states(text)

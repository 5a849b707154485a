# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of jobs, held against the published schema.

records = valid_records(path.read_text())
"""

from __future__ import annotations

__all__ = ["VALIDATOR", "valid_records"]

import json
from typing import Any

from jsonschema import Draft202012Validator

from ..running.examples import ROOT

VALIDATOR = Draft202012Validator(json.loads((ROOT / "docs/job_record.schema.json").read_text()))


def valid_records(lines: str) -> list[dict[str, Any]]:
    """Return the records of some lines; fail if the schema forbids one of them."""
    records = [json.loads(line) for line in lines.splitlines()]
    for record in records:
        VALIDATOR.validate(record)
    return records

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every finding has a row, and every row is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe import catalogue
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import (
    CATALOGUE,
    finding,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES

FOLDER = Path(catalogue.__file__).parent


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_row_is_whole(code: str) -> None:
    made = finding(code, "seen")
    assert (made.id, made.observed) == (code, "seen")
    assert made.severity in SEVERITIES
    assert made.wanted
    assert made.source


def test_every_row_is_used() -> None:
    text = "".join(path.read_text() for path in FOLDER.glob("*.py") if path.name != "catalogue.py")
    assert set(CATALOGUE) - set(re.findall(r'"([a-z_]+)"', text)) == set()

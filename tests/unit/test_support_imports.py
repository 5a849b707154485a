# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests import `support` by that name alone: under two names, a class would exist twice, and isinstance would fail."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
OTHER_NAME = re.compile(r"^\s*(?:from|import)\s+(?:\S+\.)?tests\.support\b", re.MULTILINE)


def test_support_has_one_name() -> None:
    files = [path for part in ("unit", "integration", "hosts", "support") for path in (TESTS / part).rglob("*.py")]
    assert len(files) > 100
    assert [str(path.relative_to(TESTS)) for path in files if OTHER_NAME.search(path.read_text())] == []


def test_another_name_would_be_seen() -> None:
    name = "ansible_collections.secure.ftp_synchronize.tests.support"
    assert OTHER_NAME.search(f"import os\nfrom {name}.play import Play\n")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make mutate`, on a file whose tests are short: every defect is tried, and most are found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = "plugins/module_utils/_engine/events/probe/answer.py"


def mutate(*words: str) -> str:
    (ROOT / ".pytest_cache").mkdir(exist_ok=True)  # as after each run of pytest
    command = [sys.executable, str(ROOT / "scripts/mutate"), *words]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_defects_of_a_file_are_found() -> None:
    printed = mutate("--seconds=600", FILE)
    killed, tried = map(int, re.search(r"^(\d+) of (\d+) mutants killed, 0 not tried$", printed, re.M).groups())
    assert tried >= killed > 2, printed
    assert len(re.findall(rf"^{FILE}:\d+: .*  ->  ", printed, re.M)) == tried - killed


def test_the_changed_files_are_the_default() -> None:
    assert "mutants killed" in mutate("--seconds=1")

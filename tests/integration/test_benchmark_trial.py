# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/bench with a part of the work: each contender runs, and its copies are right.

The figures mean nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from support.running.patience import HANG_SECONDS

BENCH = Path(__file__).parents[2] / "scripts" / "bench"
WORKS = "renamed,changed-blocks,memory-10k,memory-10k-idle,million,million-idle"
CONTENDERS = "secure_sync,lftp -P4,rclone tuned,rsync"
SECTIONS = {
    "10,000 files of 4 KiB in a renamed directory",
    "1 file of 1 GiB with 1 % of its blocks changed, at 20 ms round trip",
    "1,000,000 empty files",
    "Nothing to do, 1,000,000 empty files",
    "Memory",
    "Growth",
}


def measured(page: Path, works: str, contenders: str, scale: str, *options: str) -> str:
    words = ["--only", works, "--contenders", contenders, "--output", str(page), "--scale", scale, "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, str(BENCH), *words, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=8 * HANG_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert "| failed" not in text, done.stderr
    return text


def test_a_line_that_drops(tmp_path: Path) -> None:
    text = measured(tmp_path / "page.md", "dropping,ftps-dropping", "secure_sync,rsync", "4", "--direction=push")
    assert len(re.findall(r"^\| (secure_sync, server hash|rsync --partial) +\| +[0-9.]+ ", text, re.MULTILINE)) == 3


def test_each_contender_has_a_figure(tmp_path: Path) -> None:
    text = measured(tmp_path / "page.md", WORKS, CONTENDERS, "1000")
    assert set(re.findall(r"^## (.*?)(?:, 1/1000 of it)?$", text, re.MULTILINE)) >= SECTIONS

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflows call targets that exist, pin every action, and have no right that they do not need. The set-up knows
the packages of all programs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]


def called(path: Path) -> set[str]:
    """Return the targets that a workflow calls, also through its matrices."""
    text = path.read_text()
    words = re.findall(r"make ([a-z -]+[a-z])", "\n".join(step.get("run", "") for step in steps(path)))
    words += re.findall(r"target: \[(.*)\]", text)
    return set(re.findall(r"[a-z-]+", " ".join(words))) - {"python"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_target_exists(path: Path) -> None:
    named = {word for word in called(path) if not word.startswith("-")}
    assert named
    assert named <= TARGETS


def test_the_workflow_calls_all_parts_of_make_test() -> None:
    makefile = (ROOT / "Makefile").read_text()
    parts = re.findall(r"\$\(MAKE\)(?: --\S+)* (.*)", makefile.partition("\nchecks:")[2].partition("\n\n")[0])
    assert set(" ".join(parts).split()) | {"unit", "suites"} <= called(ROOT / ".github/workflows/ci.yml")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_rights_are_few(path: Path) -> None:
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]) for step in steps(path) if "uses" in step)
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_every_program_has_a_package(tmp_path: Path) -> None:
    """On a machine without any of the programs, and without apt, the set-up names the packages."""
    lists = re.findall(r"^\w+_PROGRAMS +:= (.*(?:\\\n.*)*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    programs = {word for words in lists for word in words.split() if word[0] not in "$\\"} - {"python"}
    text = (ROOT / "scripts/install-programs").read_text().replace("PATH=$PATH:/usr/sbin:/sbin", f"PATH={tmp_path}")
    asked = [shutil.which("bash"), "-c", text.replace('test -e "$1"', "false"), "install-programs", *sorted(programs)]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (ran.returncode, len(ran.stderr.partition("apt-get install ")[2].split())) == (1, len(programs)), ran.stderr

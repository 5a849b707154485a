# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/migrate.md names options of other programs that exist: the programs themselves decide."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml
from support.running.other_collections import with_collection

PAGE = (Path(__file__).parents[2] / "docs/migrate.md").read_text()


def named(heading: str) -> set[str]:
    """Return the code words of the first columns below a heading."""
    text = PAGE.partition(f"## From {heading}")[2].partition("\n## ")[0]
    return {
        word for cell in re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", cell)
    }


def output(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def test_rclone_has_the_options() -> None:
    known = set(re.findall(r"--[a-z0-9-]+", output("rclone", "help", "flags")))
    assert len(named("rclone")) > 30
    assert named("rclone") - known == set()


def test_mirror_of_lftp_has_the_options() -> None:
    options = sorted(word for word in named("lftp mirror") if word.startswith("--"))
    assert len(options) > 15
    # The last option keeps lftp from starting to mirror.
    for option in [*options, "--bogus"]:
        answer = output("lftp", "-c", f"mirror {option}=1 --not-an-option")
        assert (f"unrecognized option '{option}" in answer) == (option == "--bogus"), answer


def test_lftp_has_the_settings() -> None:
    known = {line.split()[1] for line in output("lftp", "-c", "set -da").splitlines() if line.startswith("set ")}
    settings = {word.split()[1] for word in named("lftp mirror") if word.startswith("set ")}
    assert len(settings) > 10
    assert settings - known == set()


def test_synchronize_has_the_options() -> None:
    module = Path(with_collection("ansible.posix"), "ansible_collections/ansible/posix/plugins/modules/synchronize.py")
    block = re.search(r"^DOCUMENTATION = r?['\"]{3}(.*?)['\"]{3}", module.read_text(), re.MULTILINE | re.DOTALL)
    assert block
    words = {word for word in named("ansible.posix.synchronize") if not word.startswith("--")}
    assert len(words) > 20
    assert words - set(yaml.safe_load(block[1])["options"]) == set()

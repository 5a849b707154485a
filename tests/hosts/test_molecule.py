# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios of Molecule, which run the roles on all systems: `make molecule` runs one as a developer does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(path.parent.name for path in (ROOT / "extensions/molecule").glob("*/molecule.yml"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("molecule"), "test", "-s", name],
        env={**os.environ, "ANSIBLE_HOME": str(ROOT / ".cache/ansible")},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout

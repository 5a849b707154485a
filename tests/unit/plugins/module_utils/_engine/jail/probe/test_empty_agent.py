# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent without keys, as ssh-add sees it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.login import EmptyAgent


def test_ssh_add_finds_no_key_and_the_agent_ends(tmp_path: Path) -> None:
    agent = EmptyAgent(str(tmp_path / "agent"))
    command = ["ssh-add", "-l"]
    environment = {**os.environ, "SSH_AUTH_SOCK": str(tmp_path / "agent")}
    for _number in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
        assert (done.returncode, "agent refused operation" in done.stderr) == (1, True), done
    agent.close()

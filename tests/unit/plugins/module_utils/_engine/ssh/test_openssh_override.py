# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for one host that override a whole file; ssh itself shows their meaning."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_override import (
    write_override,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    """Yield a private directory."""
    made = ChildProcesses()
    yield made
    made.close()


def asked(config: str, host: str) -> dict[str, str]:
    """Return ssh's settings for a host."""
    done = subprocess.run(["ssh", "-F", config, "-G", host], capture_output=True, text=True, check=True, timeout=10)
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())


def test_the_lines_win_for_their_host_alone(guard: ChildProcesses) -> None:
    other = guard.write("target", "Host files\n  Port 2222\nHost *\n  UpdateHostKeys no\n  User deploy\n")
    config = write_override(guard, "files", ["UpdateHostKeys yes", "UserKnownHostsFile none"], other)
    files, gate = asked(config, "files"), asked(config, "gate")
    assert (files["updatehostkeys"], files["userknownhostsfile"]) == ("true", "none")
    assert (files["port"], files["user"]) == ("2222", "deploy"), "the rest is that of the other file"
    assert (gate["updatehostkeys"], gate["port"], gate["user"]) == ("false", "22", "deploy")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ssh_config(5) file whose lines for one host override another file."""

from __future__ import annotations

from typing import Sequence

from ..system.child_processes import ChildProcesses

__all__ = ["write_override"]


def write_override(guard: ChildProcesses, host: str, lines: Sequence[str], config: str) -> str:
    """Write it; gives its path. config: the other file, in the guard's directory. The first value wins."""
    text = "Host %s\n%sHost *\n  Include %s\n" % (host, "".join("  %s\n" % line for line in lines), config)
    return guard.write("override", text)

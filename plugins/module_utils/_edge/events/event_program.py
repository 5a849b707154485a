# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the programs of the role transfer_monitoring, each as one file, from this collection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..._engine.jobs.program_archive import program_archive, program_sources

STARTS: Mapping[str, str] = {
    "events": "_engine/events/main.py",
    "probe": "_engine/events/probe/main.py",
    "trees": "_engine/events/trees/main.py",
}
"""Name of a program -> the file that it starts with."""


def program(name: str = "events") -> bytes:
    """Return a program, the same bytes from the same collection."""
    library = str(Path(__file__).resolve().parents[2])
    return program_archive(program_sources(library, STARTS[name]), STARTS[name])

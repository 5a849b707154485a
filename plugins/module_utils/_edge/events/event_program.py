# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collector of events as one file, from this collection."""

from __future__ import annotations

from pathlib import Path

from ..._engine.jobs.program_archive import program_archive
from ..._engine.jobs.program_sources import program_sources

__all__ = ["START", "program"]

START = "_engine/events/main.py"


def program() -> bytes:
    """Return the program, the same bytes from the same collection."""
    library = str(Path(__file__).resolve().parents[2])
    return program_archive(program_sources(library, START), START)

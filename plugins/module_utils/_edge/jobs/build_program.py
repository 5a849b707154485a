# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build a program as one file from this collection."""

from __future__ import annotations

from pathlib import Path

from ..._engine.jobs.program_archive import program_archive, program_sources

START = "_edge/jobs/program.py"


def program(start: str = START) -> bytes:
    """Return the program that starts with a file of the library, the same bytes from the same collection."""
    library = str(Path(__file__).resolve().parents[2])
    return program_archive(program_sources(library, start), start)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build a program as one file from this collection; sync.pyz by python3 -m ...build_program PATH."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Sequence

from ..._engine.jobs.program_archive import program_archive, program_sources
from ..._engine.system.durable_files import put

START = "_edge/jobs/program.py"
_MODE = 0o755


def program(start: str = START) -> bytes:
    """Return the program that starts with a file of the library, the same bytes from the same collection."""
    library = str(Path(__file__).resolve().parents[2])
    return program_archive(program_sources(library, start), start)


def main(words: Sequence[str]) -> int:
    """Write the program to the path of the command line, and return the exit status."""
    if len(words) != 1:
        sys.stderr.write("usage: build_program PATH\n")
        return 2
    put(str(Path(words[0]).absolute()), program(), _MODE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of the program: a file of this library, and all files that it imports, directly or not."""

from __future__ import annotations

import ast
import os
from pathlib import PurePosixPath
from typing import Dict, Iterator


def program_sources(library: str, start: str) -> Dict[str, bytes]:
    """Return the files by their path below the directory `library`. start: the first file, for example jobs/main.py."""
    found: Dict[str, bytes] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = _content(library, path)
            waiting += [each for each in _imported(found[path], path) if os.path.isfile(os.path.join(library, each))]
    return found


def _content(library: str, path: str) -> bytes:
    with open(os.path.join(library, path), "rb") as file:
        return file.read()


def _imported(source: bytes, path: str) -> Iterator[str]:
    """Yield every path that a relative import may mean: `from .a import b` is a.py or a/b.py."""
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            place = PurePosixPath(path).parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield "%s.py" % place
            yield from ("%s.py" % (place / alias.name) for alias in node.names)

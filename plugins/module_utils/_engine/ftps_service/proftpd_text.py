# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ProFTPD's configuration as text: directives, sections and includes."""

from __future__ import annotations

import contextlib
import glob
import os
import re
from typing import Callable, Iterator, List, Sequence

_INCLUDE = re.compile(r"""\s*Include\s+"?([^"\s]+)"?\s*$""", re.I)
_OPEN = re.compile(r"\s*<([A-Za-z]+)")
_CLOSE = re.compile(r"\s*</([A-Za-z]+)")
_TRANSPARENT = ("ifmodule", "ifdefine", "ifversion")
_DEEPEST = 8

Picks = Callable[[str], bool]


def is_one_of(names: str) -> Picks:
    """Return whether a line is one of these directives; the names may be patterns, and no case counts."""
    pattern = re.compile(r"\s*(?:%s)\s" % "|".join(names.split()), re.I)
    return lambda line: pattern.match(line + " ") is not None


def main_server(text: str, picks: Picks) -> Picks:
    """Apply `picks` to the lines of `text` in turn that are not inside another server's section."""
    depths = iter(_depths(text))
    return lambda line: next(depths, 0) == 0 and picks(line)


def _depths(text: str) -> Iterator[int]:
    depth = 0
    for line in text.splitlines():
        closed, opened = _CLOSE.match(line), _OPEN.match(line)
        if closed and closed.group(1).lower() not in _TRANSPARENT:
            depth -= 1
        elif opened and opened.group(1).lower() not in _TRANSPARENT:
            depth += 1
        yield depth


def without_sections(text: str, names: Sequence[str]) -> str:
    """Return the text without these sections and all that is in them."""
    wanted = {name.lower() for name in names}
    kept: List[str] = []
    inside = ""
    for line in text.splitlines(keepends=True):
        closed, opened = _CLOSE.match(line), _OPEN.match(line)
        if inside:
            if closed and closed.group(1).lower() == inside:
                inside = ""
        elif opened and opened.group(1).lower() in wanted:
            inside = opened.group(1).lower()
        else:
            kept.append(line)
    return "".join(kept)


def including(text: str, *, depth: int = 0) -> str:
    """Return the text with included files in place of each Include, as ProFTPD reads it; an unreadable Include stays,
    for ProFTPD to report."""
    parts = []
    for line in text.splitlines(keepends=True):
        found = _INCLUDE.match(line)
        parts.append(line if found is None or depth > _DEEPEST else _content(found.group(1), line, depth))
    return "".join(parts)


def _content(pattern: str, line: str, depth: int) -> str:
    paths = sorted(glob.glob(os.path.join(pattern, "*") if os.path.isdir(pattern) else pattern))
    if not paths and not glob.has_magic(pattern) and not os.path.isdir(pattern):
        return line
    parts = []
    for path in paths:
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="surrogateescape") as file:
            parts.append(including(file.read() + "\n", depth=depth + 1))
    return "".join(parts)

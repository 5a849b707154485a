# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our lines at the head of a file that also has other lines, between two marks."""

from __future__ import annotations

from typing import List, Optional, Tuple

from ..errors import InvalidRequest

NONE = "none"
BEGIN, END = "# BEGIN secure.ftp_synchronize", "# END secure.ftp_synchronize"


def with_block(path: str, text: Optional[str], block: str) -> Optional[str]:
    """Return the text of a file with this block, or without a block for NONE. A file without text is not made for NONE.
    Raises InvalidRequest."""
    _old, rest = _split(path, text or "")
    if block.strip() != NONE:
        if text is None:
            raise InvalidRequest(f"{path}: does not exist", cure="Restore the file of the package.")
        return "%s\n%s%s\n%s" % (BEGIN, block if block.endswith("\n") else block + "\n", END, rest)
    return None if text is None else rest


def block_of(path: str, text: str) -> str:
    """Return the lines between the marks at the head of a file, "" without them. Raises InvalidRequest."""
    return _split(path, text)[0] if text.startswith(BEGIN + "\n") else ""


def _split(path: str, text: str) -> Tuple[str, str]:
    """Return the lines between the marks, and the other lines."""
    block: List[str] = []
    rest: List[str] = []
    seen: List[str] = []
    for line in text.splitlines(keepends=True):
        mark = line.rstrip("\n")
        if mark in (BEGIN, END):
            seen.append(mark)
        else:
            (block if seen == [BEGIN] else rest).append(line)
    if seen not in ([], [BEGIN, END]):
        raise InvalidRequest(
            f"{path}: the marks of the block do not belong together", cure="Remove them, with the lines between them."
        )
    return "".join(block), "".join(rest)

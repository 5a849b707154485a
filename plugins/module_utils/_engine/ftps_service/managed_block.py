# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The managed lines of a configuration file: a block between two markers, and the lines elsewhere that it replaces.
Pure."""

from __future__ import annotations

from typing import Callable, Iterable, List

from ..errors import InvalidRequest

BEGIN = "# BEGIN secure.ftp_synchronize.tls_policy: written by Ansible, changes here are lost\n"
END = "# END secure.ftp_synchronize.tls_policy\n"
SET_ASIDE = "#tls_policy# "
"""Before a line that the block stands for now. It stays readable, and an operator can take it back."""
_MARKS = ("# BEGIN secure.ftp_synchronize.tls_policy", "# END secure.ftp_synchronize.tls_policy")


def block_of(lines: Iterable[str]) -> str:
    """Return the block with these lines, marks and all."""
    return "".join((BEGIN, *(line + "\n" for line in lines), END))


def without_block(text: str) -> str:
    """Return the text without our block. Raises InvalidRequest if its marks do not belong together."""
    kept: List[str] = []
    inside, seen = False, 0
    for line in text.splitlines(keepends=True):
        mark = next((number for number, words in enumerate(_MARKS) if line.startswith(words)), None)
        if mark is None:
            if not inside:
                kept.append(line)
            continue
        if inside != bool(mark) or seen > 1:
            raise _damaged()
        inside, seen = not inside, seen + 1
    if inside:
        raise _damaged()
    return "".join(kept)


def set_aside(text: str, replaced: Callable[[str], bool]) -> str:
    """Return the text with each line that `replaced` picks, and the lines that continue it, made a comment. It is asked
    for every line, in order."""
    done: List[str] = []
    going_on = False
    for line in text.splitlines(keepends=True):
        picked = replaced(line) or going_on
        done.append(SET_ASIDE + line if picked else line)
        going_on = picked and line.rstrip("\r\n").endswith("\\")
    return "".join(done)


def _damaged() -> InvalidRequest:
    return InvalidRequest(
        "config_file: the markers of the block do not match", cure="Remove them, with the lines between them."
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a ssh_config(5) file with its includes inserted, for readers without Include.

Host and Match blocks of an included file end with that file. Within a block for some hosts, an included file may have
no
blocks: no text without Include has the same meaning.
"""

from __future__ import annotations

import glob
import os
import re
import shlex
from typing import Iterator, List, Tuple

from ..errors import InvalidRequest
from ..model.display import display_text
from ..model.local_path import home_directory

CURE = "Install the OpenSSH client (ssh_client: openssh), or set ssh_config_file to none and proxy_jump."
_LINE = re.compile(r"\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)")
_BLOCKS = ("host", "match")
_DEEPEST = 16
"""Levels, as in OpenSSH's readconf.c."""


def whole_text(path: str, directory: str) -> str:
    """Return the whole text; relative names are below `directory`. Raises OSError for the file itself, InvalidRequest
    for included files."""
    return "".join(line + "\n" for line in _lines(path, directory, 0))


def _lines(path: str, directory: str, depth: int) -> List[str]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        given = file.read().splitlines()
    lines: List[str] = []
    conditional = False
    for line in given:
        keyword, words = _parsed(line)
        if keyword != "include":
            if keyword in _BLOCKS:
                conditional = (keyword, words.strip()) != ("host", "*")
            lines.append(line)
            continue
        for name in _named(words, directory):
            lines += _included(name, directory, depth, conditional=conditional)
    return lines


def _included(path: str, directory: str, depth: int, *, conditional: bool) -> List[str]:
    if depth >= _DEEPEST:
        raise InvalidRequest("ssh_config: files include each other without end", cure="Correct the configuration.")
    try:
        lines = _lines(path, directory, depth + 1)
    except OSError as error:
        raise InvalidRequest(
            "ssh_config: %s cannot be read: %s" % (display_text(path), error.strerror), cure="Check its permissions."
        ) from None
    if not any(_parsed(line)[0] in _BLOCKS for line in lines):
        return lines
    if conditional:
        raise InvalidRequest(
            "ssh_config: %s has Host or Match blocks within such a block, which the paramiko client cannot follow"
            % display_text(path),
            cure=CURE,
        )
    return [*lines, "Host *"]


def _named(words: str, directory: str) -> Iterator[str]:
    """Yield the files that an Include names; none of a pattern's being there is no error."""
    try:
        patterns = shlex.split(words, comments=True)
    except ValueError:
        raise InvalidRequest("ssh_config: an Include has unbalanced quotes", cure="Correct the Include.") from None
    for pattern in patterns:
        if "%" in pattern or "${" in pattern:
            raise InvalidRequest(
                "ssh_config: Include %s has tokens, which the paramiko client does not know" % display_text(pattern),
                cure=CURE,
            )
        if pattern.startswith("~/"):
            pattern = home_directory() + pattern[1:]
        yield from sorted(glob.glob(os.path.join(directory, os.path.expanduser(pattern))))


def _parsed(line: str) -> Tuple[str, str]:
    match = _LINE.match(line)
    return (match.group(1).lower(), match.group(2)) if match else ("", "")

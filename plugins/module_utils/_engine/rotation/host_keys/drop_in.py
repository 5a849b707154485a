# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of sshd's configuration that are there while a host key is rotated, and only then."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Dict, List, Mapping, Optional, Sequence

from ...model.utc import parse_utc, utc
from .phases import ANNOUNCED, PROMOTED, Note, Rotation, followers

__all__ = ["FIRST", "LAST", "drop_ins", "notes"]

# Around the files of the role sftp_server and others: of the keys of one type sshd shows the first.
FIRST = "/etc/ssh/sshd_config.d/04-secure_ftp_synchronize_host_keys.conf"
LAST = "/etc/ssh/sshd_config.d/96-secure_ftp_synchronize_host_keys.conf"
_HEAD = "# Managed by Ansible (secure.ftp_synchronize.host_key_rotation): changes are overwritten.\n"
_NOTE = re.compile(r"^# ([a-z0-9]+) (announced|promoted) ([0-9TZ:-]+)$", re.M)


def drop_ins(rotations: Sequence[Rotation], implied: Sequence[str]) -> Mapping[str, Optional[str]]:
    """Their texts, None for no file. implied: the keys that sshd serves as long as no line names any.

    A key that others name is not named again: sshd would announce it twice, which no client takes.
    """
    promoted, announced = followers(rotations, PROMOTED), followers(rotations, ANNOUNCED)
    first = [*promoted, *(implied if promoted or announced else ())]
    return {FIRST: _text(first, rotations, PROMOTED), LAST: _text(announced, rotations, ANNOUNCED)}


def _text(paths: List[str], rotations: Sequence[Rotation], phase: str) -> Optional[str]:
    if not paths:
        return None
    told = [each for each in rotations if each.phase == phase]
    noted = "".join("# %s %s %s\n" % (each.kind, phase, utc(each.since)) for each in told)
    return _HEAD + noted + "".join("HostKey %s\n" % path for path in paths)


def notes(text: str) -> Dict[str, Note]:
    """Return the notes of each type in the text."""
    found: Dict[str, Note] = {}
    for kind, phase, since in _NOTE.findall(text):
        with suppress(ValueError):  # an edited note does not count
            found[kind] = Note(phase, parse_utc(since))
    return found

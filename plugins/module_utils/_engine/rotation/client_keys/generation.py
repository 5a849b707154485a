# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A generation: one key of a job, named after its type and the moment it was made."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from ...model.utc import in_a_name, parse_name

ED25519 = "ed25519"
KEY_TYPES = (ED25519, "rsa")
_NAME = re.compile(r"(%s)-([0-9]{8}T[0-9]{6}Z)\Z" % "|".join(KEY_TYPES))


class Generation(NamedTuple):
    """made: seconds since 1970. The order of generations is the order in which they were made."""

    made: int
    key_type: str

    @property
    def name(self) -> str:
        return "%s-%s" % (self.key_type, in_a_name(self.made))


def parse_generation(name: str) -> Optional[Generation]:
    """Return the generation of this name; None if it is the name of none."""
    match = _NAME.match(name)
    if match is None:
        return None
    try:
        return Generation(parse_name(match.group(2)), match.group(1))
    except ValueError:
        return None


def next_generation(newest: Optional[Generation], key_type: str, now: float) -> Generation:
    """Return a generation newer than all others, even if the clock was set back."""
    made = int(now) if newest is None else max(int(now), newest.made + 1)
    return Generation(made, key_type)

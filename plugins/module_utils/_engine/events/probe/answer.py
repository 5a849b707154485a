# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer: whether sshd logged the last probe, in a file that the probe writes and the collector reads."""

from __future__ import annotations

import json
from typing import NamedTuple, Optional

from ...system.durable_files import put


class Answer(NamedTuple):
    """moment: of the connection, seconds since 1970
    is_logged: whether the journal has a line of it
    """

    moment: float
    is_logged: bool


def write_answer(path: str, answer: Answer) -> None:
    """Replace the file."""
    put(path, json.dumps(answer._asdict()).encode("ascii"), 0o600)


def read_answer(path: str) -> Optional[Answer]:
    """Return the last answer; None if there is none, or no whole answer."""
    try:
        with open(path, "rb") as file:
            values = json.loads(file.read())
        return Answer(float(values["moment"]), values["is_logged"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of a password's rotation as the result of a task, from a secret as the role stores it."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any

from ..module_utils._engine.rotation.passwords.plan import Rules, begun, handed_over, plan

_LENGTH = 32
_CHARACTERS = string.ascii_letters + string.digits


def next_step(stored: Mapping[str, Any], rules: tuple[bool, float, float], now: float) -> dict[str, Any]:
    """Return the step and the fields before and after the hand-over. Raises InvalidRequest.

    stored: `fields` and `written`; rules: whether the password is compromised, days until it is due, days of overlap
    """
    fields, wanted = stored.get("fields") or {}, Rules(*rules)
    step = plan(fields, str(stored.get("written") or ""), wanted, now)
    made = "".join(secrets.choice(_CHARACTERS) for _place in range(_LENGTH))
    return {**step._asdict(), "begun": begun(fields, made, wanted), "handed_over": handed_over(fields)}

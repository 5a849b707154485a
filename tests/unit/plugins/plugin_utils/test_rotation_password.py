# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret as the role stores it becomes the step, with a random next password."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_password import next_step

STORED = {"fields": {"password": "old"}, "written": "2026-01-31T12:00:00Z"}
NOW = 1769860800.0


def step(stored: dict[str, Any], *, compromised: bool = False) -> dict[str, Any]:
    return next_step(stored, (compromised, 90, 1), NOW)


def test_each_next_password_is_random() -> None:
    first, second = (step(STORED, compromised=True)["begun"] for _run in range(2))
    assert re.fullmatch("[A-Za-z0-9]{32}", first["next"])
    assert first["next"] != second["next"]
    assert first["next_because"] == "compromise"


def test_the_fields_after_the_hand_over() -> None:
    fields = step(STORED)["begun"]
    assert step({**STORED, "fields": fields})["handed_over"] == {"password": fields["next"]}


def test_a_secret_that_does_not_exist_has_no_fields() -> None:
    assert step({"fields": {}, "written": ""})["reason"] == "it has no password"
    assert step({})["handed_over"] == {}

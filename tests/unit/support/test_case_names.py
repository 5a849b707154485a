# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of cases."""

from __future__ import annotations

import secrets

import pytest
from support.running.case_names import pytest_make_parametrize_id

KEY = "ssh-ed25519 " + secrets.token_hex(34)


@pytest.mark.parametrize("text", [KEY, KEY.encode(), KEY * 2])
def test_a_text_made_at_random_is_no_part_of_a_name(text: str | bytes, request: pytest.FixtureRequest) -> None:
    number = [KEY, KEY.encode(), KEY * 2].index(text)
    assert request.node.name.endswith(f"[text{number}]")


@pytest.mark.parametrize("value", ["short", b"short", 10**100, None])
def test_other_names_stay(value: object) -> None:
    assert pytest_make_parametrize_id(value, "value") is None

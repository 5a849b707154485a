# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of totp_account; it shows neither seeds nor codes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.mfa import totp_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest

SEED = "A" * 32


def given(**options: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in totp_account.spec()["argument_spec"].items()}
    return {**defaults, "account": "no-such-account", "secret": SEED, **options}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"secret": "short"}, "secret: must be Base32"),
        ({"secret": "a" * 32}, "secret: must be Base32"),
        ({"secret": SEED + "\n"}, "secret: must be Base32"),
        ({"recovery_codes": ["01234567"]}, "recovery_codes: must be at most 10 numbers of 8 digits that do not begin"),
        ({"recovery_codes": ["1234567"]}, "recovery_codes: must be at most 10 numbers"),
        ({"recovery_codes": ["12345678"] * 11}, "recovery_codes: must be at most 10 numbers"),
        ({"window": 0}, "window: must be from 1 to 21, not 0"),
        ({"window": 22}, "window: must be from 1 to 21, not 22"),
        ({"state": "pending", "deadline": "tomorrow"}, "deadline: is not a time: 'tomorrow'"),
        ({"account": "../alice"}, "account: '../alice' is not valid"),
        ({"directory": "relative"}, "'relative' is not a plain absolute path"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        totp_account.run(Task(given(**options), check_mode=True))
    assert words in refused.value.message
    assert options.get("secret", "?") not in refused.value.message


def test_a_request() -> None:
    asked = totp_account.request(
        Task(given(state="pending", deadline="2026-01-31T12:00:00Z", recovery_codes=["12345678", "12345678"]))
    )
    assert (asked.deadline, asked.codes, asked.window) == (1769860800, ("12345678",), 3)


def test_a_run_in_check_mode() -> None:
    result = totp_account.run(Task(given(directory="/nowhere"), check_mode=True, diff=True))
    assert (result["changed"], result["accepted"], result["codes_left"]) == (True, False, 0)
    assert SEED not in repr(result)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error of a login that was accepted in part."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    SecondFactorRequired,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.login_errors import (
    question_unanswered,
    step_missing,
)


@pytest.mark.parametrize(
    ("offered", "code"),
    [
        ("keyboard-interactive", "second_factor_required"),
        ("password,keyboard-interactive", "second_factor_required"),
        ("password", "authentication_failed"),
    ],
)
def test_the_step_that_the_task_lacks(offered: str, code: str) -> None:
    error = step_missing("h", "u", offered)
    assert error is not None
    assert (error.code, f"({offered})" in error.message, bool(error.cure)) == (code, True, True)


@pytest.mark.parametrize("offered", ["publickey", "", "x-keyboard-interactive"])
def test_another_reason(offered: str) -> None:
    assert step_missing("h", "u", offered) is None


def test_texts_of_the_server_are_escaped() -> None:
    for error in (step_missing("h", "u", "password,\x1b[2J"), question_unanswered("h", " \x1b[2Jcode: ")):
        assert error is not None
        assert error.message.isprintable()
    assert isinstance(question_unanswered("h", "code: "), SecondFactorRequired)


def test_a_question_after_a_refused_key_is_no_second_factor() -> None:
    error = question_unanswered("h", "(u@h) Verification code: ", refused="u")
    assert type(error) is AuthenticationFailed
    assert error.message.startswith("h does not accept the key of u: h asks")
    assert "factor" not in error.message + error.cure


def test_a_passphrase_is_no_second_factor() -> None:
    error = question_unanswered("h", "(u@h) Enter passphrase for key '/k': ")
    assert type(error) is AuthenticationFailed

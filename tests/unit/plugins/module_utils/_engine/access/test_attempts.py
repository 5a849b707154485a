# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that do not depend on each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import Attempts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotSupported,
    OperationFailed,
    RunEnded,
)


def failing(error: Exception) -> Callable[[], str]:
    def step() -> str:
        raise error

    return step


def test_the_first_error_has_the_messages_of_all() -> None:
    attempts = Attempts()
    assert attempts.attempt(lambda: "a", "b") == "a"
    assert attempts.all_succeeded
    attempts.end("")
    for error in (NotSupported("one", cure="do"), OperationFailed("two"), KeyError("three"), OperationFailed("two")):
        assert attempts.attempt(failing(error), "otherwise") == "otherwise"
    assert not attempts.all_succeeded
    with pytest.raises(NotSupported, match=r"x: one; two; KeyError: 'three'$") as raised:
        attempts.end("x: ")
    assert raised.value.cure == "do"


def test_the_end_of_the_run_is_no_error_of_a_step() -> None:
    with pytest.raises(RunEnded):
        Attempts().attempt(failing(RunEnded("SIGTERM")), "")

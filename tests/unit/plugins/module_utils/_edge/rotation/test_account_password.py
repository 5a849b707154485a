# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passwords that account_password accepts; it never shows a password."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import account_password
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def given(**options: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in account_password.spec()["argument_spec"].items()}
    return {**defaults, "account": "nobody-has-it", "password": "a" * 16, "state": "beside", **options}


@pytest.mark.parametrize("password", ["", "a" * 15, "a" * 128, "ä" * 64, "a" * 16 + "\n", "a" * 16 + "\0", "a\tb" * 8])
def test_passwords_that_are_refused_do_not_show(password: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        account_password.run(Task(given(password=password), check_mode=True, diff=True))
    assert not password or password not in str(refused.value.message + refused.value.cure)


@pytest.mark.parametrize("options", [{"account": "a:b"}, {"account": "-x"}, {"second_file": "relative"}])
def test_names_and_paths_are_looked_at(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        account_password.run(Task(given(**options), check_mode=True, diff=False))


@pytest.mark.parametrize("password", ["a" * 16, "a" * 127, "ä" * 63, "with blanks and :$'\" signs"])
def test_others_are_taken(password: str) -> None:
    result = account_password.run(Task(given(password=password), check_mode=True, diff=True))
    assert (result["changed"], result["settled"], result["sessions_ended"]) == (True, False, 0)
    assert password not in repr(result)

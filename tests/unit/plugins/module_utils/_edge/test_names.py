# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that are refused would change a path or a command."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.names import (
    account_name,
    job_name,
    plain_path,
    server_name,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def of_account(text: str) -> str:
    return account_name("account", text)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (job_name, "nightly-2_a"),
        (job_name, "a" * 63),
        (of_account, "Partner.one@example+x-2"),
        (of_account, "a" * 64),
        (server_name, "files-1.example.com"),
    ],
)
def test_a_plain_name_stays_as_it_is(check: Callable[[str], str], text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize("text", ["", ".", "..", "../x", "a/b", "a b", "a\n", "-a", "é", "a" * 255])
@pytest.mark.parametrize("check", [job_name, of_account, server_name])
def test_other_names_are_refused(check: Callable[[str], str], text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"is not valid as the name of an? (job|account|server)"):
        check(text)


def test_a_path_is_absolute_and_plain() -> None:
    assert plain_path("//etc//ssh/") == "/etc/ssh"
    for text in ("etc", "/etc/../x", "/a b", "/%h"):
        with pytest.raises(InvalidRequest, match="is not a plain absolute path"):
            plain_path(text)

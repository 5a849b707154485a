# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""First lines of other protocols than SSH, and the messages about them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSsh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.login_errors import (
    is_another_protocol,
    is_limit,
    not_ssh,
)


@pytest.mark.parametrize(
    "line", ["220 (vsFTPd 3.0.5)", "220-Welcome", "421 Too many users", "500 OOPS", "HTTP/1.1 400 Bad"]
)
def test_replies_of_other_protocols(line: str) -> None:
    assert is_another_protocol(line)


@pytest.mark.parametrize("line", ["", "SSH-2.0-x", "Welcome", "2200 x", "Exceeded MaxStartups", "22", "* OK IMAP4"])
def test_lines_that_an_ssh_server_may_send_first(line: str) -> None:
    assert not is_another_protocol(line)


def test_a_server_that_admits_nobody_is_an_ssh_server() -> None:
    assert is_limit("Exceeded MaxStartups")
    assert is_limit("Not allowed at this time")
    assert not is_limit("220 Exceeded MaxStartups")


def test_the_error_names_what_was_said_escaped_and_is_final() -> None:
    error = not_ssh("h port 21", "220 \x1b[2J" + "x" * 500)
    assert isinstance(error, NotSsh)
    assert not error.retryable
    assert error.message.startswith("h port 21: this is not an SSH server: it sends '220 ")
    assert error.message.isprintable()
    assert len(error.message) < 200
    assert not_ssh("h", "").message == "h: not an SSH server"

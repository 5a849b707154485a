# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which replies show that a server refuses logins in cleartext; integration/test_tls_policy_findings has servers."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.control import undecided

PASSWORD = Reply(331, (b"Please specify the password.",))


def test_a_refusal_that_differs_decides() -> None:
    assert undecided(Reply(530, (b"Non-anonymous sessions must use encryption.",)), PASSWORD) == ""


@pytest.mark.parametrize(
    ("clear", "words"),
    [
        (None, "ended the connection"),
        (Reply(421, (b"Too many connections",)), "Too many connections"),
        (Reply(202, (b"Superfluous",)), "Superfluous"),
        (Reply(530, (b"No such user 12",)), "with and without TLS"),
    ],
)
def test_other_replies_decide_nothing(clear: Reply | None, words: str) -> None:
    assert words in undecided(clear, Reply(530, (b"No such user 7",)))


def test_without_a_reply_inside_tls_nothing_is_decided() -> None:
    refused = Reply(530, (b"Use TLS",))
    assert undecided(refused, ConnectionLost("closed")) == "no reply inside TLS to compare with: closed"

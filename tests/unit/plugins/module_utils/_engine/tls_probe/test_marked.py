# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which replies refuse a marked login or a marked deletion; integration/test_ftps_marked_login has servers."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.marked_login import forged_ftp_name
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import MarkedFacts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.probe import (
    of_deletion,
    of_login,
)

MARK = "tls_probe-51ab0f0a9d1c5be2"
NAME = forged_ftp_name(MARK).encode()
REFUSED = Reply(530, (b"Login incorrect.",))


def test_a_login_that_is_refused_after_the_password() -> None:
    assert of_login(REFUSED, MARK, with_password=True) == MarkedFacts(MARK)


def test_a_name_that_is_refused_before_the_password_leaves_no_mark() -> None:
    assert of_login(REFUSED, MARK, with_password=False) == REFUSED


@pytest.mark.parametrize("code", [230, 232])
@pytest.mark.parametrize("with_password", [True, False])
def test_a_login_that_is_accepted(code: int, *, with_password: bool) -> None:
    facts = of_login(Reply(code, (b"in",)), MARK, with_password=with_password)
    assert facts == MarkedFacts(MARK, let_in=f"{code} in")


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(code, (b"later",)) for code in (200, 202, 331, 332, 421, 430)),
        Reply(530, (b"Too many connections",)),
    ],
    ids=lambda reply: str(reply.code),
)
def test_a_login_that_is_not_refused_for_good(reply: Reply) -> None:
    facts = of_login(reply, MARK, with_password=True)
    assert facts == MarkedFacts(unknown=f"the server does not refuse a login for good: {reply.text}")


@pytest.mark.parametrize("text", [b"Delete operation failed.", NAME + b": No such file or directory"])
def test_a_deletion_that_is_refused(text: bytes) -> None:
    assert of_deletion(Reply(550, (text,)), NAME, MARK) == MarkedFacts(MARK)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(550, (b"Permission denied.",)), "the account must not delete: 550 Permission denied."),
        (Reply(502, (b"Command not implemented",)), "the account must not delete: 502"),
        (Reply(250, (b"Deleted",)), "a file that does not exist is answered with 250 Deleted"),
        (Reply(421, (b"Timeout",)), "a file that does not exist is answered with 421 Timeout"),
    ],
)
def test_a_deletion_that_leaves_no_mark(reply: Reply, words: str) -> None:
    facts = of_deletion(reply, NAME, MARK)
    assert (facts.mark, words in facts.unknown) == ("", True), facts

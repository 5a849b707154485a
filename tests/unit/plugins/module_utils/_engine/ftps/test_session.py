# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of commands in flight. The control connection is a list here; integration tests use real connections."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, NotFound
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.control import RECORD
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Features, Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    TlsTrust,
)

COMMANDS = [(verb, b"/tree/%d" % number) for number in range(200) for verb in (b"RNFR", b"RNTO")]


class Control:
    """Takes commands and answers each; most: that were on their way at the same time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.open = self.most = 0
        self.channel = SimpleNamespace(close=lambda: None)

    def expect_silence(self) -> None:
        assert not self.open

    def send(self, data: bytes, *, first: bool = False) -> None:
        if not data:
            return
        self.sizes.append(len(data))
        self.open += data.count(b"\r\n")
        self.most = max(self.most, self.open)

    def take_final(self) -> Reply:
        self.open -= 1
        return Reply(250, (b"done",))


def session_of(*features: bytes) -> tuple[FtpsSession, Control]:
    session, control = FtpsSession(Endpoint("ftps", "ftp.example.com"), Credentials(), TlsTrust()), Control()
    session.features = Features(features)
    session._login = SimpleNamespace(control=control)
    return session, control


def test_many_commands_go_to_a_server_that_takes_them_in_order() -> None:
    session, control = session_of(b" TVFS")
    assert len(list(session.call_many(COMMANDS))) == len(COMMANDS)
    assert control.most > 100


def test_any_other_server_gets_one_record_at_a_time() -> None:
    session, control = session_of()
    assert len(list(session.call_many(COMMANDS))) == len(COMMANDS)
    assert max(control.sizes) <= RECORD
    assert control.most < 30
    assert len(control.sizes) > 10


def test_what_waits_for_the_next_flight_is_cut_the_same_way() -> None:
    session, control = session_of()
    answered: list[Reply] = []
    for number in range(31):
        session.later(b"SIZE", b"/tree/%d" % number + b"x" * 100, answered.append)
    session.call(b"NOOP")
    assert len(answered) == 31
    assert max(control.sizes) <= RECORD


def test_an_answer_that_cannot_be_handled_ends_the_session() -> None:
    """The answers behind it would pass for those of later commands."""
    session, control = session_of(b" TVFS")
    taken: list[Reply] = []

    def refuse(_reply: Reply) -> None:
        raise NotFound("gone", path=b"/tree")

    for handler in (refuse, taken.append):
        session.later(b"SIZE", b"/tree", handler)
    with pytest.raises(NotFound):
        session.flush()
    assert (control.open, taken, session.closed) == (1, [], True)
    with pytest.raises(ConnectionLost):
        session.noop()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effect of a server's changes of names on its refusals."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    found_out,
    shown_by,
)
from support.scripted.scripted_session import ToldSession


def sent() -> bytes:
    session = ToldSession({})
    assert found_out(session) == ()
    return session.sent[0].partition(b" ")[2]


def test_a_refusal_that_repeats_the_path_shows_a_sound_server() -> None:
    assert shown_by([Reply(550, (b"%s: No such file or directory" % sent(),))]) == ()


def test_a_refusal_that_repeats_nothing_shows_nothing() -> None:
    assert shown_by([Reply(550, (b"Failed to change directory.",))]) == ()


def test_what_ftp_srv_does() -> None:
    path = sent().replace(b'"', b"").replace(b" -x", b"").replace(b"\\", b"/").replace(b"\xfe", "\ufffd".encode())
    found = shown_by([Reply(550, (b"ENOENT: no such file or directory, stat '%s'" % path,))])
    assert len(found) == 4
    for name in (b'a"b', b"a\\b", b"d/a -b c", b"a -b", b"\xff"):
        assert any(each.affects(name) for each in found), name
    for name in (b"a - b", b"a-b", b"--all", b"-a", "\u00fc".encode(), b"a -bc"):
        assert not any(each.affects(name) for each in found), name


@pytest.mark.parametrize(("old", "new", "name"), [(b'"', b"", b'"'), (b"\xfe", b"?", b"\x80")])
def test_one_alteration_alone(old: bytes, new: bytes, name: bytes) -> None:
    (found,) = shown_by([Reply(550, (sent(),)), Reply(550, (sent().replace(old, new),))])
    assert found.affects(name)
    assert not found.affects(b"plain")

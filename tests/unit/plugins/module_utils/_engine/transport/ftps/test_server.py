# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a server, which its first sessions show."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ItemError, ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Features, Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import server as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    BLANKS_AT_THE_END,
    Server,
)
from support.scripted.scripted_session import MLST, OK, ToldSession

PWD = {b"PWD": Reply(257, (b'"/home" is the current directory',))}
UMASK = {b"SITE UMASK 077": OK}


def prepared(server: Server, replies: dict[bytes, Reply], features: tuple[bytes, ...] = MLST) -> list[bytes]:
    session = ToldSession({**PWD, **replies}, features=features)
    server.prepare(session)
    return session.sent


@pytest.mark.parametrize(("asked", "root"), [(b"tree", b"/home/tree"), (b"/srv/tree", b"/srv/tree"), (b"", b"/home/")])
def test_the_root_is_below_the_login_directory(asked: bytes, root: bytes) -> None:
    server = Server(asked)
    prepared(server, {})
    assert server.root == root


def test_only_the_first_session_asks_for_what_all_share() -> None:
    server = Server(b"tree")
    first, second = prepared(server, UMASK), prepared(server, UMASK)
    assert b"PWD" in first
    assert second == [b"SITE UMASK 077"]


@pytest.mark.parametrize(
    ("sessions", "private"), [([UMASK], True), ([{}], None), ([UMASK, {}], None), ([{}, UMASK], True)]
)
def test_new_files_are_private_where_all_sessions_have_the_umask(
    sessions: list[dict[bytes, Reply]], private: bool | None
) -> None:
    server = Server(b"t")
    for replies in sessions:
        prepared(server, replies)
    assert server.private is private


def test_a_server_that_does_not_keep_its_own_word_stays_public() -> None:
    server = Server(b"t")
    server.private = False
    prepared(server, {})
    assert server.private is False


@pytest.mark.parametrize(
    ("feature", "line"),
    [
        (b" MLST type*;size*;modify*;UNIX.mode;", b"OPTS MLST type;size;modify;unix.mode;"),
        (b" MLST type*;size;modify*;perm*;", b"OPTS MLST type;modify;perm;size;"),
        (b" MLST type*;size*;modify*;", None),
        (b" MLST type;size;", None),
    ],
)
def test_missing_facts_are_asked_for(feature: bytes, line: bytes | None) -> None:
    sent = prepared(Server(b"t"), {}, (feature,))
    assert [each for each in sent if each.startswith(b"OPTS")] == ([line] if line else [])


def test_sha_256_is_chosen() -> None:
    assert b"OPTS HASH SHA-256" in prepared(Server(b"t"), {}, (b" HASH SHA-1*;SHA-256",))
    assert b"OPTS HASH SHA-256" not in prepared(Server(b"t"), {}, (b" HASH SHA-1*",))


def test_a_server_without_mlsd_is_noted() -> None:
    server, other = Server(b"t"), Server(b"t")
    prepared(server, {}, ())
    prepared(other, {})
    assert server.notes == [module.LISTED_BY_LIST, module.NO_DIRECTORY_TIMES]
    assert other.notes == []


def test_alterations_of_names() -> None:
    server, other = Server(b"t"), Server(b"t")
    prepared(server, {})
    assert server.alterations() == (BLANKS_AT_THE_END,)
    assert not server.unsettled([b'a"b'])
    assert not [each for each in prepared(other, {}, ()) if each.startswith(b"CWD")], "nothing is asked at login"
    asks = [other.unsettled([b"plain", b"\xc3\xbc", name]) for name in (b"a-b", b"\xfc", b"a -b")]
    assert asks == [False, True, True]
    session = ToldSession({})
    assert other.alterations(session) == other.alterations(session) == ()
    line = session.sent[0]
    assert len(session.sent) == 2, "asked once"
    altered = Server(b"t")
    (found,) = altered.alterations(ToldSession({line: Reply(550, (line.replace(b'"', b""),))}))
    assert found.affects(b'a"b') is not None
    assert len([note for note in altered.notes if "takes some names" in note]) == 1


def test_another_root() -> None:
    server = Server(b"one")
    server.move_root(b"two")
    assert server.root == b"two"
    prepared(server, {})
    server.directories.add(RelPath(b"d"))
    server.move_root(b"three")
    assert (server.root, server.directories) == (b"/home/three", set())


@pytest.mark.parametrize(
    ("facts", "has_mlst", "hides_kinds", "tells_modes"),
    [
        (b"type*;size*;modify*;UNIX.mode*;sizd*;", True, False, True),
        (b"type*;size*;modify*;UNIX.mode*;", True, True, True),
        (b"type*;size*;modify*;", True, True, False),
        (b"type*;size*;", False, False, True),
        (b"type*;modify*;", False, False, True),
        (b"size*;modify*;", False, False, True),
    ],
)
def test_what_the_facts_show(facts: bytes, *, has_mlst: bool, hides_kinds: bool, tells_modes: bool) -> None:
    server = Server(b"t")
    server.features = Features([b" MLST " + facts])
    assert (server.has_mlst, server.hides_kinds, server.tells_modes) == (has_mlst, hides_kinds, tells_modes)


def test_a_note_comes_once() -> None:
    server = Server(b"t")
    for words in (b"Unknown command", b"Permission denied"):
        assert server.modes_refused(Reply(500, (words,)))
    assert (server.notes, server.sets_modes) == ([module.NO_MODES % "500 Unknown command"], False)
    assert not server.modes_refused(Reply(550, (b"No such file",)))


def test_paths_and_commands() -> None:
    server = Server(b"/t")
    assert server.full(ROOT) == b"/t"
    assert server.full(RelPath(b"a b")) == b"/t/a b"
    assert server.chmod(RelPath(b"a b"), 0o640) == (b"SITE", b"CHMOD 640 /t/a b")


@pytest.mark.parametrize(
    ("path", "parts"), [(b"/a/b", (b"/a", b"b")), (b"/a", (b"/", b"a")), (b"/", (b"/", b"")), (b"/a/b/", (b"/a", b"b"))]
)
def test_parent_and_name(path: bytes, parts: tuple[bytes, bytes]) -> None:
    assert module.split(path) == parts


@pytest.mark.parametrize(
    ("directory", "name", "path"), [(b"/", b"a", b"/a"), (b"/d", b"a", b"/d/a"), (b"/d", b"/a", b"/a")]
)
def test_joined(directory: bytes, name: bytes, path: bytes) -> None:
    assert module.joined(directory, name) == path


@pytest.mark.parametrize(
    ("reply", "path"),
    [
        (Reply(257, (b'"/a ""quoted"" path" is current',)), b'/a "quoted" path'),
        (Reply(257, (b'"/a', b'b" is current')), b"/a\nb"),
        (Reply(257, (b"/a is current",)), ProtocolViolation),
        (Reply(257, (b'"a"',)), ProtocolViolation),
        (Reply(550, (b"no",)), ItemError),
    ],
)
def test_the_working_directory(reply: Reply, path: bytes | type[Exception]) -> None:
    session = ToldSession({b"PWD": reply})
    if isinstance(path, bytes):
        assert module.working_directory(session) == path
    else:
        with pytest.raises(path):
            module.working_directory(session)


def test_entering_goes_back() -> None:
    session = ToldSession({b"CWD /a": OK})
    assert [reply.good for reply in module.entered(session, b"/a", b"/b")] == [True, False]
    assert session.sent == [b"CWD /a", b"CWD /b", b"CWD /"]


@pytest.mark.parametrize("twice", [False, True])
def test_whether_mkd_acknowledges_twice_is_asked_once(*, twice: bool) -> None:
    server, session = Server(b"/t"), ToldSession({b"MKD /": OK} if twice else {})
    for _number in range(2):
        assert server.acknowledges_twice(session, b"/") is twice
    assert session.sent == [b"MKD /"]
    assert server.notes == ([module.NOT_EXCLUSIVE] if twice else [])

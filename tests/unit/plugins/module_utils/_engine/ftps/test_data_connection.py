# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers at a scripted FTPS server. Real servers: integration/test_ftps_session.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    DataChannelUntrusted,
    ItemError,
    NotFound,
    NotSupported,
    ProtocolViolation,
    Stalled,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.tls_authority import authority

CONTENT = bytes(range(256)) * 1000


@contextmanager
def logged_in(root: Path, *behaviours: str, stall: float = 20.0) -> Iterator[tuple[FtpsSession, ScriptedFtps]]:
    (root / "there").write_bytes(CONTENT)
    (root / "d").mkdir()
    with ScriptedFtps(root, *behaviours) as server:
        session = FtpsSession(endpoint_of(server, stall_timeout=stall), credentials_of(server), trust_of(server))
        session.login()
        yield session, server
        session.close()
        session.close()


def read(session: FtpsSession, path: bytes = b"/there", offset: int = 0) -> bytes:
    reader, view, found = session.retrieve(path, offset=offset), memoryview(bytearray(65536)), bytearray()
    try:
        while size := reader.read_into(view):
            found += view[:size]
        reader.finish()
    finally:
        reader.abandon()
    return bytes(found)


def write(session: FtpsSession, path: bytes = b"/new", offset: int = 0) -> None:
    writer = session.store(path, offset=offset)
    try:
        writer.send(CONTENT[offset:])
        writer.finish()
    finally:
        writer.abandon()


@pytest.mark.parametrize("behaviours", [[], ["no_epsv"], ["demands_reuse"]])
def test_content_goes_both_ways_again_and_again(tmp_path: Path, behaviours: list[str]) -> None:
    with logged_in(tmp_path, *behaviours) as (session, server):
        assert session.identity.data_channel_resumed is None
        for _again in range(2):
            write(session)
            assert read(session, b"/new") == CONTENT
            assert sorted(session.list_lines(b"NLST")) == [b"d", b"new", b"there"]
            (tmp_path / "new").unlink()
        assert session.identity.data_channel_resumed is True
        said = [each.verb for each in server.commands()]
    assert (said.count(b"EPSV"), said.count(b"PASV")) == ((1, 6) if behaviours == ["no_epsv"] else (6, 0))


def test_offsets(tmp_path: Path) -> None:
    with logged_in(tmp_path) as (session, _server):
        assert read(session, offset=1000) == CONTENT[1000:]
        (tmp_path / "new").write_bytes(CONTENT[:5000])
        write(session, offset=5000)
        assert (tmp_path / "new").read_bytes() == CONTENT


def test_a_refused_transfer_leaves_the_session_usable(tmp_path: Path) -> None:
    with logged_in(tmp_path) as (session, _server):
        for _again in range(2):
            with pytest.raises(NotFound) as caught:
                read(session, b"/none")
            assert caught.value.path == b"/none"
            with pytest.raises(ItemError):
                write(session, b"/none/new")
        assert read(session) == CONTENT
        with pytest.raises(ItemError):
            list(session.list_lines(b"MLSD", b"/none"))
        session.noop()


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        ("plaintext_data", SyncError, "data connection"),
        ("refused_data", SyncError, "425"),
        ("dead_port", ConnectionLost, "data connection"),
        ("passive_garbage", ProtocolViolation, ""),
        ("cut_download=1000", ConnectionLost, "cut"),
        ("failing_downloads=1000", ItemError, ""),
        ("no_final_reply=RETR", ConnectionLost, ""),
        ("whole_then_failed=RETR", SyncError, "426"),
        ("ragged_end=RETR", ConnectionLost, "cut"),
    ],
)
def test_a_download_that_does_not_arrive_whole(
    tmp_path: Path, behaviour: str, kind: type[SyncError], words: str
) -> None:
    with logged_in(tmp_path, behaviour) as (session, _server):
        with pytest.raises(kind) as caught:
            read(session)
        assert words in caught.value.message
        if isinstance(caught.value, ItemError):
            session.noop()
        else:
            with pytest.raises(ConnectionLost):
                session.noop()


@pytest.mark.parametrize("behaviour", ["refuses_stores=552", "refuses_stores=452+", "breaks_off=1000"])
def test_an_upload_that_does_not_arrive_whole(tmp_path: Path, behaviour: str) -> None:
    with logged_in(tmp_path, behaviour) as (session, _server), pytest.raises(SyncError):
        write(session)


@pytest.mark.parametrize("behaviour", ["cut_listing=1", "ragged_end=MLSD", "no_final_reply=MLSD"])
def test_a_listing_that_does_not_arrive_whole(tmp_path: Path, behaviour: str) -> None:
    with logged_in(tmp_path, behaviour) as (session, _server), pytest.raises(ConnectionLost):
        list(session.list_lines(b"MLSD"))


def test_a_data_connection_of_another_server(tmp_path: Path) -> None:
    other = authority().server().combined
    with logged_in(tmp_path, f"other_certificate={other}") as (session, _server):
        with pytest.raises(DataChannelUntrusted, match="shows another certificate") as caught:
            read(session)
        assert caught.value.cure


def test_a_data_connection_with_a_session_of_its_own(tmp_path: Path) -> None:
    with logged_in(tmp_path, "unresumed_data") as (session, _server):
        assert read(session) == CONTENT
        assert session.identity.data_channel_resumed is False


def test_a_stall_ends_the_session(tmp_path: Path) -> None:
    with logged_in(tmp_path, "stall_data=RETR", stall=0.5) as (session, _server):
        with pytest.raises(Stalled):
            read(session)
        with pytest.raises(ConnectionLost, match="there is no session"):
            session.noop()


def test_one_transfer_at_a_time(tmp_path: Path) -> None:
    with logged_in(tmp_path) as (session, _server):
        writer = session.store(b"/new")
        with pytest.raises(RuntimeError, match="a transfer is under way"):
            session.noop()
        writer.abandon()


def test_a_cut_ends_the_transfer_or_the_session(tmp_path: Path) -> None:
    with logged_in(tmp_path) as (session, _server):
        session.cut(wholly=True)
        with pytest.raises(ConnectionLost):
            session.noop()


def test_a_server_that_does_not_resume_content(tmp_path: Path) -> None:
    with logged_in(tmp_path, "no_rest") as (session, _server):
        with pytest.raises(NotSupported, match="does not resume"):
            read(session, offset=5)
        assert read(session) == CONTENT

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The FTPS session: on three real servers, and against a scripted server that misbehaves."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    ConnectTimeout,
    DataChannelUntrusted,
    InvalidRequest,
    ItemError,
    NotFound,
    ProtocolViolation,
    Stalled,
    SyncError,
    TlsFailed,
    TlsRefused,
    TooManyConnections,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import list_entry, mlsd_entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.context import client_context
from support.running.patience import HANG_SECONDS
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import FtpsServer, credentials_of, endpoint_of, trust_of
from support.servers.ports import LOOPBACK
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.proxy import Fault, Proxy
from support.servers.pure_ftpd import PureFtpd
from support.servers.tls_authority import Authority, authority
from support.servers.vsftpd import Vsftpd

REAL = [(kind, version) for kind in (Vsftpd, ProftpdFtps, PureFtpd) for version in ("1.2", "1.3")]
NAMES = [b"a\xffb", b"a\xff\xffb", b"t\xff\xf4x", b" lead", b"-dash", b'q"q', b"*g?[a]", b"\xc3\xa4", b"~t", b"n\xe4"]


_made: list[FtpsSession] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """Close the sessions of session_of."""
    yield
    while _made:
        _made.pop().close()


def session_of(server: FtpsServer | ScriptedFtps, **changes: Any) -> FtpsSession:
    """A session that is not logged in yet; closed when the test ends."""
    limits = {"stall_timeout": 10.0, "connect_timeout": 10.0, **changes}
    _made.append(FtpsSession(endpoint_of(server, **limits), credentials_of(server), trust_of(server)))
    return _made[-1]


def store(session: FtpsSession, path: bytes, content: bytes, *, offset: int = 0) -> None:
    writer = session.store(path, offset=offset)
    writer.send(content)
    writer.finish()


def retrieve(session: FtpsSession, path: bytes, *, offset: int = 0) -> bytes:
    reader, view, found = session.retrieve(path, offset=offset), memoryview(bytearray(65536)), b""
    count = reader.read_into(view)
    while count:
        found += view[:count]
        count = reader.read_into(view)
    reader.finish()
    return found


def _passwords(server: FtpsServer) -> int:
    """How often a password was sent, by the server's log of commands."""
    return len(re.findall(r'"PASS |\[pass\]|PASS \(hidden', server.transcript()))


@pytest.fixture(scope="module", params=REAL, ids=[f"{kind.__name__}-{version}" for kind, version in REAL])
def server(request: pytest.FixtureRequest) -> Iterator[FtpsServer]:
    kind, version = request.param
    with kind(versions=(version,)) as running:
        yield running


@pytest.fixture
def session(server: FtpsServer) -> Iterator[FtpsSession]:
    made = session_of(server)
    made.login()
    yield made
    made.close()
    assert made.closed


@pytest.fixture
def root(server: FtpsServer) -> bytes:
    return server.remote_root.encode()


class TestRealServers:
    """The behaviour of every server."""

    def test_identity(self, server: FtpsServer, session: FtpsSession) -> None:
        identity = session.identity
        assert identity.protocol == f"TLSv{server.options.versions[0]}"
        assert identity.certificate_pin == server.certificate.pin
        assert identity.certificate_fingerprint == server.certificate.fingerprint
        assert identity.certificate_subject == "CN=127.0.0.1"
        assert identity.data_channel_resumed is None
        assert identity.cipher

    @pytest.mark.parametrize("size", [0, 1, 16384, 3_000_001])
    def test_content_there_and_back(self, server: FtpsServer, session: FtpsSession, root: bytes, size: int) -> None:
        content = os.urandom(size)
        store(session, root + b"/content", content)
        assert (server.root / "content").read_bytes() == content
        assert retrieve(session, root + b"/content") == content
        assert retrieve(session, root + b"/content", offset=size // 2) == content[size // 2 :]
        resumable = not isinstance(server, PureFtpd) or server.options.versions[0] == "1.2"
        assert session.identity.data_channel_resumed is resumable

    def test_resumed_upload(self, server: FtpsServer, session: FtpsSession, root: bytes) -> None:
        store(session, root + b"/part", b"0123456789")
        store(session, root + b"/part", b"abcde", offset=10)
        assert (server.root / "part").read_bytes() == b"0123456789abcde"

    @pytest.mark.parametrize("name", NAMES)
    def test_names_are_bytes(self, server: FtpsServer, session: FtpsSession, root: bytes, name: bytes) -> None:
        store(session, root + b"/" + name, name)
        assert (Path(os.fsdecode(os.fsencode(server.root) + b"/" + name))).read_bytes() == name
        assert [reply.code for reply in session.call_many([(b"SIZE", root + b"/" + name)])] == [213]
        now = time.time()
        listed = [list_entry(line, now=now) for line in session.list_lines(b"LIST", b"-a " + root)]
        assert name in [entry.name for entry in listed if entry]
        if session.features.facts:
            entries = [mlsd_entry(line) for line in session.list_lines(b"MLSD", root)]
            assert name in [entry.name for entry in entries if entry]
        assert session.call(b"DELE", root + b"/" + name).good
        assert not os.path.lexists(os.fsencode(server.root) + b"/" + name)

    @pytest.mark.parametrize("name", [b"a\rb", b"a\nDELE x", b"a\0b"])
    def test_a_name_that_ends_a_command_is_never_sent(
        self, server: FtpsServer, session: FtpsSession, name: bytes
    ) -> None:
        before = server.transcript()
        calls = [
            lambda: session.call(b"DELE", name),
            lambda: session.call_many([(b"NOOP", b""), (b"DELE", name)]),
            lambda: session.later(b"DELE", name, lambda reply: None),
            lambda: session.store(name),
            lambda: session.retrieve(name),
            lambda: list(session.list_lines(b"LIST", name)),
        ]
        for call in calls:
            with pytest.raises(UnsafeName):
                call()
        assert session.call(b"NOOP").good
        # ProFTPD logs a command after its reply: the last command of the login may come late.
        assert re.findall("DELE|STOR|RETR|LIST", server.transcript()[len(before) :], re.IGNORECASE) == []

    def test_a_refusal_leaves_the_session_usable(self, session: FtpsSession, root: bytes) -> None:
        store(session, root + b"/first", b"x")  # from now on EPSV and command go together
        for _round in range(3):
            with pytest.raises(ItemError) as caught:
                session.retrieve(root + b"/none")
            assert caught.value.path == root + b"/none"
            with pytest.raises(ItemError):
                session.store(root + b"/none/x")
            assert retrieve(session, root + b"/first") == b"x"

    def test_many_commands_at_once(self, session: FtpsSession, root: bytes) -> None:
        store(session, root + b"/four", b"1234")
        commands = [(b"SIZE", root + (b"/four" if number % 3 else b"/none")) for number in range(1000)]
        replies = list(session.call_many(commands))
        assert [reply.good for reply in replies] == [bool(number % 3) for number in range(1000)]

    def test_many_commands_given_up(self, session: FtpsSession, root: bytes) -> None:
        replies = session.call_many([(b"SIZE", root + b"/none")] * 1000)
        assert next(replies).refused
        replies.close()
        assert session.call(b"NOOP").good

    def test_commands_for_later(self, session: FtpsSession, root: bytes) -> None:
        seen: list[Reply] = []
        store(session, root + b"/later", b"12345")
        session.later(b"SIZE", root + b"/later", seen.append)
        session.later(b"SIZE", root + b"/none", seen.append)
        assert seen == []
        assert retrieve(session, root + b"/later") == b"12345"
        assert [reply.good for reply in seen] == [True, False]

    def test_transfers_cut_off(self, session: FtpsSession, root: bytes) -> None:
        """A server may end the session then, but a new one works."""
        store(session, root + b"/large", b"x" * 5_000_000)
        for _round in range(2):
            reader = session.retrieve(root + b"/large")
            reader.read_into(memoryview(bytearray(1000)))
            reader.abandon()
            if session.closed:
                session.login()
            assert session.call(b"NOOP").good
        writer = session.store(root + b"/cut")
        writer.send(b"x" * 1000)
        writer.abandon()
        if session.closed:
            session.login()
        assert session.call(b"NOOP").good

    def test_a_listing_given_up(self, session: FtpsSession, root: bytes) -> None:
        lines = session.list_lines(b"LIST", b"-a " + root)
        next(lines)
        lines.close()
        assert session.closed or session.call(b"NOOP").good

    def test_two_hundred_files_in_a_row(self, server: FtpsServer, session: FtpsSession, root: bytes) -> None:
        began = time.monotonic()
        for number in range(200):
            store(session, root + b"/row", b"%d" % number)
        each = (time.monotonic() - began) / 200 * 1000
        assert (server.root / "row").read_bytes() == b"199"
        print(f"{type(server).__name__} {session.identity.protocol}: {each:.2f} ms a file")

    def test_a_wrong_password_is_tried_once(self, server: FtpsServer) -> None:
        made = FtpsSession(endpoint_of(server), credentials_of(server, password="battery staple"), trust_of(server))
        before = _passwords(server)
        with pytest.raises(AuthenticationFailed) as caught:
            made.login()
        assert "battery" not in caught.value.message + repr(caught.value)
        assert made.closed
        assert _passwords(server) - before == 1

    def test_sessions_share_a_context(self, server: FtpsServer, root: bytes) -> None:
        context = client_context(trust_of(server), credentials_of(server))
        made = [
            FtpsSession(endpoint_of(server), credentials_of(server), trust_of(server), context=context)
            for _number in range(3)
        ]
        failed: list[BaseException] = []

        def work(number: int, one: FtpsSession) -> None:
            try:
                one.login()
                for _round in range(10):
                    store(one, root + b"/shared-%d" % number, b"%d" % number)
                one.close()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=each) for each in enumerate(made)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []


def _many_noops(session: FtpsSession) -> None:
    for _number in range(20):
        session.noop()
        time.sleep(0.01)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(b"x" * 300_000)
    for number in range(50):
        (tmp_path / f"small-{number}").write_bytes(b"y")
    return tmp_path


BEFORE_USER = {
    "auth_refused": TlsRefused,
    "auth_answered=200%20yes": TlsRefused,
    "auth_then_plaintext": SyncError,
    "auth_pipelined": ProtocolViolation,
    "early_answer": ProtocolViolation,
    "endless_banner": ProtocolViolation,
    "huge_line": ProtocolViolation,
    "old_tls": TlsFailed,
    "full=1": TooManyConnections,
    "silent": ConnectTimeout,
}


class TestScripted:
    """Misbehaviour of a server, at the level of the session."""

    @pytest.mark.parametrize("behaviour", BEFORE_USER)
    def test_no_credential_leaves(self, tree: Path, behaviour: str) -> None:
        with ScriptedFtps(tree, behaviour) as server:
            made = session_of(server, connect_timeout=3.0)
            began = time.monotonic()
            with pytest.raises(BEFORE_USER[behaviour]) as caught:
                made.login()
            assert time.monotonic() - began < HANG_SECONDS
            assert made.closed
            assert not [each for each in server.commands() if each.verb in (b"USER", b"PASS")]
            assert isinstance(caught.value, (TlsRefused, TlsFailed, ProtocolViolation, ConnectionFailed))
            assert caught.value.message.isprintable()

    def test_protection_of_data_is_demanded(self, tree: Path) -> None:
        with ScriptedFtps(tree, "prot_refused") as server, pytest.raises(TlsRefused, match="data"):
            session_of(server).login()

    def test_only_tls_carries_commands(self, tree: Path) -> None:
        with ScriptedFtps(tree) as server:
            made = session_of(server)
            made.login()
            assert retrieve(made, b"/file") == b"x" * 300_000
            made.close()
            assert {each.verb for each in server.commands() if not each.secure} == {b"AUTH"}

    @pytest.mark.parametrize("option", ["username", "password"])
    def test_a_login_that_would_be_two_commands(self, tree: Path, option: str) -> None:
        with ScriptedFtps(tree) as server:
            endpoint, credentials = endpoint_of(server), credentials_of(server)
            if option == "username":
                endpoint = endpoint_of(server, username="a\r\nDELE b")
            else:
                credentials = credentials_of(server, password="a\nDELE b")
            with pytest.raises(InvalidRequest, match=option):
                FtpsSession(endpoint, credentials, trust_of(server)).login()
            assert server.commands() == []

    @pytest.mark.parametrize(
        ("behaviour", "kind"),
        [
            ("plaintext_data", DataChannelUntrusted),
            ("passive_garbage=(|||0|)", ProtocolViolation),
            ("passive_garbage=(|1|192.0.2.1|80|)", ProtocolViolation),
            ("dead_port", ConnectionLost),
            ("refused_data", ConnectionLost),
            ("ragged_end=RETR", ConnectionLost),
            ("cut_download=1000", ConnectionLost),
            ("no_final_reply=RETR", ConnectionLost),
            ("whole_then_failed=RETR", ConnectionLost),
            ("stall_data=RETR", Stalled),
            ("stall_final=RETR", Stalled),
        ],
    )
    @pytest.mark.parametrize("tls", ["1.2", "1.3"])
    def test_downloads(self, tree: Path, behaviour: str, kind: type[SyncError], tls: str) -> None:
        with ScriptedFtps(tree, behaviour, tls=tls) as server:
            made = session_of(server, stall_timeout=1.0)
            made.login()
            with pytest.raises(kind) as caught:
                retrieve(made, b"/file")
            assert caught.value.message.isprintable()
            assert made.closed
            with pytest.raises(ConnectionLost, match="no session"):
                made.noop()

    @pytest.mark.parametrize("behaviour", ["ragged_end=LIST", "cut_listing=3", "lost_listing=3", "failed_listing=3"])
    def test_a_listing_that_is_not_whole_does_not_end(self, tree: Path, behaviour: str) -> None:
        with ScriptedFtps(tree, behaviour) as server:
            made = session_of(server, stall_timeout=1.0)
            made.login()
            lines = made.list_lines(b"LIST", b"-a /")
            with pytest.raises(SyncError) as caught:
                list(lines)
            assert isinstance(caught.value, (ConnectionLost, ItemError))

    def test_endless_lines_end(self, tree: Path) -> None:
        with ScriptedFtps(tree, "long_line") as server:
            made = session_of(server)
            made.login()
            with pytest.raises(ProtocolViolation, match="longer than"):
                list(made.list_lines(b"LIST", b"-a /"))

    def test_another_certificate_on_the_data_connection(self, tree: Path) -> None:
        """Signed by the same authority for the same name; the data connection resumes nothing."""
        other = authority().server().combined
        with ScriptedFtps(tree, f"other_certificate={other}") as server:
            made = session_of(server)
            made.login()
            with pytest.raises(DataChannelUntrusted, match="another certificate"):
                retrieve(made, b"/file")
            assert made.closed

    def test_a_foreign_certificate_on_the_data_connection(self, tree: Path) -> None:
        other = Authority("theirs").server().combined
        with ScriptedFtps(tree, f"other_certificate={other}") as server:
            made = session_of(server)
            made.login()
            with pytest.raises(DataChannelUntrusted, match="not accepted"):
                retrieve(made, b"/file")

    def test_the_right_certificate_stands_for_resumption(self, tree: Path) -> None:
        with ScriptedFtps(tree, "unresumed_data") as server:
            made = session_of(server)
            made.login()
            assert retrieve(made, b"/file") == b"x" * 300_000
            assert made.identity.data_channel_resumed is False

    def test_the_address_in_a_227_is_not_used(self, tree: Path) -> None:
        with ScriptedFtps(tree, "no_epsv", "passive_elsewhere") as server:
            made = session_of(server)
            made.login()
            for _round in range(2):
                assert retrieve(made, b"/file") == b"x" * 300_000
            asked = [each.verb for each in server.commands()]
            assert (asked.count(b"EPSV"), asked.count(b"PASV")) == (1, 2)

    @pytest.mark.parametrize(
        ("behaviour", "kind"),
        [
            ("extra_replies=12", ProtocolViolation),
            ("wrong_codes=12", ProtocolViolation),
            ("open_reply=12", Stalled),
            ("endless_reply=12", ProtocolViolation),
            ("endless_preliminary=12", ProtocolViolation),
            ("unavailable=12", ConnectionLost),
            ("cut=12", ConnectionLost),
            ("cut_done=12", ConnectionLost),
            ("stall=12", Stalled),
        ],
    )
    def test_replies(self, tree: Path, behaviour: str, kind: type[SyncError]) -> None:
        with ScriptedFtps(tree, behaviour) as server:
            made = session_of(server, stall_timeout=1.0)
            made.login()
            with pytest.raises(kind):
                _many_noops(made)
            assert made.closed

    def test_slow_is_not_stalled(self, tree: Path) -> None:
        (tree / "slow").write_bytes(b"z" * 8000)
        with ScriptedFtps(tree, "slow_data=350") as server:
            made = session_of(server, stall_timeout=2.0)
            made.login()
            began = time.monotonic()
            assert retrieve(made, b"/slow") == b"z" * 8000
            assert time.monotonic() - began > 2.0

    def test_words_of_the_server_are_harmless(self, tree: Path) -> None:
        with ScriptedFtps(tree, "talkative", "talkative_errors") as server:
            made = session_of(server)
            made.login()
            assert made.software.isprintable()
            with pytest.raises(ItemError) as caught:
                made.retrieve(b"/none")
            assert caught.value.message.isprintable()
            assert len(caught.value.message) < 400

    def test_not_found_is_told(self, tree: Path) -> None:
        with ScriptedFtps(tree) as server:
            made = session_of(server)
            made.login()
            with pytest.raises(NotFound):
                made.retrieve(b"/none")

    def test_one_transfer_at_a_time(self, tree: Path) -> None:
        with ScriptedFtps(tree) as server:
            made = session_of(server)
            made.login()
            reader = made.retrieve(b"/file")
            with pytest.raises(RuntimeError, match="under way"):
                made.noop()
            reader.abandon()
            made.noop()


def _outcome(session: FtpsSession) -> SyncError | None:
    try:
        session.login()
        _many_noops(session)
    except SyncError as error:
        return error
    return None


def test_vsftpd_lets_nobody_else_write_what_is_being_written() -> None:
    """So an upload cannot go over several connections, as a download can (lock_upload_files in vsftpd.conf(5))."""
    with Vsftpd() as server:
        first, second = session_of(server), session_of(server, stall_timeout=1.0)
        path = f"{server.remote_root}/whole".encode()
        for each in (first, second):
            each.login()
        writer = first.store(path)
        writer.send(b"the beginning")
        with pytest.raises(ConnectionLost, match="no byte moved"):
            second.store(path, offset=13)
        writer.send(b", the end")
        writer.finish()
        second.login()
        store(second, path, b" and more", offset=22)
        assert retrieve(first, path) == b"the beginning, the end and more"


class TestNetwork:
    """Faults of the network."""

    def test_nobody_listens(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = taken.getsockname()[1]
        with Vsftpd() as server:
            made = FtpsSession(endpoint_of(server, port=port), credentials_of(server), trust_of(server))
            with pytest.raises(ConnectionFailed, match="refused"):
                made.login()
            made = FtpsSession(
                endpoint_of(server, host="no-such-host.invalid"), credentials_of(server), trust_of(server)
            )
            with pytest.raises(ConnectionFailed) as caught:
                made.login()
            assert "host name" in caught.value.cure

    @pytest.mark.parametrize("after", [0, 50, 200, 1500, 2500, 3500])
    @pytest.mark.parametrize("kind", ["close", "reset", "stall", "flip"])
    def test_a_login_that_breaks_anywhere(self, kind: str, after: int) -> None:
        """Every failure during the login ends in time, as an error of the collection, and leaves nothing open."""
        with Vsftpd() as server, Proxy(server.port) as proxy:
            proxy.arm(Fault(kind, "down", after=after))
            endpoint = endpoint_of(server, port=proxy.port, connect_timeout=2.0, stall_timeout=1.0)
            made = FtpsSession(endpoint, credentials_of(server), trust_of(server))
            began = time.monotonic()
            ended = _outcome(made)
            assert ended is None or (ended.message.isprintable() and made.closed)
            assert time.monotonic() - began < HANG_SECONDS
            made.close()

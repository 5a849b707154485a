# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import Entry, Gap, Item
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe.main import (
    greet,
    is_logged,
)

LINE = 'Connection from 127.0.0.1 port 4000 on 127.0.0.1 port 22 rdomain ""'


def entry(
    text: str = LINE, uid: int = 0, identifier: str = "sshd-session", executable: str = "/usr/sbin/sshd"
) -> Entry:
    return Entry("c", 1.0, "boot", 7, uid, "sshd-session", executable, "", identifier, text)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (entry(), True),
        (entry("Connection closed by 127.0.0.1 port 4000 [preauth]"), True),
        (entry("Connection reset by 127.0.0.1 port 4000"), True),
        (entry("Connection closed by 127.0.0.1 port 40001 [preauth]"), False),
        (entry("Connection closed by 127.0.0.2 port 4000 [preauth]"), False),
        (entry("Invalid user Connection from 127.0.0.1 port 4000 from 192.0.2.1 port 5"), False),
        (entry(uid=1000), False),
        (entry(executable="/home/x/sshd"), False),
        (entry(identifier="other"), False),
        (Gap("c", 1.0), False),
    ],
)
def test_only_the_line_of_this_connection_counts(item: Item, expected: bool) -> None:
    assert is_logged("127.0.0.1", 4000, 9.0, lambda _cursor, _since: iter([item]), lambda _seconds: None) is expected


def test_the_journal_is_read_for_a_minute() -> None:
    waited: list[float] = []
    read: list[tuple[str, float]] = []

    def journal(cursor: str, since: float) -> Iterator[Item]:
        read.append((cursor, since))
        return iter([entry()] if sum(waited) > 20 else [])

    assert is_logged("127.0.0.1", 4000, 9.0, journal, waited.append)
    assert set(read) == {("", 8.0)}
    assert not is_logged("127.0.0.1", 4001, 9.0, journal, waited.append)
    assert 60 <= sum(waited) - 30.5 < 61


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def answering(server: socket.socket, words: bytes, heard: list[bytes]) -> threading.Thread:
    def answer() -> None:
        connection, address = server.accept()
        with connection:
            connection.sendall(words)
            heard.extend((connection.recv(255), str(address[1]).encode()))

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_greetings_are_exchanged(server: socket.socket) -> None:
    heard: list[bytes] = []
    thread = answering(server, b"SSH-2.0-x\r\n", heard)
    address, port = greet("localhost", server.getsockname()[1])
    thread.join()
    assert address == "127.0.0.1"
    assert heard == [b"SSH-2.0-secure_ftp_synchronize_probe\r\n", str(port).encode()]


def test_another_server_is_an_error(server: socket.socket) -> None:
    thread = answering(server, b"220 FTP\r\n", [])
    with pytest.raises(ConnectionError, match="not an SSH server"):
        greet("127.0.0.1", server.getsockname()[1])
    thread.join()

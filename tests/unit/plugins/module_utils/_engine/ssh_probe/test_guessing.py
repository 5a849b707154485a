# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe import guessing


@contextmanager
def greeting(lines: list[bytes]) -> Iterator[Endpoint]:
    """A server that greets each connection with the next line, and after the last always with the last."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection = server.accept()[0]
            except OSError:
                return
            with closing(connection):
                connection.sendall(lines.pop(0) if len(lines) > 1 else lines[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Endpoint("sftp", *server.getsockname()[:2])
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(30)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The user names of logins that were tried."""
    seen: list[str] = []
    monkeypatch.setattr(guessing, "_log_in", lambda _endpoint, _key, name: seen.append(name))
    return seen


BUSY = b"Exceeded MaxStartups\r\n"
GREETS, REFUSES = b"SSH-2.0-x\r\n", b"Not allowed at this time\r\n"


@pytest.mark.parametrize(
    ("lines", "number", "refused"),
    [
        ([GREETS], 5, False),
        ([GREETS, GREETS, GREETS, *(REFUSES,) * 6, GREETS], 3, True),
        ([GREETS, REFUSES, GREETS, REFUSES, GREETS], 5, False),
    ],
)
def test_guesses_until_the_server_refuses(names: list[str], lines: list[bytes], number: int, refused: bool) -> None:
    waits: list[float] = []
    with greeting(list(lines)) as endpoint:
        assert guessing.guess(endpoint, "probe-1", 5, waits.append) == (number, refused)
    assert len(names) == number
    assert all(name.startswith("probe-1 from ") for name in names)
    assert bool(waits) == (REFUSES in lines)


def test_a_busy_server_is_asked_again(names: list[str]) -> None:
    """Its limit of connections is no penalty."""
    with greeting([GREETS, GREETS, BUSY, BUSY, GREETS]) as endpoint:
        assert guessing.guess(endpoint, "probe-1", 4, lambda _seconds: None) == (4, False)


@pytest.mark.parametrize("line", [REFUSES, b""])
def test_a_server_that_does_not_answer_before_decides_nothing(names: list[str], line: bytes) -> None:
    with greeting([line]) as endpoint, pytest.raises(ConnectionFailed, match="direct connection"):
        guessing.guess(endpoint, "probe-1", 5)
    assert names == []


def test_a_penalty_without_end(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "_PATIENCE", 0.0)
    with greeting([GREETS, REFUSES]) as endpoint, pytest.raises(ConnectionFailed, match="still refuses"):
        guessing.guess(endpoint, "probe-1", 5, lambda _seconds: None)


def test_a_greeting_in_small_parts_has_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the whole greeting arrives, as no part is late."""
    monkeypatch.setattr(guessing, "_SECONDS", 0.3)

    def drip(connection: socket.socket) -> None:
        with closing(connection), contextlib.suppress(OSError):
            for _part in range(guessing._LONGEST):
                connection.sendall(b"x")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: drip(server.accept()[0]), daemon=True)
        thread.start()
        line = guessing._first_line(Endpoint("sftp", *server.getsockname()[:2]))
    assert len(line) < guessing._LONGEST
    thread.join(60)


def test_guesses_at_a_slow_server_end(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "_ALL_SECONDS", -1.0)
    with greeting([GREETS]) as endpoint, pytest.raises(ConnectionFailed, match="0 guesses took longer"):
        guessing.guess(endpoint, "probe-1", 5)
    assert names == []


def test_a_guess_never_shows_a_name_as_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(guessing, "ask_program", lambda *words, **_options: asked.append(words))
    guessing._log_in(Endpoint("sftp", "files.example.com", 2222), "/key", "a name")
    (words,) = asked
    assert words[words.index("-l") + 1] == "a name"
    assert words[-2:] == ("files.example.com", "true")


def test_what_a_server_sends_behind_a_guess_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is not proven, and may let the key in and send for as long as the guess may take."""
    program = tmp_path / "ssh"
    program.write_text("#!/bin/sh\nhead -c 100000000 /dev/zero\nhead -c 100000000 /dev/zero >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    guessing._log_in(Endpoint("sftp", "192.0.2.1"), "/key", "name")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import JournalUnreadable
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe import main as program
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe.answer import (
    Answer,
    read_answer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe.main import main


def test_the_answer_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "greet", lambda _address, _port: ("127.0.0.1", 4000))
    monkeypatch.setattr(program.time, "time", lambda: 7.5)
    monkeypatch.setattr(program.time, "monotonic", lambda: 1.0)
    given = ["127.0.0.1", "22", str(tmp_path / "answer")]
    assert main(given, journal=lambda _cursor, _since: iter(()), pause=lambda _seconds: None) == 0
    assert read_answer(given[2]) == Answer(7.5, is_logged=False)


def test_errors_are_lines_and_leave_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 1
    assert main(["127.0.0.1", "x", "y"]) == 1
    assert main(["127.0.0.1", "65536", "y"]) == 1
    with socket.socket() as bound:  # and not listening, so that no other process takes its port
        bound.bind(("127.0.0.1", 0))
        port = str(bound.getsockname()[1])
        given = ["127.0.0.1", port, str(tmp_path / "answer")]
        assert main(given) == 1

    def unreadable(_cursor: str, _since: float) -> None:
        raise JournalUnreadable("journalctl: no")

    monkeypatch.setattr(program, "greet", lambda _address, _port: ("127.0.0.1", 4000))
    assert main(given, journal=unreadable, pause=lambda _seconds: None) == 1
    assert read_answer(given[2]) is None
    usage, again, port_again, refused, journal = capsys.readouterr().err.splitlines()
    assert usage == again == port_again == "usage: probe ADDRESS PORT ANSWER"
    assert refused == f"127.0.0.1 port {port}: Connection refused"
    assert journal == "journalctl: no"


def test_a_clock_that_was_set_back_leaves_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "greet", lambda _address, _port: ("127.0.0.1", 4000))
    times = iter((7200.0, 3600.0))
    monkeypatch.setattr(program.time, "time", lambda: next(times))
    given = ["127.0.0.1", "22", str(tmp_path / "answer")]
    assert main(given, journal=lambda _cursor, _since: iter(()), pause=lambda _seconds: None) == 1
    assert read_answer(given[2]) is None
    assert capsys.readouterr().err == "the clock was set back during the probe\n"

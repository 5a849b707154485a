# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Candidates are processes: they are started, awaited and always removed. Their server is a small program of this
test."""

from __future__ import annotations

import json
import os
import pwd
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import CandidateFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service import candidate as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.candidate import (
    Candidate,
    running,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.daemon import Place
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.vsftpd import Vsftpd
from support.running.processes import alive

SERVER = r"""
import json, os, signal, socket, sys, time
given = json.load(open(sys.argv[1]))
if given["text"] == "refuse":
    os.write(0, b"500 OOPS: an option\n")
    sys.exit(2)
pids = [os.getpid()]
if given["text"] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = os.fork()
    pids.append(child)
    if not child:
        time.sleep(600)
if given["text"] != "silent":
    server = socket.create_server(("127.0.0.1", given["port"]))
with open(given["directory"] + "/pids", "w") as file:
    json.dump(pids, file)
time.sleep(600)
"""
BINARY: Any = SimpleNamespace(path=sys.executable, version="1.0")


class Toy(Vsftpd):
    """A server whose configuration names its behaviour."""

    name = "toy"

    def candidate(self, text: str, place: Place, *, demand: bool) -> str:
        return json.dumps({"text": text, "demand": demand, **place._asdict()})

    def command(self, program: str, path: str) -> Sequence[str]:
        return (program, "-I", "-c", SERVER, path)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of all temporary directories."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def given(candidate: Candidate) -> dict[str, Any]:
    return json.loads(Path(candidate.directory, "config").read_text())


def pids(candidate: Candidate) -> list[int]:
    file = Path(candidate.directory, "pids")
    while not file.exists() or not file.read_text():
        pass
    return json.loads(file.read_text())


@pytest.mark.parametrize("demand", [False, True])
def test_it_serves_the_configuration(scratch: Path, *, demand: bool) -> None:
    with running(Toy(), BINARY, "serve", demand=demand) as candidate:
        socket.create_connection(("127.0.0.1", candidate.port)).close()
        place = given(candidate)
        (process,) = pids(candidate)
        assert (place["text"], place["demand"], place["port"]) == ("serve", demand, candidate.port)
        assert os.stat(candidate.directory).st_mode & 0o777 == 0o711
        incoming = Path(place["tree"], "incoming").stat()
        owner = pwd.getpwnam(place["account"]).pw_uid if os.geteuid() == 0 else os.geteuid()
        assert (incoming.st_mode & 0o777, incoming.st_uid) == (0o755, owner)
        assert os.getsid(process) == process, "signals of the task's terminal are not for it"
    assert not alive(process)
    assert list(scratch.iterdir()) == []


def test_after_an_error_all_its_processes_and_files_are_gone(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_END_SECONDS", 0.1)
    seen: list[int] = []

    def fail() -> None:
        with running(Toy(), BINARY, "stubborn", demand=False) as candidate:
            seen.extend(pids(candidate))
            raise CandidateFailed("a check")

    with pytest.raises(CandidateFailed, match="a check"):
        fail()
    assert (len(seen), any(map(alive, seen)), list(scratch.iterdir())) == (2, False, [])


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("refuse", "toy 1.0 refuses the configuration: 500 OOPS: an option"),
        ("silent", "toy 1.0 does not answer with the configuration: no output"),
    ],
)
def test_a_configuration_that_does_not_serve(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, text: str, fact: str
) -> None:
    monkeypatch.setattr(subject, "_START_SECONDS", 60.0 if text == "refuse" else 0.2)
    with pytest.raises(CandidateFailed) as caught, running(Toy(), BINARY, text, demand=False):
        pass
    assert (caught.value.message, list(scratch.iterdir())) == (fact, [])
    assert (caught.value.cure or "").startswith("Nothing was changed")


def test_the_end_of_its_logs(tmp_path: Path) -> None:
    (tmp_path / "tls-log").write_text("third\n")
    (tmp_path / "output").write_text("x" * 5000 + "\nfirst\n")
    assert Candidate(1, str(tmp_path)).messages().endswith("first / third")


@pytest.mark.parametrize("account", ["root", "no-such-account", "homeless"])
def test_accounts_that_cannot_serve(monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    real = pwd.getpwnam
    homeless = SimpleNamespace(pw_uid=7, pw_dir="/no/home")
    monkeypatch.setattr(subject.pwd, "getpwnam", lambda name: homeless if name == "homeless" else real(name))
    monkeypatch.setattr(subject, "_ACCOUNTS", (account,))
    with pytest.raises(CandidateFailed, match=f"none of the accounts {account} exists with a home directory"):
        subject._account()
    monkeypatch.setattr(subject, "_ACCOUNTS", (account, "daemon"))
    assert subject._account().pw_name == "daemon"

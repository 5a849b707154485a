# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marked login of tls_policy at servers that are hostile, not proven or accept any login: only the attempt is sent,
no answer holds the check, and each is in the result."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import TlsTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import MarkedFacts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.dialer import Dialer, Target
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.probe import marked_facts
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.tls_authority import Authority
from support.servers.vsftpd import Vsftpd

MARK = "tls_probe-51ab0f0a9d1c5be2"
NAME = f'{MARK}] OK LOGIN: Client "192.0.2.66", 5 bytes'.encode()
_SECONDS = 2.0


def dialer(server: ScriptedFtps | Vsftpd, trust: TlsTrust | None = None, *, account: bool = False) -> Dialer:
    """Return the connections of a check."""
    endpoint = endpoint_of(server, connect_timeout=_SECONDS, stall_timeout=_SECONDS)
    credentials = credentials_of(server, **({} if account else {"password": None}))
    return Dialer(Target(endpoint, credentials, trust or trust_of(server), pause=0.0))


def answered(verb: str, *lines: bytes) -> str:
    """Return the behaviour of a server that answers a command with these lines."""
    return f"{verb}_answered=" + quote(b"".join(line + b"\r\n" for line in lines))


def test_a_server_that_refuses_it(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server:
        assert marked_facts(dialer(server), MARK) == MarkedFacts(MARK)
        said = [(each.verb, each.secure) for each in server.commands()]
        name, password = (each.argument for each in server.commands()[1:])
    assert said == [(b"AUTH", False), (b"USER", True), (b"PASS", True)]
    assert name == NAME
    assert len(password) == 32


def test_each_password_is_another(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server:
        for _number in range(2):
            marked_facts(dialer(server), MARK)
        passwords = {each.argument for each in server.commands() if each.verb == b"PASS"}
    assert len(passwords) == 2


@pytest.mark.parametrize("verb", ["user", "pass"])
def test_a_server_that_accepts_any_login(verb: str, tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, answered(verb, b"230 Welcome")) as server:
        facts = marked_facts(dialer(server), MARK)
    assert facts == MarkedFacts(MARK, let_in="230 Welcome")


HOSTILE = {
    "421": ([answered("pass", b"421 Too many users")], "Too many users"),
    "4xx": ([answered("pass", b"430 Later")], "does not refuse a login for good: 430"),
    "another question": ([answered("user", b"332 Need account")], "does not refuse a login for good: 332"),
    "long line": ([answered("pass", b"530 " + b"x" * 9000)], "longer than 8192 bytes"),
    "many lines": ([answered("pass", *[b"530-no"] * 1001)], "more than 1000 lines"),
    "no last line": ([answered("pass", b"530-no")], "within connect_timeout"),
    "preliminary": ([answered("pass", *[b"150 Wait"] * 200)], "without end"),
    "no reply": ([answered("pass", b"\x1b[2J")], "not an FTP reply"),
    "bare CR": ([answered("pass", b"530 a\rb")], "a bare CR"),
    "a reply too many": ([answered("user", b"331 Who", b"230 In")], "a reply to no command"),
    "no answer": (["stall_final=PASS"], "within connect_timeout"),
    "the end": (["pass_answered"], "without TLS's close_notify"),
    "the end before a password": (["user_answered"], "without TLS's close_notify"),
    "full": (["full=1"], "Too many connections"),
    "no TLS": (["auth_refused"], "does no TLS"),
    "in clear": (["auth_pipelined"], "after its reply to AUTH TLS"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_answer_is_no_refusal(case: str, tmp_path: Path) -> None:
    behaviours, words = HOSTILE[case]
    with ScriptedFtps(tmp_path, *behaviours) as server:
        began = time.monotonic()
        facts = marked_facts(dialer(server), MARK)
        seconds = time.monotonic() - began
        clear = [each for each in server.commands() if not each.secure and each.verb != b"AUTH"]
    assert ((facts.mark, facts.let_in), words in facts.unknown) == (("", ""), True), facts
    assert clear == []
    assert seconds < 60


@pytest.mark.parametrize("proof", ["authority", "pin"])
def test_nothing_is_sent_to_a_server_that_is_not_proven(proof: str, tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server:
        stranger = trust_of(server, ca_file=str(Authority("stranger").file))
        pinned = trust_of(server, pins=("sha256//" + "A" * 43 + "=",))
        facts = marked_facts(dialer(server, stranger if proof == "authority" else pinned), MARK)
        said = {each.verb for each in server.commands()}
    assert facts.mark == ""
    assert facts.unknown.startswith("the server is not proven, so no name was sent: ")
    assert said == {b"AUTH"}


@pytest.mark.parametrize("versions", [("1.2",), ("1.3",)], ids=["1.2", "1.3"])
def test_a_client_certificate_that_is_missing(versions: tuple[str, ...]) -> None:
    with Vsftpd(client_authority=Authority("clients"), versions=versions) as server:
        facts = marked_facts(dialer(server), MARK)
    assert (facts.mark, facts.let_in) == ("", "")
    assert "client certificate" in facts.unknown


def test_a_name_that_is_refused_before_a_password(tmp_path: Path) -> None:
    """Without an account there is no mark. With it, the server refuses to delete a file that does not exist."""
    with ScriptedFtps(tmp_path, "refuses_unknown") as server:
        without = marked_facts(dialer(server), MARK)
        facts = marked_facts(dialer(server, account=True), MARK)
        (deleted,) = [each.argument for each in server.commands() if each.verb == b"DELE"]
    assert "no account was given: 530 " in without.unknown
    assert (facts, deleted) == (MarkedFacts(MARK), NAME)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login for any request: the words and options that ssh gets, and the judgement of its end.

The program is a script that records its input; logins to real servers are in the integration tests.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe import login
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.login import (
    AGENT,
    Outcome,
    converse,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from support.servers import ssh_keys

PIN = SshTrust(("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX",))
RECORD = """#!/bin/sh
case "$1" in -V) echo 'OpenSSH_9.9p1' >&2; exit 0;; -G) exit 0;; esac
tr '\\0' '\\n' </proc/$$/cmdline >"$HERE/argv"
cat "$2" >"$HERE/config"
%s
"""
ACCEPTED = "echo 'debug2: client_status_confirm: request accepted on channel 0' >&2; cat; echo last words >&2"


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> SshAccount:
    (tmp_path / "ssh").write_text(RECORD % request.param)
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HERE", str(tmp_path))
    return SshAccount(Endpoint("sftp", "host.example", ssh_config_file="none"), Credentials(), PIN)


@pytest.mark.parametrize("account", [ACCEPTED], indirect=True)
@pytest.mark.parametrize(
    ("words", "last"),
    [
        ([], ["--", "host.example"]),
        (["id"], ["--", "host.example", "id"]),
        (["-s", "netconf"], ["-s", "--", "host.example", "netconf"]),
    ],
)
def test_words_options_and_answer(account: SshAccount, tmp_path: Path, words: list[str], last: list[str]) -> None:
    outcome = converse(account, words, ["RequestTTY force", AGENT], b"input")
    assert (outcome.refused, outcome.output, outcome.last_words) == (False, b"input", "last words")
    assert (tmp_path / "argv").read_text().split()[-len(last) :] == last
    config = (tmp_path / "config").read_text()
    assert "RequestTTY force" in config
    assert "ForwardAgent no" in config, "without a key file, the login may need the user's agent"


@pytest.mark.parametrize("account", ["echo 'Authenticated to host.example' >&2; exit 255"], indirect=True)
def test_an_end_behind_the_login_is_a_refusal(account: SshAccount) -> None:
    assert converse(account, ["id"]).refused


@pytest.mark.parametrize("account", ["echo 'Permission denied (publickey).' >&2; exit 255"], indirect=True)
def test_a_failed_login_raises(account: SshAccount) -> None:
    with pytest.raises(errors.SyncError):
        converse(account, ["id"])


ASK_AGENT = f"""
echo 'debug2: client_status_confirm: request accepted on channel 0' >&2
exec {sys.executable} -c '
import re, socket, sys
agent = socket.socket(socket.AF_UNIX)
agent.connect(re.search("IdentityAgent \\"(.*)\\"", open(sys.argv[1]).read())[1])
agent.sendall(bytes([0, 0, 0, 1, 11]))
sys.stdout.buffer.write(agent.recv(100))' "$2"
"""


@pytest.mark.parametrize("account", [ASK_AGENT], indirect=True)
def test_a_forwarded_agent_answers_every_request_with_a_failure(account: SshAccount) -> None:
    key = Credentials(private_key_file=str(ssh_keys.key("unit").path))
    assert converse(account._replace(credentials=key), ["id"], [AGENT]).output == b"\0\0\0\1\5"


@pytest.mark.parametrize(
    "account", [ACCEPTED.replace("cat", "cat /dev/zero"), ACCEPTED.replace("cat", "sleep 60")], indirect=True
)
def test_a_session_without_an_end_is_cut(account: SshAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_SECONDS", 0.5)
    began = time.monotonic()
    outcome = converse(account, ["id"])
    assert not outcome.refused
    assert len(outcome.output) < 128 << 10
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("account", [ACCEPTED.replace("cat;", "cat; exec >&-; sleep 0.3;")], indirect=True)
def test_a_message_after_the_end_of_the_output(account: SshAccount) -> None:
    assert converse(account, ["id"]).last_words == "last words"


@pytest.mark.parametrize("account", ["exit 1"], indirect=True)
def test_a_host_that_ssh_would_take_for_an_option(account: SshAccount, tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidRequest):
        converse(account._replace(endpoint=account.endpoint._replace(host="-oProxyCommand=id")), ["id"])
    assert not (tmp_path / "argv").exists()


@pytest.mark.parametrize("account", ["exit 1"], indirect=True)
def test_an_ssh_that_cannot_be_started(account: SshAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(errors.ClientMissing):
        converse(account, ["id"])


def test_last_words_are_escaped() -> None:
    assert Outcome(True, messages=("a\x1b[2J", "debug1: b", " ")).last_words == "a\\x1b[2J"
    assert Outcome(True).last_words == ""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of answers to requests outside SFTP."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.commands import (
    ATTEMPTS,
    Attempt,
    attempt,
    is_forced,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.login import Outcome

BY_NAME = {each.name: each for each in ATTEMPTS}
VERSION = b"\0\0\0\5\2\0\0\0\3"
FORCED = b"This service allows sftp connections only.\n"


def ids(name: str, outcome: Outcome) -> list[str]:
    return [each.id for each in attempt(BY_NAME[name], lambda _words, _options, _content: outcome)]


@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "shell"])
@pytest.mark.parametrize(
    "outcome", [Outcome(True), Outcome(False, VERSION), Outcome(False, FORCED)], ids=["refused", "SFTP", "forced"]
)
def test_answers_of_a_jail(name: str, outcome: Outcome) -> None:
    assert ids(name, outcome) == []


@pytest.mark.parametrize(
    ("name", "output", "code"),
    [
        ("program", b"", "not_forced"),
        ("program", b"This account is currently not available.", "not_forced"),
        ("scp", b"C0644 1500 passwd\n", "command"),
        ("scp", b"\1scp: not found\n", "not_forced"),
        ("subsystem netconf", b"<hello/>", "subsystem"),
    ],
)
def test_other_answers(name: str, output: bytes, code: str) -> None:
    assert ids(name, Outcome(False, output)) == [code]


@pytest.mark.parametrize(
    ("effects", "codes"),
    [
        ({}, []),
        ({"JAIL_PROBE": "set"}, ["environment"]),
        ({"SSH_AUTH_SOCK": "/x", "DISPLAY": ":1"}, ["agent_forwarding", "display_forwarding"]),
    ],
)
@pytest.mark.parametrize("name", ["program", "shell"])
def test_a_shell_shows_the_effects_of_the_options(name: str, effects: dict[str, str], codes: list[str]) -> None:
    def shell(words: Sequence[str], options: Sequence[str], content: bytes) -> Outcome:
        assert ("SetEnv JAIL_PROBE=set" in options) == (name == "program") == bool(words)
        command = ["sh", "-c", *words] if words else ["sh"]
        lines = b"" if words else content.partition(b"\n")[2]
        done = subprocess.run(command, input=lines, env=effects, capture_output=True, check=True, timeout=60)
        return Outcome(False, done.stdout, ("PTY allocation request failed on channel 0",))

    assert [each.id for each in attempt(BY_NAME[name], shell)] == ["command", *codes]


def test_a_terminal_is_granted_unless_ssh_says_otherwise() -> None:
    assert ids("shell", Outcome(False, FORCED)) == ["terminal"]
    assert ids("shell", Outcome(False, FORCED, ("PTY allocation request failed on channel 0",))) == []
    assert ids("shell", Outcome(True)) == []


def test_the_message_of_a_program_is_shown() -> None:
    outcome = Outcome(False, b"", ("debug1: x", "/usr/sbin/nologin: No such file or directory"))
    (found,) = attempt(Attempt("shell", ()), lambda _words, _options, _content: outcome)
    assert found.observed.endswith("reaches the account's shell: /usr/sbin/nologin: No such file or directory")


def test_the_shortest_greeting_and_the_longest() -> None:
    """A greater number, and another packet, are no greeting."""
    assert is_forced(b"\0\0\0\5\2")
    assert is_forced(b"\0\0\x0f\xff\2")
    assert not any(map(is_forced, (b"\0\0\x10\0\2", b"\0\0\0\5\1", b"\0\0\0\5")))


def test_the_input_of_a_terminal_interrupts_no_shell() -> None:
    """A shell that has not started yet would be ended by Ctrl-C."""
    sent = {}
    for each in ATTEMPTS:
        for _finding in attempt(each, lambda _words, _options, content, each=each: record(sent, each.name, content)):
            pass
    assert b"\x03" not in sent["shell"].replace(b"\x16\x03", b"")
    assert all(content.startswith(b"\0\0\0\5\1\0\0\0\3") for name, content in sent.items() if name != "shell")


def record(sent: dict[str, bytes], name: str, content: bytes) -> Outcome:
    sent[name] = content
    return Outcome(True)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel by which OpenSSH programs get a secret; the helper is run as they run it."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import Askpass, Prompt
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)
from support.running.patience import HANG_SECONDS


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    guard = ChildProcesses()
    yield guard
    guard.close()


@pytest.fixture
def askpass(guard: ChildProcesses) -> Iterator[Askpass]:
    askpass = Askpass(guard)
    yield askpass
    askpass.close()
    askpass.close()


def ask(guard: ChildProcesses, askpass: Askpass, text: str) -> subprocess.Popen[bytes]:
    return guard.start([askpass.environment["SSH_ASKPASS"], text], stdout=subprocess.PIPE)


def next_questions(askpass: Askpass, count: int) -> list[Prompt]:
    found: list[Prompt] = []
    while len(found) < count and select.select([askpass.fd], [], [], 5)[0]:
        found += askpass.questions()
    return found


@pytest.mark.parametrize(
    "secret", ["simple", "", " blanks ", "back\\slash \\n %s $(id) `id` 'q' \"q\"", "ünï", "x" * 4000]
)
def test_a_secret_arrives_as_it_is(guard: ChildProcesses, askpass: Askpass, secret: str) -> None:
    helper = ask(guard, askpass, "u@h's password: ")
    (prompt,) = next_questions(askpass, 1)
    assert prompt == Prompt(helper.pid, "u@h's password: ")
    askpass.answer(prompt, secret)
    assert helper.communicate(timeout=HANG_SECONDS)[0] == secret.encode() + b"\n"
    assert helper.returncode == 0
    assert sorted(os.listdir(guard.directory)) == ["ask", "askpass"]
    modes = {os.stat(guard.path(name)).st_mode & 0o777 for name in os.listdir(guard.directory)}
    assert modes == {0o600, 0o700}, "no other account can ask or answer"


@pytest.mark.parametrize("text", ["a\x1e1 b", "a\n1\nb\n", "", "\r\n\udcff", "x" * 9000])
def test_a_question_is_one_whatever_it_holds(guard: ChildProcesses, askpass: Askpass, text: str) -> None:
    helper = ask(guard, askpass, text)
    (prompt,) = next_questions(askpass, 1)
    assert prompt == Prompt(helper.pid, text)
    askpass.answer(prompt, "secret")
    assert helper.communicate(timeout=HANG_SECONDS)[0] == b"secret\n"


def test_two_questions_at_once_are_not_mixed_up(guard: ChildProcesses, askpass: Askpass) -> None:
    helpers = [ask(guard, askpass, f"question {number}") for number in range(4)]
    prompts = next_questions(askpass, 4)
    for prompt in reversed(prompts):
        askpass.answer(prompt, f"answer to {prompt.text}")
    for number, helper in enumerate(helpers):
        assert helper.communicate(timeout=HANG_SECONDS)[0].decode() == f"answer to question {number}\n"


def test_an_answer_to_nobody_is_no_error(askpass: Askpass) -> None:
    askpass.answer(Prompt(1, "gone"), "secret")
    assert askpass.questions() == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which secret answers which question."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import (
    Answers,
    Prompt,
    SshLog,
)

STEP = b'Authenticated using "password" with partial success.\n'


def answers(**credentials: str) -> Answers:
    return Answers(Credentials(**credentials), "host", "user")


def ask(given: Answers, text: str, log: SshLog | None = None) -> str:
    return given.answer(Prompt(1, text), log or SshLog())


@pytest.mark.parametrize("text", ["u@h's password: ", "(u@h) Password: ", "(u@h) Passwort: "])
def test_the_password_answers_once(text: str) -> None:
    given = answers(password="secret")
    log = SshLog()
    assert ask(given, text, log) == "secret"
    with pytest.raises(errors.AuthenticationFailed, match="does not accept the password of user"):
        ask(given, "(u@h) Password: ", log)


def test_a_further_step_may_ask_for_it_again() -> None:
    given, log = answers(password="secret"), SshLog()
    assert ask(given, "u@h's password: ", log) == "secret"
    log.feed(STEP)
    assert ask(given, "(u@h) Password: ", log) == "secret"


@pytest.mark.parametrize("text", ["(u@h) Verification code: ", "(u@h) OTP: ", "Enter PIN for key: "])
def test_other_questions_have_no_answer(text: str) -> None:
    with pytest.raises(errors.AuthenticationFailed, match="no answer"):
        ask(answers(password="secret"), text)


@pytest.mark.parametrize(
    ("said", "given_before", "code"),
    [
        (b"", False, "authentication_failed"),
        (STEP, False, "second_factor_required"),
        (b"", True, "second_factor_required"),
    ],
    ids=["key refused", "key accepted", "password accepted before"],
)
def test_a_second_factor_is_not_named_if_the_key_was_refused(said: bytes, given_before: bool, code: str) -> None:
    given, log = answers(password="secret", private_key_file="/keys/own"), SshLog()
    log.feed(said)
    if given_before:
        ask(given, "(u@h) Password: ", log)
    with pytest.raises(errors.SyncError) as caught:
        ask(given, "(u@h) Verification code: ", log)
    assert caught.value.code == code


def test_a_task_without_password_has_no_answer_and_the_question_is_escaped() -> None:
    with pytest.raises(errors.AuthenticationFailed) as caught:
        ask(answers(), "(u@h) \x1b[2JPassword: ")
    assert caught.value.message.isprintable()


def test_the_passphrase_is_for_the_tasks_own_key_alone() -> None:
    given = answers(private_key_file="/keys/own", passphrase="phrase")
    assert ask(given, "Enter passphrase for key '/keys/own': ") == "phrase"
    assert ask(given, "Enter passphrase for key '/root/.ssh/id_rsa': ") == ""
    assert ask(answers(passphrase="phrase"), "Enter passphrase for key '/keys/own': ") == ""
    assert not given.lacks_passphrase


PATH = "/keys/" + "k" * 100


@pytest.mark.parametrize(
    "text",
    [
        f"(u@h) Enter passphrase for key '{PATH}': ",
        f"(u@h) x\nEnter passphrase for key '{PATH}': ",
        f"Enter passphrase for key '{PATH}': \n",
        f"Enter passphrase for key '{PATH}'",
        f"x Enter passphrase for key '{PATH}': ",
        f"enter passphrase for key '{PATH}': ",
    ],
)
@pytest.mark.parametrize("secrets", [{}, {"password": "secret"}])
def test_no_other_question_gets_the_passphrase(text: str, secrets: dict[str, str]) -> None:
    with pytest.raises(errors.AuthenticationFailed, match="no answer"):
        ask(answers(private_key_file=PATH, passphrase="phrase", **secrets), text)


@pytest.mark.parametrize("path", ["/", "", "/keys/k", PATH[:99], PATH + "k", PATH[:101]])
def test_the_path_is_the_tasks_own_and_no_part_of_it(path: str) -> None:
    assert ask(answers(private_key_file=PATH, passphrase="phrase"), f"Enter passphrase for key '{path}': ") == ""


@pytest.mark.parametrize("path", [PATH, PATH[:100]])
def test_ssh_shows_a_hundred_bytes_of_a_path(path: str) -> None:
    assert ask(answers(private_key_file=PATH, passphrase="phrase"), f"Enter passphrase for key '{path}': ") == "phrase"


@pytest.mark.parametrize(
    "text", ["password: ", "x u@h's password: ", "u@h's password: x", "Enter u@h's old password: ", "u@h's password"]
)
def test_an_unmarked_question_that_is_not_sshs_own_gets_no_password(text: str) -> None:
    with pytest.raises(errors.AuthenticationFailed, match="no answer"):
        ask(answers(password="secret"), text)


def test_a_missing_passphrase_is_remembered() -> None:
    given = answers(private_key_file="/keys/own")
    assert ask(given, "Enter passphrase for key '/keys/own': ") == ""
    assert given.lacks_passphrase

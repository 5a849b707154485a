# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of push, pull and check of sync.pyz."""

from __future__ import annotations

import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import command_line
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.command_line import completion, parsed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_options import (
    job_params,
    secret_names,
    specification,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest

URL = "sftp://upload@files.example.com:2222/inbox"
PLACE = {"protocol": "sftp", "host": "files.example.com", "port": 2222, "username": "upload"}


def options(*words: str) -> dict[str, Any]:
    return parsed(words).all_options()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("push", "/srv/a", URL), {**PLACE, "direction": "push", "src": "/srv/a", "dest": "inbox"}),
        (("pull", URL, "/srv/a"), {**PLACE, "direction": "pull", "src": "inbox", "dest": "/srv/a"}),
        (("check", URL, "a"), {**PLACE, "direction": "pull", "src": "inbox", "dest": "a"}),
        (
            ("check", "a", "ftps://h//srv/two%20words"),
            {"protocol": "ftps", "host": "h", "direction": "push", "src": "a", "dest": "/srv/two words"},
        ),
        (
            ("push", "a", "sftp://a%40b@[::1]/"),
            {"protocol": "sftp", "host": "::1", "username": "a@b", "direction": "push", "src": "a", "dest": "."},
        ),
    ],
)
def test_the_url(words: tuple[str, ...], expected: dict[str, Any]) -> None:
    assert options(*words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--delete", "--max-delete", "5%"), {"delete": True, "max_delete": "5%"}),
        (("--no-lock", "--no_preserve_mode"), {"lock": False, "preserve_mode": False}),
        (("--exclude", "-x", "--exclude=*.tmp"), None),
        (("--exclude=-x", "--exclude=*.tmp"), {"exclude": ["-x", "*.tmp"]}),
        (("--retries", "2", "--lock_wait=1.5"), {"retries": 2, "lock_wait": 1.5}),
        (("--sign.public-key", "K", "--sign.sums", "--sign.adopt.sequence", "4"), {
            "sign": {"public_key": "K", "sums": True, "adopt": {"sequence": 4}}
        }),
        (("--secrets-from", '{"password": {"file": "/k"}}'), {"secrets_from": {"password": {"file": "/k"}}}),
    ],
)  # fmt: skip
def test_options_by_name(words: tuple[str, ...], expected: dict[str, Any] | None) -> None:
    if expected is None:
        with pytest.raises(SystemExit):
            parsed(("push", "a", URL, *words))
    else:
        assert parsed(("push", "a", URL, *words)).options == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("push", URL, "a"), "the URL is missing or in the other place"),
        (("push", "a", "b"), "the URL is missing or in the other place"),
        (("check", URL, URL), "there are two URLs"),
        (("push", "a", "http://h/x"), "'http://h/x': is not a URL of a server"),
        (("push", "a", "sftp:///x"), "is not a URL of a server"),
        (("push", "a", "sftp://h:port/x"), "is not a URL: "),
        (("push", "a", "sftp://h/x?y"), "is not a URL of a server. Write sftp://"),
        (("push", "a", "sftp://u:canary@h/x"), "'sftp://h/x': holds a password"),
        (("push", "a", URL, "--retries", "two"), "--retries: 'two' is not a number"),
        (("push", "a", URL, "--secrets_from", "password"), "--secrets_from: "),
        (("push", "a", URL, "--max_deletes"), "--max_deletes: is not an option. Did you mean --max_delete?"),
        (("push", "a", URL, "--host", "h"), "--host: is no argument"),
        (("push", "a", URL, "--mode", "pull"), "--mode: is no argument. It is in the command"),
        (("push", "a", URL, "--mode=pull"), "--mode: is no argument. It is in the command"),
        (("push", "a", URL, "more"), "'more': is one word too many"),
        *(
            (("push", "a", URL, f"--{name.replace('_', '-')}=canary"), f"--{name}: a secret is not an argument")
            for name in secret_names(specification()["argument_spec"])
        ),
    ],
)
def test_refused_arguments(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        options(*words)
    text = f"{caught.value.message}. {caught.value.cure}"
    assert message in text
    assert "canary" not in text


def test_each_option_of_secure_sync_is_an_argument_or_a_secret_or_in_the_url() -> None:
    offered = {word[2:] for word in command_line.option_words()}
    spec = specification()["argument_spec"]
    names = {name for name, option in spec.items() if not option.get("options")}
    assert names <= offered | set(secret_names(spec)) | set(command_line._IN_THE_URL)
    assert {"sign.adopt.tree", "verify.principal", "encrypt.recipients"} <= offered


def test_the_options_are_valid_for_a_run() -> None:
    given = options("push", "a", URL, "--delete", "--exclude=x", "--verify.principal=p", "--verify.allowed_signers=k")
    assert job_params(given, {})["verify"]["allowed_signers"] == ["k"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_scripts_for_shells(shell: str) -> None:
    script = completion(shell)
    for word in ("--max_delete", "--ask", "push pull check job", "'auto server_hash read_back none'"):
        assert word in script
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def answered(given: bytes | None) -> tuple[str, bytes]:
    """Ask for a password in a process with a terminal of its own, or without one. Return the answer, or the refusal,
    and the text on the terminal."""
    reader, writer = os.pipe()
    pid, terminal = pty.fork() if given is not None else (os.fork(), -1)
    if not pid:
        try:
            if given is None:
                os.setsid()
            os.write(writer, command_line._answer("password").encode())
        except InvalidRequest as error:
            os.write(writer, f"refused: {error.message}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    shown = b""
    if given is not None:
        while not shown.endswith(b"password: "):
            shown += os.read(terminal, 100)
        os.write(terminal, given)
    with open(reader, "rb") as stream:
        answer = stream.read().decode()
    os.waitpid(pid, 0)
    if given is not None:
        with suppress(OSError):  # at the end of the terminal
            shown += os.read(terminal, 100)
        os.close(terminal)
    return answer, shown


def test_a_secret_is_asked_for_on_the_terminal_and_not_shown() -> None:
    assert answered(b"canary\n") == ("canary", b"password: \r\n")


def test_a_process_without_a_terminal_is_refused() -> None:
    assert answered(None)[0] == "refused: ask: there is no terminal to ask for password"


def test_a_terminal_that_ends_is_refused() -> None:
    assert answered(b"\x04")[0].startswith("refused: ask: ")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the secrets that are asked for on a terminal, each answered with its name; terminals are above."""
    found: list[str] = []
    monkeypatch.setattr(command_line, "_answer", lambda name: found.append(name) or f"typed {name}")
    monkeypatch.setattr(os, "isatty", lambda _descriptor: True)
    return found


def test_secrets_come_from_files_and_from_people(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "stored").mkdir()
    for place in ("stored/password", "stored/passphrase", "one"):
        (tmp_path / place).write_text(f"stored {place.rpartition('/')[2]}\n")
        (tmp_path / place).chmod(0o600)
    there = ("--credentials", str(tmp_path / "stored"))
    assert parsed(("push", "a", URL)).secrets() == {}
    assert parsed(("push", "a", URL, *there)).secrets() == {
        "password": "stored password",
        "passphrase": "stored passphrase",
    }
    one = ("--password_file", str(tmp_path / "one"))
    assert parsed(("push", "a", URL, *there, *one)).secrets()["password"] == "stored one"
    assert parsed(("push", "a", URL, "--ask", "passphrase", *one)).secrets() == {
        "password": "stored one",
        "passphrase": "typed passphrase",
    }
    assert asked == ["passphrase"]
    (tmp_path / "one").chmod(0o644)
    with pytest.raises(InvalidRequest, match="password_file: other accounts can read") as refused:
        parsed(("push", "a", URL, *one)).secrets()
    assert "stored" not in refused.value.message + refused.value.cure


def test_the_password_of_an_ftps_account_is_asked_for_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """Unless it comes from elsewhere."""
    for words in (("push", "a", "FTPS://h/x"), ("pull", "ftps://h/x", "a")):
        assert parsed(words).secrets() == {"password": "typed password"}
    elsewhere = ("--secrets_from", '{"password": {"file": "/k"}}')
    assert parsed(("push", "a", "ftps://h/x", *elsewhere)).secrets() == {}
    monkeypatch.setattr(os, "isatty", lambda _descriptor: False)
    assert parsed(("push", "a", "ftps://h/x")).secrets() == {}
    assert asked == ["password"] * 2


def test_only_a_secret_is_asked_for(asked: list[str]) -> None:
    with pytest.raises(InvalidRequest, match=r"^ask: src\\u202e is not a secret$"):
        parsed(("push", "a", URL, "--ask", "src\u202e")).secrets()
    assert asked == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of push, pull and check of sync.pyz."""

from __future__ import annotations

import subprocess
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

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays that sign: by a key as text, by a key in a PKCS#11 token that ssh-agent holds. No secret shows anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.judges.set_judges import SetJudge
from support.running.play import Play
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd

MODULE = "secure.ftp_synchronize.secure_sync"
TOKEN_LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
PASSPHRASE = "open the signing key, please"
PIN = "20261127"

server = served(Sshd)


class Sender:
    """A task that signs, run by ansible-playbook."""

    def __init__(self, server: Sshd, place: Path, environment: dict[str, str] | None = None) -> None:
        (place / "near").mkdir()
        (place / "near/a").write_text("alpha")
        self.far = server.root / place.name
        keywords = {"vars": {"ansible_python_interpreter": sys.executable}}
        self.play = Play(place / "play", environment=environment or {}, keywords=keywords)
        self.options = {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "private_key_file": str(server.key.path),
            "ssh_agent": False,
            "ssh_config_file": "none",
            "host_keys": server.host_public_keys,
            "src": str(place / "near"),
            "dest": f"{server.remote_root}/{place.name}",
            "state_dir": str(place / "state"),
        }

    def task(self, sign: dict[str, Any], **keywords: Any) -> dict[str, Any]:
        return {"name": "Sign", MODULE: {**self.options, "sign": sign}, **keywords}


@pytest.fixture
def sender(server: Sshd, tmp_path: Path) -> Sender:
    return Sender(server, tmp_path)


def test_a_play_publishes_and_hides_its_secrets(sender: Sender) -> None:
    signer = key("signer-locked", passphrase=PASSPHRASE)
    sign = {"private_key": signer.text, "passphrase": PASSPHRASE}
    tasks = [
        sender.task(sign, check_mode=True, diff=True),
        sender.task(sign, diff=True),
        sender.task(sign),
        sender.task({**sign, "passphrase": "the wrong passphrase"}),
    ]
    tasks[3][MODULE] = {**tasks[3][MODULE], "exclude": ["nothing"], "src": f"{sender.options['src']}/../play"}
    played = sender.play.run(tasks, "-vvv")
    foreseen, first, second, wrong = played.results
    assert [each["changed"] for each in (foreseen, first, second)] == [True, True, False]
    (planned,) = (each for each in foreseen["changes"] if each["action"] == "publish")
    assert planned == {"path": "MANIFEST/000001.mtree", "action": "publish", "reason": "changed", "proof": None}
    assert planned in first["changes"]
    assert "+ MANIFEST/000001.mtree (file, " in foreseen["diff"]["prepared"]
    assert foreseen["diff"]["prepared"].count("000001") == first["diff"]["prepared"].count("000001") == 1
    assert "set" not in foreseen
    assert first["totals"]["publish"] == 1
    assert "published 1 manifest" in first["msg"]
    assert first["set"] == second["set"]
    assert first["set"]["key_fingerprint"] == signer.fingerprint
    assert {*first["set"]} == {"path", "tree", "sequence", "digest", "key_fingerprint", "issued", "expires"}
    assert SetJudge(sender.far, signer.public).complaints() == []
    assert wrong["error"]["code"] == "signing_failed"
    assert wrong["error"]["message"] == "sign: passphrase: does not decrypt private_key"
    shown = played.output + json.dumps(played.results)
    for secret in (PASSPHRASE, "the wrong passphrase", *signer.text.split("\n")[1:4]):
        assert secret not in shown


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ({}, "sign: has no key"),
        ({"private_key_file": "/k", "public_key": "x"}, "mutually exclusive"),
        ({"public_key": "x", "passphrase": "not a word of the message"}, "mutually exclusive"),
        ({"private_key_file": "/k", "valid_for": "a week"}, "sign.valid_for: 'a week' is not a valid duration"),
    ],
)
def test_a_wrong_task_is_refused(sign: dict[str, Any], words: str, sender: Sender) -> None:
    (result,) = sender.play.run([sender.task(sign)]).results
    assert result["error"]["code"] == "invalid_request"
    assert words in result["msg"]
    assert not sender.far.exists()


@pytest.fixture
def token(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the public key of a token's key, and the environment of an ssh-agent that holds it. The token is SoftHSM:
    a hardware token cannot be had here, and ssh-agent sees no difference."""
    (tmp_path / "tokens").mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    environment = {"SOFTHSM2_CONF": str(config), "SSH_AUTH_SOCK": str(tmp_path / "agent")}
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\necho {PIN}\n")
    askpass.chmod(0o700)
    whole = {**os.environ, **environment, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}

    def run(*words: str) -> str:
        return subprocess.run(words, env=whole, capture_output=True, text=True, check=True).stdout

    run("softhsm2-util", "--init-token", "--free", "--label", "sets", "--pin", PIN, "--so-pin", PIN)
    run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(tmp_path / "key"))
    run(
        "softhsm2-util",
        "--import",
        str(tmp_path / "key"),
        "--token",
        "sets",
        "--label",
        "k",
        "--id",
        "01",
        "--pin",
        PIN,
    )
    (tmp_path / "key").unlink()
    command = ["ssh-agent", "-D", "-a", environment["SSH_AUTH_SOCK"]]
    with subprocess.Popen(command, env=whole, stdout=subprocess.PIPE) as agent:
        assert agent.stdout is not None
        agent.stdout.readline()
        try:
            run("ssh-add", "-s", TOKEN_LIBRARY)
            yield run("ssh-add", "-L").strip(), environment
        finally:
            agent.terminate()


def test_a_key_in_a_token(token: tuple[str, dict[str, str]], server: Sshd, tmp_path: Path) -> None:
    public, environment = token
    sender = Sender(server, tmp_path, {**environment})
    (result,) = sender.play.run([sender.task({"public_key": public})]).results
    assert result.get("error") is None, result
    assert SetJudge(sender.far, public).complaints() == []

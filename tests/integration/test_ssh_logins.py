# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins with keys, passwords, certificates and an agent, by OpenSSH and by paramiko; and credentials, options and
host names that are refused."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from support.scenes.ssh_logins import (
    OPENERS,
    endpoint_of,
    eventually,
    every_client,
    key_of,
    meet,
    refuse,
    trust_of,
)
from support.servers import ssh_keys
from support.servers.accounts import Account
from support.servers.served import served
from support.servers.sshd import Sshd

PASSWORD = "pass \\word 'ü\" $HOME %h"
PASSPHRASE = "phrase \\n 'ß\" `id` %%"
LOCKED = ssh_keys.key("locked", passphrase=PASSPHRASE)
OTHER = ssh_keys.key("other")
USER_CA = ssh_keys.key("user-ca")
PEM = ssh_keys.pem_key("old-form")

client = every_client()
plain = served(
    Sshd, authorized=(ssh_keys.key("client"), LOCKED, ssh_keys.key("rsa", "rsa"), ssh_keys.key("ec", "ecdsa"))
)
by_password = served(Sshd, account=Account(password=PASSWORD), password=True, authorized=())
by_prompt = served(Sshd, account=Account(password=PASSWORD), keyboard_interactive=True, authorized=())
two_steps = served(Sshd, account=Account(password=PASSWORD), password=True, methods="publickey,password")
second_factor = served(
    Sshd, account=Account(password=PASSWORD), keyboard_interactive=True, methods="publickey,keyboard-interactive"
)
by_certificate = served(Sshd, user_ca=USER_CA, authorized=(), principals=("mirror",))


# good logins


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(key_of(ssh_keys.key("client")), id="file"),
        pytest.param(key_of(ssh_keys.key("rsa", "rsa")), id="rsa-file"),
        pytest.param(key_of(ssh_keys.key("ec", "ecdsa")), id="ecdsa-file"),
        pytest.param(key_of(LOCKED, passphrase=PASSPHRASE), id="file-passphrase"),
        pytest.param(Credentials(private_key=ssh_keys.key("client").text), id="text"),
        pytest.param(Credentials(private_key=ssh_keys.key("client").text.replace("\n", "\r\n")), id="text-crlf"),
        pytest.param(Credentials(private_key=LOCKED.text, passphrase=PASSPHRASE), id="text-passphrase"),
    ],
)
def test_a_key_logs_in(client: str, plain: Sshd, credentials: Credentials) -> None:
    identity = meet(client, endpoint_of(plain), credentials, trust_of(plain))
    assert identity.host_key_fingerprint == plain.fingerprints[0]
    assert identity.host_key_type == "ssh-ed25519"
    assert identity.protocol == "SSH-2.0"
    assert identity.software.startswith("OpenSSH_")
    assert identity.client.lower().startswith(client)
    assert identity.cipher == "aes128-gcm@openssh.com"
    assert identity.key_exchange


def test_a_password_logs_in(client: str, by_password: Sshd) -> None:
    assert meet(client, endpoint_of(by_password), Credentials(password=PASSWORD), trust_of(by_password)).cipher


def test_a_password_answers_keyboard_interactive(client: str, by_prompt: Sshd) -> None:
    assert meet(client, endpoint_of(by_prompt), Credentials(password=PASSWORD), trust_of(by_prompt)).cipher


def test_key_and_then_password_log_in(client: str, two_steps: Sshd) -> None:
    credentials = key_of(two_steps.key, password=PASSWORD)
    assert meet(client, endpoint_of(two_steps), credentials, trust_of(two_steps)).cipher


@pytest.mark.parametrize("form", ["file", "beside", "text", "certificate", "both", "pem"])
def test_a_user_certificate_logs_in(client: str, by_certificate: Sshd, form: str) -> None:
    key = ssh_keys.certify_user(OTHER, USER_CA, principals="mirror")
    of_pem = ssh_keys.certify_user(PEM, USER_CA, principals="mirror")
    credentials = {
        "file": Credentials(private_key_file=str(OTHER.path), certificate_file=str(key.certificate)),
        "beside": Credentials(private_key_file=str(key.path)),
        "text": Credentials(private_key=OTHER.text, certificate_file=str(key.certificate)),
        "certificate": Credentials(private_key_file=str(OTHER.path), certificate=key.certificate_text),
        "both": Credentials(private_key=OTHER.text, certificate=key.certificate_text),
        "pem": Credentials(private_key_file=str(PEM.path), certificate=of_pem.certificate_text),
    }[form]
    assert meet(client, endpoint_of(by_certificate), credentials, trust_of(by_certificate)).cipher


def test_a_certificate_for_a_key_of_the_agent(
    client: str, by_certificate: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ssh_keys.certify_user(OTHER, USER_CA, principals="mirror")
    with agent_with(OTHER, tmp_path) as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        credentials = Credentials(certificate=key.certificate_text)
        assert meet(client, endpoint_of(by_certificate), credentials, trust_of(by_certificate)).cipher


@pytest.mark.parametrize(
    ("validity", "words"),
    [("20200101:20200102", "certificate: ended at 2020-01-0"), ("20400101:20400102", "certificate: is valid from 20")],
)
def test_a_certificate_outside_its_time(client: str, by_certificate: Sshd, validity: str, words: str) -> None:
    key = ssh_keys.certify_user(OTHER, USER_CA, principals="mirror", validity=validity)
    credentials = Credentials(private_key=OTHER.text, certificate=key.certificate_text)
    error = refuse(client, endpoint_of(by_certificate), credentials, trust_of(by_certificate))
    assert type(error) is errors.AuthenticationFailed
    assert words in error.message
    assert by_certificate.host in error.message


@pytest.mark.parametrize("form", ["file", "text", "pem"])
def test_a_certificate_of_another_key(client: str, by_certificate: Sshd, form: str) -> None:
    """ssh would log in by the key alone where the server takes it."""
    other = ssh_keys.certify_user(ssh_keys.key("client"), USER_CA, principals="mirror").certificate_text
    credentials = {
        "file": Credentials(private_key_file=str(OTHER.path), certificate=other),
        "text": Credentials(private_key=OTHER.text, certificate=other),
        "pem": Credentials(private_key_file=str(PEM.path), certificate=other),
    }[form]
    error = refuse(client, endpoint_of(by_certificate), credentials, trust_of(by_certificate))
    assert type(error) is errors.PrivateKeyUnusable
    assert error.message.startswith("certificate: certifies another key, SHA256:")


@pytest.mark.parametrize(("principals", "words"), [("a,b", "has the principals a, b"), ("", "has no principals")])
def test_a_certificate_for_other_principals(client: str, by_certificate: Sshd, principals: str, words: str) -> None:
    key = ssh_keys.certify_user(OTHER, USER_CA, principals=principals)
    credentials = Credentials(private_key=OTHER.text, certificate=key.certificate_text)
    error = refuse(client, endpoint_of(by_certificate), credentials, trust_of(by_certificate))
    assert type(error) is errors.AuthenticationFailed
    assert error.message.endswith(f"; certificate: {words}")


def test_an_agent_logs_in(client: str, plain: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with agent_with(plain.key, tmp_path) as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        assert meet(client, endpoint_of(plain), Credentials(), trust_of(plain)).cipher
        refuse(client, endpoint_of(plain), Credentials(ssh_agent=False), trust_of(plain))


class agent_with:
    """The operator's own ssh-agent holding one key."""

    def __init__(self, key: ssh_keys.SshKey, directory: Path) -> None:
        self.path, self.key = str(directory / "agent"), key

    def __enter__(self) -> str:
        # ssh-agent is set-group-ID: the kernel's parent-death signal does not reach it, the end of a pipe does.
        script = 'ssh-agent -D -a "$1" & read -r _; kill "$!"; wait'
        command = ["/bin/sh", "-c", script, "sh", self.path]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()  # It listens now.
        environment = dict(os.environ, SSH_AUTH_SOCK=self.path)
        subprocess.run(["ssh-add", "-q", str(self.key.path)], check=True, env=environment)
        return self.path

    def __exit__(self, *_exception: object) -> None:
        self.process.communicate()


# credentials that do not log in


def test_a_wrong_password_is_tried_once(client: str, by_password: Sshd) -> None:
    before = by_password.log().count("Failed password")
    error = refuse(client, endpoint_of(by_password), Credentials(password="wrong"), trust_of(by_password))
    assert type(error) is errors.AuthenticationFailed
    assert by_password.user in error.message
    assert by_password.host in error.message
    assert "password" in error.message
    assert eventually(lambda: by_password.log().count("Failed password") > before)
    assert by_password.log().count("Failed password") == before + 1


def test_a_wrong_password_is_tried_once_by_keyboard_interactive(client: str, by_prompt: Sshd) -> None:
    before = by_prompt.log().count("Failed keyboard-interactive")
    error = refuse(client, endpoint_of(by_prompt), Credentials(password="wrong"), trust_of(by_prompt))
    assert type(error) is errors.AuthenticationFailed
    assert eventually(lambda: by_prompt.log().count("Failed keyboard-interactive") > before)
    assert by_prompt.log().count("Failed keyboard-interactive") == before + 1


def test_a_key_that_the_account_does_not_know(client: str, plain: Sshd) -> None:
    error = refuse(client, endpoint_of(plain), key_of(OTHER), trust_of(plain))
    assert type(error) is errors.AuthenticationFailed
    assert "publickey" in error.message


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(key_of(LOCKED, passphrase="wrong"), id="file-wrong"),
        pytest.param(key_of(LOCKED), id="file-none"),
        pytest.param(Credentials(private_key=LOCKED.text, passphrase="wrong"), id="text-wrong"),
        pytest.param(Credentials(private_key=LOCKED.text), id="text-none"),
        pytest.param(Credentials(private_key="no key at all"), id="text-no-key"),
        pytest.param(Credentials(private_key_file="/etc/hostname"), id="file-no-key"),
        pytest.param(Credentials(private_key_file="/nonexistent/key"), id="file-missing"),
    ],
)
def test_a_private_key_that_cannot_be_used(client: str, plain: Sshd, tmp_path: Path, credentials: Credentials) -> None:
    if credentials.private_key_file == "/etc/hostname":
        file = tmp_path / "key"
        file.write_text("no key at all\n")
        file.chmod(0o600)
        credentials = Credentials(private_key_file=str(file))
    error = refuse(client, endpoint_of(plain), credentials, trust_of(plain))
    assert type(error) is errors.PrivateKeyUnusable


def test_a_key_that_others_may_read(client: str, plain: Sshd, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(plain.key.text)
    file.chmod(0o644)
    error = refuse(client, endpoint_of(plain), Credentials(private_key_file=str(file)), trust_of(plain))
    assert type(error) is errors.PrivateKeyUnusable
    assert "0644" in error.message


def test_a_question_without_answer(client: str, by_prompt: Sshd) -> None:
    error = refuse(client, endpoint_of(by_prompt), Credentials(ssh_agent=False), trust_of(by_prompt))
    assert type(error) is errors.AuthenticationFailed


def test_a_second_factor_without_an_answer(client: str, second_factor: Sshd) -> None:
    error = refuse(client, endpoint_of(second_factor), key_of(second_factor.key), trust_of(second_factor))
    assert type(error) is errors.SecondFactorRequired
    said = f"accepts the key of {second_factor.user} and asks for more (keyboard-interactive): a second factor"
    assert said in error.message
    assert "short-lived certificates" in error.cure


def test_a_second_factor_is_not_blamed_for_another_key(client: str, second_factor: Sshd) -> None:
    error = refuse(client, endpoint_of(second_factor), key_of(OTHER), trust_of(second_factor))
    assert type(error) is errors.AuthenticationFailed
    assert "it offers: publickey" in error.message


def test_a_second_factor_that_is_the_password(client: str, second_factor: Sshd) -> None:
    endpoint, trust = endpoint_of(second_factor), trust_of(second_factor)
    assert meet(client, endpoint, key_of(second_factor.key, password=PASSWORD), trust).cipher
    error = refuse(client, endpoint, key_of(second_factor.key, password="wrong"), trust)
    assert type(error) is errors.AuthenticationFailed
    assert "does not accept the password" in error.message


def test_a_password_that_the_task_lacks(client: str, two_steps: Sshd) -> None:
    error = refuse(client, endpoint_of(two_steps), key_of(two_steps.key), trust_of(two_steps))
    assert type(error) is errors.AuthenticationFailed
    assert (error.message.endswith("asks for more (password): the password too"), error.cure) == (True, "Set password.")


# words that are not taken


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "-oProxyCommand=touch /tmp/x"},
        {"host": "a b"},
        {"host": "%h"},
        {"host": "a\nb"},
        {"host": ""},
        {"host": "*"},
        {"username": "-lroot"},
        {"username": "a b"},
        {"username": "%u"},
        {"username": "a\x1b"},
        {"username": "$(id)"},
        {"port": 0},
        {"port": 65536},
        {"proxy_jump": ("-oProxyCommand=id",)},
        {"proxy_jump": ("a b",)},
        {"proxy_jump": ("user@host:port",)},
        {"ssh_config_file": "/nonexistent/config"},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_words_that_could_be_options_are_refused(client: str, changes: dict[str, Any]) -> None:
    values = {"protocol": "sftp", "host": "127.0.0.1", "port": 22, "ssh_config_file": "none", **changes}
    with pytest.raises(errors.InvalidRequest):
        OPENERS[client](Endpoint(**values), Credentials(), SshTrust())


@pytest.mark.parametrize(
    "pin", ["", "SHA256:short", "ssh-ed25519", "ssh-rsa AAAA", "@revoked SHA256:" + "a" * 43, "MD5:aa"]
)
def test_host_keys_that_are_none(client: str, pin: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        OPENERS[client](Endpoint("sftp", "127.0.0.1", 22), Credentials(), SshTrust((pin,)))

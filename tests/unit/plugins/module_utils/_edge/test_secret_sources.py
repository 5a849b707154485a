# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option secrets_from: its form, its place among the other options, and the order of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import secret_sources
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    SecretUnavailable,
)
from support.running.task_params import task_params

FILE = {"file": "/secret"}
OPENBAO = {
    "url": "https://bao.example.com:8200",
    "path": "secret/data/jobs/nightly",
    "field": "password",
    "token_from": FILE,
}
SFTP = {"ssh_agent": False}
FTPS = {"protocol": "ftps", "username": "partner", "ca_file": "/ca.pem"}


def task(sources: Any, **options: Any) -> Task:
    return Task(task_params(secrets_from=sources, **options))


def bao(**changed: Any) -> dict[str, Any]:
    """Return sources of a password, with other values for OpenBao; None leaves one out."""
    return {"password": {"openbao": {name: value for name, value in {**OPENBAO, **changed}.items() if value}}}


@pytest.mark.parametrize(
    ("sources", "options"),
    [
        ({"password": FILE}, FTPS),
        ({"password": {"command": ["pass", "show", "partner"]}}, SFTP),
        ({"private_key": FILE, "passphrase": {"command": ["/bin/pass"]}}, {**SFTP, "certificate_file": "/c"}),
        ({"sign.private_key": FILE, "sign.passphrase": FILE}, {"sign": {}}),
        ({"receipts.private_key": FILE}, {"receipts": {"path": "/receipts"}}),
        ({"decrypt.identities": FILE}, {"decrypt": {}, "direction": "pull", "dest": "/srv/data"}),
        (
            {"client_key_passphrase": FILE, "password": FILE},
            {**FTPS, "client_cert_file": "/c", "client_key_file": "/k"},
        ),
        (bao(), FTPS),
        (bao(token_from=None, role_id="r", secret_id_from={"command": ["id"]}, ca_file="/ca", auth_path="a/b"), FTPS),
    ],
)
def test_sources_count_as_the_secrets_themselves(sources: Any, options: dict[str, Any]) -> None:
    """Nothing is read: no file or program exists."""
    assert secure_sync.request(task(sources, **options)).endpoint.host == "files.example.com"


@pytest.mark.parametrize(
    ("sources", "options", "fact"),
    [
        ({"pasword": FILE}, {}, "pasword: is not an option"),
        ({"host": FILE}, {}, "host: is not an option"),
        ({"password": "canary"}, {}, "password: is not an object"),
        ({"password": None}, {}, "password: is not an object"),
        ({"password": {}}, {}, "password: has none of file, command, openbao"),
        ({"password": {**FILE, "command": ["a"]}}, {}, "password: has file and command, which exclude each other"),
        ({"password": {"value": "canary"}}, {}, "password.value: is not an option"),
        ({"password": {"command": "canary"}}, {}, "password.command: is not a list"),
        ({"password": {"command": ["a", 7]}}, {}, "password.command[1]: is not a string"),
        ({"password": {"command": []}}, {}, "password.command: names no program"),
        ({"password": {"command": [""]}}, {}, "password.command: names no program"),
        ({1: FILE}, {}, "1: is not an option"),
        ({"password": {"command": ["a", "\0"]}}, {}, "password.command: names no program"),
        ({"password": {"command": ["./a"]}}, {}, "password.command: './a' is not an absolute path"),
        ({"password": {"file": "secret"}}, {}, "password.file: 'secret' is not an absolute path"),
        ({"password": {"file": "/a\0"}}, {}, r"password.file: '/a\x00' is not an absolute path"),
        (bao(token_from=None), {}, "password.openbao: has none of token_from, secret_id_from"),
        (bao(secret_id_from=FILE), {}, "password.openbao: has token_from and secret_id_from, which exclude each other"),
        (bao(role_id="r"), {}, "password.openbao: has one half of a login"),
        (bao(token_from=None, secret_id_from=FILE), {}, "password.openbao: has one half of a login"),
        (bao(token_from={"openbao": OPENBAO}), {}, "password.openbao.token_from.openbao: is not an option"),
        (bao(token_from={**FILE, "command": ["a"]}), {}, "password.openbao.token_from: needs either file or command"),
        (bao(token_from={"file": "a"}), {}, "password.openbao.token_from.file: 'a' is not an absolute path"),
        (bao(url="http://bao.example.com"), {}, "password.openbao.url: is not https://HOST or https://HOST:PORT"),
        (bao(url="https://bao..example.com"), {}, "password.openbao.url: is not https://HOST or https://HOST:PORT"),
        (bao(url=f"https://{'b' * 64}.com"), {}, "password.openbao.url: is not https://HOST or https://HOST:PORT"),
        (bao(url=None), {}, "password.openbao.url: is required"),
        (bao(path="secret/../sys"), {}, "password.openbao.path: is not a path of OpenBao"),
        (bao(path="/secret"), {}, "password.openbao.path: is not a path of OpenBao"),
        (bao(path="secret/"), {}, "password.openbao.path: is not a path of OpenBao"),
        (bao(path="secret/a?list=true"), {}, "password.openbao.path: is not a path of OpenBao"),
        (bao(ca_file="bao.pem"), {}, "password.openbao.ca_file: 'bao.pem' is not an absolute path"),
        ({"password": FILE}, {"password": "canary"}, "password: has a value too"),
        ({"private_key": FILE}, {"private_key_file": "/k"}, "private_key: and private_key_file exclude each other"),
        ({"sign.private_key": FILE}, {}, "sign.private_key: belongs to sign, which is not set"),
        (
            {"sign.private_key": FILE},
            {"sign": {"public_key": "x"}},
            "sign.private_key: and sign.public_key exclude each other",
        ),
        (
            {"sign.passphrase": FILE},
            {"sign": {"private_key_file": "/k", "passphrase": "canary"}},
            "sign.passphrase: has a value too",
        ),
        (
            {"decrypt.identities": FILE},
            {"decrypt": {"identities_file": "/k"}},
            "decrypt.identities: and decrypt.identities_file exclude each other",
        ),
    ],
)
def test_wrong_sources(sources: Any, options: dict[str, Any], fact: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        secure_sync.request(task(sources, **options))
    assert caught.value.message == f"secrets_from.{fact}"
    assert caught.value.cure
    assert "canary" not in caught.value.message + caught.value.cure


def test_the_nearest_name() -> None:
    with pytest.raises(InvalidRequest) as caught:
        secure_sync.request(task({"sign.privat_key": FILE}))
    assert caught.value.cure == "Write sign.private_key."


@pytest.mark.parametrize(
    ("sources", "options", "fact"),
    [
        ({"private_key": FILE}, FTPS, "private_key: has no meaning over FTPS"),
        ({}, FTPS, "password: is required to log in over FTPS"),
        ({"passphrase": FILE}, SFTP, "passphrase: needs a private key"),
        ({}, {"sign": {}}, "sign: has no key"),
        ({"sign.passphrase": FILE}, {"sign": {}}, "sign: has no key"),
        ({}, {"decrypt": {}, "direction": "pull", "dest": "/d"}, "decrypt.identities: is empty"),
        ({"password": {"command": ["/none"]}}, {"parallel": "many"}, "parallel: "),
    ],
)
def test_other_options_are_checked_before_anything_is_read(sources: Any, options: dict[str, Any], fact: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        secure_sync.run(task(sources, **options))
    assert caught.value.message.startswith(fact)


def test_the_secrets_are_in_their_places(tmp_path: Path) -> None:
    for name in ("password", "key"):
        (tmp_path / name).write_text(f"canary\nof the {name}\n" if name == "key" else f"canary of the {name}\n")
        (tmp_path / name).chmod(0o600)
    hidden: list[str] = []
    key = {"file": str(tmp_path / "key")}
    sources = {"password": {"file": str(tmp_path / "password")}, "sign.private_key": key, "decrypt.identities": key}
    given = task(sources, sign={}, decrypt={})._replace(hide=hidden.append)
    params = secret_sources.sourced(secure_sync.spec(), given, read=True).params
    assert params["password"] == "canary of the password"
    assert params["sign"]["private_key"] == "canary\nof the key"
    assert params["decrypt"]["identities"] == ["canary\nof the key"]
    assert params["secrets_from"] is None
    assert set(hidden) == {"canary of the password", "canary\nof the key"}
    assert given.params["password"] is None
    with pytest.raises(SecretUnavailable, match="has more than one line"):
        secret_sources.sourced(secure_sync.spec(), task({"password": key}), read=True)


def test_a_source_without_a_secret_ends_the_run() -> None:
    with pytest.raises(SecretUnavailable, match=r"^secrets_from\.password\.file: /none: No such file"):
        secure_sync.run(task({"password": {"file": "/none"}}))

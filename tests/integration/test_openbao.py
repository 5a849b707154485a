# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials that OpenBao issues for a run: a key and a certificate that live for minutes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.judges.canaries import Canaries
from support.running.other_collections import with_collection
from support.running.play import Play
from support.scenes.module_tasks import own_directory, small_tree, task_maker
from support.servers.openbao import OpenBao
from support.servers.ssh_keys import SshKey
from support.servers.sshd import Sshd

HASHI_VAULT = "community.hashi_vault"
ISSUE = "ssh/issue/upload"
POLICY = f'path "{ISSUE}" {{ capabilities = ["update"] }}'
KEY, CERTIFICATE = "{{ issued.data.data.private_key }}", "{{ issued.data.data.signed_key }}"


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    """Return a secrets manager that issues certificates for the account mirror."""
    with OpenBao(tmp_path_factory.mktemp("bao")) as bao:
        limits = {"allowed_users": "mirror", "default_user": "mirror", "ttl": "5m", "max_ttl": "10m"}
        bao.ssh_authority = bao.serve_ssh("upload", **limits)
        bao.job_token = bao.grant("upload", POLICY)
        yield bao


@pytest.fixture(scope="module")
def server(bao: OpenBao) -> Iterator[Sshd]:
    """Return a server that takes nothing but certificates of the secrets manager."""
    with Sshd(user_ca=SshKey(Path(), bao.ssh_authority, ""), authorized=(), principals=("mirror",)) as server:
        yield server


def play_of(bao: OpenBao, directory: Path, token: str, *before: dict[str, Any]) -> Play:
    environment = {**bao.environment, "ANSIBLE_HASHI_VAULT_TOKEN": token}
    login = {
        "url": bao.environment["VAULT_ADDR"],
        "ca_cert": bao.environment["ANSIBLE_HASHI_VAULT_CA_CERT"],
        "auth_method": "token",
        "token": "{{ lookup('ansible.builtin.env', 'ANSIBLE_HASHI_VAULT_TOKEN') }}",
    }
    keywords = {"pre_tasks": list(before), "module_defaults": {f"group/{HASHI_VAULT}.vault": login}}
    return Play(directory / "play", environment, keywords, collections=[with_collection(HASHI_VAULT)])


def issue(**data: str) -> dict[str, Any]:
    given = {"key_type": "ed25519", "valid_principals": "mirror", **data}
    return {f"{HASHI_VAULT}.vault_write": {"path": ISSUE, "data": given}, "register": "issued", "no_log": True}


class Run:
    """A small tree, a directory of its own at the server, and a task that logs in with the issued values."""

    def __init__(self, server: Sshd, directory: Path) -> None:
        small_tree(directory / "near")
        self.far = own_directory(server, directory.name)
        options = {"private_key": KEY, "certificate": CERTIFICATE, "host_keys": server.host_public_keys}
        self.task = task_maker(server, self.far, directory, ssh_config_file="none", ssh_agent=False, **options)


@pytest.fixture
def run(server: Sshd, tmp_path: Path) -> Run:
    return Run(server, tmp_path)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_certificate_for_one_run(bao: OpenBao, server: Sshd, run: Run, tmp_path: Path, kind: str) -> None:
    before = len(bao.audited(ISSUE))
    shown = {"ansible.builtin.copy": {"content": KEY + CERTIFICATE, "dest": str(tmp_path / "issued"), "mode": "0600"}}
    play = play_of(bao, tmp_path, bao.job_token, issue(key_type=kind), shown)
    first, second = (played := play.run([run.task(), run.task()], "-vvvvv")).results
    assert first["changed"], played.output
    assert not second["changed"], played.output
    assert len(bao.audited(ISSUE)) == before + 1
    key, certificate = re.split(r"(?<=KEY-----)\n(?=ssh)", (tmp_path / "issued").read_text())
    (tmp_path / "c.pub").write_text(certificate)
    listed = subprocess.run(["ssh-keygen", "-Lf", str(tmp_path / "c.pub")], check=True, capture_output=True, text=True)
    serial = re.search(r"Serial: (\d+)", listed.stdout).group(1)
    assert f"serial {serial}" in server.log()
    canaries = Canaries({"key": key.splitlines()[2:-2], "token": [bao.job_token]})
    assert not canaries.in_text(played.output)
    assert not canaries.in_files(tmp_path / "play")


def test_a_certificate_that_has_ended(bao: OpenBao, run: Run, tmp_path: Path) -> None:
    pause = {"ansible.builtin.pause": {"seconds": 3}}
    (result,) = play_of(bao, tmp_path, bao.job_token, issue(ttl="1s"), pause).run([run.task()]).results
    assert (result["error"]["code"], result["failed"]) == ("authentication_failed", True)
    assert "certificate: ended at 20" in result["msg"]


def test_a_token_without_the_right_to_issue(bao: OpenBao, server: Sshd, run: Run, tmp_path: Path) -> None:
    token = bao.grant("nothing", 'path "secret/data/other" { capabilities = ["read"] }')
    before = server.log().count("Connection from")
    played = play_of(bao, tmp_path, token, issue()).run([run.task()])
    assert played.status
    assert played.results == []
    assert bao.audited(ISSUE)[-1]["error"].endswith("permission denied\n\n")
    assert server.log().count("Connection from") == before


def test_two_look_ups_issue_two_keys(bao: OpenBao, run: Run, tmp_path: Path) -> None:
    """A variable with a look-up is evaluated wherever it is used."""
    look_up = (
        f"lookup('{HASHI_VAULT}.vault_write', '{ISSUE}', data=dict(key_type='ed25519', valid_principals='mirror'))"
    )
    play = play_of(bao, tmp_path, bao.job_token)
    play.keywords = {"vars": {**play.keywords.get("vars", {}), "ansible_python_interpreter": sys.executable}}
    play.keywords["vars"]["issued"] = {"data": "{{ %s }}" % look_up}
    (result,) = play.run([run.task()]).results
    assert result["error"]["code"] == "private_key_unusable"
    assert "certificate: certifies another key" in result["msg"]


def test_a_role_with_a_wrapped_secret(bao: OpenBao, run: Run, tmp_path: Path) -> None:
    bao.call("POST", "sys/auth/approle", {"type": "approle"})
    limits = {"token_policies": "upload", "token_ttl": "5m", "secret_id_ttl": "1h", "secret_id_num_uses": 1}
    bao.call("POST", "auth/approle/role/nightly", limits)
    role = bao.call("GET", "auth/approle/role/nightly/role-id")["data"]["role_id"]
    wrapped = bao.wrap("auth/approle/role/nightly/secret-id")
    unwrap = {
        f"{HASHI_VAULT}.vault_write": {"path": "sys/wrapping/unwrap", "auth_method": "token", "token": wrapped},
        "register": "unwrapped",
        "no_log": True,
    }
    login = {
        f"{HASHI_VAULT}.vault_login": {
            "auth_method": "approle",
            "role_id": role,
            "secret_id": "{{ unwrapped.data.data.secret_id }}",
        },
        "register": "login",
        "no_log": True,
    }
    issued = issue()
    issued[f"{HASHI_VAULT}.vault_write"] |= {"auth_method": "token", "token": "{{ login.login.auth.client_token }}"}
    play = play_of(bao, tmp_path, "none", unwrap, login, issued)
    first, second = (played := play.run([run.task(), run.task()])).results or [{}, {}]
    assert first.get("changed"), played.output
    assert not second["changed"], played.output
    again = play.run([run.task()])
    assert again.results == []
    assert again.status


def test_a_key_that_is_kept(bao: OpenBao, server: Sshd, run: Run, tmp_path: Path) -> None:
    bao.write("jobs/nightly", bao.issue("upload", key_type="ed25519", valid_principals="mirror"))
    look_up = f"lookup('{HASHI_VAULT}.vault_kv2_get', 'jobs/nightly', engine_mount_point='secret').secret"
    task = run.task(private_key="{{ %s.private_key }}" % look_up, certificate="{{ %s.signed_key }}" % look_up)
    (result,) = (played := play_of(bao, tmp_path, bao.token).run([task])).results
    assert result["changed"], played.output

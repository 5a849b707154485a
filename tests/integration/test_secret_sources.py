# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a run reads from files, programs and OpenBao, with real servers: in a task, in exchange.yml, in a job
file of sync.pyz and on its command line. On hosts: tests/hosts/test_job_certificates.py."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml
from support.judges.canaries import Canaries, Sampler
from support.judges.judge_programs import judge
from support.running.examples import ROOT
from support.running.inventory_play import InventoryPlay
from support.running.patience import HANG_SECONDS
from support.running.play import Play
from support.running.processes import end, mark, spawn
from support.scenes.job_scene import INTERPRETER, JobScene
from support.scenes.module_tasks import Task, own_directory, remote, small_tree, task_maker
from support.servers.accounts import Account
from support.servers.openbao import OpenBao
from support.servers.ports import LOOPBACK, free_port
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.trees import tree_digest

PASSWORD, PASSPHRASE = "canary-of-the-password", "canary-of-the-passphrase"
KEY = key("from-a-source", passphrase=PASSPHRASE)
SECRETS = {"password": [PASSWORD], "passphrase": [PASSPHRASE], "key": KEY.text.splitlines()[1:-1]}
PROGRAM = """#!/bin/sh
echo "$@" >>"$0.asked"
cat "$0.secrets/$1"
"""
sshd = served(Sshd, account=Account(password=PASSWORD), password=True, methods="publickey,password", authorized=(KEY,))


class Place:
    """A directory with a program that prints secrets, and files with secrets."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.program = directory / "program"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o700)
        self.files = directory / "program.secrets"
        self.files.mkdir(mode=0o700)
        for name, text in (("password", PASSWORD), ("passphrase", PASSPHRASE), ("private_key", KEY.text)):
            (self.files / name).write_text(text)
            (self.files / name).chmod(0o600)

    def file(self, name: str) -> dict[str, Any]:
        return {"file": str(self.files / name)}

    def by(self, name: str) -> dict[str, Any]:
        return {"command": [str(self.program), name]}

    @property
    def sources(self) -> dict[str, Any]:
        """Return sources of all secrets of the login."""
        return {
            "password": self.by("password"),
            "private_key": self.file("private_key"),
            "passphrase": self.by("passphrase"),
        }

    def asked(self) -> list[str]:
        """Return the arguments of the program in its runs."""
        path = Path(f"{self.program}.asked")
        return path.read_text().split() if path.exists() else []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def far(sshd: Sshd, request: pytest.FixtureRequest) -> Path:
    return own_directory(sshd, request.node.name)


@pytest.fixture
def near(tmp_path: Path) -> Path:
    return small_tree(tmp_path / "near")


@pytest.fixture
def task(sshd: Sshd, far: Path, near: Path, tmp_path: Path, place: Place) -> Task:
    """Return a function that makes a task whose secrets have sources."""
    endpoint = {"host_keys": sshd.host_public_keys, "ssh_agent": False, "ssh_config_file": "none"}
    return task_maker(sshd, far, tmp_path, secrets_from=place.sources, **endpoint)


def job_of(server: Sshd, far: Path, near: Path, directory: Path, **options: Any) -> JobScene:
    return JobScene(
        directory,
        {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "known_hosts_file": str(server.known_hosts),
            "ssh_config_file": "none",
            "ssh_agent": False,
            "src": str(near),
            "dest": remote(server, far) + "/tree",
            **options,
        },
    )


def test_a_task(task: Task, far: Path, near: Path, place: Place, tmp_path: Path) -> None:
    marked = mark()
    play = Play(tmp_path / "play", marked)
    with Sampler(marked, [*SECRETS["password"], *SECRETS["passphrase"], *SECRETS["key"]]) as sampler:
        checked = play.run([task()], "--check", "--diff", "-vvvvv")
        assert list(far.iterdir()) == []
        done = play.run([task(), task()], "--diff", "-vvvvv")
    assert [result["changed"] for result in (*checked.results, *done.results)] == [True, True, False], done.output
    assert tree_digest(far / "tree") == tree_digest(near)
    assert place.asked() == ["password", "passphrase"] * 3, "once in each run, also in check mode"
    assert (sampler.found, bool(sampler.seen)) == (set(), True)
    canaries = Canaries(SECRETS)
    assert not canaries.in_text(checked.output + done.output + json.dumps(done.results))
    kept = [path for path in tmp_path.rglob("*") if path.is_relative_to(place.files)]
    assert not canaries.in_files(tmp_path, apart_from=kept)


def test_exchange(sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path) -> None:
    partner = {
        "ansible_host": sshd.host,
        "ansible_port": sshd.port,
        "ansible_user": sshd.user,
        "ansible_ssh_private_key_file": "/none",  # the source of the transfer wins
        "exchange_host_keys": sshd.host_public_keys,
        "exchange_defaults": {"ssh_agent": False, "secrets_from": {**place.sources, "password": place.file("none")}},
        "exchange_transfers": [
            {
                "src": str(near),
                "dest": remote(sshd, far) + "/tree",
                "secrets_from": {"password": place.by("password")},
            }
        ],
    }
    play = InventoryPlay(tmp_path / "play", {"partner01": partner}, {"exchange_state_dir": str(tmp_path / "state")})
    output, status = play.command("secure.ftp_synchronize.exchange", "-vvv", "--diff")
    assert status == 0, output
    assert tree_digest(far / "tree") == tree_digest(near)
    assert not Canaries(SECRETS).in_text(output)
    assert place.asked() == ["password", "passphrase"]


def test_a_job_file(sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path) -> None:
    job = job_of(sshd, far, near, tmp_path, secrets_from=place.sources)
    for words in (("--check", "--diff"), ("--record",)):
        ran = job.run(*words)
        assert (ran.status, ran.result["changed"]) == (0, True), ran.result["msg"]
        assert not Canaries(SECRETS).in_text(json.dumps(ran.result) + ran.stderr)
    assert tree_digest(far / "tree") == tree_digest(near)
    assert not Canaries(SECRETS).in_files(job.directory)
    job.credential("password", "canary of a credential")
    twice = job.run()
    assert (twice.status, twice.result["error"]["code"]) == (2, "invalid_request")
    assert twice.result["error"]["message"] == "secrets_from.password: has a value too"
    assert len(place.asked()) == 4


def test_the_command_line(sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path) -> None:
    program = job_of(sshd, far, near, tmp_path).program
    url = f"sftp://{sshd.user}@{sshd.host}:{sshd.port}/{remote(sshd, far)}/tree"
    words = [
        *(*INTERPRETER, str(program), "push", str(near), url),
        *("--known-hosts-file", str(sshd.known_hosts), "--ssh-config-file", "none", "--no-ssh-agent"),
        *("--secrets-from", json.dumps(place.sources), "--json"),
    ]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert ran.returncode == 0, ran.stdout
    assert tree_digest(far / "tree") == tree_digest(near)
    assert not Canaries(SECRETS).in_text(ran.stdout + ran.stderr)


@pytest.mark.parametrize(
    ("script", "fact"),
    [
        ("sleep 600", "did not end within 30 seconds"),
        (":", "secrets_from.password: is empty"),
        (f"echo {PASSWORD}; echo {PASSWORD}", "secrets_from.password: has more than one line"),
        (f"echo {PASSWORD}; echo no {PASSWORD} >&2; exit 4", "ended with status 4: no ********"),
        (f"yes {PASSWORD} | head -c 10485760", "printed more than 1 MiB"),
    ],
)
def test_a_program_that_fails(task: Task, sshd: Sshd, place: Place, tmp_path: Path, script: str, fact: str) -> None:
    place.program.write_text(f"#!/bin/sh\n{script}\n")
    before = sshd.log().count("Connection from")
    marked = mark()
    with Sampler(marked, [PASSWORD]) as sampler:
        played = Play(tmp_path / "play", marked).run([task()], "-vvvvv")
    (result,) = played.results
    assert result["error"]["code"] == "secret_unavailable"
    assert fact in result["error"]["message"]
    assert result["error"]["message"].startswith("secrets_from.password")
    assert "secrets_from.password" in result["error"]["cure"]
    assert not Canaries(SECRETS).in_text(played.output)
    assert (sampler.found, sshd.log().count("Connection from")) == (set(), before)


@pytest.mark.parametrize("kind", ["none", "open", "fifo"])
def test_a_file_that_is_not_read(task: Task, place: Place, tmp_path: Path, kind: str) -> None:
    path = place.files / "password"
    if kind == "open":
        path.chmod(0o644)
    else:
        path.unlink()
    if kind == "fifo":
        os.mkfifo(path, 0o600)
    sources = {**place.sources, "password": place.file("password")}
    (result,) = Play(tmp_path / "play").run([task(secrets_from=sources)]).results
    assert result["error"]["code"] == "secret_unavailable"
    assert str(path) in result["error"]["message"]
    assert result["error"]["message"].startswith("secrets_from.password.file: ")


def test_wrong_sources_are_refused_on_the_controller(task: Task, place: Place, tmp_path: Path) -> None:
    wrong = [{"pasword": place.by("password")}, {"password": PASSWORD}, {"password": {"command": PASSWORD}}]
    played = Play(tmp_path / "play").run([task(secrets_from=each) for each in wrong], "-vvvvv")
    assert [result["error"]["message"] for result in played.results] == [
        "secrets_from.pasword: is not an option",
        "secrets_from.password: is not an object",
        "secrets_from.password.command: is not a list",
    ]
    assert played.results[0]["error"]["cure"] == "Write password."
    assert "AnsiballZ_secure_sync" not in played.output, "nothing is sent"
    assert PASSWORD not in played.output
    assert place.asked() == []


class Kept:
    """An OpenBao with secrets in both versions of KV, and logins. token, secret_id: files."""

    def __init__(self, bao: OpenBao, directory: Path) -> None:
        self.bao, self.directory = bao, directory
        bao.write(
            "jobs/nightly", {"password": PASSWORD, "number": 7, "private_key": KEY.text, "passphrase": PASSPHRASE}
        )
        bao.call("POST", "sys/mounts/old", {"type": "kv", "options": {"version": "1"}})
        bao.call("POST", "old/jobs/nightly", {"password": PASSWORD, "data": {"password": "x"}, "metadata": {"a": "b"}})
        policy = 'path "secret/data/jobs/*" { capabilities = ["read"] }\npath "old/jobs/*" { capabilities = ["read"] }'
        bao.call("PUT", "sys/policies/acl/reader", {"policy": policy})
        bao.call("POST", "sys/auth/approle", {"type": "approle"})
        bao.call("POST", "auth/approle/role/nightly", {"token_policies": "reader"})
        self.role_id = bao.call("GET", "auth/approle/role/nightly/role-id")["data"]["role_id"]
        self.secret_id = bao.call("POST", "auth/approle/role/nightly/secret-id")["data"]["secret_id"]
        self.token = bao.token_for("reader")

    def login(self, name: str, text: str) -> dict[str, Any]:
        path = self.directory / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return {"file": str(path)}

    def source(self, path: str = "secret/data/jobs/nightly", field: str = "password", **changed: Any) -> dict[str, Any]:
        """Return a source with a token as its login."""
        given = {
            "url": self.bao.url,
            "ca_file": str(self.bao.authority.file),
            "path": path,
            "field": field,
            "token_from": self.login("token", self.token),
            **changed,
        }
        return {"openbao": {name: value for name, value in given.items() if value is not None}}

    def by_approle(self, **changed: Any) -> dict[str, Any]:
        """Return a source with AppRole, whose secret ID a program prints."""
        self.login("secret_id", self.secret_id)
        command = {"command": ["cat", str(self.directory / "secret_id")]}
        return self.source(**{"token_from": None, "role_id": self.role_id, "secret_id_from": command, **changed})

    @property
    def canaries(self) -> Canaries:
        return Canaries({**SECRETS, "token": [self.token], "secret_id": [self.secret_id]})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    directory = tmp_path_factory.mktemp("bao")
    with OpenBao(directory) as bao:
        yield Kept(bao, directory)


def sources_of(kept: Kept) -> dict[str, Any]:
    return {
        "password": kept.source("old/jobs/nightly"),
        "private_key": kept.by_approle(field="private_key"),
        "passphrase": kept.source(field="passphrase"),
    }


def test_openbao_in_a_task_and_in_exchange(
    kept: Kept, task: Task, sshd: Sshd, far: Path, near: Path, tmp_path: Path
) -> None:
    play = Play(tmp_path / "play")
    done = play.run([task(secrets_from=sources_of(kept))], "--diff", "-vvvvv")
    assert [result["changed"] for result in done.results] == [True], done.output
    assert tree_digest(far / "tree") == tree_digest(near)
    partner = {
        "ansible_host": sshd.host,
        "ansible_port": sshd.port,
        "ansible_user": sshd.user,
        "exchange_host_keys": sshd.host_public_keys,
        "exchange_defaults": {"ssh_agent": False, "secrets_from": sources_of(kept)},
        "exchange_transfers": [{"src": str(near), "dest": remote(sshd, far) + "/other"}],
    }
    exchange = InventoryPlay(tmp_path / "exchange", {"a": partner}, {"exchange_state_dir": str(tmp_path / "state")})
    output, status = exchange.command("secure.ftp_synchronize.exchange", "-vvv", "--diff")
    assert status == 0, output
    assert tree_digest(far / "other") == tree_digest(near)
    assert not kept.canaries.in_text(done.output + output)
    assert kept.bao.audited("secret/data/jobs/nightly")
    assert kept.bao.audited("auth/approle/login")


def test_openbao_in_a_job_file(kept: Kept, sshd: Sshd, far: Path, near: Path, tmp_path: Path) -> None:
    ran = job_of(sshd, far, near, tmp_path, secrets_from=sources_of(kept)).run()
    assert (ran.status, ran.result["changed"]) == (0, True), ran.result["msg"]
    assert tree_digest(far / "tree") == tree_digest(near)
    assert not kept.canaries.in_text(json.dumps(ran.result))


def wrong_logins(kept: Kept) -> list[tuple[dict[str, Any], str, str]]:
    """Return sources, the code, and a part of the message."""
    ended = kept.bao.token_for("reader")
    kept.bao.call("POST", "auth/token/revoke", {"token": ended})
    return [
        (kept.source("secret/data/jobs/none"), "secret_unavailable", "secret/data/jobs/none: status 404"),
        (kept.source(field="pasword"), "secret_unavailable", "openbao.field: pasword of secret/data/jobs/nightly does"),
        (kept.source(field="number"), "secret_unavailable", "number of secret/data/jobs/nightly is no text"),
        (kept.source(field="private_key"), "secret_unavailable", "secrets_from.password: has more than one line"),
        (kept.source("secret/jobs/nightly"), "issuer_refused", "permission denied"),
        (kept.source(token_from=kept.login("ended", ended)), "issuer_refused", "permission denied"),
        (kept.source(token_from=kept.login("two", "a b")), "invalid_request", "the token has spaces"),
        (kept.source(token_from={"command": ["false"]}), "secret_unavailable", "openbao.token_from.command: "),
        (kept.source(token_from={"file": "/none"}), "secret_unavailable", "openbao.token_from.file: /none"),
        (kept.by_approle(role_id="wrong"), "issuer_refused", "status 400"),
        (kept.source(ca_file=None), "issuer_unproven", "certificate"),
        (kept.source(url="https://127.0.0.1:1"), "issuer_unavailable", "Connection refused"),
    ]


def test_openbao_that_gives_nothing(kept: Kept, task: Task, sshd: Sshd, tmp_path: Path) -> None:
    cases = wrong_logins(kept)
    before = sshd.log().count("Connection from")
    tasks = [task(secrets_from={**sources_of(kept), "password": source}) for source, _code, _fact in cases]
    played = Play(tmp_path / "play").run(tasks, "-vvvvv", timeout=300)
    for (_source, code, fact), result in zip(cases, played.results, strict=True):
        assert (result["error"]["code"], fact in result["error"]["message"]) == (code, True), result["error"]
        assert "secrets_from.password" in result["error"]["message"]
        assert result["error"]["cure"]
    assert not kept.canaries.in_text(played.output)
    assert sshd.log().count("Connection from") == before


def test_partners_whose_secrets_cannot_be_read(
    kept: Kept, sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path
) -> None:
    """Each fails before a connection, by its name and that of its transfer, and the others go on."""
    ended = kept.bao.token_for("reader")
    kept.bao.call("POST", "auth/token/revoke", {"token": ended})
    bad: dict[str, tuple[dict[str, Any], str, str]] = {
        "hangs": (script(place, "sleep 600"), "secret_unavailable", "did not end within 30 seconds"),
        "silent": (script(place, ":"), "secret_unavailable", "secrets_from.password: is empty"),
        "two": (script(place, f"echo {PASSWORD}; echo {PASSWORD}"), "secret_unavailable", "has more than one line"),
        "loud": (script(place, f"echo {PASSWORD} | tee /dev/stderr; exit 4"), "secret_unavailable", "with status 4"),
        "missing": (kept.source("secret/data/jobs/none"), "secret_unavailable", "secret/data/jobs/none: status 404"),
        "ended": (kept.source(token_from=kept.login("ended", ended)), "issuer_refused", "permission denied"),
        "down": (kept.source(url="https://127.0.0.1:1"), "issuer_unavailable", "Connection refused"),
    }
    before = len(sshd.log().encode())
    output = refused_partners(sshd, far, near, place, tmp_path, {name: source for name, (source, *_) in bad.items()})
    for name, (_source, code, fact) in bad.items():
        (failed,) = re.findall(rf"^failed: \[{name} -> localhost.*\(item=orders\) => (.*)$", output, re.M)
        error = json.loads(failed)["error"]
        assert (error["code"], error["message"].startswith("secrets_from.password"), fact in error["message"]) == (
            code,
            True,
            True,
        ), error
        assert error["cure"]
        assert re.search(rf'"{name} +orders +0 +0 .* failed +{code}: secrets_from', output), output
    assert not kept.canaries.in_text(output)
    log = sshd.log(before)
    assert 0 < log.count("Connection from") == log.count("Accepted password for"), "of the partner that goes on"


def script(place: Place, text: str) -> dict[str, Any]:
    """Return a program of its own as a source."""
    path = place.directory / f"program-{len(list(place.directory.iterdir()))}"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return {"command": [str(path)]}


def refused_partners(
    sshd: Sshd, far: Path, near: Path, place: Place, directory: Path, bad: dict[str, dict[str, Any]]
) -> str:
    """Run exchange.yml for partners whose password has these sources, and one whose sources are good."""
    partner = {
        "ansible_host": sshd.host,
        "ansible_port": sshd.port,
        "ansible_user": sshd.user,
        "exchange_host_keys": sshd.host_public_keys,
        "exchange_defaults": {"ssh_agent": False, "parallel": 1, "secrets_from": place.sources},
    }
    hosts = {}
    for name, source in {"well": place.by("password"), **bad}.items():
        transfer = {"name": "orders", "src": str(near), "dest": f"{remote(sshd, far)}/{name}"}
        transfer["secrets_from"] = {"password": source}
        hosts[name] = {**partner, "exchange_transfers": [transfer]}
    play = InventoryPlay(directory / "play", hosts, {"exchange_state_dir": str(directory / "state")})
    output, status = play.command("secure.ftp_synchronize.exchange", "-v", "--forks=8")
    assert status == 2, output
    assert [path.name for path in far.iterdir()] == ["well"]
    assert tree_digest(far / "well") == tree_digest(near)
    return output


class Renewed:
    """A role whose secret IDs end after a minute, and a secret ID of it in a file."""

    def __init__(self, kept: Kept, name: str, directory: Path) -> None:
        self.kept, self.path = kept, f"auth/approle/role/{name}"
        self.allow("", "/lookup", "/destroy")
        kept.bao.call("POST", self.path, {"token_policies": "reader,renewal", "secret_id_ttl": "60s"})
        self.role_id = kept.bao.call("GET", f"{self.path}/role-id")["data"]["role_id"]
        self.first = kept.bao.call("POST", f"{self.path}/secret-id")["data"]["secret_id"]
        self.due = time.monotonic() + 30.5
        self.file = directory / "home/secret_id"
        self.file.parent.mkdir(mode=0o700, parents=True)
        self.file.write_text(self.first + "\n")
        self.file.chmod(0o600)

    def allow(self, *suffixes: str) -> None:
        rules = [f'path "{self.path}/secret-id{each}" {{ capabilities = ["update"] }}' for each in suffixes]
        self.kept.bao.call("PUT", "sys/policies/acl/renewal", {"policy": "\n".join(rules) or "# none"})

    def source(self, **changed: Any) -> dict[str, Any]:
        login = {"role_id": self.role_id, "secret_id_from": {"file": str(self.file), "renew": True, **changed}}
        return self.kept.source(field="private_key", token_from=None, **login)

    def wait_until_due(self) -> None:
        """Wait; the next secret ID lasts for an hour."""
        self.kept.bao.call("POST", self.path, {"secret_id_ttl": "1h"})
        time.sleep(max(0.0, self.due - time.monotonic()))

    def is_valid(self, secret_id: str) -> bool:
        fields = {"role_id": self.role_id, "secret_id": secret_id}
        with suppress(HTTPError):
            return bool(self.kept.bao.call("POST", "auth/approle/login", fields))
        return False


def test_a_job_renews_its_secret_id(kept: Kept, sshd: Sshd, far: Path, near: Path, tmp_path: Path) -> None:
    renewed = Renewed(kept, "renewed", tmp_path)
    sources = {**sources_of(kept), "private_key": renewed.source()}
    job = job_of(sshd, far, near, tmp_path, secrets_from=sources)
    marked = mark()
    job.environment |= marked
    assert job.run("--record").result["changed"]
    renewed.wait_until_due()
    assert job.run("--check").status == 0
    assert renewed.file.read_text().strip() == renewed.first, "it is not due, and check mode changes nothing"
    with Sampler(marked, [renewed.first]) as sampler:
        ran = job.run("--record")
    new = renewed.file.read_text().strip()
    sampler.canaries.append(new.encode())
    assert (ran.status, new != renewed.first) == (0, True), ran.result["msg"]
    assert (renewed.is_valid(new), renewed.is_valid(renewed.first)) == (True, False)
    assert sorted(path.name for path in renewed.file.parent.iterdir()) == [".secret_id.lock", "secret_id"]
    canaries = Canaries({"new": [new], "first": [renewed.first]})
    assert not canaries.in_text(json.dumps(ran.result) + ran.stderr + json.dumps(job.history))
    assert not canaries.in_files(tmp_path, apart_from=[renewed.file])
    assert sampler.found == set()
    assert job.run("--record").status == 0
    assert renewed.file.read_text().strip() == new


def test_a_task_and_a_certificate_renew_it_too(
    kept: Kept, task: Task, sshd: Sshd, far: Path, near: Path, tmp_path: Path
) -> None:
    renewed = Renewed(kept, "renewed2", tmp_path)
    renewed.wait_until_due()
    sources = {**sources_of(kept), "private_key": renewed.source()}
    done = Play(tmp_path / "play").run([task(secrets_from=sources)], "--diff", "-vvvvv")
    new = renewed.file.read_text().strip()
    assert (done.results[0]["changed"], new != renewed.first, renewed.is_valid(new)) == (True, True, True), done.output
    assert not Canaries({"new": [new], "first": [renewed.first]}).in_text(done.output)
    job = job_of(sshd, far, near, tmp_path / "job")
    login = {"role_id": renewed.role_id, "secret_id_from": {"file": str(renewed.file), "renew": True}}
    trusted = {"url": kept.bao.url, "ca_file": str(kept.bao.authority.file)}
    job.fields["certificate"] = {"source": "openbao", "path": "ssh/issue/upload", **trusted, **login}
    job.write()
    before = len(kept.bao.audited(f"{renewed.path}/secret-id/lookup"))
    ran = job.run()
    assert ran.result["error"]["code"] == "issuer_refused", "there is no such role"
    assert "ssh/issue/upload" in ran.result["error"]["message"]
    assert len(kept.bao.audited(f"{renewed.path}/secret-id/lookup")) == before + 1


@pytest.mark.parametrize("missing", ["", "/lookup", "/destroy"])
def test_a_login_that_may_not_renew_itself(
    kept: Kept, sshd: Sshd, far: Path, near: Path, tmp_path: Path, missing: str
) -> None:
    """Each check and each run fail from the first on; the run after its sync."""
    renewed = Renewed(kept, "renewed3", tmp_path)
    renewed.allow(*({"", "/lookup", "/destroy"} - {missing}))
    job = job_of(sshd, far, near, tmp_path, secrets_from={**sources_of(kept), "private_key": renewed.source()})
    checked, ran = job.run("--check"), job.run("--record")
    for each in (checked, ran):
        assert (each.status, each.result["error"]["code"], each.result["changed"]) == (4, "issuer_refused", True)
        fact = f"the login cannot renew its secret ID: no right to update {renewed.path}/secret-id{missing}"
        assert each.result["error"]["message"] == f"secrets_from.private_key.openbao.secret_id_from: {fact}"
        assert f"secret-id{missing}, or remove renew" in each.result["error"]["cure"]
    assert tree_digest(far / "tree") == tree_digest(near)
    assert job.history[-1]["error"]["code"] == "issuer_refused"
    assert 'state="failed"} 1' in job.metrics_text
    assert renewed.file.read_text().strip() == renewed.first


def test_a_secret_id_that_cannot_be_renewed(kept: Kept, task: Task, tmp_path: Path) -> None:
    renewed = Renewed(kept, "renewed4", tmp_path)
    renewed.file.parent.chmod(0o777)
    limited = Renewed(kept, "limited", tmp_path / "place")
    kept.bao.call("POST", limited.path, {"secret_id_num_uses": 9})
    limited.file.write_text(kept.bao.call("POST", f"{limited.path}/secret-id")["data"]["secret_id"])
    by_command = renewed.source(command=["true"])
    del by_command["openbao"]["secret_id_from"]["file"]
    given = [renewed.source(), limited.source(), by_command]
    tasks = [task(secrets_from={**sources_of(kept), "private_key": each}) for each in given]
    results = Play(tmp_path / "play").run(tasks).results
    option = "secrets_from.private_key.openbao.secret_id_from"
    assert [result["error"]["code"] for result in results] == ["invalid_request"] * 3
    assert "a directory that this account alone can write" in results[0]["error"]["message"]
    assert results[1]["error"]["message"].startswith(f"{option}: the secret ID is for a number of logins")
    assert results[2]["error"]["message"] == f"{option}.renew: needs a file"


def test_openbao_with_the_path_of_another_version(kept: Kept, task: Task, tmp_path: Path) -> None:
    """With the right to read it, the answer of KV version 2 names the mistake, and so does the cure."""
    source = kept.source("secret/jobs/nightly", token_from=kept.login("root", kept.bao.token_for("root")))
    (result,) = Play(tmp_path / "play").run([task(secrets_from={"password": source})]).results
    assert result["error"]["code"] == "secret_unavailable"
    assert "Invalid path for a versioned K/V" in result["error"]["message"]
    assert "MOUNT/data/NAME" in result["error"]["cure"]


def test_openbao_that_is_sealed(
    kept: Kept, task: Task, sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path
) -> None:
    """The last test: nothing unseals it. Partners whose secrets are elsewhere go on."""
    kept.bao.call("PUT", "sys/seal")
    (result,) = Play(tmp_path / "play").run([task(secrets_from=sources_of(kept))]).results
    assert result["error"]["code"] == "issuer_unavailable"
    assert "secrets_from.password.openbao: 127.0.0.1" in result["error"]["message"]
    assert "unsealed" in result["error"]["cure"]
    output = refused_partners(sshd, far, near, place, tmp_path, {"sealed": kept.source()})
    assert re.search(r'"sealed +orders .* failed +issuer_unavailable: secrets_from.password.openbao: ', output), output


@pytest.fixture(scope="module")
def ftps() -> Iterator[Vsftpd]:
    with Vsftpd() as server:
        yield server


def test_ftps(ftps: Vsftpd, near: Path, place: Place, tmp_path: Path) -> None:
    far = own_directory(ftps, "far")
    (place.files / "password").write_text(ftps.password + "\n")
    endpoint = {
        "protocol": "ftps",
        "ca_file": str(ftps.authority.file),
        "secrets_from": {"password": place.by("password")},
    }
    make = task_maker(ftps, far, tmp_path, **endpoint)
    played = Play(tmp_path / "play").run([make(), make()], "-vvv")
    assert [result["changed"] for result in played.results] == [True, False], played.output
    assert ftps.password not in played.output


PAGE = (ROOT / "docs/secrets.md").read_text().partition("## Secrets managers of clouds")[2].partition("\n## ")[0]
AWS, AZURE, GOOGLE = (
    yaml.safe_load(text)["secrets_from"] for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
)
# As their manuals document it: `az` prints the value and a line end, `gcloud` the bytes of the secret alone.
DOCUMENTED = """#!/bin/sh
[ "$*" = '{arguments}' ] || exit 9
printf '{form}' {secret}
"""


class Aws:
    """AWS Secrets Manager by moto, and the environment of its real client."""

    def __init__(self, directory: Path) -> None:
        port = free_port()
        self.directory = directory
        (directory / ".aws").mkdir(parents=True)
        login = (
            "[default]\naws_access_key_id = canary-id\naws_secret_access_key = canary-of-aws\nregion = eu-central-1\n"
        )
        (directory / ".aws/credentials").write_text(login)
        (directory / ".aws/credentials").chmod(0o600)
        programs = Path(judge("aws")).parent
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(directory),
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        }
        with open(directory / "log", "wb") as log:
            self.process = spawn([judge("moto_server"), "-H", LOOPBACK, "-p", str(port)], stdout=log, stderr=log)

    def put(self, name: str, text: str) -> None:
        """Store a secret, as soon as the server listens."""
        path = self.directory / "new"
        path.write_text(text)
        words = ["aws", "secretsmanager", "create-secret", "--name", name, "--secret-string", f"file://{path}"]
        until = time.monotonic() + HANG_SECONDS
        while True:
            made = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False)
            if made.returncode == 0:
                path.unlink()
                return
            assert "Could not connect" in made.stderr, made.stderr
            assert time.monotonic() < until, made.stderr
            time.sleep(0.5)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    manager = Aws(tmp_path_factory.mktemp("aws"))
    try:
        manager.put("partners/nightly", PASSWORD)
        yield manager
    finally:
        end(manager.process)


def test_aws_secrets_manager(aws: Aws, sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path) -> None:
    """The real client of AWS asks moto. What is not there fails with the words of the client."""
    job = job_of(sshd, far, near, tmp_path, secrets_from={**place.sources, **AWS})
    marked = mark()
    job.environment = {**job.environment, **aws.environment, **marked}
    with Sampler(marked, [PASSWORD, "canary-of-aws"]) as sampler:
        ran = job.run()
        missing = [word.replace("nightly", "none") for word in AWS["password"]["command"]]
        job.write(secrets_from={**place.sources, "password": {"command": missing}})
        failed = job.run()
    assert (ran.status, ran.result["changed"]) == (0, True), ran.result["msg"]
    assert tree_digest(far / "tree") == tree_digest(near)
    assert failed.result["error"]["code"] == "secret_unavailable"
    assert "ResourceNotFoundException" in failed.result["error"]["message"]
    assert (sampler.found, bool(sampler.seen)) == (set(), True)
    shown = json.dumps([ran.result, failed.result]) + ran.stderr + failed.stderr
    assert not Canaries({**SECRETS, "aws": ["canary-of-aws"]}).in_text(shown)


@pytest.mark.parametrize(("recipe", "form"), [(AZURE, r"%s\n"), (GOOGLE, "%s")])
def test_other_clouds(
    sshd: Sshd, far: Path, near: Path, place: Place, tmp_path: Path, recipe: dict[str, Any], form: str
) -> None:
    """Neither service can run here: a script prints the documented output for the arguments of the page alone."""
    name, *arguments = recipe["password"]["command"]
    program = tmp_path / "programs" / name
    program.parent.mkdir()
    program.write_text(DOCUMENTED.format(arguments=" ".join(arguments), form=form, secret=PASSWORD))
    program.chmod(0o755)
    job = job_of(sshd, far, near, tmp_path, secrets_from={**place.sources, **recipe})
    job.environment["PATH"] = f"{program.parent}:{job.environment['PATH']}"
    ran = job.run()
    assert (ran.status, ran.result["changed"]) == (0, True), ran.result["msg"]
    assert tree_digest(far / "tree") == tree_digest(near)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/secrets.md as it is written: keys and certificates that OpenBao issues for a run, logins with a wrapped secret,
keys that it keeps, and the look-ups of AWX."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from support.judges.canaries import Canaries, Sampler
from support.judges.judge_programs import judge
from support.running.examples import ROOT
from support.running.other_collections import with_collection
from support.running.patience import HANG_SECONDS
from support.running.play import Play, Played
from support.running.processes import mark
from support.scenes.job_scene import JobScene
from support.scenes.module_tasks import own_directory, remote, small_tree
from support.servers import ssh_keys
from support.servers.openbao import OpenBao
from support.servers.served import served
from support.servers.ssh_keys import SshKey
from support.servers.sshd import Sshd
from support.servers.tls_authority import Authority
from support.servers.vsftpd import Vsftpd
from support.trees.trees import tree_digest

HASHI_VAULT = "community.hashi_vault"
GROUP = f"group/{HASHI_VAULT}.vault"
SYNC = "secure.ftp_synchronize.secure_sync"
PAGE = (ROOT / "docs/secrets.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


KEEP, AUTHORITY, WRITE_POLICY, APPROLE, WRAP, CLIENTS = blocks("bash")
POLICY, AWX_POLICY = blocks("text")
KEPT, ISSUED, LOGIN = (yaml.safe_load(text)[0] for text in blocks("yaml") if text.startswith("- name"))
(JOB,) = (yaml.safe_load(text) for text in blocks("yaml") if text.startswith("certificate"))
KEY = ssh_keys.key("nightly")
LOOK_UPS = """
import json, sys
from awx_plugins.credentials import hashivault
given = json.load(sys.stdin)
read = hashivault.hashivault_kv_plugin.backend(**given["login"], **given["read"])
signed = hashivault.hashivault_ssh_plugin.backend(**given["login"], **given["sign"])
print(json.dumps({"private_key": read, "certificate": signed}))
"""


class Manager(NamedTuple):
    """A secrets manager that was set up as the page does it. authority: public key. token: of the job."""

    bao: OpenBao
    directory: Path
    authority: str
    token: str


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manager]:
    directory = tmp_path_factory.mktemp("bao")
    with OpenBao(directory) as bao:
        authority = bao.shell(AUTHORITY, directory).splitlines()[-1]
        (directory / "upload.hcl").write_text(POLICY)
        bao.shell(WRITE_POLICY, directory)
        yield Manager(bao, directory, authority, bao.token_for("upload"))


@pytest.fixture(scope="module")
def server(manager: Manager) -> Iterator[Sshd]:
    """Return a server that takes nothing but certificates of the secrets manager."""
    with Sshd(user_ca=SshKey(Path(), manager.authority, ""), authorized=(), principals=("nightly",)) as server:
        yield server


keyed = served(Sshd, authorized=(KEY,))


def run(
    manager: Manager,
    server: Sshd,
    directory: Path,
    play: dict[str, Any],
    *words: str,
    times: int = 1,
    **environment: str,
) -> Played:
    """Run a play of the page, with the values that only a reader knows. Its last task runs `times` times."""
    play = copy.deepcopy(play)
    *before, last = play["tasks"]
    if not (directory / "near").exists():
        small_tree(directory / "near")
        own_directory(server, directory.name)
    last[SYNC] |= {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "host_keys": server.host_public_keys,
        "src": str(directory / "near"),
        "dest": remote(server, server.root / directory.name) + "/tree",
        "state_dir": str(directory / "state"),
    }
    defaults = play.get("module_defaults", {})
    defaults.get(GROUP, {}).update(url=manager.bao.environment["VAULT_ADDR"], ca_cert=str(manager.bao.authority.file))
    own = {"ansible_python_interpreter": sys.executable, "nightly_role_id": environment.pop("role_id", "")}
    keywords = {"vars": {**play.get("vars", {}), **own}, "module_defaults": defaults, "pre_tasks": before}
    given = {**manager.bao.environment, "BAO_TOKEN": manager.token, **environment}
    return Play(directory / "play", given, keywords, collections=[with_collection(HASHI_VAULT)]).run(
        [last] * times, *words
    )


def issued_with(**data: str) -> dict[str, Any]:
    """Return the first play of the page with other data for the certificate."""
    play = copy.deepcopy(ISSUED)
    play["tasks"][0][f"{HASHI_VAULT}.vault_write"]["data"] |= data
    return play


def figures(played: Played) -> list[bool]:
    assert played.status == 0, played.output
    return [result["changed"] for result in played.results]


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_certificate_for_one_run(manager: Manager, server: Sshd, tmp_path: Path, kind: str) -> None:
    before = len(manager.bao.audited("ssh/issue/upload"))
    play = issued_with(key_type=kind)
    copied = {"content": "{{ issued.data.data | to_json }}", "dest": str(tmp_path / "issued"), "mode": "0600"}
    play["tasks"].insert(1, {"ansible.builtin.copy": copied})
    played = run(manager, server, tmp_path, play, "-vvvvv", times=2)
    assert figures(played) == [True, False]
    assert len(manager.bao.audited("ssh/issue/upload")) == before + 1
    answer = json.loads((tmp_path / "issued").read_text())
    (tmp_path / "c.pub").write_text(answer["signed_key"])
    listed = subprocess.run(["ssh-keygen", "-Lf", str(tmp_path / "c.pub")], check=True, capture_output=True, text=True)
    serial = re.search(r"Serial: (\d+)", listed.stdout).group(1)
    assert f"serial {serial}" in server.log()
    canaries = Canaries({"key": answer["private_key"].splitlines()[2:-2], "token": [manager.token]})
    assert not canaries.in_text(played.output)
    assert not canaries.in_files(tmp_path / "play")


def test_a_certificate_that_has_ended(manager: Manager, server: Sshd, tmp_path: Path) -> None:
    play = issued_with(ttl="1s")
    play["tasks"].insert(1, {"ansible.builtin.pause": {"seconds": 3}})
    (result,) = run(manager, server, tmp_path, play).results
    assert result["error"]["code"] == "authentication_failed"
    assert "certificate: ended at 20" in result["msg"]


def test_a_token_without_the_right_to_issue(manager: Manager, server: Sshd, tmp_path: Path) -> None:
    before = server.log().count("Connection from")
    played = run(manager, server, tmp_path, ISSUED, BAO_TOKEN=manager.bao.token_for("none"))
    assert played.status
    assert played.results == []
    assert "permission denied" in manager.bao.audited("ssh/issue/upload")[-1]["error"]
    assert server.log().count("Connection from") == before


def test_two_look_ups_issue_two_keys(manager: Manager, server: Sshd, tmp_path: Path) -> None:
    """A variable with a look-up is evaluated wherever it is used."""
    play = copy.deepcopy(ISSUED)
    del play["tasks"][0]
    data = "data=dict(key_type='ed25519', valid_principals='nightly')"
    issue = "lookup('%s.vault_write', 'ssh/issue/upload', %s)" % (HASHI_VAULT, data)
    play["vars"]["issued"] = {"data": "{{ %s }}" % issue}
    (result,) = run(manager, server, tmp_path, play, ANSIBLE_HASHI_VAULT_TOKEN=manager.token).results
    assert result["error"]["code"] == "private_key_unusable"
    assert "certificate: certifies another key" in result["msg"]


def test_a_login_with_a_wrapped_secret(manager: Manager, server: Sshd, tmp_path: Path) -> None:
    given = {"role_id": manager.bao.shell(APPROLE, manager.directory).splitlines()[-1]}
    given["WRAPPED_SECRET_ID"] = manager.bao.shell(WRAP, manager.directory).strip()
    played = run(manager, server, tmp_path, LOGIN, "-vvvvv", times=2, BAO_TOKEN="", **given)
    assert figures(played) == [True, False]
    canaries = Canaries({"wrapped": [given["WRAPPED_SECRET_ID"]]})
    assert not canaries.in_text(played.output)
    again = run(manager, server, tmp_path, LOGIN, BAO_TOKEN="", **given)
    assert (again.results, again.status != 0) == ([], True)


def test_a_key_that_is_kept(manager: Manager, keyed: Sshd, tmp_path: Path) -> None:
    keep(manager)
    play = copy.deepcopy(KEPT)
    source = play["tasks"][-1][SYNC]["secrets_from"]["private_key"]["openbao"]
    source.update(url=manager.bao.url, ca_file=str(manager.bao.authority.file))
    token = tmp_path / "play/home" / source["token_from"]["file"].removeprefix("~/")
    token.parent.mkdir(parents=True)
    token.write_text(f"{manager.bao.token}\n")
    token.chmod(0o600)
    played = run(manager, keyed, tmp_path, play, "-vvvvv", times=2, BAO_TOKEN="")
    assert figures(played) == [True, False]
    secrets = {"key": KEY.text.splitlines()[2:-2], "token": [manager.bao.token]}
    assert not Canaries(secrets).in_text(played.output)


def keep(manager: Manager) -> None:
    """Store the key as the page does."""
    (manager.directory / "nightly_ed25519").write_text(KEY.text)
    manager.bao.shell(KEEP, manager.directory)


def test_the_look_ups_of_awx(manager: Manager, server: Sshd, tmp_path: Path) -> None:
    keep(manager)
    (tmp_path / "awx.hcl").write_text(AWX_POLICY)
    manager.bao.shell("bao policy write awx awx.hcl", tmp_path)
    authority = manager.bao.authority.file.read_text()
    values = {
        "login": {
            "url": manager.bao.environment["VAULT_ADDR"],
            "token": manager.bao.token_for("awx"),
            "cacert": authority,
        },
        "read": {
            "api_version": "v2",
            "secret_backend": "secret",
            "secret_path": "jobs/nightly",
            "secret_key": "private_key",
        },
        "sign": {
            "secret_path": "ssh",
            "role": "upload",
            "public_key": KEY.public,
            "valid_principals": "nightly",
        },
    }
    done = subprocess.run(
        [judge("python"), "-c", LOOK_UPS], check=True, input=json.dumps(values), capture_output=True, text=True
    )
    play = copy.deepcopy(ISSUED)
    del play["tasks"][0], play["module_defaults"]
    play["tasks"][0][SYNC] |= json.loads(done.stdout)
    assert figures(run(manager, server, tmp_path, play, times=2)) == [True, False]


KEY_BEGINS = "PRIVATE KEY-----"


class Clients(NamedTuple):
    """An FTPS server that demands a certificate of the authority of the page; a token that can issue certificates."""

    server: Vsftpd
    manager: Manager
    token: str

    def options(self, directory: Path, **own: Any) -> dict[str, Any]:
        """Return the options of a push without a secret."""
        server, far = self.server, own_directory(self.server, directory.name)
        login = {"protocol": "ftps", "host": server.host, "port": server.port, "username": server.user}
        trees = {"src": str(small_tree(directory / "near")), "dest": remote(server, far) + "/tree"}
        return {**login, **trees, "ca_file": str(server.authority.file), "state_dir": str(directory / "state"), **own}

    def job(self, directory: Path, **certificate: Any) -> JobScene:
        """Return the job of the page."""
        scene = JobScene(directory, self.options(directory))
        bao, token = self.manager.bao, directory / "token"
        token.write_text(self.token)
        token.chmod(0o600)
        own = {"url": bao.url, "ca_file": str(bao.authority.file), "token_from": {"file": str(token)}}
        scene.fields["certificate"] = {**JOB["certificate"], **own, **certificate}
        scene.write()
        scene.credential("password", self.server.password)
        return scene

    def issue(self, **fields: Any) -> dict[str, Any]:
        data = {"common_name": "nightly", **fields}
        return dict(self.manager.bao.call("POST", "pki/issue/upload", data)["data"])

    def issued(self) -> int:
        return len(self.manager.bao.audited("pki/issue/upload"))


@pytest.fixture(scope="module", params=["1.2", "1.3"])
def clients(manager: Manager, request: pytest.FixtureRequest) -> Iterator[Clients]:
    trusted = manager.directory / "clients.pem"
    if not trusted.exists():
        trusted.write_text(manager.bao.shell(CLIENTS, manager.directory).rpartition("-----BEGIN CERT")[2])
        trusted.write_text("-----BEGIN CERT" + trusted.read_text())
        policy = 'path "pki/issue/upload" { capabilities = ["update"] }'
        manager.bao.call("PUT", "sys/policies/acl/clients", {"policy": policy})
    by = Authority("not used")
    by.file = trusted
    with Vsftpd(client_authority=by, versions=(request.param,)) as server:
        yield Clients(server, manager, manager.bao.token_for("clients"))


def test_a_client_certificate_for_each_run_of_a_job(clients: Clients, tmp_path: Path) -> None:
    """strace is the judge of the key: it is written to a file in memory alone."""
    job, before = clients.job(tmp_path), clients.issued()
    marked = mark()
    job.environment |= marked
    with Sampler(marked, [KEY_BEGINS, clients.token]) as sampler:
        checked = job.run("--check", "--diff")
        done = job.run("--record")
    assert [(ran.status, ran.result["changed"]) for ran in (checked, done)] == [(0, True)] * 2, done.result["msg"]
    assert tree_digest(clients.server.root / tmp_path.name / "tree") == tree_digest(tmp_path / "near")
    assert clients.issued() == before + 2, "a new key for each run"
    shown = json.dumps([checked.result, done.result]) + checked.stderr + done.stderr
    assert KEY_BEGINS not in shown
    assert (sampler.found, bool(sampler.seen)) == (set(), True)
    log = tmp_path / "calls"
    strace = ["strace", "-f", "-y", "-s", "100000", "-e", "trace=write,writev,pwrite64,pwritev,sendto,sendmsg"]
    command = [*strace, "-o", str(log), *job.command()]
    ran = subprocess.run(
        command, env=job.environment, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    assert (ran.returncode, json.loads(ran.stdout)["changed"]) == (0, False), ran.stdout
    places = re.findall(r"^\d+ +\w+\(\d+<([^>]*)>.*PRIVATE KEY", log.read_text(), re.M)
    assert places == ["/memfd:secure_sync"]
    log.unlink()
    assert not Canaries({"key": [KEY_BEGINS]}).in_files(tmp_path, apart_from=[job.program])


def test_without_a_client_certificate_the_server_lets_no_job_in(clients: Clients, tmp_path: Path) -> None:
    job = clients.job(tmp_path)
    del job.fields["certificate"]
    job.write()
    ran = job.run()
    assert (ran.status, ran.result["error"]["code"]) == (4, "authentication_failed")
    assert "requires a client certificate" in ran.result["error"]["message"]


@pytest.mark.parametrize(
    ("field", "code", "fact"),
    [
        ({"principals": ["other"]}, "issuer_refused", "not allowed by this role"),
        ({"path": "pki/issue/none"}, "issuer_refused", "permission denied"),
        ({"principals": []}, "invalid_request", "certificate: over FTPS, it issues a key and a certificate for one"),
        ({"path": "pki/sign/upload"}, "invalid_request", "certificate: over FTPS, it issues a key"),
    ],
)
def test_a_client_certificate_that_is_not_issued(
    clients: Clients, tmp_path: Path, field: dict[str, Any], code: str, fact: str
) -> None:
    before = clients.server.transcript().count("CONNECT")
    ran = clients.job(tmp_path, **field).run()
    assert (ran.result["error"]["code"], fact in ran.result["error"]["message"]) == (code, True), ran.result["msg"]
    assert clients.server.transcript().count("CONNECT") == before, "the partner is not asked"


def test_a_client_certificate_in_a_task(clients: Clients, tmp_path: Path) -> None:
    """Issued as the page does it; the values of another key, and of an ended certificate, are refused."""
    play = copy.deepcopy(ISSUED)
    issue = play["tasks"][0]
    issue[f"{HASHI_VAULT}.vault_write"] = {"path": "pki/issue/upload", "data": {"common_name": "nightly"}}
    kept = {"content": "{{ issued.data.data | to_json }}", "dest": str(tmp_path / "issued"), "mode": "0600"}
    pem = {"certificate": "{{ issued.data.data.certificate }}", "private_key": "{{ issued.data.data.private_key }}"}
    options = clients.options(tmp_path, password=clients.server.password, **pem)
    ended = clients.issue(ttl="1s")
    pause = {"ansible.builtin.pause": {"seconds": 2}}
    defaults = play["module_defaults"]
    defaults[GROUP].update(url=clients.manager.bao.url, ca_cert=str(clients.manager.bao.authority.file))
    own = {**play["vars"], "ansible_python_interpreter": sys.executable}
    before = [issue, {"ansible.builtin.copy": kept}, pause]
    keywords = {"vars": own, "module_defaults": defaults, "pre_tasks": before}
    given = {**clients.manager.bao.environment, "BAO_TOKEN": clients.token}
    tasks = [
        {SYNC: options},
        {SYNC: options},
        {SYNC: {**options, "private_key": ended["private_key"]}},
        {SYNC: {**options, "private_key": ended["private_key"], "certificate": ended["certificate"]}},
        {SYNC: {**options, "client_cert_file": "/none"}},
    ]
    played = Play(tmp_path / "play", given, keywords, collections=[with_collection(HASHI_VAULT)]).run(tasks, "-vvvvv")
    assert [result["changed"] for result in played.results[:2]] == [True, False], played.output
    errors = [result["error"] for result in played.results[2:]]
    assert [error["code"] for error in errors] == ["private_key_unusable", "authentication_failed", "invalid_request"]
    assert errors[1]["message"].endswith("(certificate expired)"), "jobs recognize it by this"
    answer = json.loads((tmp_path / "issued").read_text())
    canaries = Canaries({"key": answer["private_key"].splitlines()[1:-1], "token": [clients.token]})
    assert not canaries.in_text(played.output)
    assert not canaries.in_files(tmp_path / "play", tmp_path / "state")

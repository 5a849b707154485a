# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised sync client in playbooks/rotate_keys.yml: for all its answers, the servers of its jobs get only the
keys of its jobs, in the files of its accounts, and no other host gets anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.compromised.estate import ACCOUNT, JOB, Estate, legs
from support.compromised.our_names import names_of
from support.compromised.played_host import Asked
from support.running.ansible_cores import CORES
from support.servers import ssh_keys

ATTACKER = ssh_keys.key("attacker").public
EVIL = "/root/.ssh/authorized_keys"


def facts(value: Any) -> dict[str, Any]:
    """Return a fact for every name of the role."""
    return {"ansible_facts": dict.fromkeys(names_of("client_key_rotation"), value)}


def attacks(sentinel: Path) -> dict[str, dict[str, Any]]:
    """Return the answer of each compromised client to the preparation of a key."""
    template = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % sentinel
    revoked = {"legs": legs(revoked_keys=[ATTACKER])}
    root_keys = {"ansible_facts": {"client_key_rotation_revoked_keys_file": EVIL}}
    managed = {"ansible_facts": {"__client_key_rotation_managed": []}}
    return {
        "bystander": {"legs": legs(["vault"])},
        "controller": {"legs": legs(["localhost"])},
        "controller-as-fact": {"legs": legs(["localhost"]), **managed},
        "implicit-controller": {"legs": legs(["127.0.0.1"])},
        "unmanaged": {"legs": legs(managed=False, private_key_file="/etc/shadow")},
        "revoked": revoked,
        "revoked-elsewhere": {**revoked, **root_keys},
        "keys-elsewhere": {"ansible_facts": {"client_key_rotation_keys_directory": "/root/.ssh"}},
        "other-account": {"legs": legs(username="root", account="root", path=EVIL)},
        "other-address": {"legs": legs(address="198.51.100.99", port=1)},
        "other-job": {"legs": legs(job="../other")},
        "mode-by-fact": {**revoked, "ansible_facts": {"client_key_rotation_mode": "compromise"}},
        "every-fact": facts(EVIL),
        "every-fact-a-list": {**facts([EVIL]), **revoked},
        "template-server": {"legs": legs([template])},
        "template-key": {"legs": legs(public_key=template, published_keys=[template])},
        "template-fact": facts(template),
        "twice": {"legs": legs() + legs()},
        "no-legs": {"legs": None},
        "legs-of-text": {"legs": "files1"},
        "nothing": {"legs": []},
        "private-key-elsewhere": {"legs": legs(private_key_file="/etc/ssl/private/other.key")},
    }


def legitimate(asked: Asked, clients: list[str]) -> bool:
    """Return whether a server got only requests that the controller's own variables name."""
    arguments = asked.arguments
    if asked.module == "account_keys":
        place = arguments["path"], arguments["account"]
        holders = [f"{client}/{JOB}" for client in clients]
        return place == (f"/etc/ssh/authorized_keys.d/{ACCOUNT}", ACCOUNT) and arguments["holder"] in holders
    if asked.module == "key_revocation":
        return arguments["path"] == "/etc/ssh/revoked_keys" and not arguments["keys"]
    if asked.module == "host_system":
        looked_at = {name for name, value in arguments.items() if value and not name.startswith("_")}
        return looked_at == {"programs"} and arguments["programs"] == ["/usr/sbin/sshd"]
    return asked.module in ("setup", "sshd_change")


@pytest.mark.parametrize("gather_facts", [False, True])
def test_a_client_gains_nothing_at_other_hosts(gather_facts: bool, tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    cases = {
        case: answer for case, answer in attacks(sentinel).items() if not gather_facts or "ansible_facts" in answer
    }
    estate = Estate(tmp_path / "estate", clients=list(cases))
    local = estate.with_local()
    for client, answer in zip(estate.clients, cases.values(), strict=True):
        client.answer("setup" if gather_facts else "client_key", answer)
    played = estate.playbook("rotate_keys", gather_facts=gather_facts)
    wrong = [asked for server in estate.servers for asked in server.asked if not legitimate(asked, list(estate.hosts))]
    assert wrong == []
    assert (estate.vault.asked, local.asked if not gather_facts else []) == ([], [])
    assert not sentinel.exists()
    assert estate.touched() == []
    assert "client" in played.done(), played.output
    print(f"{len(cases)} clients")


# On ansible-core 2.21 and later, a key of an answer replaces the loop's own item in the registered result.
@pytest.mark.parametrize("core", ["", *CORES])
def test_an_answer_does_not_replace_what_was_asked_for(core: str, tmp_path: Path) -> None:
    (leg,) = legs(["vault"], username="../../root/.ssh/authorized_keys", address="198.51.100.99", port=22)
    job = {"name": JOB, "username": "root", "servers": [{"host": "vault"}]}
    answer = {"leg": leg, "job": job, "item": leg, "each": {"job": job}, "results": [{"leg": leg}]}
    estate = Estate(tmp_path, core, clients=["prober", "preparer"], servers=["files3"])
    local, (prober, preparer) = estate.with_local(), estate.clients
    for host, module in ((estate.servers[0], "account_keys"), (prober, "sftp_probe"), (preparer, "client_key")):
        host.answer(module, answer)
    played = estate.playbook("rotate_keys")
    wrong = [asked for server in estate.servers for asked in server.asked if not legitimate(asked, list(estate.hosts))]
    assert wrong == []
    assert (estate.vault.asked, local.asked) == ([], [])
    asked = [each.arguments for each in estate.client.asked if each.module == "sftp_probe"]
    assert {(each["host"], each["username"]) for each in asked} <= {("files1", ACCOUNT), ("files2", ACCOUNT)}
    assert "198.51.100.99" not in estate.sent()
    assert estate.touched() == []
    assert "Traceback" not in played.output


def test_a_job_without_servers_needs_nothing(tmp_path: Path) -> None:
    estate = Estate(tmp_path, clients=["idle"])
    (idle,) = estate.clients
    job = {"name": JOB, "username": ACCOUNT, "servers": []}
    idle.set(client_key_rotation_jobs=[job]).answer("client_key", {"legs": []})
    played = estate.playbook("rotate_keys")
    assert played.status == 0, played.output
    asked = [each.arguments for each in idle.asked if each.module == "client_key"]
    assert [each["servers"] for each in asked if each["state"] == "prepared"] == [[]]
    assert {
        asked.arguments["holder"] for server in estate.servers for asked in server.asked if "holder" in asked.arguments
    } == {f"client/{JOB}"}


LOST = ssh_keys.key("job")
EVERYWHERE = {"client_key_rotation_mode": "compromise", "client_key_rotation_compromised": [LOST.fingerprint]}


def done(server: str, *keys: str) -> dict[str, Any]:
    """Return the answer of a client that claims to have done everything, and to have no keys but these."""
    return {"legs": legs([server], phase="done", published_keys=[]), "public_key": None, "public_keys": list(keys)}


def jobs(**servers: str) -> list[dict[str, Any]]:
    return [{"name": name, "username": ACCOUNT, "servers": [{"host": server}]} for name, server in servers.items()]


def revoking(estate: Estate) -> list[str]:
    """Return the servers that were asked to refuse the key."""
    return [
        server.name
        for server in estate.servers
        if [LOST.public] in [each.arguments["keys"] for each in server.asked if each.module == "key_revocation"]
    ]


def test_a_named_key_is_revoked_where_its_client_conceals_it(tmp_path: Path) -> None:
    """The key belongs to job b. One client returns it for job a, and the next returns it for no job."""
    estate = Estate(tmp_path, clients=["silent"], servers=["files3"])
    (silent,) = estate.clients
    estate.client.set(client_key_rotation_jobs=jobs(a="files1", b="files2"))
    estate.client.answer("client_key", done("files1", LOST.public), arguments={"job": "a"})
    estate.client.answer("client_key", done("files2"), arguments={"job": "b"})
    silent.set(client_key_rotation_jobs=jobs(c="files3")).answer("client_key", done("files3"))
    played = estate.playbook("rotate_keys", **EVERYWHERE)
    assert revoking(estate) == ["files1", "files2", "files3"], played.output
    assert f"b did not return {LOST.fingerprint}" in played.output
    assert f"c did not return {LOST.fingerprint}" in played.output


def test_a_client_that_fails_does_not_spare_its_servers(tmp_path: Path) -> None:
    estate = Estate(tmp_path, clients=["broken"], servers=["files3"])
    (broken,) = estate.clients
    estate.client.set(client_key_rotation_jobs=jobs(a="files1"))
    estate.client.answer("client_key", done("files1", LOST.public))
    broken.set(client_key_rotation_jobs=jobs(c="files3")).answer("client_key", {"legs": None})
    played = estate.playbook("rotate_keys", **EVERYWHERE)
    assert revoking(estate) == ["files1", "files3"], played.output
    assert played.status != 0


def test_facts_of_a_client_do_not_choose_where_keys_are_revoked(tmp_path: Path) -> None:
    place = {"job": JOB, "server": "vault", "username": ACCOUNT, "revoked_keys_file": EVIL}
    estate = Estate(tmp_path, clients=["liar"])
    (liar,) = estate.clients
    estate.client.set(client_key_rotation_jobs=jobs(a="files1"))
    estate.client.answer("client_key", done("files1", LOST.public))
    liar.facts("setup", __client_key_rotation_checked={"places": [place]})
    estate.playbook("rotate_keys", gather_facts=True, guarded=False, **EVERYWHERE)
    assert (revoking(estate), estate.vault.asked) == (["files1"], [])

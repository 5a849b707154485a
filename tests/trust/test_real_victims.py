# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised host next to a real host, which boots with systemd, in the same play: the files of the real host show
the effects. The compromised host always wants something that the real host would get otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.compromised.estate import ACCOUNT, Estate, legs
from support.compromised.evil_facts import evil_facts
from support.compromised.played_host import PlayedHost
from support.hosts.control_path import control_path_directory
from support.hosts.systemd_host import SystemdHost
from support.servers import ssh_keys

ATTACKER = ssh_keys.key("attacker").public
INTRUDER = "intruder"
KEYS = f"/etc/ssh/authorized_keys.d/{ACCOUNT}"
# All possible traces of a play on a host, without the files that the host itself writes continuously.
FILES = "cd / && find etc root home srv -xdev -type f ! -name '.updated' ! -name '*-' -exec sha256sum {} + | sort -k 2"


@pytest.fixture
def victim() -> Iterator[SystemdHost]:
    with SystemdHost("debian13") as host:
        yield host


def reached(host: SystemdHost, control_path: Path) -> dict[str, Any]:
    """Return the variables by which Ansible logs in to a real host, as root."""
    known = f"-o UserKnownHostsFile={host.known_hosts} -o GlobalKnownHostsFile=none"
    return {
        "ansible_connection": "ssh",
        "ansible_host": host.address,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(host.key.path),
        "ansible_ssh_common_args": f"-F none -o IdentitiesOnly=yes {known}",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_control_path": str(control_path),
    }


def files_of(host: SystemdHost) -> dict[str, str]:
    """Return the digest of each file by its path."""
    lines = host.enter("sh", "-c", FILES).stdout.splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the paths of files that differ."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def holds(host: SystemdHost, text: str) -> str:
    """Return the files of a host that hold a text."""
    return host.enter("grep", "-rlF", text, "/etc", "/root", "/home", "/srv", check=False).stdout


def attackers(directory: Path) -> dict[str, dict[str, Any]]:
    """Return the answer of each compromised client to the preparation of a key."""
    return {
        "revoked": {"legs": legs(revoked_keys=[ATTACKER])},
        "root": {"legs": legs(username="root", account="root", path="/root/.ssh/authorized_keys")},
        "facts": {"legs": legs(revoked_keys=[ATTACKER]), "ansible_facts": evil_facts()},
        "template": {"legs": legs(public_key="{{ lookup('ansible.builtin.file', '%s') }}" % (directory / "x"))},
    }


def test_jails_and_keys_of_a_real_host_beside_compromised_ones(victim: SystemdHost, tmp_path: Path) -> None:
    cases = attackers(tmp_path)
    estate = Estate(tmp_path / "estate", clients=list(cases), servers=["evil"])
    sockets = control_path_directory(estate)
    estate.hosts["files1"].set(**reached(victim, sockets / "files1"))
    evil = estate.hosts["evil"].set(chroot_jail_accounts=[{"name": INTRUDER, "authorized_keys": [ATTACKER]}])
    honest = estate.playbook("provision_jail")
    assert "files1" in honest.done(), honest.output
    before = files_of(victim)
    assert KEYS.lstrip("/") in before

    evil.facts(**evil_facts())
    again = estate.playbook("provision_jail")
    assert "files1" in again.done(), again.output
    assert "evil" in again.failed(), again.output
    assert changed(before, files_of(victim)) == set()

    for client, answer in zip(estate.clients, cases.values(), strict=True):
        client.answer("client_key", answer)
    rotated = estate.playbook("rotate_keys")
    assert {"files1", "client"} <= rotated.done(), rotated.output
    assert {"revoked", "facts"} <= rotated.failed(), rotated.output
    after = changed(before, files_of(victim))
    assert {"etc/ssh/revoked_keys", KEYS.lstrip("/")} <= after, "nothing was published"
    assert {path for path in after if not path.startswith("etc/ssh/")} == set()
    assert holds(victim, ATTACKER.split()[1]) == ""
    assert victim.enter("grep", "-v", "^#", "/etc/ssh/revoked_keys", check=False).stdout == ""
    print(f"{len(cases)} clients, {len(before)} files")


PLACE = "/opt/python"


def install(host: SystemdHost, played: PlayedHost) -> None:
    """Install the interpreter of a compromised host, with its answers, on a real host."""
    program = played.interpreter.read_text().partition("\n")[2]
    for name, text in (
        ("python3", f"#!/usr/bin/python3 -IS\n{program}"),
        ("answers.json", (played.interpreter.parent / "answers.json").read_text()),
    ):
        host.enter("sh", "-c", f"mkdir -p {PLACE}; cat > {PLACE}/{name}; chmod 755 {PLACE}/{name}", input=text)


def test_the_connection_to_a_real_host_serves_no_other(victim: SystemdHost, tmp_path: Path) -> None:
    """Ansible keeps a connection open for the next task; a fact could name its socket for another host."""
    with SystemdHost("debian13") as host:
        estate = Estate(tmp_path / "estate", servers=["evil"])
        sockets = control_path_directory(estate)
        estate.hosts["files1"].set(**reached(victim, sockets / "files1"))
        accounts = [{"name": name, "authorized_keys": [ATTACKER]} for name in ("decoy", INTRUDER)]
        evil = estate.hosts["evil"].set(chroot_jail_accounts=accounts, **reached(host, sockets / "evil"))
        evil.set(ansible_python_interpreter=f"{PLACE}/python3")
        install(host, evil)
        honest = estate.playbook("provision_jail")
        assert {"files1", "evil"} <= honest.done(), honest.output
        # The path of the interpreter is the same on both.
        victim.enter("sh", "-c", f"mkdir -p {PLACE}; ln -s /usr/bin/python3 {PLACE}/python3")
        before = files_of(victim)
        install(host, evil.facts("jail", ansible_control_path=str(sockets / "files1")))
        played = estate.playbook("provision_jail")
        assert '"module": "jail"' in host.enter("cat", f"{PLACE}/asked.jsonl").stdout
    assert changed(before, files_of(victim)) == set()
    assert holds(victim, ATTACKER.split()[1]) == ""
    assert INTRUDER not in victim.enter("cat", "/etc/passwd").stdout
    assert "answer of evil: must hold no facts" in played.refusal("evil"), played.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers of playbooks/exchange.yml with many options of secure_sync, over SFTP and FTPS, and wrong transfers.

tests/hosts/test_job_transfers.py and test_awx_jobs.py carry out the same dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judges.canaries import Canaries
from support.running.inventory_play import InventoryPlay
from support.scenes.transfers import CONTENT, Transfers
from support.servers.clamd import FORBIDDEN, Clamd, clamd_option
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd
from support.trees.trees import tree_digest

ROOT = Path(__file__).parents[2]
EXCHANGE = "secure.ftp_synchronize.exchange"
LOGIN, OPEN = "canary-of-the-login", "canary-of-the-client-key"
CLIENTS = authority("clients")
sshd = served(Sshd, jail=True, authorized=(key("partner", passphrase=LOGIN),))


@pytest.fixture(scope="module")
def vsftpd() -> Iterator[Vsftpd]:
    with Vsftpd(implicit=True, client_authority=CLIENTS) as server:
        yield server


class Estate:
    """The controller's trees, and an inventory with variables of all partners."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment: dict[str, str] = {}
        for name in ("out", "orders"):
            (place / name).mkdir()
            (place / name / "a").write_text(CONTENT)
        places = {name: str(place / name) for name in ("out", "back", "receipts", "orders")}
        self.transfers = Transfers(places["out"], "inbox", places["back"], places["receipts"], places["orders"])

    def exchange(self, hosts: dict[str, Any], *options: str, **group: Any) -> tuple[dict[str, dict[str, int]], str]:
        """Run the playbook; return the recap and the output."""
        own = {"exchange_state_dir": str(self.place / "state"), **group}
        play = InventoryPlay(self.place / "play", hosts, own, environment=self.environment)
        output, _status = play.command(EXCHANGE, *options)
        recap = re.findall(r"^(\S+)\s+: (ok=.*)$", output, re.M)
        return {host: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", line)} for host, line in recap}, output


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


def over_ssh(server: Sshd, **variables: Any) -> dict[str, Any]:
    """Return the variables of a partner whose server has pins in the inventory."""
    login = {"ansible_user": server.user, "exchange_private_key": server.key.text, "exchange_passphrase": LOGIN}
    return {
        "ansible_host": server.host,
        "ansible_port": server.port,
        "exchange_host_keys": server.host_public_keys,
        **login,
        **variables,
    }


def test_content_is_checked_in_both_directions(sshd: Sshd, estate: Estate) -> None:
    (estate.place / "out" / "bad").write_bytes(FORBIDDEN)
    (sshd.root / "partner").mkdir()
    (sshd.root / "partner" / "bad").write_bytes(FORBIDDEN)
    (sshd.root / "partner" / "good").write_text(CONTENT)
    sshd.give(sshd.root / "partner")
    with Clamd() as clamd:
        check = {"clamd": clamd_option(clamd.socket)}
        send = {"name": "send", "src": str(estate.place / "out"), "dest": "partner", "content_check": check}
        fetch = {"name": "fetch", "direction": "pull", "src": "partner", "dest": str(estate.place / "back")}
        fetch["content_check"] = {**check, "quarantine": str(estate.place / "quarantine")}
        recap, output = estate.exchange({"p": over_ssh(sshd, exchange_transfers=[send, fetch])})
    assert recap["p"]["failed"] == 1, output
    assert output.count("clamd found Test.Word.1") >= 1
    assert sorted(path.name for path in (sshd.root / "partner").iterdir() if path.is_file()) == ["a", "bad", "good"]
    assert (sshd.root / "partner" / "a").read_text() == CONTENT
    assert not (estate.place / "back" / "bad").exists()


def test_sign_encrypt_verify_decrypt_receipts_and_a_drop_box(sshd: Sshd, estate: Estate) -> None:
    canaries = Canaries(
        {**estate.transfers.canaries.secrets, "login": [LOGIN], "key": sshd.key.text.splitlines()[1:-1]}
    )
    hosts = {"partner01": over_ssh(sshd, exchange_transfers=estate.transfers.all)}
    sshd.give(sshd.root)
    outputs = []
    for options, changed in ((("--check", "--diff"), 1), (("--diff", "-vvv"), 1), (("-vvv",), 0)):
        if changed == 0:
            (estate.place / "orders" / "a").unlink(missing_ok=True)
        wanted = "" if "--check" not in options else "-e exchange_direction=push"
        figures, output = estate.exchange(hosts, *options, *wanted.split())
        outputs.append(output)
        assert (figures["partner01"]["failed"], figures["partner01"]["changed"]) == (0, changed), output
        assert (sshd.root / "inbox").exists() == ("--check" not in options)
    assert canaries.in_text("".join(outputs)) == set()
    assert estate.transfers.complaints(sshd.root / "inbox") == []
    assert tree_digest(estate.place / "back") == tree_digest(estate.place / "out")
    assert (sshd.root / "dropped/a").read_text() == CONTENT
    assert (sshd.root / "dropped/a.done").read_bytes() == b""
    assert len(list((estate.place / "receipts").glob("*.json"))) == 4
    table = re.search(r'"exchange__table": \[(.*?)\]', outputs[1], re.S)
    assert table
    assert re.findall(r"partner01 +(\w+) ", table[1]) == ["publish", "fetch", "drop"]


def test_ftps_from_the_first_byte_with_an_encrypted_client_key(sshd: Sshd, vsftpd: Vsftpd, estate: Estate) -> None:
    """Both partners share the defaults, and no transfer gets an option that only the other protocol has."""
    client = CLIENTS.client(passphrase=OPEN)
    sent = {"name": "sent", "src": str(estate.place / "out"), "dest": "sent", "delta": "always", "proof": "read_back"}
    shared = {
        "tls_mode": "implicit",
        "client_cert_file": str(client.chain),
        "client_key_file": str(client.key),
        "client_key_passphrase": OPEN,
        "ssh_client": "openssh",
        "bandwidth_limit": "50M",
    }
    hosts = {
        "partner01": over_ssh(sshd),
        "partner02": {
            "ansible_host": vsftpd.host,
            "exchange_protocol": "ftps",
            "exchange_port": vsftpd.port,
            "exchange_username": vsftpd.user,
            "exchange_password": vsftpd.password,
            "exchange_ca_file": str(vsftpd.authority.file),
        },
    }
    (known := estate.place / "known_hosts").write_text("")
    for server in (sshd, vsftpd):
        server.give(server.root)
    common = {"exchange_transfers": [sent], "exchange_defaults": shared, "exchange_known_hosts_file": str(known)}
    figures, output = estate.exchange(hosts, "-vvv", **common)
    assert {host: figures[host]["failed"] for host in hosts} == {"partner01": 0, "partner02": 0}, output
    assert Canaries({"key": [OPEN], "password": [vsftpd.password]}).in_text(output) == set()
    for server in (sshd, vsftpd):
        assert tree_digest(server.root / "sent") == tree_digest(estate.place / "out")


def test_a_question_of_awx(sshd: Sshd, estate: Estate) -> None:
    """The answer of the question on the page is an extra variable."""
    asked = re.search(r"`exchange_defaults: (\{max_delete: .*?\})`", (ROOT / "docs/partners.md").read_text())
    assert asked
    prices = {"name": "prices", "src": str(estate.place / "out"), "dest": "prices", "delete": True}
    hosts = {"partner01": over_ssh(sshd, exchange_transfers=[prices], exchange_defaults=yaml.safe_load(asked[1]))}
    sshd.give(sshd.root)
    for name, answer, failed in (("a", 0, 0), ("b", 0, 1), ("b", 1, 0)):
        (estate.place / "out" / "a").unlink(missing_ok=True)
        (estate.place / "out" / name).write_text(f"content of {name}")
        figures, output = estate.exchange(hosts, "-e", f"asked_max_delete={answer}")
        assert figures["partner01"]["failed"] == failed, output
        assert ("max_delete" in output) == bool(failed)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": (
        {"max_delet": 1},
        "transfer bad: max_delet: secure_sync has no option of this name; did you mean max_delete?",
    ),
    "suboption": (
        {"sign": {"privat_key": "canary-x"}},
        "transfer bad: sign.privat_key: secure_sync has no option of this name; did you mean private_key?",
    ),
    "number": ({7: "x"}, "transfer bad: 7: secure_sync has no option of this name"),
    "value": ({"max_delete": "many"}, "transfer bad: max_delete: "),
    "choice": ({"compare": "dates"}, "transfer bad: value of compare must be one of: "),
    "combination": ({"verify": {"allowed_signers": ["x"], "principal": "x"}}, "transfer bad: verify: checks the set"),
    "protocol": ({"tls_mode": "implicit"}, "transfer bad: tls_mode: has no meaning over SFTP"),
    "rivals": (
        {"private_key": "canary-x", "private_key_file": "/x"},
        "transfer bad: parameters are mutually exclusive",
    ),
    "destination": ({"dest": "./good/"}, "transfer bad: has the destination of transfer good"),
    "transfer's name": ({"name": "good"}, "transfer good: has the name of transfer good"),
    "unit's name": ({"name": "not a name"}, "transfer not a name: name: is not the name of a transfer"),
    "pins": ({"host_keys": None, "known_hosts_file": "known_hosts"}, '"code": "unknown_host"'),
}
BEFORE = [name for name in WRONG if name != "pins"]


def test_wrong_transfers_name_the_partner_and_the_transfer_before_any_change(sshd: Sshd, estate: Estate) -> None:
    """Each partner has a good transfer first, which is not begun. The last partner has no other: it goes on."""
    good = {"name": "good", "src": str(estate.place / "out"), "dest": "good"}
    bad = {"name": "bad", "src": str(estate.place / "out"), "dest": "bad"}
    hosts = {
        name.replace(" ", "_").replace("'", ""): over_ssh(
            sshd,
            exchange_transfers=[{**good, "dest": "good"}, {**bad, **changed}]
            if name in BEFORE
            else [{**bad, **changed}],
        )
        for name, (changed, _words) in WRONG.items()
    }
    (estate.place / "known_hosts").write_text("")
    hosts["pins"]["exchange_transfers"][0]["known_hosts_file"] = str(estate.place / "known_hosts")
    hosts["well"] = over_ssh(sshd, exchange_transfers=[{**good, "dest": "well"}])
    hosts["defaults"] = over_ssh(sshd, exchange_transfers=[good], exchange_defaults={"prof": "none"})
    sshd.give(sshd.root)
    figures, output = estate.exchange(hosts, "-v")
    assert "canary-x" not in output
    for name, (_changed, words) in WRONG.items():
        host = name.replace(" ", "_").replace("'", "")
        failed = "".join(re.findall(rf"^(?:fatal|failed): \[{host}[ \]].*$", output, re.M))
        assert words in failed, (name, output)
        assert '"cure": ""' not in failed
        assert figures[host]["changed"] == 0
    assert "(item=bad)" in output
    assert "exchange_defaults: prof: secure_sync has no option of this name; did you mean proof?" in output
    assert (figures["well"]["failed"], figures["well"]["changed"]) == (0, 1), output
    assert sorted(path.name for path in sshd.root.iterdir() if path.name in ("good", "bad", "well")) == ["well"]


def test_an_inventory_that_changes_during_a_run(sshd: Sshd, estate: Estate) -> None:
    """The value that was checked is the value of the run: a look-up that gives another value each time is read once."""
    counted = f"echo >>{estate.place}/count; echo inbox-$(wc -l <{estate.place}/count)"
    sent = {"name": "sent", "src": str(estate.place / "out"), "dest": "{{ lookup('ansible.builtin.pipe', counted) }}"}
    sshd.give(sshd.root)
    figures, output = estate.exchange({"partner01": over_ssh(sshd, exchange_transfers=[sent], counted=counted)})
    assert (figures["partner01"]["failed"], figures["partner01"]["changed"]) == (0, 1), output
    assert [path.name for path in sshd.root.glob("inbox-*")] == ["inbox-1"]
    assert (estate.place / "count").read_text() == "\n"


def test_an_inventory_that_changes_between_the_check_and_the_run(sshd: Sshd, estate: Estate) -> None:
    """The run checks the changed inventory: nothing of the check stays valid."""
    sent = {"name": "sent", "src": str(estate.place / "out"), "dest": "planned"}
    hosts = {"partner01": over_ssh(sshd, exchange_transfers=[sent]), "well": over_ssh(sshd)}
    hosts["well"]["exchange_transfers"] = [{**sent, "dest": "well-too"}]
    sshd.give(sshd.root)
    checked, output = estate.exchange(hosts, "--check")
    assert {host: checked[host]["changed"] for host in hosts} == {"partner01": 1, "well": 1}, output
    hosts["partner01"]["exchange_transfers"] = [sent, {**sent, "name": "again", "src": "/elsewhere"}]
    figures, output = estate.exchange(hosts)
    assert "exchange_transfers: transfer again: has the destination of transfer sent" in output
    assert {host: figures[host]["changed"] for host in hosts} == {"partner01": 0, "well": 1}, output
    assert not (sshd.root / "planned").exists()


def test_a_partner_that_would_write_into_the_directory_of_another_fails(sshd: Sshd, estate: Estate) -> None:
    """What its server serves below the name of the other would pass for files of the other."""
    served_as = sshd.root / "outbox/partner02"
    served_as.mkdir(parents=True, exist_ok=True)
    (served_as / "forged").write_text("by partner01")
    sshd.give(sshd.root)
    own = {"direction": "pull", "src": "outbox"}
    places = {"partner01": "in", "partner02": "in/partner02", "partner03": "in-3"}
    hosts = {
        name: over_ssh(sshd, exchange_transfers=[{**own, "name": "fetch", "dest": str(estate.place / place)}])
        for name, place in places.items()
    }
    figures, output = estate.exchange(hosts)
    assert {host: figures[host]["failed"] for host in hosts} == {"partner01": 1, "partner02": 1, "partner03": 0}, output
    assert "partner01: fetch and partner02: fetch have the same dest, or one inside another" in output
    assert not (estate.place / "in").exists()
    assert (estate.place / "in-3/partner02/forged").exists()


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_two_partners_with_one_directory_fail_and_the_others_go_on(sshd: Sshd, estate: Estate, strategy: str) -> None:
    """Also if the configuration of the controller lets no host wait for the others."""
    estate.environment["ANSIBLE_STRATEGY"] = strategy
    (sshd.root / "outbox").mkdir(exist_ok=True)
    (sshd.root / "outbox/b").write_text("b")
    sshd.give(sshd.root)
    pull = {"direction": "pull", "src": "outbox"}
    hosts = {
        "partner01": over_ssh(sshd, exchange_transfers=[{**pull, "name": "reports", "dest": f"{estate.place}/same"}]),
        "partner02": over_ssh(sshd, exchange_transfers=[{**pull, "dest": f"{estate.place}/./same/"}]),
        "partner03": over_ssh(sshd, exchange_transfers=[{**pull, "dest": f"{estate.place}/Same"}]),
    }
    figures, output = estate.exchange(hosts)
    words = f"partner01: reports and partner02: pull outbox to {estate.place}/./same/ have the same dest"
    assert output.count(words) >= 2, output
    assert {host: figures[host]["failed"] for host in hosts} == {"partner01": 1, "partner02": 1, "partner03": 0}
    assert (estate.place / "Same/b").exists()
    assert not (estate.place / "same").exists()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The partners of an inventory in exchange_report.yml and audit.yml, without a list of their own.

Their transfers are real, over SFTP and FTPS. tests/hosts/test_deploy_exchange.py has transfers that are jobs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.judges.canaries import Canaries
from support.judges.set_judges import PRINCIPAL
from support.running.inventory_play import InventoryPlay
from support.scenes.transfers import Transfers
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

EXCHANGE, REPORT, AUDIT = (f"secure.ftp_synchronize.{name}" for name in ("exchange", "exchange_report", "audit"))
DERIVED = ("1.1", "3.2", "4.1", "4.2")
sshd = served(Sshd, jail=True)


@pytest.fixture(scope="module")
def vsftpd() -> Iterator[Vsftpd]:
    with Vsftpd() as server:
        yield server


class Partners:
    """`acme` with signed and sealed transfers and receipts, and `tls`, which gets one tree over FTPS."""

    def __init__(self, place: Path, sshd: Sshd, vsftpd: Vsftpd) -> None:
        self.place, self.sshd = place, sshd
        for name in ("out", "orders"):
            (place / name).mkdir()
            (place / name / "a").write_text("content")
        self.known_hosts = place / "known_hosts"
        self.known_hosts.write_text("".join(f"[{sshd.host}]:{sshd.port} {each}\n" for each in sshd.host_public_keys))
        inbox = f"inbox-{place.name}"
        self.scene = Transfers(
            str(place / "out"), inbox, str(place / "back"), str(place / "receipts"), str(place / "orders")
        )
        self.set = sshd.root / inbox
        over_ssh = {
            "ansible_host": sshd.host,
            "ansible_port": sshd.port,
            "ansible_user": sshd.user,
            "ansible_ssh_private_key_file": str(sshd.key.path),
            "exchange_known_hosts_file": str(self.known_hosts),
            "exchange_transfers": [self.scene.publish, self.scene.fetch],
        }
        own = {"path": str(place / "receipts-tls"), "private_key_file": str(key("receipts").path), "job": "tls"}
        over_tls = {
            "ansible_host": vsftpd.host,
            "exchange_protocol": "ftps",
            "exchange_port": vsftpd.port,
            "exchange_username": vsftpd.user,
            "exchange_password": vsftpd.password,
            "exchange_ca_file": str(vsftpd.authority.file),
            "exchange_defaults": {"sign": None},
            "exchange_receipts": own,
            "exchange_transfers": [{"name": "out", "src": str(place / "out"), "dest": inbox}],
        }
        self.hosts: dict[str, dict[str, Any]] = {"acme": over_ssh, "tls": over_tls}
        self.canaries = Canaries({**self.scene.canaries.secrets, "password": [vsftpd.password]})
        for server in (sshd, vsftpd):
            server.give(server.root)

    def run(self, playbook: str, *options: str, **variables: Any) -> tuple[dict[str, dict[str, int]], str]:
        namespace = 'namespaces="receipt@ftp-synchronize"'
        signers = [f"{PRINCIPAL} {namespace} {each.public}" for each in (self.scene.signer, key("receipts"))]
        group = {
            "exchange_state_dir": str(self.place / "state"),
            "exchange_receipts_verify": {"principal": PRINCIPAL, "allowed_signers": signers},
            **variables,
        }
        play = InventoryPlay(self.place / "play", self.hosts, group)
        output, _status = play.command(playbook, "-e", f"audit_path={self.place}/audits", *options)
        assert self.canaries.in_text(output) == set()
        recap = re.findall(r"^(\S+)\s+: (ok=.*)$", output, re.M)
        return {host: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", line)} for host, line in recap}, output

    def report(self) -> tuple[dict[str, dict[str, int]], list[str], str]:
        """Return the recap, the lines of the table and the output."""
        figures, output = self.run(REPORT)
        (text,) = re.findall(r'"exchange__report": (\[.*?\n    \])', output, re.S)
        return figures, json.loads(text)[1:], output

    def audit(self, *options: str, **variables: Any) -> tuple[dict[str, dict[str, Any]], str]:
        """Return the rows of the report, and the output."""
        _figures, output = self.run(AUDIT, *options, **variables)
        text = (self.place / "audits/latest/audit.json").read_text()
        assert self.canaries.in_text(text) == set()
        return {row["control"]: row for row in json.loads(text)["rows"]}, output


@pytest.fixture
def partners(tmp_path: Path, sshd: Sshd, vsftpd: Vsftpd) -> Partners:
    return Partners(tmp_path, sshd, vsftpd)


def states(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {control: rows[control]["state"] for control in DERIVED}


def reasons(row: dict[str, Any]) -> list[str]:
    return [each["reason"] for each in row["missing"]]


def observed(row: dict[str, Any]) -> list[str]:
    return [each["observed"] for each in row["findings"]]


def test_the_report_shows_each_transfer_and_names_those_without_a_receipt(partners: Partners) -> None:
    partners.hosts["wrong"] = {**partners.hosts["acme"], "exchange_transfers": [{"name": "bad", "sorc": "x"}]}
    figures, _output = partners.run(EXCHANGE, "-e", "exchange_direction=push")
    assert {name: each["failed"] for name, each in figures.items()} == {"acme": 0, "tls": 0, "wrong": 1}
    figures, lines, output = partners.report()
    assert {name: each["failed"] for name, each in figures.items()} == {"acme": 1, "tls": 0, "wrong": 1}, output
    publish, fetch, sent, wrong = lines
    assert re.match(
        r"acme +publish +push .* localhost .*signed, encrypted +sign\.passphrase, sign\.private_key .* passed$", publish
    )
    assert re.match(r"acme +fetch +pull .* verified, decrypted +decrypt\.identities, .* none$", fetch)
    assert re.match(r"tls +out +push +127\.0\.0\.1 .* password +20.* passed$", sent)
    assert re.match(r"wrong +- .* see above$", wrong)
    assert "no_receipt: no run of the transfer acme: fetch left a receipt" in output
    assert "exchange_transfers: transfer bad: sorc: secure_sync has no option of this name; did you mean src?" in output

    plain = {"name": "plain", "src": str(partners.place / "out"), "dest": "plain"}
    partners.hosts["wrong"]["exchange_transfers"] = [plain]
    partners.run(EXCHANGE)
    figures, lines, output = partners.report()
    assert re.match(r"wrong +plain +push .* localhost +not asked for$", lines.pop())
    assert [each["failed"] for each in figures.values() if "failed" in each] == [0] * len(figures), output
    assert [line.rpartition(" ")[2] for line in lines] == ["passed"] * 3
    assert "WARN" not in output


def test_the_audit_measures_the_transfers_of_the_inventory(partners: Partners) -> None:
    rows, output = partners.audit()
    assert states(rows) == {"1.1": "fail", "3.2": "pass", "4.1": "not_measured", "4.2": "not_measured"}, output
    assert observed(rows["1.1"]) == ["tls: out: FTPS to 127.0.0.1"]
    assert set(reasons(rows["4.1"])) == {
        f"transfers: {name} has no receipt of a successful run" for name in ("acme: publish", "acme: fetch", "tls: out")
    }
    partners.run(EXCHANGE)
    policy = {"audit_policy": {"ftps_only": ["127.0.0.1"]}}
    rows, output = partners.audit("-e", json.dumps(policy))
    assert states(rows) == dict.fromkeys(DERIVED, "pass"), output
    assert rows["9.1"]["state"] == rows["10.1"]["state"] == "not_measured"

    (sealed,) = partners.set.glob("*.age")
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"?")
    partners.known_hosts.write_text(partners.known_hosts.read_text().replace("[127.0.0.1]", "[127.0.0.*]"))
    newest = sorted((partners.place / "receipts-tls").glob("*.json"))[-1]
    newest.write_bytes(newest.read_bytes().replace(b"passed", b"Passed"))
    rows, output = partners.audit("-e", json.dumps(policy))
    assert any(each.startswith("acme: fetch: ") for each in observed(rows["4.2"])), rows["4.2"]
    assert any(each.startswith(f"tls: {newest.parent}: signature: ") for each in observed(rows["4.2"]))
    port = partners.sshd.port
    assert set(observed(rows["3.2"])) == {f"acme: 127.0.0.1 port {port}: a key is pinned for [127.0.0.*]:{port}"}
    assert states(rows)["4.1"] == "not_measured"
    assert "tls: out" in " ".join(reasons(rows["4.1"]))


def test_a_wrong_partner_is_never_a_pass_and_hides_nothing_of_the_others(partners: Partners) -> None:
    partners.run(EXCHANGE)
    partners.hosts["wrong"] = {**partners.hosts["acme"], "exchange_transfers": [{"name": "bad", "sorc": "x"}]}
    policy = ("-e", json.dumps({"audit_policy": {"ftps_only": ["127.0.0.1"]}}))
    rows, output = partners.audit(*policy)
    assert states(rows) == dict.fromkeys(DERIVED, "not_measured"), output
    for control in DERIVED:
        assert "wrong: the observation failed: exchange_transfers: transfer bad: sorc: " in " ".join(
            reasons(rows[control])
        )
    rows, output = partners.audit("--limit", "localhost,tls", *policy)
    assert "acme: it was not observed" in " ".join(reasons(rows["4.1"])), output
    (sealed,) = partners.set.glob("*.age")
    sealed.unlink()
    rows, output = partners.audit(*policy)
    assert [each.partition(": missing")[0] for each in observed(rows["4.2"])] == ["acme: fetch"], output


def test_explicit_results_win(partners: Partners) -> None:
    partners.run(EXCHANGE)
    (sealed,) = partners.set.glob("*.age")
    sealed.unlink()
    given = {"audit_sets": {"acme: fetch": {}}, "audit_policy": {"ftps_only": ["127.0.0.1"]}}
    rows, output = partners.audit("-e", json.dumps(given))
    assert (rows["4.2"]["state"], reasons(rows["4.2"])) == ("not_measured", ["sets: acme: fetch: it was not observed"])
    assert "item=acme: fetch" not in output

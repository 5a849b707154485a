# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The partners of an inventory become timers of a job host, by playbooks/deploy_exchange.yml. The tests go through the
life of these jobs in their order, to a report and an audit of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_network import GATEWAY
from support.hosts.host_play import NOWHERE, HostPlay
from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.judges.watcher import Watcher
from support.running.playbook_process import Outcome
from support.servers.ssh_keys import key
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd

LOGIN, SIGNER = key("transfer-job", passphrase="canary-of-the-login"), key("set-signer")
REMOVE = ("-e", "exchange_unlisted=remove")
ORDERS = {"name": "orders", "src": "/srv/out", "dest": "orders"}
ALL = ["acme-orders", "box-orders", "tls-prices"]


class Site:
    """A job host, a server over SFTP on the same host, and a server over FTPS. partners: of the inventory."""

    def __init__(self, directory: Path, host: SystemdHost, ftps: Vsftpd) -> None:
        self.jobs, self.ftps, self._directory, self._host = JobHost(directory, host), ftps, directory, host
        self.job_hosts: dict[str, Any] = {"batch1": host}
        self.jobs.inside("cat >>/home/peer/.ssh/authorized_keys", text=LOGIN.public + "\n")
        self.jobs.inside("cat >/etc/ca.pem; chmod 644 /etc/ca.pem", text=ftps.authority.file.read_text())
        self.jobs.inside("mkdir -m 777 /srv/orders; echo 1 >/srv/orders/a")
        own = {"login": [LOGIN.passphrase], "key": LOGIN.text.splitlines()[1:-1]}
        # Tests of other work trees use the password of the server at the same time, in the arguments of other clients.
        self.watched, self.canaries = Canaries(own), Canaries({**own, "password": [ftps.password]})
        over_tls = {
            "ansible_host": ftps.host,
            "exchange_protocol": "ftps",
            "exchange_username": ftps.user,
            "exchange_password": ftps.password,
            "exchange_port": ftps.port,
            "exchange_ca_file": "/etc/ca.pem",
        }
        box = {"name": "orders", "src": "/srv/orders", "dest": "box", "deliver_once": True, "after_transfer": "delete"}
        box |= {"timeout": 900, "late_after": 700000, "egress": ["127.0.0.0/8", "::1"]}
        self.partners: dict[str, dict[str, Any]] = {
            "acme": self.over_ssh(ORDERS),
            "tls": {**self._shared(), **over_tls, "exchange_transfers": [{**ORDERS, "name": "prices"}]},
            "box": self.over_ssh({**box, "schedule": "*-*-* 04:00:00"}),
        }

    @staticmethod
    def _shared() -> dict[str, Any]:
        return {"exchange_job_host": "batch1", "exchange_schedule": "*-*-* 02:15:00"}

    def over_ssh(self, *transfers: dict[str, Any], **variables: Any) -> dict[str, Any]:
        """Return the variables of a partner over SFTP."""
        own = {
            "ansible_host": "localhost",
            "ansible_user": "peer",
            "exchange_private_key": LOGIN.text,
            "exchange_passphrase": LOGIN.passphrase,
            "exchange_known_hosts_file": "/etc/known_peer",
            "exchange_defaults": {"ssh_config_file": "none", "ssh_agent": False, "start_spread": 2},
            "exchange_transfers": list(transfers),
        }
        return {**self._shared(), **own, **variables}

    def asking(self, name: str, script: str) -> dict[str, Any]:
        """Return a partner whose passphrase a program prints."""
        program = f"/etc/ask-{name}"
        self.jobs.inside(f"cat >{program}; chmod 755 {program}", text=f"#!/bin/sh\n{script}\n")
        sources = {"passphrase": {"command": [program]}}
        return self.over_ssh({**ORDERS, "secrets_from": sources}, exchange_passphrase=None)

    def deploy(self, *words: str, **others: dict[str, Any]) -> Outcome:
        """Run the playbook for the partners, and for others."""
        return self.run("deploy_exchange", *words, **others)

    def run(self, name: str, *words: str, **others: dict[str, Any]) -> Outcome:
        """Run a playbook for the partners, and for others."""
        groups: dict[str, Any] = {"job_hosts": self.job_hosts, "partners": {**self.partners, **others}}
        ours = json.dumps([{"import_playbook": f"secure.ftp_synchronize.{name}"}])
        return HostPlay(self._directory, self._host, groups=groups).run_text(ours, *words)

    def deployed(self) -> list[str]:
        """Return the names of the jobs of the host."""
        return sorted(self.jobs.inside("cd /etc/secure_ftp_synchronize/jobs; ls *.json").replace(".json", "").split())

    def run_by_the_timer(self, name: str) -> dict[str, Any]:
        """Let the timer of a job start it, as after a time in which the host was off, and return the record."""
        timer, record = f"secure-sync-{name}.timer", f"/var/lib/secure_ftp_synchronize/jobs/{name}/last.json"
        stamp = f"/var/lib/systemd/timers/stamp-{timer}"
        self.jobs.inside(
            f"systemctl stop {timer}; touch -d '3 days ago' {stamp}; systemctl start {timer};"
            f" timeout 120 sh -c 'until test -s {record}; do sleep 0.3; done'"
        )
        return self.jobs.last(name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        Vsftpd(address=GATEWAY, certificate=authority().server(GATEWAY)) as ftps,
        SystemdHost("debian13") as host,
    ):
        ftps.give(ftps.root)
        site = Site(tmp_path_factory.mktemp("play"), host, ftps)
        site.jobs.inside("mkdir -p /etc/secure_ftp_synchronize/jobs")
        yield site


def recap(output: str, host: str) -> dict[str, int]:
    """Return the figures of a host."""
    (line,) = re.findall(rf"^{host} +: (ok=.*)$", output, re.M)
    return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}


def plain(output: str) -> str:
    return " ".join(output.split())


def test_check_mode_changes_nothing(site: Site) -> None:
    before = site.jobs.state()
    status, output = site.deploy("--check", "--diff")
    assert (status, recap(output, "batch1")["changed"]) == (0, 1), output
    assert '+  "source": "exchange"' in output
    assert site.canaries.in_text(output) == set()
    assert site.jobs.state() == before


def test_the_partners_become_timers_that_run(site: Site) -> None:
    with Watcher() as watcher:
        status, output = site.deploy("-vvvv", "--diff")
        assert status == 0, output
        assert [recap(output, name)["changed"] for name in ("acme", "tls", "box", "batch1")] == [0, 0, 0, 1]
        records = [site.run_by_the_timer(name) for name in ALL]
    assert [(each["result"], each["totals"]["store"]) for each in records] == [("ok", 1)] * 3, records
    assert watcher.found(site.watched.texts) == set()
    journal = site.jobs.inside("journalctl --no-pager --all -o export; cat /etc/secure_ftp_synchronize/jobs/*.json")
    assert site.canaries.in_text(output + journal + json.dumps(records)) == set()
    assert site.jobs.inside("cat /home/peer/orders/a /home/peer/box/a; ls /srv/orders") == "hello\n1\n"
    timers = site.jobs.inside("cat /etc/systemd/system/secure-sync-*.timer")
    assert timers.count("OnCalendar=*-*-* 02:15:00") == 2
    assert timers.count("OnCalendar=*-*-* 04:00:00") == 1
    assert timers.count("RandomizedDelaySec=2\n") == 2
    box, rules = (
        site.jobs.inside(f"cat /etc/{path}")
        for path in ("systemd/system/secure-sync-box-orders.service", "secure_ftp_synchronize/jobs/box-orders.nft")
    )
    assert "TimeoutStartSec=900\n" in box
    assert "127.0.0.0/8" in rules
    assert "700000," in site.jobs.inside("grep late_after /etc/secure_ftp_synchronize/jobs/box-orders.json")


def test_a_second_run_changes_nothing(site: Site) -> None:
    before = site.jobs.state()
    status, output = site.deploy()
    assert (status, recap(output, "batch1")["changed"]) == (0, 0), output
    assert "WARN" not in output
    assert site.jobs.state() == before


def test_wrong_partners_change_nothing_and_the_others_go_on(site: Site) -> None:
    wrong = {
        "often": site.over_ssh({**ORDERS, "schedule": "often"}),
        "unpinned": site.over_ssh(ORDERS, exchange_known_hosts_file=None),
        "twice": site.over_ssh(ORDERS, {**ORDERS, "name": "again"}),
        "unnamed": site.over_ssh({"src": "/srv/out", "dest": "x"}),
        "a-very-long-name-of-a-partner": site.over_ssh(ORDERS),
        "one": site.over_ssh({**ORDERS, "name": "two-three", "dest": "three"}),
        "one-two": site.over_ssh({**ORDERS, "name": "three", "dest": "three"}),
        "astray": site.over_ssh(ORDERS, exchange_job_host="nowhere"),
        "hasty": site.over_ssh({**ORDERS, "late_afer": 5}),
        "stranger": site.over_ssh(ORDERS, exchange_private_key=key("stranger").text, exchange_passphrase=None),
        "hangs": site.asking("hangs", "sleep 600"),
        "silent": site.asking("silent", ":"),
        "two": site.asking("two", f"echo {LOGIN.passphrase}; echo {LOGIN.passphrase}"),
        "loud": site.asking("loud", f"echo {LOGIN.passphrase} | tee /dev/stderr; exit 4"),
        "down": site.over_ssh(ORDERS, exchange_job_host="batch2"),
    }
    site.job_hosts["batch2"] = NOWHERE
    status, output = site.deploy(*REMOVE, good=site.over_ssh({**ORDERS, "dest": "good"}), **wrong)
    words, no_secret = plain(output), "in check mode: secret_unavailable: secrets_from.passphrase"
    for expected in (
        "often-orders: schedule: often is not a calendar event for systemd",
        "exchange_transfers: transfer orders: has no pins of the server",
        "exchange_transfers: transfer again: has the destination of transfer orders",
        "exchange_transfers: transfer 1: name: none is not the name of a job",
        "transfer orders: name: a-very-long-name-of-a-partner-orders is not the name of a job",
        "one: two-three and one-two: three have the same job one-two-three. Give one of them another name.",
        "exchange_job_host: nowhere is not among the hosts of job_hosts in this run.",
        "transfer orders: late_afer: secure_sync has no option of this name; did you mean late_after?",
        "stranger-orders: in check mode: authentication_failed: ",
        f"hangs-orders: {no_secret}.command: '/etc/ask-hangs' did not end within 30 seconds",
        f"silent-orders: {no_secret}: is empty",
        f"two-orders: {no_secret}: has more than one line",
        f"loud-orders: {no_secret}.command: '/etc/ask-loud' ended with status 4",
        "fatal: [down -> batch2]: UNREACHABLE! ",
    ):
        assert expected in words, output
    del site.job_hosts["batch2"]
    assert status != 0
    assert site.canaries.in_text(output) == set()
    late = {"stranger", "hangs", "silent", "two", "loud"}
    assert {name for name in wrong if recap(output, name)["failed"]} == wrong.keys() - late - {"down"}
    assert site.deployed() == sorted([*ALL, "good-orders"])


def test_a_job_that_has_left_the_inventory(site: Site) -> None:
    """The job good-orders of the run before is named, stays for any doubt, and is removed when this is asked."""
    assert site.jobs.deploy(site.jobs.job("own")).status == 0
    named = "jobs of exchange that are not in the list stay in service: good-orders"
    status, output = site.deploy()
    assert (status, recap(output, "batch1")["changed"], named in plain(output)) == (0, 0, True), output
    for words, ends in (
        (("--limit", "acme,batch1"), 0),
        (("-e", "exchange_hosts=acme:box"), 0),
    ):
        status, output = site.deploy(*REMOVE, *words)
        assert (status, named in plain(output)) == (ends, False), output
    status, output = site.deploy(*REMOVE, broken=site.over_ssh({**ORDERS, "schedule": "often"}))
    assert "good-orders" in site.deployed()
    checked, output = site.deploy(*REMOVE, "--check")
    assert (checked, recap(output, "batch1")["changed"], "good-orders" in site.deployed()) == (0, 1, True), output
    removed, output = site.deploy(*REMOVE)
    assert (removed, recap(output, "batch1")["changed"]) == (0, 1), output
    assert site.deployed() == sorted([*ALL, "own"])
    again, output = site.deploy(*REMOVE)
    assert (again, recap(output, "batch1")["changed"]) == (0, 0), output


def test_the_report_and_the_audit_of_jobs(site: Site, tmp_path: Path) -> None:
    """Without a list of their own. The pins, the signers and the receipts are on the job host."""
    assert site.jobs.deploy({"name": "own", "state": "absent"}).status == 0
    signer = 'namespaces="manifest@ftp-synchronize,receipt@ftp-synchronize" ' + SIGNER.public
    site.jobs.inside("cat >/etc/signers; chmod 644 /etc/signers", text=f"release {signer}\n")
    verify, private_key = {"principal": "release", "allowed_signers_file": "/etc/signers"}, {"private_key": SIGNER.text}
    receipts = {"path": "~/receipts", **private_key}
    publish = {"name": "publish", "src": "/srv/out", "dest": "set", "sign": private_key, "receipts": receipts}
    fetch = {
        "name": "fetch",
        "direction": "pull",
        "src": "set",
        "dest": "~/set",
        "verify": verify,
        "receipts": receipts,
    }
    acme = site.over_ssh(publish, exchange_receipts_verify=verify)
    site.partners = {"acme": acme}
    assert site.deploy(*REMOVE).status == 0
    assert site.run_by_the_timer("acme-publish")["result"] == "ok"
    acme["exchange_transfers"].append(fetch)
    status, output = site.deploy(*REMOVE)
    assert (status, site.deployed()) == (0, ["acme-fetch", "acme-publish"]), output
    reported, output = site.run("exchange_report")
    assert reported == 2, output
    assert "acme -> batch1" in output
    assert re.search(r'"acme +fetch .* none"', output), output
    assert site.run_by_the_timer("acme-fetch")["result"] == "ok"
    reported, output = site.run("exchange_report")
    assert reported == 0, output
    for name, way, marked in (("publish", "push", "signed"), ("fetch", "pull", "verified")):
        line = (
            rf'"acme +{name} +{way} +localhost +batch1 +\*-\*-\* 02:15:00 +{marked} +passphrase, private_key.* passed"'
        )
        assert re.search(line, output), output

    rows, output = audited(site, tmp_path)
    derived = ("1.1", "3.2", "3.3", "4.1", "4.2")
    assert {control: rows[control]["state"] for control in derived} == dict.fromkeys(derived, "pass"), rows
    assert "localhost" in rows["1.1"]["hosts"]
    acme["exchange_transfers"].append({**ORDERS, "name": "more"})
    site.jobs.inside("echo jello >/home/peer/set/a")
    rows, output = audited(site, tmp_path, astray=site.over_ssh(ORDERS, exchange_job_host="nowhere"))
    missing = {control: " ".join(each["reason"] for each in rows[control]["missing"]) for control in derived}
    assert "acme: more: batch1 has no job acme-more" in missing["4.1"], rows["4.1"]
    for control in ("1.1", "3.2", "4.1", "4.2"):
        assert "astray: the observation failed: exchange_job_host: nowhere is not among" in missing[control], output
    assert "acme: fetch: changed_content: " in rows["4.2"]["findings"][0]["observed"]
    assert rows["4.2"]["state"] == "fail"
    canaries = Canaries({"login": [LOGIN.passphrase], "key": SIGNER.text.splitlines()[1:-1]})
    assert canaries.in_text(output + json.dumps(rows)) == set()


def audited(site: Site, directory: Path, **others: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the rows of an audit, which changes nothing on the host, and its output."""
    before = site.jobs.inside(
        "find /etc /home /srv /var/lib/secure_ftp_synchronize -printf '%p %T@\\n' | sort | sha256sum"
    )
    _status, output = site.run("audit", "-e", f"audit_path={directory}/audits", **others)
    after = site.jobs.inside(
        "find /etc /home /srv /var/lib/secure_ftp_synchronize -printf '%p %T@\\n' | sort | sha256sum"
    )
    assert before == after, output
    text = (directory / "audits/latest/audit.json").read_text()
    return {row["control"]: row for row in json.loads(text)["rows"]}, output

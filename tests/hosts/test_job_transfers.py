# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers of exchange.yml as jobs of a real host: signed and sealed, verified and opened, with receipts, by timers.

tests/integration/test_exchange_transfers.py carries out the same dictionaries by the playbook.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_network import GATEWAY
from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.judges.watcher import Watcher
from support.scenes.transfers import CONTENT, Transfers
from support.servers.clamd import FORBIDDEN, packed_clamd
from support.servers.ssh_keys import key
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd

CLIENTS = authority("clients")
LOGIN = key("transfer-job", passphrase="canary-of-the-login")
ENDPOINT = {
    "host": "localhost",
    "user": "peer",  # an alias, as a task may have it
    "known_hosts_file": "/etc/known_peer",
    "ssh_config_file": "none",
    "ssh_agent": "no",
    "private_key": LOGIN.text,
    "passphrase": LOGIN.passphrase,
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobHost]:
    """Yield a host with the program age, and trees to send."""
    with SystemdHost("debian13") as host:
        jobs = JobHost(tmp_path_factory.mktemp("play"), host)
        program = base64.b64encode(Path(shutil.which("age") or "").read_bytes()).decode()
        jobs.inside("base64 -d >/usr/bin/age && chmod 755 /usr/bin/age", text=program)
        jobs.inside("cat >>/home/peer/.ssh/authorized_keys", text=LOGIN.public + "\n")
        jobs.inside("mkdir -m 777 /srv/orders; tee /srv/out/b >/srv/orders/a", text=CONTENT)
        yield jobs


def job(transfer: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a job that carries out the transfer over SFTP."""
    own = {"name": transfer["name"], "schedule": "*-*-* 02:15:00"}
    return {**own, "options": {**ENDPOINT, **transfer}, **changed}


def received(jobs: JobHost, place: Path) -> Path:
    """Copy the published set to this machine."""
    packed = base64.b64decode(jobs.inside("tar -C /home/peer -c inbox | base64"))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
    return place / "inbox"


def test_transfers_as_jobs(jobs: JobHost, tmp_path: Path) -> None:
    transfers = Transfers("/srv/out", "inbox", "~/back", "~/receipts", "/srv/orders")
    canaries = Canaries(
        {**transfers.canaries.secrets, "login": [LOGIN.passphrase], "login key": LOGIN.text.splitlines()[1:-1]}
    )
    publish, drop = job(transfers.publish), job(transfers.drop, write=["/srv/orders"])
    with Watcher() as watcher:
        status, output = jobs.deploy(publish, drop, options=("-vvv", "--diff"))
        assert status == 0, output
        assert jobs.start("publish")
        assert jobs.start("drop")
        fetched, more = jobs.deploy(publish, drop, job(transfers.fetch), options=("-vvv", "--diff"))
        assert fetched == 0, more
        assert jobs.start("fetch")
    again, last = jobs.deploy(publish, drop, job(transfers.fetch), options=("-v",))
    assert (again, "changed=0" in last) == (0, True), last
    assert transfers.complaints(received(jobs, tmp_path)) == []
    home = "/var/lib/secure_ftp_synchronize/homes"
    assert jobs.inside(f"diff -r /srv/out {home}/fetch/back && ls {home}/*/receipts/*.json | wc -l") == "2\n"
    assert jobs.inside("cat /home/peer/dropped/a /home/peer/dropped/a.done; ls /srv/orders") == CONTENT
    stored = jobs.inside("ls /etc/credstore.encrypted").split()
    assert "secure-sync-publish.sign.private_key" in stored
    assert "secure-sync-fetch.decrypt.identities" in stored
    assert watcher.found(canaries.texts) == set()
    shown = (
        output
        + more
        + last
        + jobs.inside("journalctl --no-pager --all -o export; cat /etc/secure_ftp_synchronize/jobs/*")
    )
    records = json.dumps([jobs.last(name) for name in ("publish", "fetch", "drop")])
    assert canaries.in_text(shown + records) == set()


def test_a_job_in_its_sandbox_checks_content(jobs: JobHost) -> None:
    """The scanner belongs to another account, which the sandbox shows as nobody."""
    jobs.inside("base64 -d | tar -xz -C /", text=base64.b64encode(packed_clamd()).decode())
    jobs.inside(
        "useradd --system clamav && systemd-run --unit=clamd --uid=clamav --property=RuntimeDirectory=clamav"
        " /opt/clamd/start && until [ -S /run/clamav/clamd.ctl ]; do sleep 0.1; done"
    )
    jobs.inside("cd /home/peer && mkdir -p checked && cat >checked/bad && chmod -R a+rX .", text=FORBIDDEN.decode())
    jobs.inside("echo 1 >/home/peer/checked/good; chown -R peer: /home/peer/checked")
    transfer = {
        "name": "checked",
        "direction": "pull",
        "src": "checked",
        "dest": "~/in",
        "content_check": {"clamd": {"max_size": "2M"}, "quarantine": "~/quarantine"},
    }
    status, output = jobs.deploy(job(transfer))
    assert status == 0, output
    assert not jobs.start("checked")
    record = jobs.last("checked")
    stats = {name: count for name, count in record["stats"].items() if name.startswith("files_") and "ed" in name}
    assert (stats["files_checked"], stats["files_refused"], stats["files_unchecked"]) == (2, 1, 0), record
    home = "/var/lib/secure_ftp_synchronize/homes/checked"
    digest = hashlib.sha256(FORBIDDEN).hexdigest()
    assert jobs.inside(f"ls {home}/in; ls {home}/quarantine").split() == ["good", digest, f"{digest}.json"]
    assert 'refused_files{name="checked"} 1' in jobs.inside("cat /var/lib/metrics/*checked.prom")
    jobs.inside("systemctl stop clamd; echo 2 >/home/peer/checked/good")
    assert not jobs.start("checked")
    assert jobs.last("checked")["error"]["code"] == "scanner_unavailable"
    assert jobs.inside(f"cat {home}/in/good") == "1\n"


def test_ftps_from_the_first_byte_with_an_encrypted_client_key(jobs: JobHost) -> None:
    client, passphrase = CLIENTS.client(passphrase="canary-of-the-client-key"), "canary-of-the-client-key"
    certificate = authority().server(GATEWAY)
    with Vsftpd(address=GATEWAY, certificate=certificate, implicit=True, client_authority=CLIENTS) as server:
        server.give(server.root)
        files = {"ca_file": server.authority.file, "client_cert_file": client.chain, "client_key_file": client.key}
        for option, file in files.items():
            jobs.inside(f"cat >/etc/{option}; chmod 644 /etc/{option}", text=file.read_text())
        transfer = {
            "name": "sent",
            "protocol": "ftps",
            "host": GATEWAY,
            "port": server.port,
            "username": server.user,
            "password": server.password,
            "tls_mode": "implicit",
            **{option: f"/etc/{option}" for option in files},
            "client_key_passphrase": passphrase,
            "src": "/srv/out",
            "dest": "sent",
        }
        status, output = jobs.deploy({**job(transfer), "options": transfer}, options=("-vvv", "--diff"))
        assert status == 0, output
        assert jobs.start("sent"), jobs.last("sent")
        assert (server.root / "sent/b").read_text() == CONTENT
        assert Canaries({"key": [passphrase], "password": [server.password]}).in_text(output) == set()


def test_a_wrong_transfer_changes_nothing(jobs: JobHost) -> None:
    before = jobs.state()
    transfer = {"name": "wrong", "src": "/srv/out", "dest": "wrong"}
    for changed, words in (
        (
            {"max_delet": 1},
            "wrong: options: max_delet: secure_sync has no option of this name; did you mean max_delete?",
        ),
        ({"max_delete": "many"}, "max_delete: "),
        ({"start_spread": 3}, "wrong: options.start_spread: has no effect in a job"),
    ):
        status, output = jobs.deploy(job({**transfer, **changed}), options=("-v",))
        assert status != 0
        assert words in output
        assert LOGIN.passphrase not in output
    assert jobs.state() == before

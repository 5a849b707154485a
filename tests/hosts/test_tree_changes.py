# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a tree that no transfer explains, on a real server with jails over SFTP and FTPS. Root only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.hosts.event_host import EventHost
from support.hosts.ftps_host import PASSWORD
from support.running.play import Play
from support.running.processes import end, spawn

TREE = "/srv/jail/partner/incoming"
TREES = [{"path": TREE, "views": {"partner": "/incoming"}}]
UNIT = "secure-ftp-trees"
MANIFESTS = "/var/lib/secure_ftp_synchronize/trees"
PATIENCE = 300.0
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/event.schema.json").read_text())
CHANGES = """set -e
cd /srv/jail/partner/incoming
printf EDITED > edited
rm removed
echo more > added
modified=$(stat -c %y same)
printf SAME > same
touch -d "$modified" same
touch -d 2001-01-01 old
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventHost]:
    with EventHost(tmp_path_factory.mktemp("trees")) as host:
        for done in (host.converge(), host.monitor(trees=TREES, trees_every="2100-01-01")):
            assert done.status == 0, done.output
        # The manifests of this test are made by hand.
        host.inside(f"systemctl stop {UNIT}.timer {UNIT}.service")
        yield host


def compare(host: EventHost) -> None:
    """Make a manifest and judge it, while the collector runs."""
    script = f"systemctl reset-failed {UNIT}.service; systemctl start {UNIT}.service"
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(host.inside, script, timeout=PATIENCE)
        while not started.done():
            host.collect()
            time.sleep(2)
        started.result()
    host.collect()


def alerts(host: EventHost) -> list[dict[str, Any]]:
    return [each for each in host.alerts() if each["rule"]["id"] == "unexplained_change"]


def sftp(host: EventHost, *options: str) -> list[str]:
    words = [word for word in host.host.ssh("partner", host.key.path)[1:-1] if word not in ("-l", "partner")]
    return ["sftp", *options, *words, "-b", "-", f"partner@{host.host.address}"]


def transfer(host: EventHost, directory: Path) -> None:
    """Move files by stock sftp, by lftp over FTPS and by secure_sync."""
    batch = f"""mkdir incoming/d
put {directory}/old incoming/d/.part
rename incoming/d/.part incoming/d/whole
put {directory}/old incoming/gone
rm incoming/gone
rename incoming/d incoming/e
put {directory}/old incoming/e/again
chmod 600 incoming/e/again
"""
    subprocess.run(sftp(host), input=batch.encode(), capture_output=True, check=True, timeout=PATIENCE)
    script = f"set ssl:ca-file {host.authority}/ca.pem; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; "
    script += f"open -u 'partner,{PASSWORD}' ftp://{host.host.address}; mirror -R {directory} incoming; "
    script += "mv incoming/old incoming/older; mv incoming/older incoming/old; bye"
    subprocess.run(["lftp", "-c", script], capture_output=True, check=True, timeout=PATIENCE)
    keys = [line.split(None, 1)[1] for line in host.host.known_hosts.read_text().splitlines()]
    push = {"host": host.host.address, "username": "partner", "private_key_file": str(host.key.path)}
    push |= {"host_keys": keys, "src": str(directory), "dest": "incoming/synced"}
    played = Play(directory.parent / "play").run([{"secure_sync": push}], timeout=PATIENCE)
    assert [result["changed"] for result in played.results] == [True], played.results


@contextmanager
def paused_upload(host: EventHost, directory: Path) -> Iterator[None]:
    """Stop an upload after its first bytes; complete it at the end."""
    (directory / "large").write_bytes(bytes(2_000_000))
    upload = spawn(sftp(host, "-l", "800"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        upload.stdin.write(f"put {directory}/large incoming/large\n".encode())
        upload.stdin.close()
        host.inside(f"until [ -s {TREE}/large ]; do sleep 0.1; done", timeout=PATIENCE)
        os.kill(upload.pid, signal.SIGSTOP)
        yield
        os.kill(upload.pid, signal.SIGCONT)
        assert upload.wait(PATIENCE) == 0
    finally:
        end(upload)


def test_only_changes_by_transfers_are_explained(host: EventHost, tmp_path: Path) -> None:
    compare(host)
    files = tmp_path / "files"
    files.mkdir()
    for name in ("edited", "removed", "same", "old", "ümläut"):
        (files / name).write_text(name)
    with paused_upload(host, tmp_path):
        transfer(host, files)
        compare(host)
        assert 0 < int(host.inside(f"stat -c %s {TREE}/large")) < 2_000_000
    host.inside(CHANGES)
    compare(host)
    assert [each["file"]["path"] for each in alerts(host)] == [f"{TREE}/removed"], "the others are judged later"
    compare(host)
    found = {each["file"]["path"]: each["ftp_synchronize"]["observed"] for each in alerts(host)}
    assert {path.rpartition("/")[2]: words.split(":")[0] for path, words in found.items()} == {
        "edited": "changed",
        "removed": "removed",
        "added": "created",
        "same": "changed",
        "old": "touched",
    }
    assert len(alerts(host)) == len(found)
    assert found[f"{TREE}/added"].startswith("created: 5 B of 2")
    assert found[f"{TREE}/old"].endswith(" -> 3 B of 2001-01-01T00:00:00Z")
    for alert in alerts(host):
        Draft202012Validator(SCHEMA).validate(alert)
    compare(host)
    assert len(alerts(host)) == len(found), "each is reported once"
    assert 'ftp_synchronize_alerts_total{rule="unexplained_change"} 5\n' in host.metrics()
    assert "ftp_synchronize_trees_without_manifest 0.0\n" in host.metrics()
    host.inside(f"rm {MANIFESTS}/*.tree")
    host.collect()
    lost = alerts(host)[-1]
    assert lost["file"]["path"] == TREE
    assert lost["ftp_synchronize"]["observed"].startswith("no manifest")
    assert "ftp_synchronize_trees_without_manifest 1.0\n" in host.metrics()


def test_the_unit_of_trees(host: EventHost) -> None:
    unit = f"/etc/systemd/system/{UNIT}.service"
    host.inside(f"systemd-analyze verify {unit}")
    host.inside(f"systemd-analyze security --offline=true --threshold=25 {unit}")
    host.inside(f"systemctl start {UNIT}.timer")
    again = host.monitor(trees=TREES, trees_every="2100-01-01")
    assert (again.status, again.count("changed")) == (0, 0), again.output
    refused = host.monitor(trees=TREES, files="none")
    assert refused.status != 0
    assert "transfer_monitoring_files is none" in refused.output
    refused = host.monitor(trees=[{"path": TREE, "views": {"partner": "incoming"}}])
    assert refused.status != 0
    assert "is not a tree with plain absolute" in refused.output
    refused = host.monitor(trees=TREES, trees_every="sometimes")
    assert refused.status != 0
    assert "sometimes is not a calendar event" in refused.output
    removed = host.monitor()
    assert removed.status == 0, removed.output
    assert (
        host.inside(f"ls /etc/systemd/system/{UNIT}.* /usr/local/lib/*/trees.pyz {MANIFESTS} 2>/dev/null; true") == ""
    )

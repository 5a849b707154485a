# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of real servers: sshd with jails and vsftpd, used by stock sftp, lftp and secure_sync.

The judges are the bytes that the clients moved, the JSON schema of an event, and promtool. Root only.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.hosts.event_host import EventHost
from support.hosts.ftps_host import PASSWORD
from support.running.play import Play

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/event.schema.json").read_text())
SIZES = {"a": 1, "b c": 70_000, "d.tmp": 200_000, "empty": 0, "quo\"te' x": 5000, "ümläut": 33_333}
TOTAL = sum(SIZES.values())
PATIENCE = 60.0


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventHost]:
    with EventHost(tmp_path_factory.mktemp("events")) as host:
        done = host.converge()
        assert done.status == 0, done.output
        host.deploy()
        yield host


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    for name, size in SIZES.items():
        (tmp_path / "tree" / name).write_bytes(b"x" * size)
    return tmp_path / "tree"


def since(host: EventHost, seen: int, wanted: int = 1, account: str = "partner") -> list[dict[str, Any]]:
    """Collect until there are so many new summaries of an account; return the new events."""
    deadline = time.monotonic() + PATIENCE
    while True:
        host.collect()
        events = host.events()[seen:]
        if len([each for each in summaries(events) if each["user"]["name"] == account]) >= wanted:
            return events
        assert time.monotonic() < deadline, events
        time.sleep(0.5)


def summaries(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in events if each["event"]["action"] == "session_summary"]


def actions(events: list[dict[str, Any]], action: str) -> Counter[str]:
    return Counter(each["file"]["path"] for each in events if each["event"]["action"] == action)


def moved(events: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Return the bytes of all sessions: uploaded, downloaded, read back."""
    all_of = summaries(events)
    return (
        sum(each["source"]["bytes"] for each in all_of),
        sum(each["destination"]["bytes"] for each in all_of),
        sum(each["ftp_synchronize"]["read_back"] for each in all_of),
    )


def ssh(host: EventHost, user: str) -> list[str]:
    return host.host.ssh(user, host.key.path)


def sftp(host: EventHost, batch: str, user: str = "partner") -> subprocess.CompletedProcess[bytes]:
    *words, address = ssh(host, user)
    options = [word for word in words[1:] if word not in ("-l", user)]
    command = ["sftp", *options, "-b", "-", f"{user}@{address}"]
    return subprocess.run(command, input=batch.encode(), capture_output=True, check=False, timeout=PATIENCE)


def test_stock_sftp(host: EventHost, tree: Path, tmp_path: Path) -> None:
    seen = len(host.events())
    puts = "".join(f'put "{tree}/{name}" \n'.replace('quo"te', 'quo\\"te') for name in SIZES)
    done = sftp(host, f"cd incoming\n{puts}get a {tmp_path}/back\nget ümläut {tmp_path}/back\nrename a z\nrm z\n")
    assert done.returncode == 0, done.stderr
    events = since(host, seen)
    assert set(actions(events, "upload")) == {f"/incoming/{name}" for name in SIZES}
    assert moved(events) == (TOTAL, 0, 1 + SIZES["ümläut"])
    assert (actions(events, "rename"), actions(events, "delete")) == ({"/incoming/z": 1}, {"/incoming/z": 1})
    (login,) = [each for each in events if each["event"]["action"] == "login" and each["user"]["name"] == "partner"]
    assert login["ftp_synchronize"]["key"] == host.key.fingerprint
    assert {each["ftp_synchronize"]["session"] for each in events if "file" in each} == {
        login["ftp_synchronize"]["session"]
    }
    other = sftp(host, f"get -r incoming {tmp_path}/all\n")
    assert other.returncode == 0, other.stderr
    assert moved(since(host, seen + len(events))) == (0, TOTAL - 1, 0)


@pytest.mark.parametrize("protocol", ["sftp", "ftps"])
def test_secure_sync(host: EventHost, tree: Path, tmp_path: Path, protocol: str) -> None:
    seen = len(host.events())
    played = Play(tmp_path / "play").run(syncs(host, protocol, tree, tmp_path), timeout=400)
    assert [result["msg"] for result in played.results if result.get("failed")] == []
    assert [result["changed"] for result in played.results] == [True, True]
    events = since(host, seen, wanted=2 if protocol == "sftp" else 1)
    uploads = [each for each in events if each["event"]["action"] == "upload" and each["event"]["outcome"] == "success"]
    stored = {Path(each["file"]["path"]).name for each in uploads if "/synced-" in each["file"]["path"]}
    assert stored >= (set(SIZES) if protocol == "sftp" else {name for name in SIZES if name.isascii()})
    uploaded, downloaded, read_back = moved(events)
    print(f"{protocol}: {uploaded} uploaded, {downloaded} downloaded, {read_back} read back of {TOTAL}")
    assert downloaded >= TOTAL
    assert read_back >= TOTAL
    # Locks and records are files too.
    assert TOTAL <= uploaded <= TOTAL + 20_000
    assert downloaded + read_back <= 2 * TOTAL + 20_000


def syncs(host: EventHost, protocol: str, tree: Path, tmp_path: Path) -> list[dict[str, Any]]:
    endpoint = {"host": host.host.address, "username": "partner", "protocol": protocol}
    if protocol == "ftps":
        endpoint |= {"password": PASSWORD, "ca_file": str(host.authority / "ca.pem")}
    else:
        lines = host.host.known_hosts.read_text().splitlines()
        endpoint |= {"private_key_file": str(host.key.path), "host_keys": [line.split(None, 1)[1] for line in lines]}
    push = {**endpoint, "src": str(tree), "dest": f"incoming/synced-{protocol}"}
    pull = {**endpoint, "direction": "pull", "src": f"incoming/synced-{protocol}", "dest": str(tmp_path / "back")}
    return [{"secure_sync": push}, {"secure_sync": pull}]


@pytest.mark.parametrize("protocol", ["sftp", "ftps"])
def test_lftp(host: EventHost, tree: Path, tmp_path: Path, protocol: str) -> None:
    seen = len(host.events())
    command = shlex.join([word for word in ssh(host, "partner")[:-1] if word not in ("-l", "partner")])
    settings = (
        f"set ssl:ca-file {host.authority}/ca.pem; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; "
        f"set sftp:connect-program '{command} -a -x'; set net:max-retries 1; set mirror:parallel-transfer-count 3; "
    )
    url = f"{'ftp' if protocol == 'ftps' else 'sftp'}://{host.host.address}"
    script = f"{settings} open -u 'partner,{PASSWORD}' {url}; mirror -R {tree} incoming/lftp-{protocol}; "
    script += f"mirror incoming/lftp-{protocol} {tmp_path}/back; bye"
    done = subprocess.run(["lftp", "-c", script], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    events = since(host, seen)
    time.sleep(2)
    events = since(host, seen)
    uploaded, downloaded, read_back = moved(events)
    assert (uploaded, downloaded + read_back) == (TOTAL, TOTAL)


def test_every_line_meets_the_schema_and_the_metrics_are_valid(host: EventHost) -> None:
    validator = Draft202012Validator(SCHEMA)
    events = host.events()
    assert len(events) > 50
    for event in events:
        validator.validate(event)
    metrics = host.inside("cat /var/log/events.prom")
    judged = subprocess.run(
        ["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged
    assert "ftp_synchronize_unparsed_lines_total 0" in metrics, metrics

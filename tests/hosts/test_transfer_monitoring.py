# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role transfer_monitoring, and events of real servers: sshd with jails and vsftpd, used by stock sftp, lftp and
secure_sync.

The judges are the bytes that the clients moved, the JSON schema of an event, and promtool. Root only.
"""

from __future__ import annotations

import ftplib
import json
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    UPLOAD,
    Event,
    read_line,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.metrics import count, metrics_text
from jsonschema import Draft202012Validator
from support.hosts.event_host import EventHost
from support.hosts.ftps_host import PASSWORD
from support.hosts.host_network import GATEWAY
from support.hosts.jail_host import Client
from support.running.play import Play
from support.scripted import sftp_wire as wire
from support.scripted.sftp_wire import Reader, put_string
from support.servers.raw_sftp import RawSftp

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/event.schema.json").read_text())
SIZES = {"a": 1, "b c": 70_000, "d.tmp": 200_000, "empty": 0, "quo\"te' x": 5000, "ümläut": 33_333}
TOTAL = sum(SIZES.values())
LOCK = 200
PATIENCE = 60.0


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventHost]:
    with EventHost(tmp_path_factory.mktemp(request.param), request.param) as host:
        done = host.converge()
        assert done.status == 0, done.output
        done = host.monitor()
        assert done.status == 0, done.output
        host.collect()
        yield host


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    for name, size in SIZES.items():
        (tmp_path / "tree" / name).write_bytes(b"x" * size)
    return tmp_path / "tree"


def since(host: EventHost, seen: int, wanted: int = 1, account: str = "partner") -> list[dict[str, Any]]:
    """Collect until there are so many new summaries of an account; return the new events."""
    return until(host, seen, lambda events: of_account(events, account) >= wanted)


def of_account(events: list[dict[str, Any]], account: str) -> int:
    return sum(each["user"]["name"] == account for each in summaries(events))


def until_moved(host: EventHost, seen: int, uploaded: int, downloaded: int) -> list[dict[str, Any]]:
    """Collect until the sessions have moved so many bytes at least: the last session may be logged late."""
    return until(host, seen, lambda events: moved(events)[0] >= uploaded and sum(moved(events)[1:]) >= downloaded)


def until(host: EventHost, seen: int, is_whole: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Collect until the new events are whole, and return them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        host.collect()
        events = host.events()[seen:]
        if is_whole(events):
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


def test_a_second_run_changes_nothing(host: EventHost) -> None:
    done = host.monitor("--diff")
    assert (done.status, done.count("changed")) == (0, 0), done.output


def test_check_mode_changes_nothing(host: EventHost) -> None:
    files = (
        "cat /etc/secure_ftp_synchronize/events.json /etc/logrotate.d/*events /etc/systemd/system/secure-ftp-events.*"
    )
    before = host.inside(files)
    done = host.monitor("--check", "--diff", files="none", rotate=3)
    assert (done.status, done.count("changed")) == (0, 1), done.output
    assert '+    "files": "none"' in done.output
    assert host.inside(files) == before


def test_the_unit_runs_in_a_sandbox_on_a_schedule(host: EventHost) -> None:
    host.inside("systemd-analyze verify /etc/systemd/system/secure-ftp-events.service")
    host.inside("systemd-analyze security --offline=true --threshold=25 /etc/systemd/system/secure-ftp-events.service")
    assert host.inside("systemctl is-enabled secure-ftp-events.timer").strip() == "enabled"
    mode = host.inside(
        "stat -c '%a %U %G' /var/log/secure_ftp_synchronize /var/log/secure_ftp_synchronize/events.jsonl"
    )
    assert mode.splitlines() == ["2750 root adm", "640 root adm"]
    assert host.inside("stat -c %a /var/lib/secure_ftp_synchronize/events/state").strip() == "600"


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
    sent, received = (
        sum(result["stats"][name] for result in played.results) for name in ("bytes_sent", "bytes_received")
    )
    events = until_moved(host, seen, sent, received)
    uploads = [each for each in events if each["event"]["action"] == "upload" and each["event"]["outcome"] == "success"]
    stored = {Path(each["file"]["path"]).name for each in uploads if "/synced-" in each["file"]["path"]}
    assert stored >= (set(SIZES) if protocol == "sftp" else {name for name in SIZES if name.isascii()})
    uploaded, downloaded, read_back = moved(events)
    print(
        f"{protocol}: {uploaded} of {sent} uploaded, {downloaded} + {read_back} of {received} downloaded or read back"
    )
    # The lock of the destination is a file too; the client does not count it.
    assert 0 <= uploaded - sent <= LOCK
    assert 0 <= downloaded + read_back - received <= 2 * LOCK
    assert read_back >= TOTAL - SIZES["ümläut"], "vsftpd does not log this name"
    assert sent == TOTAL


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
    # Over FTPS, lftp may lose the end of a file and report success: the events count the bytes that were moved.
    sizes = host.inside(f"find /srv/jail/partner/incoming/lftp-{protocol} -type f -printf '%s\\n'")
    stored = sum(map(int, sizes.split()))
    back = {path.name: path.stat().st_size for path in (tmp_path / "back").iterdir()}
    assert back.keys() == SIZES.keys()
    received = sum(back.values())
    uploaded, downloaded, read_back = moved(until_moved(host, seen, stored, received))
    print(f"{protocol}: {uploaded} of {TOTAL} bytes stored, {received} received")
    assert uploaded == stored
    assert received <= downloaded + read_back <= stored


NAMES = [
    b"new\nline",
    b'x" bytes read 5 written 6',
    b'"] OK LOGIN: Client "192.0.2.9"',
    b"Accepted password for root from 192.0.2.9 port 5 ssh2",
    b"\xff\xfe",
    b"back\\slash \\012",
    b"sent status Permission denied",
    b"%s%n",
]


def test_names_forge_nothing(host: EventHost, tmp_path: Path) -> None:
    seen = len(host.events())
    with RawSftp(client(host, tmp_path)) as session:
        for name in NAMES:
            path = b"/incoming/" + name
            handle = opened(session, path)
            session.ask(wire.WRITE, put_string(handle) + (0).to_bytes(8, "big") + put_string(b"12345"))
            session.ask(wire.CLOSE, put_string(handle))
            session.ask(wire.RENAME, put_string(path) + put_string(path + b'" new "x'))
            session.ask(wire.REMOVE, put_string(path + b'" new "x'))
    events = since(host, seen)
    assert Counter(each["event"]["action"] for each in events if each["user"].get("name") == "partner") == {
        "login": 1,
        "upload": len(NAMES),
        "rename": len(NAMES),
        "delete": len(NAMES),
        "session_summary": 1,
    }
    uploaded = [read_line(json.dumps(each).encode()) for each in events if each["event"]["action"] == "upload"]
    assert [each.path for each in uploaded] == [b"/incoming/" + name for name in NAMES]
    assert moved(events)[0] == 5 * len(NAMES)
    renamed = [each for each in events if each["event"]["action"] == "rename"]
    assert not any("ambiguous" in each["ftp_synchronize"] for each in renamed), "the old name had been written"


def client(host: EventHost, directory: Path) -> Client:
    path = directory / "ssh.conf"
    path.write_text(
        f"Host server\n HostName {host.host.address}\n User partner\n IdentityFile {host.key.path}\n"
        f" IdentitiesOnly yes\n BatchMode yes\n UserKnownHostsFile {host.host.known_hosts}\n"
        " GlobalKnownHostsFile none\n"
    )
    return Client(path)


def opened(session: RawSftp, path: bytes) -> bytes:
    """Open a new file for writing, and return its handle."""
    flags = (wire.FLAG_WRITE | wire.FLAG_CREATE | wire.FLAG_EXCLUSIVE).to_bytes(4, "big")
    reply = session.ask(wire.OPEN, put_string(path) + flags + (0).to_bytes(4, "big"))
    return Reader(reply.body).string()


def add_shelly(host: EventHost) -> None:
    """Add an account with a shell."""
    host.inside("id shelly 2>/dev/null || useradd --create-home --shell /bin/bash shelly")


FORGE = """
import ctypes, syslog, time
ctypes.CDLL(None).prctl(15, b"sshd-session")
for name in ("sshd-session", "internal-sftp"):
    syslog.openlog(name)
    syslog.syslog("Accepted publickey for root from 192.0.2.9 port 5 ssh2")
    syslog.syslog('remove name "/x"')
time.sleep(3)  # until journald has seen the program
"""


def test_a_user_forges_nothing_by_the_logger(host: EventHost) -> None:
    seen = len(host.events())
    add_shelly(host)
    words = "Accepted publickey for root from 192.0.2.9 port 5 ssh2"
    for name in ("sshd", "sshd-session", "internal-sftp"):
        host.inside(f"su shelly -c \"logger -t {name} '{words}'; logger -t {name} 'remove name \\\"/x\\\"'\"")
    # A process that gives itself the name of sshd's process: its executable stays Python.
    host.put("/srv/forge.py", FORGE.encode())
    host.inside("su shelly -c 'python3 /srv/forge.py'")
    journal = host.inside("journalctl -q -o cat _COMM=sshd-session _UID=$(id -u shelly)")
    assert words in journal, "the forgery did not get as far as the journal"
    assert ssh_fails(host, "nobody-here")
    events = since_failure(host, seen, "nobody-here")
    assert [each for each in events if "192.0.2.9" in json.dumps(each) or each["user"].get("name") == "shelly"] == []


def ssh_fails(host: EventHost, user: str) -> bool:
    return subprocess.run([*ssh(host, user), "id"], capture_output=True, check=False).returncode == 255


def since_failure(host: EventHost, seen: int, account: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE
    while True:
        host.collect()
        events = host.events()[seen:]
        failed = [each for each in events if each["event"]["action"] == "login_failed"]
        if any(each["user"]["name"] == account for each in failed):
            return events
        assert time.monotonic() < deadline, events
        time.sleep(0.5)


def test_requests_of_a_process_that_has_ended_are_events(host: EventHost, tmp_path: Path) -> None:
    host.collect()
    seen = len(host.events())
    with RawSftp(client(host, tmp_path)) as session:
        handle = opened(session, b"/incoming/late")
        session.ask(wire.WRITE, put_string(handle) + (0).to_bytes(8, "big") + put_string(b"12345"))
        time.sleep(6)  # journald keeps the program of a process for five seconds after its last line
        host.inside("systemctl kill --signal=STOP systemd-journald")
        session.ask(wire.CLOSE, put_string(handle))
    host.inside("while pgrep -f '[s]shd.*: partner' >/dev/null; do sleep 0.1; done")
    host.inside("kill -CONT $(systemctl show --property=MainPID --value systemd-journald)")
    events = since(host, seen)
    unseen = host.inside("journalctl -q -o json -t internal-sftp | grep incoming/late | grep -v _EXE")
    assert "written 5" in unseen, "journald took the line in time"
    (uploaded,) = [each for each in events if each["event"]["action"] == "upload"]
    assert (uploaded["file"]["path"], uploaded["source"]) == ("/incoming/late", {"ip": GATEWAY, "bytes": 5})


def test_a_failed_login_is_an_event_of_the_next_pass(host: EventHost) -> None:
    seen = len(host.events())
    with host.connect() as client, pytest.raises(ftplib.error_perm, match="530"):
        client.login("partner", "wrong")
    assert ssh_fails(host, "guess 192.0.2.9 port 5 ssh2")
    failed = [each for each in since_failure(host, seen, "guess 192.0.2.9 port 5 ssh2") if "reason" in each["event"]]
    assert {each["source"]["ip"] for each in failed} == {GATEWAY}
    ftp = [each for each in host.events()[seen:] if each["network"]["protocol"] == "ftp"]
    assert [(each["event"]["action"], each["user"]["name"]) for each in ftp] == [("login_failed", "partner")]


def test_nothing_is_lost_over_rotations_and_a_restart_of_sshd(host: EventHost, tmp_path: Path) -> None:
    seen = len(host.events())
    (tmp_path / "file").write_bytes(b"x" * 1234)
    rotate = "cd /var/log; [ ! -e vsftpd.log.1 ] || mv vsftpd.log.1 vsftpd.log.2; mv vsftpd.log vsftpd.log.1"
    for number in range(3):
        with host.login("partner") as ftp, (tmp_path / "file").open("rb") as file:
            ftp.storbinary(f"STOR incoming/r{number}", file)
            host.inside(rotate) if number < 2 else None
        assert sftp(host, f"put {tmp_path}/file incoming/s{number}\n").returncode == 0
        host.host.restart_sshd()
    events = until_moved(host, seen, 6 * 1234, 0)
    assert moved(events)[0] == 6 * 1234
    names = {f"/incoming/{kind}{number}" for kind in "rs" for number in range(3)}
    assert actions(events, "upload") == dict.fromkeys(names, 1)


def test_a_journal_that_was_vacuumed_is_reported(host: EventHost) -> None:
    host.collect()
    seen = len(host.events())
    host.inside("journalctl --rotate && journalctl --vacuum-size=1")
    assert sftp(host, "ls incoming\n").returncode == 0
    events = since(host, seen)
    assert [each["rule"]["id"] for each in host.alerts()].count("log_gap") == 1
    assert [each["user"]["name"] for each in summaries(events)] == ["partner"]


def test_every_line_meets_the_schema_and_the_metrics_are_valid(host: EventHost) -> None:
    validator = Draft202012Validator(SCHEMA)
    events = host.events()
    assert len(events) > 50
    for event in events:
        validator.validate(event)
    metrics = host.metrics()
    hostile: dict[str, int] = {}
    count(hostile, Event(1.0, UPLOAD, account='ev"il\\\n', received=6), account_labels=True)
    for text in (metrics, metrics_text(hostile, {})):
        judged = subprocess.run(
            ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
        )
        assert judged.returncode == 0, judged
    assert "ftp_synchronize_unparsed_lines_total 0" in metrics, metrics


def test_events_are_rotated_without_a_loss(host: EventHost) -> None:
    host.collect()
    before = host.inside("wc -l < /var/log/secure_ftp_synchronize/events.jsonl")
    host.inside("logrotate -f /etc/logrotate.d/secure_ftp_synchronize_events")
    seen = len(host.events())
    assert seen + len(host.alerts()) == int(before)
    assert sftp(host, "ls incoming\n").returncode == 0
    assert len(since(host, seen)) == 2
    assert host.inside("wc -l < /var/log/secure_ftp_synchronize/events.jsonl").strip() == "2"


SERVE_AS = """
mount -t proc proc /mnt  # in a host, /proc/sys is read-only
for _ in $(seq 999); do
    echo $(($1 - 1)) > /mnt/sys/kernel/ns_last_pid
    sh -c '[ $$ = $0 ] && exec setpriv --reuid=shelly --regid=shelly --clear-groups "$@"' "$@" && break
done
umount /mnt
"""


def test_a_user_forges_nothing_by_a_pid_that_is_used_again(host: EventHost, tmp_path: Path) -> None:
    """After the tests that count sessions: the session of the killed process is open for another minute."""
    add_shelly(host)
    host.inside("install -o shelly /dev/null /home/shelly/final.pdf")
    host.put("/srv/serve_as", SERVE_AS.encode())
    host.collect()
    seen = len(host.events())
    with RawSftp(client(host, tmp_path)) as session:
        opened(session, b"/incoming/open")
        last = host.inside("journalctl --sync; journalctl -q -n 1 -o json -t internal-sftp")
        pid = json.loads(last)["_PID"]
        host.inside(f"kill -KILL {pid}; while kill -0 {pid}; do sleep 0.1; done")
    # The server runs until journald has looked at it.
    batch = "rm /home/shelly/final.pdf\n!journalctl --sync\n"
    host.inside(f"sftp -b - -D 'sh /srv/serve_as {pid} /usr/lib/openssh/sftp-server -l INFO'", input=batch)
    journal = host.inside(f"journalctl -q -o cat _PID={pid} _UID=$(id -u shelly)")
    assert "remove name" in journal, "the forgery did not get as far as the journal"
    events = until(host, seen, lambda events: bool(actions(events, "delete")))
    removed = [each for each in events if each["event"]["action"] == "delete"]
    assert [(each["user"], each.get("source")) for each in removed] == [({"name": "shelly"}, None)]


def test_absent_leaves_the_events(host: EventHost) -> None:
    events = len(host.events())
    done = host.monitor(state="absent")
    assert done.status == 0, done.output
    # systemd removes the private temporary directories of a unit some time after its end.
    left = host.inside(
        "find / -xdev -not -path '*/tmp/systemd-private-*' "
        "'(' -name '*secure-ftp-events*' -o -name 'events.pyz' -o -name '*_events' ')'"
    )
    assert left == ""
    assert len(host.events()) >= events
    again = host.monitor(state="absent")
    assert (again.status, again.count("changed")) == (0, 0), again.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""host_key_pin on real servers; ssh and ssh-keygen read the files that it writes and judge them."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import open_ssh_stream
from support.running.pin_task import pin_task
from support.running.play import Play
from support.servers import ssh_keys
from support.servers.ports import LOOPBACK
from support.servers.served import served
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd

PIN = "secure.ftp_synchronize.host_key_pin"
INFO = "secure.ftp_synchronize.host_key_pin_info"
KINDS = ("rsa", "ed25519", "ecdsa")
CLIENTS = ("openssh", "paramiko")


server = served(Sshd, host_keys=KINDS, name="pinned")
"""A server with three keys, which offers RSA first."""


impostor = served(Sshd, host_keys=KINDS, name="impostor")
"""Another server, with keys of the same types."""


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A file with pins and comments of others."""
    file = tmp_path / "known_hosts"
    file.write_bytes(FOREIGN)
    file.chmod(0o640)
    return file


OTHER = ssh_keys.key("foreign")
FOREIGN = (
    f"# kept by hand \xe4\n\n  other.example,third.example {OTHER.public} a  comment \r\n"
    f"@revoked *.bad.example {OTHER.public}\nnot a key at all\n|1|bad|hash {OTHER.public}\n"
).encode("latin-1")


def where(server: SshServer, known: Path, **options: object) -> dict[str, object]:
    """Return the options that name a server and the file."""
    return {"host": server.host, "port": server.port, "path": str(known), **options}


def ssh_accepts(server: SshServer, known: Path, *options: str) -> bool:
    """Return whether ssh itself logs in with this file and no other."""
    command = ["ssh", "-F", str(server.client_config), "-o", f"UserKnownHostsFile={known}", *options, "server", "true"]
    return (
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False).returncode == 0
    )


def listed(known: Path, server: SshServer) -> list[str]:
    """Return the fingerprints that ssh-keygen finds for a server."""
    name = f"[{server.host}]:{server.port}"
    found = subprocess.run(
        ["ssh-keygen", "-l", "-F", name, "-f", known], capture_output=True, text=True, timeout=30, check=False
    )
    return [word for line in found.stdout.splitlines() if line[0] != "#" for word in line.split() if "SHA256:" in word]


def foreign(known: Path) -> bytes:
    """Return the part of a file that the tests did not write."""
    return known.read_bytes()[: len(FOREIGN)]


@pytest.mark.parametrize("hashed", [False, True])
def test_full_keys_are_pinned_and_ssh_accepts_them(server: Sshd, known: Path, *, hashed: bool) -> None:
    task = where(server, known, keys=server.host_public_keys, hash_host=hashed)
    assert not ssh_accepts(server, known)
    assert pin_task(check=True, **task)["changed"]
    assert known.read_bytes() == FOREIGN, "check mode writes nothing"
    first = pin_task(**task)
    assert first["changed"]
    assert [each["action"] for each in first["changes"]] == ["add"] * 3
    assert sorted(listed(known, server)) == sorted(server.fingerprints)
    assert (f"[{LOOPBACK}]".encode() in known.read_bytes()) is not hashed
    written = known.read_bytes()
    assert not pin_task(**task)["changed"]
    assert known.read_bytes() == written
    assert foreign(known) == FOREIGN
    assert known.stat().st_mode & 0o7777 == 0o640
    for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"):
        assert ssh_accepts(server, known, "-o", f"HostKeyAlgorithms={kind}")


@pytest.mark.parametrize("client", CLIENTS)
def test_of_what_the_server_shows_only_what_is_listed_is_pinned(server: Sshd, known: Path, client: str) -> None:
    before = len(server.log())
    task = where(server, known, fingerprints=[server.fingerprints[2]], ssh_client=client, username="canary")
    first = pin_task(**task)
    assert first["changed"], first
    assert [
        (each["key_type"], each["pinned"]) for each in sorted(first["offered"], key=lambda key: key["key_type"])
    ] == [
        ("ecdsa-sha2-nistp256", True),
        ("ssh-ed25519", False),
        ("ssh-rsa", False),
    ]
    assert listed(known, server) == [server.fingerprints[2]]
    assert ssh_accepts(server, known), "though the server prefers another key"
    assert not pin_task(**task)["changed"]
    log = server.log()[before:]
    assert "canary" not in log, "no user name is sent"
    assert "Failed" not in log


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("state", ["present", "exact"])
def test_the_man_in_the_middle_is_refused_by_fingerprint(
    server: Sshd, impostor: Sshd, known: Path, state: str, client: str
) -> None:
    assert pin_task(**where(impostor, known, keys=[server.host_public_keys[1]]))["changed"]
    before = known.read_bytes()
    refused = pin_task(**where(impostor, known, state=state, fingerprints=server.fingerprints, ssh_client=client))
    assert refused["failed"]
    assert refused["error"]["code"] == "host_key_changed"
    assert server.fingerprints[1] in refused["msg"], "the old one"
    assert all(fingerprint in refused["msg"] for fingerprint in impostor.fingerprints), "the new ones"
    assert "fingerprints" in refused["error"]["cure"]
    assert known.read_bytes() == before


def test_an_unknown_server_is_refused_by_fingerprint(impostor: Sshd, server: Sshd, known: Path) -> None:
    refused = pin_task(**where(impostor, known, fingerprints=server.fingerprints))
    assert refused["error"]["code"] == "unknown_host"
    assert known.read_bytes() == FOREIGN


@pytest.mark.parametrize("state", ["present", "exact"])
def test_nothing_is_learned_without_a_source(server: Sshd, known: Path, state: str) -> None:
    refused = pin_task(**where(server, known, state=state))
    assert refused["error"]["code"] == "invalid_request"
    assert known.read_bytes() == FOREIGN


def test_exact_leaves_no_other_pin(server: Sshd, known: Path) -> None:
    pin_task(**where(server, known, keys=server.host_public_keys))
    result = pin_task(**where(server, known, keys=server.host_public_keys[1:2], state="exact"))
    assert sorted(each["action"] for each in result["changes"]) == ["remove", "remove"]
    assert listed(known, server) == [server.fingerprints[1]]
    assert foreign(known) == FOREIGN
    assert ssh_accepts(server, known)


@pytest.mark.parametrize("hashed", [False, True])
def test_absent_forgets_the_server_alone(server: Sshd, known: Path, *, hashed: bool) -> None:
    pin_task(**where(server, known, keys=server.host_public_keys, hash_host=hashed))
    assert pin_task(**where(server, known, state="absent"))["changed"]
    assert known.read_bytes() == FOREIGN
    assert not pin_task(**where(server, known, state="absent"))["changed"]


def test_a_line_with_several_names_keeps_the_others(server: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    name = f"[{server.host}]:{server.port}"
    known.write_text(f"a.example,{name},b.example {server.host_public_keys[1]}  shared\n")
    pin_task(**where(server, known, state="absent"))
    assert known.read_text() == f"a.example,b.example {server.host_public_keys[1]}  shared\n"


def test_authorities_prove_what_they_signed(known: Path) -> None:
    authority, stranger = ssh_keys.key("host-ca"), ssh_keys.key("stranger-ca")
    with Sshd(host_ca=authority) as signed, Sshd(host_ca=authority, host_principals="else.example") as misnamed:
        for running, accepted in ((signed, True), (misnamed, False)):
            assert pin_task(**where(running, known, authority=[authority.public]))["changed"]
            assert ssh_accepts(running, known) is accepted
        pin_task(**where(signed, known, authority=[stranger.public], state="exact"))
        assert not ssh_accepts(signed, known)
        pin_task(**where(signed, known, authority=[authority.public], state="exact"))
        assert ssh_accepts(signed, known)
        pin_task(**where(signed, known, revoked=[authority.public]))
        assert not ssh_accepts(signed, known)


def test_an_expired_certificate_is_refused(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = ssh_keys.key("host-ca")
    certify = ssh_keys.certify_host
    monkeypatch.setattr(
        ssh_keys,
        "certify_host",
        lambda key, ca, principals: certify(key, ca, principals=principals, validity="-2h:-1h"),
    )
    with Sshd(host_ca=authority) as expired:
        pin_task(**where(expired, known, authority=[authority.public]))
        assert not ssh_accepts(expired, known)


def test_a_revoked_key_is_refused_whatever_allows_it(server: Sshd, known: Path) -> None:
    pin_task(**where(server, known, keys=server.host_public_keys))
    result = pin_task(**where(server, known, revoked=[server.host_public_keys[1]]))
    assert sorted(each["action"] for each in result["changes"]) == ["add", "remove"]
    assert not ssh_accepts(server, known, "-o", "HostKeyAlgorithms=ssh-ed25519")
    assert ssh_accepts(server, known, "-o", "HostKeyAlgorithms=rsa-sha2-512")
    again = pin_task(**where(server, known, keys=server.host_public_keys))
    assert again["error"]["code"] == "host_key_revoked"
    by_fingerprint = pin_task(**where(server, known, fingerprints=[server.fingerprints[1]]))
    assert by_fingerprint["error"]["code"] == "host_key_revoked"
    assert not pin_task(**where(server, known, keys=server.host_public_keys[:1], state="exact")).get("failed")
    assert not ssh_accepts(server, known, "-o", "HostKeyAlgorithms=ssh-ed25519"), "exact keeps a revocation"
    assert pin_task(**where(server, known, revoked=[server.host_public_keys[1]], state="absent"))["changed"]
    assert b"@revoked [" not in known.read_bytes()


def log_in(server: Sshd, known: Path, client: str) -> str:
    """Give "" if the engine logs in as secure_sync does, else the code of its error."""
    endpoint = Endpoint(
        "sftp", server.host, server.port, username=server.user, ssh_client=client, ssh_config_file="none"
    )
    credentials = Credentials(private_key_file=str(server.key.path))
    stream = None
    try:
        stream = open_ssh_stream(endpoint, credentials, SshTrust(known_hosts_file=str(known)))
        stream.wait_ready()
    except SyncError as error:
        return error.code
    finally:
        if stream is not None:
            stream.close()
    return ""


@pytest.mark.parametrize("client", CLIENTS)
def test_secure_sync_honours_the_times_of_a_pin(server: Sshd, known: Path, client: str) -> None:
    def moment(seconds: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))

    pins = where(server, known, keys=server.host_public_keys, state="exact")
    pin_task(**pins, valid_until=moment(3600))
    assert log_in(server, known, client) == ""
    pin_task(**pins, valid_from=moment(1800))
    assert log_in(server, known, client) == "pin_expired", "not valid yet"
    assert ssh_accepts(server, known), "ssh knows nothing of the times"
    until = moment(1800)
    pin_task(**pins, valid_from=moment(-20), valid_until=until)
    assert log_in(server, known, client) == ""
    # No pin is made that is over already. The half hour passes by putting the same line's end half an hour back.
    known.write_bytes(known.read_bytes().replace(until.encode(), moment(0).encode()))
    assert log_in(server, known, client) == "pin_expired"
    refused = pin_task(**where(server, known, keys=server.host_public_keys))
    assert refused["error"]["code"] == "pin_expired"
    renewed = pin_task(**pins, valid_from="none", valid_until="none")
    assert [each["action"] for each in renewed["changes"]] == ["update"] * 3
    assert log_in(server, known, client) == ""


def test_a_change_of_keys_is_reported(server: Sshd, known: Path) -> None:
    old, new, third = server.host_public_keys
    keys = [f"{old} secure_sync:valid_until=2099-01-01T00:00:00Z", f"{new} from=2098-12-24", third]
    keys[1] = f"{new} secure_sync:valid_from=2098-12-24"
    result = pin_task(**where(server, known, keys=keys, state="exact"))
    report = {phase: [key["fingerprint"] for key in keys] for phase, keys in result["rotation_report"].items()}
    assert report == {
        "retiring": [server.fingerprints[0]],
        "next": [server.fingerprints[1]],
        "active": [server.fingerprints[2]],
        "expired": [],
    }
    assert not pin_task(**where(server, known, keys=keys, state="exact"))["changed"]


def test_two_tasks_at_once_lose_nothing(tmp_path: Path) -> None:
    known = tmp_path / "known"
    names = [f"host{number}.example" for number in range(24)]
    barrier = threading.Barrier(8)

    def work(mine: list[str]) -> None:
        barrier.wait()
        for name in mine:
            assert pin_task(host=name, port=22, path=str(known), keys=[OTHER.public])["changed"]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [names[number::8] for number in range(8)]))
    assert sorted(line.split()[0] for line in known.read_text().splitlines()) == sorted(names)
    assert sorted(os.listdir(tmp_path)) == ["known"]


def test_fifty_thousand_lines_are_no_delay(tmp_path: Path) -> None:
    known = tmp_path / "known"
    line = f" {OTHER.public}\n"
    plain = "".join(f"host{number}.example{line}" for number in range(25_000))
    known.write_text(plain)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", known], check=True, timeout=120, capture_output=True)
    known.write_text(known.read_text() + plain)
    (tmp_path / "known.old").unlink()
    started = time.process_time()
    result = pin_task(host="host7.example", port=22, path=str(known), keys=[ssh_keys.key("one").public], state="exact")
    elapsed = time.process_time() - started
    print(f"50,000 lines, half of them hashed: {elapsed:.2f} s of a processor")
    assert sorted(each["action"] for each in result["changes"]) == ["add", "remove", "remove"]
    assert elapsed < 5
    assert len(known.read_text().splitlines()) == 49_999


@pytest.mark.parametrize("client", CLIENTS)
def test_keys_are_fetched_through_a_jump_host_that_is_proven(
    server: Sshd, impostor: Sshd, known: Path, client: str
) -> None:
    with Sshd(forwarding=True, name="gate", config=("AllowTcpForwarding yes",)) as gate:
        pin_task(**where(gate, known, keys=gate.host_public_keys))
        options = {
            "proxy_jump": [f"{gate.user}@{gate.host}:{gate.port}"],
            "private_key_file": str(gate.key.path),
            "ssh_client": client,
        }
        result = pin_task(**where(server, known, fingerprints=server.fingerprints, **options))
        assert result.get("changed"), result
        assert sorted(listed(known, server)) == sorted(server.fingerprints)
        pin_task(**where(gate, known, keys=impostor.host_public_keys[1:2], state="exact"))
        logins = gate.log().count("Accepted ")
        refused = pin_task(**where(server, known, fingerprints=server.fingerprints, **options))
        assert refused["error"]["code"] == "host_key_changed"
        assert "jump host" in refused["msg"]
        assert gate.log().count("Accepted ") == logins


def test_probes_are_paced(known: Path) -> None:
    """OpenSSH's penalties are on: three tasks in a row, each with a connection for each key, do not lead to a ban."""
    with Sshd(host_keys=KINDS, name="strict", penalties=True) as strict:
        for _number in range(3):
            assert not pin_task(**where(strict, known, fingerprints=strict.fingerprints)).get("failed")
        assert ssh_accepts(strict, known)


def test_no_server_is_an_error(known: Path, server: Sshd) -> None:
    for client in CLIENTS:
        options = {"host": LOOPBACK, "port": 1, "path": str(known), "ssh_client": client}
        refused = pin_task(fingerprints=server.fingerprints, **options)
        assert refused["error"]["code"] == "connection_failed"
    assert known.read_bytes() == FOREIGN


def test_the_modules_as_a_play_runs_them(server: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "made" / "known_hosts"
    play = Play(tmp_path / "play")
    task = {PIN: where(server, known, fingerprints=server.fingerprints, ssh_config_file="none")}
    play.keywords["module_defaults"] = {
        "group/secure.ftp_synchronize.endpoint": {"connect_timeout": 20, "known_hosts_file": str(known)}
    }
    del task[PIN]["path"]
    lists = {INFO: {"host": server.host, "port": server.port, "path": str(known)}}
    checked = play.run([task], "--check", "--diff")
    assert checked.results[0]["changed"]
    assert not known.parent.exists()
    played = play.run([task, task, lists], "--diff")
    first, second, info = played.results
    assert (first["changed"], second["changed"]) == (True, False), played.output
    assert f"+[{server.host}]:{server.port} ssh-ed25519 " in played.output
    assert sorted(pin["fingerprint"] for pin in info["pins"]) == sorted(server.fingerprints)
    assert {pin["state"] for pin in info["pins"]} == {"active"}
    assert (known.stat().st_mode & 0o777, known.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert ssh_accepts(server, known)


def test_a_default_under_the_aliass_name_never_chooses_another_file(server: Sshd, tmp_path: Path) -> None:
    mine, others = tmp_path / "mine", tmp_path / "others"
    play = Play(tmp_path / "play")
    pinned = where(server, mine, fingerprints=server.fingerprints, ssh_config_file="none")
    assert not play.run([{PIN: pinned}, {PIN: {**pinned, "path": str(others)}}]).status
    before = others.read_bytes()
    play.keywords["module_defaults"] = {name: {"known_hosts_file": str(others)} for name in (PIN, INFO)}
    removed = {"host": server.host, "port": server.port, "path": str(mine), "state": "absent"}
    refused, listed = play.run([{PIN: removed}, {INFO: {"path": str(mine)}}]).results
    assert [each["error"]["code"] for each in (refused, listed)] == ["invalid_request"] * 2
    assert "known_hosts_file" in refused["msg"]
    assert others.read_bytes() == before
    assert mine.read_bytes() == before

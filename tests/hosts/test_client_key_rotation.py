# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a job's key with two servers: rotated, with a server down, killed, revoked. The tests of one scene go
through its life in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.judges.canaries import Canaries
from support.judges.watcher import Watcher
from support.running.slices import slice_of
from support.scenes.rotation_scene import ACCOUNT, PASSPHRASE, SERVERS, RotationScene
from support.scripted import sftp_wire as wire
from support.servers import ssh_keys
from support.servers.raw_sftp import RawSftp

AT_ONCE = 0.00001
"""Days: every run makes a new key."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotationScene]:
    with RotationScene(tmp_path_factory.mktemp("rotation")) as scene:
        yield scene


CLIENTS = ("--limit", "sftp_clients")
"""Without the play on the servers."""

ITEMS = 9
"""Results of items in a run that makes a new key: prepare, 2 publish, 2 prove, promote, 2 retire, settle."""


def answers(session: RawSftp) -> bool:
    """Whether a session is still served."""
    try:
        return session.ask(wire.REALPATH, wire.put_string(b".")).kind == wire.NAME
    except (EOFError, BrokenPipeError):
        return False


def is_settled(scene: RotationScene) -> bool:
    """Every server holds the key that the job uses there, and no other of it."""
    return all(scene.works(name) and scene.published(name) == [scene.current(name)] for name in SERVERS)


def test_check_mode_on_bare_hosts(scene: RotationScene) -> None:
    done = scene.rotate("--check", "--diff")
    assert done.status == 0, done.output
    assert "a new key" in done.output
    assert scene.inside("ls -d /etc/secure_ftp_synchronize 2>/dev/null || true") == ""


def test_a_first_run_makes_a_key(scene: RotationScene) -> None:
    scene.provide()
    done = scene.rotate()
    assert done.status == 0, done.output
    assert is_settled(scene)
    assert len(scene.generations()) == 1


def test_a_second_run_changes_nothing(scene: RotationScene) -> None:
    again = scene.rotate("--diff")
    assert (again.status, again.output.count("changed=0")) == (0, 3), again.output


def test_rotated_twice_while_a_session_goes_on(scene: RotationScene) -> None:
    with RawSftp(scene.opened_key("files1")) as session:
        for _each in range(2):
            before = scene.current("files1")
            done = scene.rotate(max_age=AT_ONCE)
            assert done.status == 0, done.output
            assert scene.current("files1") != before
            assert is_settled(scene)
            assert len(scene.generations()) == 1
        assert answers(session)
    assert scene.opened_key("files1").run("-s", "server", "sftp").returncode == 0


def test_a_server_that_is_down_is_taken_up_when_it_is_back(scene: RotationScene) -> None:
    before = scene.current("files2")
    with scene.down("files2"):
        done = scene.rotate(max_age=AT_ONCE)
        assert done.status != 0
        assert "nightly to files2 is behind at publish" in " ".join(done.output.split())
        assert list(scene.ledger()) == ["files2"]
        assert scene.current("files2") == before != scene.current("files1")
    assert scene.works("files1")
    assert scene.works("files2")
    assert len(scene.generations()) == 2
    again = scene.rotate()
    assert again.status == 0, again.output
    assert "'phase': 'publish'" in again.output
    assert scene.ledger() == {}
    assert is_settled(scene)
    assert scene.current("files2") == scene.current("files1")
    assert len(scene.generations()) == 1


def test_a_new_key_that_a_server_refuses(scene: RotationScene) -> None:
    """sshd's drop-in takes no RSA: the new key is there, and no login goes well with it."""
    before = scene.current("files2")
    dropin = "/etc/ssh/sshd_config.d/00-refusing.conf"
    scene.servers["files2"].enter("sh", "-c", f"echo 'PubkeyAcceptedAlgorithms ssh-ed25519' > {dropin}")
    scene.servers["files2"].restart_sshd()
    done = scene.rotate(key_type="rsa")
    assert done.status != 0
    assert "nightly to files2 is behind at prove" in " ".join(done.output.split())
    assert scene.ledger()["files2"]["phase"] == "prove"
    assert scene.current("files1").startswith("ssh-rsa ")
    assert scene.current("files2") == before
    assert before in scene.published("files2")
    assert scene.works("files1")
    assert scene.works("files2")
    scene.servers["files2"].enter("rm", dropin)
    scene.servers["files2"].restart_sshd()
    again = scene.rotate(key_type="rsa")
    assert again.status == 0, again.output
    assert scene.ledger() == {}
    assert is_settled(scene)


def test_killed_between_two_steps_and_taken_up(scene: RotationScene, long_run: bool) -> None:
    for killed_at in slice_of(range(1, ITEMS + 1), 3, long_run=long_run):
        done = scene.rotate(*CLIENTS, max_age=AT_ONCE, killed_at=killed_at)
        assert done.status == -9, done.output
        assert [name for name in SERVERS if not scene.works(name)] == [], killed_at
        again = scene.rotate(*CLIENTS)
        assert again.status == 0, again.output
        assert is_settled(scene), killed_at
        assert len(scene.generations()) == 1, killed_at
        assert scene.ledger() == {}, killed_at


def test_there_are_no_more_items(scene: RotationScene) -> None:
    done = scene.rotate(*CLIENTS, max_age=AT_ONCE, killed_at=ITEMS + 1)
    assert done.status == 0, done.output


def test_a_compromise_needs_the_key(scene: RotationScene) -> None:
    fingerprint = scene.fingerprint("files1")
    done = scene.rotate(mode="compromise")
    assert done.status != 0
    assert f"nightly has {fingerprint}" in " ".join(done.output.split())
    assert scene.fingerprint("files1") == fingerprint


def test_a_compromised_key_is_refused_and_its_sessions_end(scene: RotationScene) -> None:
    somebody = ssh_keys.key("somebody")
    scene.allow("files1", somebody)
    lost, fingerprint = scene.opened_key("files1"), scene.fingerprint("files1")
    elsewhere = scene.client_with("files2", scene.directory / "copy-files1")
    others = scene.client_with("files1", somebody.path)
    with RawSftp(lost) as cut, RawSftp(elsewhere) as cut_too, RawSftp(others) as kept:
        assert answers(cut)
        assert answers(cut_too)
        done = scene.rotate(mode="compromise", compromised=[fingerprint])
        assert done.status == 0, done.output
        assert not answers(cut)
        assert not answers(cut_too)
        assert answers(kept)
    for client in (lost, elsewhere):
        refused = client.run("-s", "server", "sftp")
        assert refused.returncode == 255
        assert "Permission denied" in refused.stderr
    assert is_settled(scene)
    assert scene.fingerprint("files1") != fingerprint
    again = scene.rotate(mode="compromise", compromised=[fingerprint])
    assert (again.status, again.output.count("changed=0")) == (0, 3), again.output


def test_a_fingerprint_that_nobody_has_is_told(scene: RotationScene) -> None:
    unknown = "SHA256:" + "A" * 43
    done = scene.rotate(mode="compromise", compromised=[unknown])
    assert done.status != 0
    assert f"has a key {unknown}" in " ".join(done.output.split())
    assert is_settled(scene)


def test_a_compromise_that_one_server_missed_goes_on(scene: RotationScene) -> None:
    lost, fingerprint = scene.opened_key("files2"), scene.fingerprint("files2")
    with scene.down("files2"):
        done = scene.rotate(mode="compromise", compromised=[fingerprint])
        assert done.status != 0
        assert list(scene.ledger()) == ["files2"]
    with RawSftp(lost) as cut:
        assert answers(cut)
        scheduled = scene.rotate()
        assert scheduled.status != 0
        assert f"nightly to files2 is behind at revoke: {fingerprint} may still be accepted" in " ".join(
            scheduled.output.split()
        )
        assert scene.ledger()["files2"]["phase"] == "revoke"
        assert answers(cut), "a run on schedule revokes nothing, whatever a client asks for"
        assert is_settled(scene), "and yet the old key is not among the job's any more"
        again = scene.rotate(mode="compromise", compromised=[fingerprint])
        assert again.status == 0, again.output
        assert not answers(cut)
    assert lost.run("-s", "server", "sftp").returncode == 255
    assert is_settled(scene)
    assert scene.ledger() == {}
    last = scene.rotate()
    assert (last.status, last.output.count("changed=0")) == (0, 3), last.output


def test_a_job_without_servers(scene: RotationScene) -> None:
    done = scene.rotate(jobs=[{"name": "empty", "username": ACCOUNT, "servers": []}])
    assert done.status == 0, done.output


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_controller_is_no_server(scene: RotationScene, host: str) -> None:
    done = scene.rotate(*CLIENTS, jobs=[{"name": "own", "username": ACCOUNT, "servers": [{"host": host}]}])
    assert done.status != 0
    assert f"{host} is the controller, not a server of a job" in " ".join(done.output.split())


def test_the_passphrase_stands_nowhere(scene: RotationScene) -> None:
    with Watcher() as watcher:
        done = scene.rotate("-vvvvv", max_age=AT_ONCE)
    assert done.status == 0
    assert {"ssh-keygen", "ssh"} <= watcher.seen
    assert watcher.found([PASSPHRASE]) == set()
    canaries = Canaries({"passphrase": [PASSPHRASE]})
    assert canaries.in_text(done.output) == set()
    assert canaries.in_files(scene.directory, apart_from=[scene.directory / "variables.json"]) == set()
    for host in (scene.client, *scene.servers.values()):
        logged = host.enter("journalctl", "--no-pager", "--quiet", "--output=json", "--all").stdout
        assert canaries.in_text(logged) == set()
        looked = (
            "grep -rlF --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --binary-files=text -f - / 2>/dev/null"
        )
        assert host.enter("sh", "-c", f"{looked} || true", input=PASSPHRASE).stdout == ""


def test_secure_sync_takes_the_link(scene: RotationScene) -> None:
    """The nightly work of the job, on the client."""
    task = {
        "secure.ftp_synchronize.secure_sync": {
            "host": scene.servers["files1"].address,
            "username": ACCOUNT,
            "private_key_file": "/etc/secure_ftp_synchronize/keys/nightly/to/files1",
            "passphrase": PASSPHRASE,
            "known_hosts_file": "/etc/ssh/partners_known_hosts",
            "src": "/etc/ssh/sshd_config.d",
            "dest": "data",
        }
    }
    done = scene.play([task], "sftp_clients")
    assert done.status == 0, done.output
    found = scene.servers["files1"].enter("ls", f"/srv/jail/{ACCOUNT}/data").stdout
    assert found == scene.inside("ls /etc/ssh/sshd_config.d")


def test_a_job_with_an_account_of_its_own(scene: RotationScene) -> None:
    scene.inside("useradd --create-home jobs")
    job = {"name": "own", "username": ACCOUNT, "servers": [{"host": name} for name in SERVERS]}
    done = scene.rotate(*CLIENTS, jobs=[job], owner="jobs")
    assert done.status == 0, done.output
    for name in SERVERS:
        link = f"/etc/secure_ftp_synchronize/keys/own/to/{name}"
        assert scene.works(name, key=link, user="jobs")
        assert not scene.works(name, key=link, user="admin")
    assert is_settled(scene), "the other job has lost nothing"


def test_a_partners_server_is_proven_and_promoted_only(scene: RotationScene) -> None:
    partner = {"name": "partner", "username": ACCOUNT, "servers": [{"host": "theirs", "managed": False}]}
    partner["servers"][0]["address"] = scene.servers["files1"].address
    done = scene.rotate(jobs=[partner])
    assert done.status != 0
    assert "Its operator needs /etc/secure_ftp_synchronize/keys/partner/keys/ed25519-" in " ".join(done.output.split())
    public = scene.inside("cat /etc/secure_ftp_synchronize/keys/partner/keys/*.pub")
    scene.servers["files1"].enter("sh", "-c", f"cat >> /etc/ssh/authorized_keys.d/{ACCOUNT}", input=public)
    again = scene.rotate(jobs=[partner])
    assert again.status == 0, again.output
    assert "Ask its operator to remove all other keys" in again.output
    assert scene.works("files1", key="/etc/secure_ftp_synchronize/keys/partner/to/theirs")
    third = scene.rotate(jobs=[partner])
    assert (third.status, third.output.count("changed=0")) == (0, 3), third.output

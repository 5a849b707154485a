# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of a real host, without its secrets; judges are sha256sum, ssh-keygen and journalctl.

The tests go through the life of one case in their order.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.running.small_disk import small_disk
from support.scenes.evidence_case import EvidenceCase, HostInMemory
from support.servers.ssh_keys import key

CASE, PRINCIPAL, NAMESPACE = "2026-041", "incident@example.com", "evidence@secure.ftp_synchronize"
RESPONDER, STOLEN = key("incident"), key("stolen")
HASH = "$6$saltsalt$" + "canaryhash" * 8
CREDENTIAL, TYPED, PASSWORD_WORD = "canary-credential-4711", "canary-argument-4711", "canary-environment-4711"


def _key_body() -> str:
    return "".join(STOLEN.path.read_text().splitlines()[1:-1])


def _planted() -> dict[str, bytes]:
    """Private keys and password hashes in places where they are not expected."""
    text, body = STOLEN.path.read_bytes(), _key_body()
    return {
        "/etc/ssh/backup.old": text,
        "/etc/ssh/notes/a/b/readme.txt": b"# notes\nhost key before the move:\n\n" + text + b"\nend\n",
        "/etc/ssh/sshd_config.d/90-local.conf.bak": b"# " + text.replace(b"\n", b"\n# ") + b"\n",
        "/etc/ssh/keys.gz": gzip.compress(text),
        "/etc/ssh/wide.txt": text.decode().encode("utf-16"),
        "/etc/ssh/body.txt": body.encode(),
        "/etc/ssh/twice.txt": base64.b64encode(text),
        "/etc/ssh/raw": base64.b64decode(body),
        "/etc/ssh/shadow.bak": f"root:{HASH}:20000:0:99999:7:::\n".encode(),
        "/etc/credstore.encrypted/job": CREDENTIAL.encode(),
        "/etc/ssh/credentials.cred": b"\0\1" + CREDENTIAL.encode(),
    }


CANARIES = Canaries(
    {
        "private key": [_key_body()[start : start + 60] for start in (70, 130, 190)],
        "hash": [HASH],
        "credential": [CREDENTIAL],
        "argument": [TYPED],
        "environment": [PASSWORD_WORD],
    }
)


class Scene:
    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.root = directory / "evidence"

    @property
    def case(self) -> Path:
        return self.root / CASE

    def provide(self) -> None:
        for path, content in _planted().items():
            self.inside(f"mkdir -p {Path(path).parent}; base64 -d > {path}", base64.b64encode(content).decode())
        self.inside("ln -s /etc/shadow /etc/ssh/link; mkfifo /etc/ssh/pipe; useradd -m -p '*' mallory")
        self.inside("useradd -m partner; install -d -o partner /home/partner/.ssh; rm -rf /home/mallory/.ssh")
        self.inside("ln -s /root/.ssh /home/mallory/.ssh")
        self.inside("logger -t internal-sftp 'found by its identifier'; journalctl --sync")
        lines = f"{key('good').public}\n{STOLEN.path.read_text()}"
        self.inside("cat > /home/partner/.ssh/authorized_keys", lines)
        self.inside(f"printf 'mallory:{HASH}\\n' | chpasswd -e")
        self.inside(
            'mkdir -p /var/log/secure_ftp_synchronize; echo \'{"kind":"login"}\' > '
            "/var/log/secure_ftp_synchronize/events.jsonl; echo 'OK LOGIN' > /var/log/vsftpd.log"
        )
        self.inside(
            f"PASSWORD={PASSWORD_WORD} systemd-run --quiet --unit=busy --description=busy -E PASSWORD={PASSWORD_WORD} "
            f"sh -c 'sleep 3000; : {TYPED}'"
        )

    def inside(self, script: str, given: str = "") -> str:
        return self.host.enter("sh", "-c", script, input=given).stdout

    def collect(self, *options: str, **changed: Any) -> Outcome:
        given = {
            "path": str(self.root),
            "case": CASE,
            "reason": "again",
            "responder": "alice",
            "since": "1h",
            "sign": {"private_key_file": str(RESPONDER.path)},
            **changed,
        }
        task = {"name": "Collect", "secure.ftp_synchronize.evidence": given, "register": "found"}
        shown = {"name": "Show", "ansible.builtin.debug": {"var": "found"}}
        return HostPlay(self.directory, self.host).run([task, shown], *options)

    def leftovers(self) -> str:
        return self.inside("ls /var/lib/secure_ftp_synchronize/evidence")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with SystemdHost("debian13") as host:
        scene = Scene(tmp_path_factory.mktemp("evidence"), host)
        scene.provide()
        yield scene


def test_check_mode_asks_nothing(scene: Scene) -> None:
    done = scene.collect("--check")
    assert (done.status, done.count("changed")) == (0, 1), done.output
    assert not scene.root.exists()
    assert scene.inside("ls /var/lib/secure_ftp_synchronize 2>/dev/null || true") == ""


def page(scene: Scene) -> list[str]:
    """Return the plays of docs/evidence.md: collect, check, hand over."""
    plays = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/evidence.md").read_text(), re.M | re.S)
    signers = scene.directory / "signers"
    signers.write_text(f'{PRINCIPAL} namespaces="{NAMESPACE}" {RESPONDER.public}\n')
    places = {
        "/srv/evidence": str(scene.root),
        "/etc/ssh/incident_ed25519": str(RESPONDER.path),
        "/etc/ssh/incident_signers": str(signers),
        "files1": "host",
    }
    for old, new in places.items():
        plays = [play.replace(old, new) for play in plays]
    return plays


def test_a_bundle(scene: Scene) -> None:
    """As docs/evidence.md does it."""
    done = HostPlay(scene.directory, scene.host).run_text(page(scene)[0])
    assert (done.status, done.count("changed")) == (0, 1), done.output
    bundle = scene.case / "0001-before-host"
    assert sorted(os.listdir(bundle)) == ["SHA256SUMS", "SHA256SUMS.sig", "capture.json", "evidence.tar.gz"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in bundle.iterdir()} == {0o400}
    assert scene.leftovers() == ""
    facts = json.loads((bundle / "capture.json").read_text())
    assert (facts["host"], facts["why"]) == ("host", "key of partner04 seen from a strange address")
    assert abs(facts["clock_offset"]) <= facts["clock_doubt"] + 1


def test_plain_programs_confirm_the_bundle(scene: Scene, tmp_path: Path) -> None:
    bundle = scene.case / "0001-before-host"
    assert subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=bundle, check=False).returncode == 0
    verified(bundle / "SHA256SUMS", bundle / "SHA256SUMS.sig", tmp_path)
    verified(scene.case / "custody.jsonl", scene.case / "custody/00000001.sig", tmp_path)


def verified(file: Path, signature: Path, directory: Path) -> None:
    signers = directory / "signers"
    signers.write_text(f'{PRINCIPAL} namespaces="{NAMESPACE}" {RESPONDER.public}\n')
    words = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", PRINCIPAL, "-n", NAMESPACE, "-s", signature]
    with file.open() as content:
        assert subprocess.run(words, stdin=content, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def unpacked(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(scene.case / "0001-before-host/evidence.tar.gz") as tar:
        tar.extractall(directory, filter="data")
    return directory


def test_what_is_in_it(unpacked: Path) -> None:
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked, check=False).returncode == 0
    files, programs = unpacked / "files", unpacked / "programs"
    for path in ("etc/ssh/sshd_config", "root/.ssh/authorized_keys", "var/log/vsftpd.log", "etc/passwd"):
        assert (files / path).stat().st_size > 0, path
    assert "login" in (files / "var/log/secure_ftp_synchronize/events.jsonl").read_text()
    assert ":22" in (programs / "sockets.txt").read_text()
    assert "sshd" in (programs / "processes.txt").read_text()
    assert "authorizedkeysfile" in (programs / "sshd.txt").read_text()
    assert (programs / "packages.txt").exists()
    assert list((files / "var/lib").rglob("wtmp.db")) or (files / "var/log/wtmp").exists()


def test_the_journal_can_be_read_back(unpacked: Path, tmp_path: Path) -> None:
    """By journalctl, after the import by systemd's own program."""
    journal = tmp_path / "evidence.journal"
    export = unpacked / "programs/journal.export"
    subprocess.run(["/usr/lib/systemd/systemd-journal-remote", "-o", journal, export], capture_output=True, check=True)
    read = ["journalctl", f"--file={journal}", "_COMM=sshd-session", "--output=cat", "--no-pager"]
    assert "Accepted publickey for" in subprocess.run(read, capture_output=True, text=True, check=True).stdout
    units = subprocess.run([*read[:2], "--output=json", "--no-pager"], capture_output=True, text=True, check=True)
    assert "found by its identifier" in units.stdout, "an entry of an ended process has no _COMM"
    assert {json.loads(line).get("_COMM") for line in units.stdout.splitlines()} >= {"sshd-session", "systemd"}


def test_no_secret_is_in_it(scene: Scene, unpacked: Path) -> None:
    assert CANARIES.in_files(unpacked) == set()
    assert CANARIES.in_bytes(gzip.decompress((scene.case / "0001-before-host/evidence.tar.gz").read_bytes())) == set()
    names = [str(path.relative_to(unpacked)) for path in unpacked.rglob("*")]
    assert [name for name in names if name.endswith("_key") or "shadow" in name or "credstore" in name] == []


def test_what_is_left_out_is_named(unpacked: Path) -> None:
    lines = map(json.loads, (unpacked / "left_out.jsonl").read_text().splitlines())
    left_out = {line["path"]: line["reason"] for line in lines}
    keys = [
        "backup.old",
        "notes/a/b/readme.txt",
        "sshd_config.d/90-local.conf.bak",
        "wide.txt",
        "body.txt",
        "twice.txt",
    ]
    assert {left_out[f"/etc/ssh/{name}"] for name in (*keys, "raw", "ssh_host_ed25519_key")} == {"private key"}
    assert left_out["/etc/ssh/shadow.bak"] == "password hash"
    assert (left_out["/etc/ssh/keys.gz"], left_out["/etc/ssh/credentials.cred"]) == ("not text", "not text")
    assert left_out["/etc/ssh/link"] == "link to /etc/shadow"
    assert left_out["/etc/ssh/pipe"] == "not a regular file"
    assert left_out["/home/mallory/.ssh/authorized_keys"].startswith("/home/mallory/.ssh is a link")


def test_keys_of_an_account_with_a_private_key_among_them(unpacked: Path) -> None:
    """An account must not keep its keys out of the evidence by a line that looks like a private key."""
    kept = unpacked / "files/home/partner/.ssh/authorized_keys.public"
    assert kept.read_text().split() == key("good").public.split()[:2]


def test_a_sealed_bundle_of_the_same_case(scene: Scene, tmp_path: Path) -> None:
    identity = tmp_path / "identity"
    subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
    recipient = subprocess.run(
        ["age-keygen", "-y", identity], check=True, capture_output=True, text=True
    ).stdout.strip()
    done = scene.collect(stage="after", recipients=[recipient])
    assert done.status == 0, done.output
    bundle = scene.case / "0002-after-host"
    assert (bundle / "evidence.tar.gz.age").read_bytes().startswith(b"age-encryption.org/v1")
    assert not (bundle / "evidence.tar.gz").exists()
    plain = tmp_path / "evidence.tar.gz"
    subprocess.run(["age", "-d", "-i", identity, "-o", plain, bundle / "evidence.tar.gz.age"], check=True)
    with tarfile.open(plain) as tar:
        assert "files/etc/ssh/sshd_config" in tar.getnames()
    steps = [json.loads(line) for line in (scene.case / "custody.jsonl").read_text().splitlines()]
    assert [(step["seq"], step["bundle"]) for step in steps] == [(1, "0001-before-host"), (2, "0002-after-host")]


def test_custody_is_checked_and_handed_over(scene: Scene) -> None:
    """By the plays of docs/evidence.md; then a changed line fails the check."""
    _collect, check, hand_over = page(scene)
    play = HostPlay(scene.directory, scene.host)
    done = play.run_text(check + hand_over)
    assert (done.status, done.count("changed")) == (0, 1), done.output
    steps = [json.loads(line) for line in (scene.case / "custody.jsonl").read_text().splitlines()]
    assert (steps[2]["action"], steps[2]["to"]) == ("handed_over", "Sergeant Miller, police")
    kept = (scene.case / "custody.jsonl").read_bytes()
    (scene.case / "custody.jsonl").write_bytes(kept.replace(b"again", b"AGAIN"))
    failed = play.run_text(check)
    assert (failed.status, "custody_broken" in failed.output) == (2, True), failed.output
    assert "line 3: broken_link" in failed.output
    (scene.case / "custody.jsonl").write_bytes(kept)


def test_a_full_disk_of_the_host_leaves_nothing(scene: Scene) -> None:
    scene.inside("mount -t tmpfs -o size=64k,mode=700 tmpfs /var/lib/secure_ftp_synchronize/evidence")
    done = scene.collect()
    assert "the file system on this host is full" in done.output
    assert scene.leftovers() == ""
    scene.inside("umount /var/lib/secure_ftp_synchronize/evidence")
    assert len(list(scene.case.glob("0*"))) == 2
    assert list(scene.root.glob(".incoming*")) == []


def test_no_room_for_the_lists(scene: Scene) -> None:
    done = scene.collect(max_size="8K")
    assert "max_size" in done.output
    assert (done.status, scene.leftovers()) == (2, "")
    assert len(list(scene.case.glob("0*"))) == 2


def test_a_log_that_a_client_filled(scene: Scene) -> None:
    """Both ends of the log and all settings are there, and the signed facts have the cut."""
    scene.inside("cp /var/log/auth.log /root/auth.log 2>/dev/null; yes flood | head -c 80000000 >>/var/log/auth.log")
    try:
        done = scene.collect(stage="after", max_size="40M")
    finally:
        scene.inside("cat /root/auth.log >/var/log/auth.log || rm /var/log/auth.log")
    assert (done.status, "max_size: of 1 logs and outputs" in done.output) == (0, True), done.output
    bundle = scene.case / "0003-after-host"
    (cut,) = json.loads((bundle / "capture.json").read_text())["cut"]
    assert cut["name"] == "files/var/log/auth.log"
    assert cut["first"] + cut["newest"] < 40 << 20 < cut["size"]
    with tarfile.open(bundle / "evidence.tar.gz") as tar:
        names = set(tar.getnames())
    assert {cut["name"] + ".first", cut["name"] + ".newest", "files/etc/ssh/sshd_config"} < names
    assert "programs/journal.export" in names


@pytest.mark.parametrize("size", [1 << 20, 112_000, 116_000, 120_000, 124_000])
def test_a_full_disk_of_the_controller_leaves_nothing(size: int) -> None:
    """Before the archive is read, if it has no room, and at a later write."""
    with small_disk("size=128k") as disk:
        case = EvidenceCase(disk)
        with pytest.raises(SyncError, match=r"no room|full"):
            case.collect(HostInMemory(b"x" * size), most=1 << 22)
        assert case.left() == []
        assert not case.custody.exists()
        assert list(case.directory.glob("custody/*.sig")) == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore drills against real servers: the tasks of docs/drills.md as a play, kills, a second mount, and that a drill
changes nothing else on this host. ssh-keygen and jq judge the records."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import restore_drill, secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.scratch import MARKER
from support.running.examples import ROOT
from support.running.play import Play
from support.running.tasks import run_task
from support.scenes.sealed_pair import age_key
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.ssh_keys import key
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.trees.receipt_chain import LINE, NAMESPACE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL, Sender

PAGE = (ROOT / "docs/drills.md").read_text()
FILES = {"a": b"alpha", "sub/b": b"beta" * 1000, "sub/deep/c": b"", "accounts.db": b"x" * 300_000}
KEY = {"private_key_file": str(key("receipts").path)}


class Backup:
    """A signed set on a server, and a place for drills."""

    def __init__(self, server: Any, place: Path, **pushed: Any) -> None:
        self.server, self.place = server, place
        self.scratch, self.live = place / "scratch", place / "live"
        self.chain = ReceiptChain(place / "drills")
        for name, content in FILES.items():
            path = self.live / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if isinstance(server, SshServer):
            (self.live / "to_a").symlink_to("a")
        result = run_task(
            secure_sync,
            **self.endpoint,
            src=str(self.live),
            dest=self.remote,
            links="copy",
            state_dir=str(place / "sender"),
            sign={"private_key_file": str(key("release").path)},
            **pushed,
        )
        assert "failed" not in result, result["msg"]

    @property
    def remote(self) -> str:
        return f"{self.server.remote_root}/{self.place.name}"

    @property
    def endpoint(self) -> dict[str, Any]:
        server = self.server
        where = {"host": server.host, "port": server.port, "username": server.user}
        if isinstance(server, SshServer):
            return {**where, "private_key_file": str(server.key.path), "known_hosts_file": str(server.known_hosts)}
        return {**where, "protocol": "ftps", "password": server.password, "ca_file": str(server.authority.file)}

    @property
    def receipts(self) -> dict[str, Any]:
        return {"path": str(self.chain.directory), **KEY}

    def options(self, **other: Any) -> dict[str, Any]:
        verify = {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]}
        given = {"src": self.remote, "scratch": str(self.scratch), "live": [str(self.live)], "verify": verify}
        return {**self.endpoint, **given, "receipts": self.receipts, **other}

    def drill(self, **other: Any) -> dict[str, Any]:
        return run_task(restore_drill, **self.options(**other))


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def backup(sshd: Sshd, tmp_path: Path) -> Iterator[Backup]:
    yield Backup(sshd, tmp_path)
    shutil.rmtree(sshd.root / tmp_path.name)


def everything(place: Path) -> dict[str, Any]:
    """Give each entry below a directory with its content and times, without the records."""
    return {
        str(path.relative_to(place)): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in place.rglob("*")
        if not path.is_relative_to(place / "drills")
    }


def test_a_drill_changes_nothing_but_its_records(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a user with an agent, known_hosts and a configuration that would spoil the login."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(home / "no-agent"))
    before = everything(tmp_path)
    result = backup.drill(policy={"rto": "10m", "rpo": "1h", "max_age": "100d", "min_coverage": 100})
    assert "failed" not in result, result["msg"]
    assert everything(tmp_path) == before
    assert not backup.scratch.exists()
    drill = result["drill"]
    assert (drill["verdict"], drill["coverage"]["files"], drill["coverage"]["percent"]) == ("passed", 4, 100)
    assert 1 <= drill["rto_seconds"] <= 600
    assert judged(backup.chain, 1)


def judged(chain: ReceiptChain, number: int) -> bool:
    """Ask ssh-keygen about a record."""
    signers = chain.directory.parent / "judge"
    signers.write_text(LINE + "\n")
    words = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        signers,
        "-I",
        PRINCIPAL,
        "-n",
        NAMESPACE,
        "-s",
        chain.signature(number),
    ]
    done = subprocess.run(words, input=chain.path(number).read_bytes(), capture_output=True, check=False)
    return done.returncode == 0


def test_over_ftps(tmp_path: Path) -> None:
    with ProftpdFtps() as server:
        result = Backup(server, tmp_path).drill()
        shutil.rmtree(server.root / tmp_path.name)
    assert "failed" not in result, result["msg"]
    assert result["drill"]["coverage"]["percent"] == 100


def test_encrypted_files_are_opened(sshd: Sshd, tmp_path: Path) -> None:
    reader, other = age_key(), age_key()
    backup = Backup(sshd, tmp_path, encrypt={"recipients": [reader.recipient]})
    assert (sshd.root / tmp_path.name / "a.age").exists()
    result = backup.drill(decrypt={"identities": [reader.identity]})
    assert "failed" not in result, result["msg"]
    assert result["drill"]["coverage"]["percent"] == 100
    result = backup.drill(decrypt={"identities": [other.identity]})
    assert result["error"]["code"] == "identity_missing"
    assert "AGE-SECRET-KEY" not in backup.chain.path(1).read_text()
    assert not backup.scratch.exists()
    shutil.rmtree(sshd.root / tmp_path.name)


def test_a_change_on_the_disk_of_the_server_fails_the_drill(backup: Backup, sshd: Sshd) -> None:
    (sshd.root / backup.place.name / "a").write_bytes(b"ALPHA")
    result = backup.drill()
    assert (result["error"]["code"], result["error"]["path"]) == ("digest_mismatch", "a")
    assert (backup.chain.fields(1)["verdict"], backup.chain.fields(1)["coverage"]["files"]) == ("failed", 3)
    assert not backup.scratch.exists()


def test_a_killed_drill_is_recorded_by_the_next(backup: Backup, tmp_path: Path) -> None:
    """The process receives SIGKILL while it transfers, which its marker shows; a limit of the rate keeps it there."""
    options = tmp_path / "options.json"
    options.write_text(json.dumps(backup.options(bandwidth_limit="20K")))
    script = (
        "import json, sys\n"
        "from support.running.tasks import run_task\n"
        "from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import restore_drill\n"
        "run_task(restore_drill, **json.load(open(sys.argv[1])))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", script, str(options)], env=environment) as process:
        deadline = time.monotonic() + 60
        while phase_of(backup.scratch / MARKER) != "transfer":
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert (backup.scratch / "tree").is_dir()
    result = backup.drill()
    assert "failed" not in result, result["msg"]
    assert (result["aborted"]["sequence"], result["receipt"]["sequence"]) == (1, 2)
    first = backup.chain.fields(1)
    assert (first["verdict"], first["phase"]) == ("aborted", "transfer")
    assert judged(backup.chain, 1)
    assert not backup.scratch.exists()


def test_a_synced_marker_makes_no_directory_scratch(backup: Backup, tmp_path: Path) -> None:
    """The marker is genuine, of a drill on this host with the same receipts."""
    restored = backup.drill(state="restored")
    assert "failed" not in restored, restored["msg"]
    marker = json.loads((backup.scratch / MARKER).read_bytes())
    filled = tmp_path / "filled"
    filled.mkdir(mode=0o700)
    (filled / MARKER).write_text(json.dumps({**marker, "waiting": None}))
    for name in ("ledger.db", "tree"):
        (filled / name).write_text("mine")
        before = everything(filled)
        assert backup.drill(scratch=str(filled))["error"]["code"] == "unsafe_path"
        assert everything(filled) == before
        (filled / name).unlink()
    (backup.scratch / "ledger.db").write_text("mine")
    ended = {"state": "checked", "scratch": str(backup.scratch), "receipts": backup.receipts}
    assert run_task(restore_drill, **ended)["error"]["code"] == "unsafe_path"
    assert (backup.scratch / "ledger.db").read_text() == "mine"
    (backup.scratch / "ledger.db").unlink()
    result = run_task(restore_drill, **ended)
    assert "failed" not in result, result["msg"]
    assert not backup.scratch.exists()
    assert [name for name in os.listdir(backup.chain.directory) if "scratch" in name] == []


def phase_of(marker: Path) -> str:
    try:
        return str(json.loads(marker.read_bytes())["phase"])
    except FileNotFoundError:
        return ""


def drilled_behind_a_mount(backup: Backup, mount: str, scratch: Path) -> str:
    """Drill in a process with a mount of its own, and give the code of the error."""
    options, script = backup.place / "options.json", backup.place / "script.py"
    options.write_text(json.dumps(backup.options(scratch=str(scratch))))
    script.write_text(
        "import json, os, sys\n"
        "from support.running.tasks import run_task\n"
        "from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import restore_drill\n"
        "options = json.load(open(sys.argv[1]))\n"
        "print(run_task(restore_drill, **options)['error']['code'], os.path.exists(options['scratch']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = ["unshare", "--mount", "sh", "-c", f"{mount} && exec {sys.executable} {script} {options}"]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_second_mount_of_live_data_is_refused(backup: Backup, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    said = drilled_behind_a_mount(backup, f"mount --bind {backup.live} {second}", second / "scratch")
    assert said == "unsafe_path False\n"
    assert (backup.chain.fields(1)["verdict"], backup.chain.fields(1)["error"]) == ("failed", "unsafe_path")
    assert sorted(os.listdir(backup.live)) == ["a", "accounts.db", "sub", "to_a"]


@pytest.mark.parametrize(("limit", "moved"), [("size=200k", False), ("size=10m,nr_inodes=12", True)])
def test_a_full_disk_is_recorded_and_left_empty(backup: Backup, tmp_path: Path, limit: str, moved: bool) -> None:
    """The first disk is too small for the set, the second runs out of inodes during the transfer."""
    disk = tmp_path / "disk"
    disk.mkdir()
    said = drilled_behind_a_mount(backup, f"mount -t tmpfs -o {limit},mode=700 tmpfs {disk}", disk / "scratch")
    assert said == "no_space False\n"
    record = backup.chain.fields(1)
    assert (record["verdict"], record["error"]) == ("failed", "no_space")
    assert ("transfer" in record["phases"]) == moved


def tasks_of_the_page() -> list[dict[str, Any]]:
    """Give the tasks of the page, and the tasks of its block, without the section about the role."""
    before, _title, after = PAGE.partition("\n## Drill with the role\n")
    without = before + after[after.index("\n## ") :]
    blocks = re.findall(r"^```yaml\n(.*?)^```$", without, re.MULTILINE | re.DOTALL)
    lists = [tasks for tasks in map(yaml.safe_load, blocks) if isinstance(tasks, list)]
    return [task for tasks in lists for each in tasks for task in each.get("block", [each])]


def with_results(check: dict[str, Any]) -> dict[str, Any]:
    """Give a check with the name of a result in a Play."""
    return {**check, "passed": check["passed"].replace("database", "result2")}


def on_this_machine(task: dict[str, Any], backup: Backup) -> dict[str, Any]:
    """Replace host, keys and paths of a task, and names of results, and nothing else."""
    ((module, options),) = [(name, each) for name, each in task.items() if isinstance(each, dict)]
    if module == "ansible.builtin.command":
        return {**task, module: {"cmd": "stat -c ok {{ result1.tree }}/accounts.db"}}
    signers, place = backup.place / "signers", backup.place
    signers.write_text(f"{Sender(key('release')).line}\n{LINE.replace(PRINCIPAL, 'drills@example.com')}\n")
    receipts = options.get("receipts", {})
    changed = {
        "src": backup.remote,
        "scratch": str(backup.scratch),
        "live": [str(backup.live)],
        "path": str(place / "restore_drill"),
        "verify": {**options.get("verify", {}), "allowed_signers_file": str(signers)},
        "receipts": {**receipts, "path": str(place / receipts.get("job", "restore_drill")), **KEY},
        "checks": [with_results(check) for check in options.get("checks", ())],
    }
    server = backup.endpoint if "host" in options else {}
    return {**task, module: {**{name: changed.get(name, value) for name, value in options.items()}, **server}}


def test_the_tasks_of_the_page_as_a_play(backup: Backup, tmp_path: Path) -> None:
    played = Play(tmp_path / "play").run([on_this_machine(task, backup) for task in tasks_of_the_page()])
    finished, restored, _database, checked, sample, newest = played.results
    for result in played.results:
        assert not result.get("failed"), result["msg"]
    assert finished["drill"]["next_due"] > finished["drill"]["ended"]
    assert (restored["changed"], restored["tree"]) == (True, str(backup.scratch / "tree"))
    assert checked["drill"]["checks"] == [{"name": "the database is whole", "passed": True}]
    assert checked["drill"]["phases"]["checks"] > 0
    assert sample["drill"]["rto_seconds"] is None
    assert (newest["drill"]["seq"], newest["drill"]["type"]) == (2, "drill")
    assert not backup.scratch.exists()
    (command,) = re.findall(r"^<!-- run: records -->\n```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    command = command.replace("/var/lib/receipts/drills", str(backup.place / "restore_drill"))
    shown = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert [line.split("\t")[1] for line in shown.splitlines()] == ["passed", "passed"]

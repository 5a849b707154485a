# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secure_sync as a user meets it: ansible-playbook, the module packed by Ansible, a real sshd."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
from support.judges.canaries import Sampler
from support.running.patience import HANG_SECONDS
from support.running.play import Play
from support.running.processes import lingering, mark, orphans
from support.scenes.module_tasks import (
    Task,
    module_that_sends,
    own_directory,
    remote,
    slow_task,
    small_tree,
    task_maker,
)
from support.servers.ports import free_port
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd

server = served(Sshd)


@pytest.fixture
def far(server: Sshd, request: pytest.FixtureRequest) -> Path:
    """Return a directory of this test's own at the server."""
    return own_directory(server, request.node.name)


@pytest.fixture
def task(server: Sshd, far: Path, tmp_path: Path) -> Task:
    """Return a function that makes a task with a good endpoint; options win."""
    login = {"private_key_file": str(server.key.path), "known_hosts_file": str(server.known_hosts)}
    return task_maker(server, far, tmp_path, ssh_config_file="none", ssh_agent=False, **login)


@pytest.fixture
def near(tmp_path: Path) -> Path:
    """Return a small local tree."""
    return small_tree(tmp_path / "near")


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return a place to run plays in."""
    return Play(tmp_path / "play")


def snapshot(root: Path) -> dict[str, tuple[str, int, float]]:
    """Return the entries of a tree: content, mode and time of each file and directory."""
    found = {}
    for path in sorted(root.rglob("*")):
        content = "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
        status = path.stat()
        found[str(path.relative_to(root))] = (content, status.st_mode, status.st_mtime // 1)
    return found


def test_push_and_push_again_and_pull(task: Task, play: Play, near: Path, far: Path, server: Sshd) -> None:
    back = near.parent / "back"
    for path in (near / "a.txt", near / "sub/b.bin"):  # young files are hashed again: SFTP's times are whole seconds
        os.utime(path, (1_600_000_000, 1_600_000_000))
    pull = task(direction="pull", src=remote(server, far) + "/tree", dest=str(back))
    first, second, third, fourth = play.run([task(), task(), pull, pull]).results
    assert first["failed"] is False, first["msg"]
    assert first["changed"] is True
    assert first["totals"] == {
        "create_directory": 3,
        "store": 2,
        "link": 0,
        "set_attributes": 0,
        "remove": 0,
        "failed_items": 0,
        "skipped_items": 0,
    }
    assert {each["path"]: each["proof"] for each in first["changes"] if each["action"] == "store"} == {
        "a.txt": "server_hash",
        "sub/b.bin": "server_hash",
    }
    assert re.fullmatch(
        r"pushed 2 files \(1\.0 MiB\) and created 3 directories in [\d.]+ s at [\d.]+ [KM]iB/s; "
        r"all proven by server_hash",
        first["msg"],
    )
    assert first["peer"]["protocol"] == "SSH-2.0"
    assert first["peer"]["host_key_fingerprint"] == server.fingerprints[0]
    assert first["proofs"]["server_hash"] == 2
    assert second["changed"] is False
    assert second["changes"] == []
    assert second["msg"] == "nothing to do; 2 files are the same, all proven by an earlier run"
    assert second["stats"]["bytes_sent"] == second["stats"]["bytes_received"] == 0
    assert third["changed"] is True
    assert fourth["changed"] is False
    assert snapshot(near) == snapshot(far / "tree") == snapshot(back)


def test_check_mode_predicts_and_writes_nothing(task: Task, play: Play, near: Path, far: Path) -> None:
    play.run([task()])
    (near / "a.txt").write_bytes(b"second, longer\n")
    (near / "new").mkdir()
    (near / "new" / "c").write_bytes(b"")
    (far / "tree" / "extra").write_bytes(b"x")
    before = snapshot(far)
    options = {"delete": True, "max_delete": "50%"}
    ((checked,), (real,), (again,)) = (
        play.run([task(**options)], "--check", "--diff").results,
        play.run([task(**options)], "--diff").results,
        play.run([task(**options)], "--check", "--diff").results,
    )
    assert checked["changed"] is real["changed"] is True
    assert checked["totals"] == real["totals"]
    assert [(each["path"], each["action"], each["reason"]) for each in checked["changes"]] == [
        (each["path"], each["action"], each["reason"]) for each in real["changes"]
    ]
    assert checked["diff"] == real["diff"]
    lines = checked["diff"]["prepared"].splitlines()
    assert [line.split(" (")[0] for line in lines[:-1]] == ["- extra", "~ a.txt", "+ new", "+ new/c"]
    assert lines[-1] == "Total: 1 removal (1 B), 1 replacement (15 B), 2 new entries"
    assert checked["msg"] == "would push 2 files (15 B), create 1 directory and remove 1 entry"
    assert again["changed"] is False
    assert again["diff"] == {"prepared": ""}
    assert snapshot(near) == snapshot(far / "tree") != before["tree"]


def test_check_mode_writes_nothing_at_all(task: Task, play: Play, near: Path, far: Path) -> None:
    before = snapshot(near.parent), snapshot(far)
    (checked,) = Play(near.parent.parent / f"{near.parent.name}-play").run([task()], "--check").results
    assert checked["changed"] is True
    assert (snapshot(near.parent), snapshot(far)) == before


def test_diff_is_shown(task: Task, play: Play, near: Path) -> None:
    output = play.run([task()], "--diff").output
    assert "+ a.txt (file, 6 B, 0644, " in output
    assert "+ sub/b.bin (file, 1.0 MiB, 0600, " in output
    assert "first" not in output, "the content of a file"


def test_a_destination_that_is_made_is_a_change(task: Task, play: Play, tmp_path: Path, far: Path) -> None:
    (tmp_path / "near").mkdir()
    (checked,) = play.run([task()], "--check").results
    assert not (far / "tree").exists()
    real, again = play.run([task(), task()], "--diff").results
    assert real["diff"] == {"prepared": "+ . (directory, 0755)\nTotal: 1 new entry\n"}
    assert (far / "tree").is_dir()
    assert [checked["changed"], real["changed"], again["changed"]] == [True, True, False]


def test_a_single_file(task: Task, play: Play, near: Path, far: Path, server: Sshd) -> None:
    options = {"src": str(near / "a.txt"), "dest": remote(server, far) + "/renamed"}
    first, second = play.run([task(**options), task(**options)]).results
    assert [first["changed"], second["changed"]] == [True, False]
    assert (far / "renamed").read_bytes() == b"first\n"
    assert [each["path"] for each in first["changes"]] == ["renamed"]


def test_skipped_items_do_not_skip_the_task(task: Task, play: Play, near: Path) -> None:
    (near / "link").symlink_to("a.txt")
    os.mkfifo(near / "pipe")
    played = play.run([task()])
    (result,) = played.results
    assert [each["path"] for each in result["skipped_items"]] == ["link", "pipe"]
    assert result["changed"] is True
    assert "skipped=0" in played.output
    assert result["msg"].endswith("; skipped 2 entries")


def test_names_are_escaped_in_the_result_and_kept_in_the_tree(task: Task, play: Play, near: Path, far: Path) -> None:
    names = [
        b"\x1b[2Jx",
        b"\xff\xfe",
        b"line\nbreak",
        b"{{ 1 + 1 }}",
        b"\xe2\x80\xaetxt",
        b"back\\slash",
        b"-rf",
        b"'\"",
    ]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(near), name))).write_bytes(name)
    played = play.run([task()], "--diff")
    (result,) = played.results
    shown = {each["path"] for each in result["changes"]}
    assert shown >= {
        "\\x1b[2Jx",
        "\\xff\\xfe",
        "line\\x0abreak",
        "{{ 1 + 1 }}",
        "\\u202etxt",
        "back\\\\slash",
        "-rf",
        "'\"",
    }
    assert {os.fsencode(path.name) for path in (far / "tree").iterdir()} >= set(names)
    assert "\x1b" not in played.output
    assert "\u202e" not in played.output


def test_the_cure_fits_the_cause(task: Task, play: Play, near: Path, far: Path, server: Sshd, tmp_path: Path) -> None:
    """Paths, keys and directories that a first-time user gets wrong."""
    (far / "closed").mkdir(mode=0o755)
    there = remote(server, far)
    (tmp_path / "known").write_text(f"# ours\n[{server.host}]:{server.port} {key('somebody').public}\n")
    cases = [
        (task(src=f"{near}/*.txt"), "source_missing", "src takes no wildcards: set it to the directory, and select"),
        (task(direction="pull", src=f"{there}/*.txt", dest=str(tmp_path / "back")), "source_missing", "no wildcards"),
        (task(private_key_file="keys/job"), "private_key_unusable", "private_key_file: '/"),
        (task(known_hosts_file="/nowhere"), "trust_store_unreadable", "host_key_pin, which makes the file"),
        (task(known_hosts_file=str(tmp_path / "known")), "host_key_changed", f"({tmp_path}/known line 2). This may be"),
        (task(dest=f"{there}/closed"), "permission_denied", "Let the account list this directory and write to it, or"),
        (task(dest=f"{there}/closed/new"), "permission_denied", "write to the parent directory, or correct dest."),
    ]
    played = play.run([case for case, _code, _words in cases])
    for (_case, code, words), result in zip(cases, played.results, strict=True):
        assert (result["error"]["code"], words in result["msg"]) == (code, True), result["msg"]
    assert str(server.fingerprints[0]) in played.results[4]["msg"]
    assert key("somebody").fingerprint in played.results[4]["msg"]
    assert [line for line in played.output.splitlines() if line.startswith("localhost: source_missing: src: ")]


def test_errors_have_code_item_and_cure(task: Task, play: Play, near: Path, far: Path, tmp_path: Path) -> None:
    play.run([task()])
    for number in range(20):
        (far / "tree" / f"extra{number}").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "open_key").write_text(key("client").text)
    (tmp_path / "open_key").chmod(0o644)
    other = key("somebody").public
    before = snapshot(far)
    cases = {
        "invalid_request": task(bandwidth_limit="fast"),
        "invalid_pattern": task(exclude=["[a"]),
        "source_missing": task(src="/nowhere"),
        "unknown_host": task(known_hosts_file="/dev/null"),
        "host_key_changed": task(known_hosts_file=None, host_keys=[other]),
        "trust_store_unreadable": task(known_hosts_file="/nowhere"),
        "authentication_failed": task(private_key_file=str(key("stranger").path)),
        "private_key_unusable": task(private_key_file=str(tmp_path / "open_key")),
        "connection_failed": task(port=free_port(), retries=0),
        "too_many_deletions": task(delete=True),
        "empty_source": task(src=str(tmp_path / "empty"), delete=True, max_delete="100%"),
    }
    results = dict(zip(cases, play.run(list(cases.values())).results, strict=True))
    assert {name: result["error"]["code"] for name, result in results.items()} == {name: name for name in cases}
    for name, result in results.items():
        assert result["failed"] is True, name
        assert result["changed"] is False, name
        assert result["error"]["cure"], name
        assert result["error"]["cure"] in result["msg"], name
        assert result["error"]["message"].rstrip(".") in result["msg"], name
        assert result.get("totals", {}).get("store", 0) == 0, name
    after = snapshot(far)
    # The lock came and went in the directory itself, and left its mark in the time of that alone.
    del before["tree"], after["tree"]
    assert after == before
    print(f"{len(cases)} errors, each with code and cure, nothing changed")


def test_a_failed_item_is_named_and_the_others_are_done(task: Task, play: Play, near: Path, far: Path) -> None:
    (far / "tree").mkdir(mode=0o755)
    (far / "tree" / "sub").mkdir(mode=0o755)
    os.chown(far / "tree", far.stat().st_uid, far.stat().st_gid)
    (result,) = play.run([task()]).results
    assert result["failed"] is True
    assert result["changed"] is True
    assert result["error"]["code"] == "permission_denied"
    assert result["error"]["path"].startswith("sub")
    assert {each["code"] for each in result["failed_items"]} == {"permission_denied"}
    assert [each["path"] for each in result["changes"] if each["action"] == "store"] == ["a.txt"]
    assert (far / "tree" / "a.txt").read_bytes() == b"first\n"


def test_options_that_contradict(task: Task, play: Play) -> None:
    (result,) = play.run([task(private_key="-----BEGIN")]).results
    assert result["failed"] is True
    assert "mutually exclusive" in result["msg"]


def test_the_endpoint_comes_from_module_defaults(task: Task, play: Play, near: Path) -> None:
    options = task()["secure_sync"]
    own = {name: options.pop(name) for name in ("src", "dest", "state_dir")}
    play.keywords["module_defaults"] = {"group/secure.ftp_synchronize.endpoint": options}
    (result,) = play.run([{"secure_sync": own}]).results
    assert result["failed"] is False
    assert result["changed"] is True


def test_in_the_background(task: Task, play: Play, near: Path) -> None:
    (result,) = play.run([{**task(), "async": 60, "poll": 1}]).results
    assert result["failed"] is False, result["msg"]
    assert result["totals"]["store"] == 2


def test_key_text_never_touches_the_disk(task: Task, play: Play, near: Path, server: Sshd) -> None:
    (result,) = play.run([task(private_key_file=None, private_key=server.key.text.rstrip())]).results
    assert result["failed"] is False, result["msg"]
    assert result["changed"] is True


def test_no_secret_is_shown_anywhere(task: Task, play: Play, near: Path, tmp_path: Path) -> None:
    locked = key("canary", passphrase="canary-passphrase")
    lines = [line for line in locked.text.splitlines() if not line.startswith("-----")]
    canaries = ["canary-password", "canary-passphrase", "canary-wrong", *lines]
    marked = mark()
    play.environment.update(marked, ANSIBLE_DISPLAY_TRACEBACK="always", ANSIBLE_KEEP_REMOTE_FILES="false")
    good = {"private_key_file": None, "private_key": locked.text, "passphrase": "canary-passphrase"}
    tasks = [
        task(**good, password="canary-password"),
        task(**{**good, "passphrase": "canary-wrong"}),
        task(private_key_file=None, password="canary-password"),
        task(password="canary\npassword"),
        task(private_key_file=None, private_key="canary-wrong"),
        task(password="canary-password", src="/nowhere"),
    ]
    with Sampler(marked, canaries) as sampler:
        played = play.run(tasks, "-vvvvv", "--diff")
    assert [result["failed"] for result in played.results] == [True] * 6
    text = played.output + (tmp_path / "play" / "ansible.log").read_text()
    assert [canary for canary in canaries if canary in text] == []
    assert sampler.found == set()
    assert len(sampler.seen) > 6
    kept = [path for path in (tmp_path / "play").rglob("*") if path.is_file() and path.name != "play.yml"]
    assert [path for path in kept if any(canary.encode() in path.read_bytes() for canary in canaries)] == []
    print(f"{len(canaries)} canaries, {len(sampler.seen)} processes, {len(text)} characters of output: 0 found")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_to_the_module(number: signal.Signals, task: Task, play: Play, near: Path, far: Path) -> None:
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near)]) as process:
        os.kill(module_that_sends(marked, far), number)
        (result,) = play.wait(process).results
    assert result["error"]["code"] == "interrupted", result["msg"]
    assert number.name in result["msg"]
    assert result["changed"] is True
    assert " Finished: created 3 directories in " in result["msg"]
    assert lingering(marked) == {}
    assert list(far.rglob(".secure_sync*")) == []
    assert not (far / "tree" / "large").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_to_the_playbook(number: signal.Signals, task: Task, play: Play, near: Path, far: Path) -> None:
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near)]) as process:
        module_that_sends(marked, far)
        os.kill(process.pid, number)
        process.communicate(timeout=2 * HANG_SECONDS)
        assert lingering(marked) == {}
    assert list(far.rglob(".secure_sync*")) == []


def test_a_module_that_is_killed_leaves_no_process_and_the_next_run_cleans_up(
    task: Task, play: Play, near: Path, far: Path
) -> None:
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near)]) as process:
        os.kill(module_that_sends(marked, far), signal.SIGKILL)
        play.wait(process)
        assert lingering(marked) == {}
    assert [path.name for path in far.rglob(".secure_sync*")] != []
    (near / "large").unlink()
    (result,) = play.run([task()]).results
    assert result["failed"] is False, result["msg"]
    assert list(far.rglob(".secure_sync*")) == []
    assert snapshot(near) == snapshot(far / "tree")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_file_of_a_module_that_ended_is_continued(
    number: signal.Signals, task: Task, play: Play, near: Path, far: Path, tmp_path: Path
) -> None:
    """With the defaults of `partial: keep`: the file has 64 MiB."""
    options = {"partial": "keep", "state_dir": str(tmp_path / "state")}
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near, **options)]) as process:
        module = module_that_sends(marked, far)
        until = time.monotonic() + HANG_SECONDS
        while not any(_recorded(each) for each in (tmp_path / "state").glob("*.partial-1")):
            assert time.monotonic() < until, "nothing is recorded"
            time.sleep(0.05)
        os.kill(module, number)
        play.wait(process)
    (part,) = far.rglob("*.part")
    assert part.stat().st_mode & 0o777 == 0o600
    (foreseen,) = play.run([task(**options)], "--check").results
    (note,) = [each for each in foreseen["notes"] if "continues" in each]
    assert re.fullmatch(r"large continues at \d+ of 67108864 bytes, where a run broke off", note)
    (result,) = play.run([task(**options)]).results
    assert result["failed"] is False, result["msg"]
    assert note in result["notes"]
    assert result["stats"]["bytes_saved"] == int(note.split()[3])
    content = sum(path.stat().st_size for path in near.rglob("*") if path.is_file())
    assert result["stats"]["bytes_sent"] == content - result["stats"]["bytes_saved"]
    assert list(far.rglob(".secure_sync*")) == []
    assert snapshot(near) == snapshot(far / "tree")


def _recorded(record: Path) -> int:
    """Return the bytes that a record has of its only file."""
    try:
        return int(record.read_bytes().split()[5])
    except (FileNotFoundError, IndexError):  # replaced meanwhile
        return 0


def test_a_module_whose_playbook_is_killed_ends_in_order(task: Task, play: Play, near: Path, far: Path) -> None:
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near)]) as process:
        module_that_sends(marked, far)
        for pid, line in orphans(marked).items():
            if "ansible-playbook" in line:
                os.kill(pid, signal.SIGKILL)
        process.wait(timeout=HANG_SECONDS)
        assert lingering(marked) == {}
    assert list(far.rglob(".secure_sync*")) == []

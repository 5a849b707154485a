# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""remote_path and remote_path_info at real servers, also with a jail, and at scripted servers, because real ones do not
lie."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import remote_path, remote_path_info
from support.running.examples import ROOT
from support.running.inventory_play import InventoryPlay
from support.running.play import Play
from support.running.slices import slice_of
from support.running.tasks import run_task
from support.scenes.module_tasks import own_directory, remote
from support.scripted.ftps_wire import Command
from support.scripted.scripted_ftps import ScriptedFtps
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.proxy import Fault, Proxy
from support.servers.pure_ftpd import PureFtpd
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

KINDS: dict[str, Callable[[], Any]] = {
    "sshd": Sshd,
    "jail": partial(Sshd, jail=True),
    "vsftpd": Vsftpd,
    "proftpd": ProftpdFtps,
    "pure-ftpd": PureFtpd,
}
LOCK = ".secure_sync.lock"
AFTER_LOGIN = 800
SMALLEST_PACKET = 24
"""Bytes of the smallest encrypted packet of SSH and TLS: a cut within it is the same at each of its bytes."""


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    with KINDS[request.param]() as running:
        yield running


def login(server: Any, **options: Any) -> dict[str, Any]:
    """Return the options that lead to a server."""
    endpoint = {"host": server.host, "port": server.port, "username": server.user}
    if isinstance(server, Sshd):
        trust = {"private_key_file": str(server.key.path), "host_keys": server.host_public_keys}
        return {**endpoint, **trust, "ssh_config_file": "none", "ssh_agent": False, **options}
    secret = {"password": server.password, "ca_file": str(server.authority.file)}
    return {**endpoint, **secret, "protocol": "ftps", **options}


class There:
    """A directory of a test's own at a server: `far` for the test, `name` for the server."""

    def __init__(self, server: Any, far: Path) -> None:
        self.server, self.far, self.name = server, far, remote(server, far)
        self.login = login(server)

    def put(self, name: str, content: bytes = b"x", mode: int = 0o644) -> Path:
        path = self.far / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        self.give()
        return path

    def give(self) -> None:
        for path in (self.far, *self.far.rglob("*")):
            if not path.is_symlink():
                self.server.give(path)

    def change(self, path: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {name: f"{self.name}/{value}" if name == "src" else value for name, value in options.items()}
        return run_task(remote_path, check=check, diff=True, path=f"{self.name}/{path}", **{**self.login, **given})

    def twice(self, path: str, **options: Any) -> dict[str, Any]:
        """Check mode foresees the change and writes nothing; the change; a second run changes nothing."""
        before = self.stamps()
        foreseen = self.change(path, check=True, **options)
        assert self.stamps() == before
        made = self.change(path, **options)
        assert made.get("failed") is None, made["msg"]
        again = self.change(path, **options)
        assert (foreseen["changed"], made["changed"], again["changed"]) == (True, True, False), again
        assert foreseen["diff"] == made["diff"]
        assert foreseen["removed"] == made["removed"]
        assert foreseen["msg"].replace("would ", "") == made["msg"]
        assert again["diff"]["before"] == again["diff"]["after"]
        return made

    def look(self, path: str = "", **options: Any) -> dict[str, Any]:
        return run_task(remote_path_info, path=f"{self.name}/{path}", **{**self.login, **options})

    def stamps(self) -> dict[str, tuple[int, ...]]:
        """Return the change times, inodes and sizes of all entries: each write shows."""
        found = (self.far, *self.far.rglob("*"))
        return {str(path): (stat.st_ctime_ns, stat.st_ino, stat.st_size) for path in found for stat in [path.lstat()]}

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.far)) for path in self.far.rglob("*"))


@pytest.fixture
def there(server: Any, request: pytest.FixtureRequest) -> There:
    return There(server, own_directory(server, request.node.name))


def code(result: dict[str, Any]) -> Any:
    return result["error"]["code"] if "error" in result else None


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


# directories


def test_a_directory_is_made_with_its_parents(there: There) -> None:
    refused = there.change("a/b/c", state="directory", mode="0750")
    assert code(refused) == "not_found"
    assert refused["error"]["cure"] == "Set create_parents to true, or correct path."
    assert (refused["changed"], there.names()) == (False, [])
    made = there.twice("a/b/c", state="directory", mode="0750", create_parents=True)
    assert (made["state"], made["mode"]) == ("directory", "0750")
    assert made["diff"]["after"]["directories"] == [f"{there.name}/a", f"{there.name}/a/b", f"{there.name}/a/b/c"]
    assert [mode(there.far / name) for name in ("a", "a/b", "a/b/c")] == [0o750] * 3


def test_a_new_directory_is_private_and_its_mode_can_change(there: There) -> None:
    there.twice("private", state="directory")
    assert mode(there.far / "private") == 0o700
    (there.far / "private").chmod(0o2700)
    changed = there.twice("private", state="directory", mode="0755")
    assert (changed["diff"]["before"]["mode"], changed["diff"]["after"]["mode"]) == ("0700", "0755")
    assert mode(there.far / "private") & 0o777 == 0o755
    if isinstance(there.server, Sshd):
        assert mode(there.far / "private") == 0o2755


def test_other_kinds_in_the_way_of_a_directory(there: There) -> None:
    there.put("file")
    (there.far / "real").mkdir()
    (there.far / "link").symlink_to("real")
    there.give()
    for path in ("file", "file/below/it", "link"):
        refused = there.change(path, state="directory", mode="0755", create_parents=True)
        assert code(refused) == "kind_conflict", refused["msg"]
    there.twice("link/below", state="directory")
    assert there.names() == ["file", "link", "real", "real/below"]


# files


def test_a_file_is_moved_and_never_replaced(there: There) -> None:
    there.put("in/new.csv", b"new", 0o600)
    made = there.twice("out/2026/new.csv", src="in/new.csv", mode="0640", create_parents=True)
    assert (made["state"], made["mode"]) == ("file", "0640")
    assert (there.far / "out/2026/new.csv").read_bytes() == b"new"
    assert there.names() == ["in", "out", "out/2026", "out/2026/new.csv"]
    there.put("in/new.csv", b"newer")
    refused = there.change("out/2026/new.csv", src="in/new.csv")
    assert (code(refused), refused["changed"]) == ("already_exists", False), refused["msg"]
    assert (there.far / "out/2026/new.csv").read_bytes() == b"new"
    assert (there.far / "in/new.csv").read_bytes() == b"newer"


def test_a_file_must_be_there(there: There) -> None:
    assert code(there.change("missing", mode="0600")) == "not_found"
    assert code(there.change("missing", src="also missing")) == "not_found"
    (there.far / "directory").mkdir()
    there.give()
    assert code(there.change("directory")) == "kind_conflict"
    assert code(there.change("moved", src="directory")) == "kind_conflict"
    there.put("file", mode=0o644)
    there.twice("file", mode="0600")
    assert mode(there.far / "file") == 0o600
    assert code(there.change("none/file", src="file")) == "not_found"


# removal


def test_a_file_and_a_link_are_removed_themselves(there: There) -> None:
    there.put("kept/file")
    (there.far / "link").symlink_to("kept")
    there.put("gone")
    assert there.twice("gone", state="absent")["removed"] == {"files": 1, "directories": 0}
    assert there.twice("link", state="absent")["removed"] == {"files": 1, "directories": 0}
    assert there.names() == ["kept", "kept/file"]
    assert there.change("kept/no/such/path", state="absent")["changed"] is False


def test_a_link_in_a_directory_that_cannot_be_listed(there: There) -> None:
    """Servers that show links only in listings cannot tell it from its target."""
    there.put("kept/file")
    (there.far / "closed").mkdir()
    (there.far / "closed/link").symlink_to("../kept")
    there.give()
    (there.far / "closed").chmod(0o333)
    try:
        result = there.change("closed/link", state="absent", max_delete=9)
    finally:
        (there.far / "closed").chmod(0o755)
    assert "kept/file" in there.names(), result
    gone = "closed/link" not in there.names()
    assert gone == (result.get("failed") is None) == result["changed"], result


def test_a_directory_is_removed_within_its_limit(there: There) -> None:
    for name in ("kept", "old/one", "old/deep/er/two", "old/deep/.three"):
        there.put(name)
    (there.far / "old/link").symlink_to("../kept")
    (there.far / "old/empty").mkdir()
    there.give()
    before = there.stamps()
    refused = there.change("old", state="absent", max_delete=3)
    assert (code(refused), refused["changed"]) == ("too_many_deletions", False)
    assert "4 files would be deleted with the directory, and the limit is 3" in refused["msg"]
    assert there.stamps() == before
    made = there.twice("old", state="absent", max_delete=4)
    assert made["removed"] == {"files": 4, "directories": 4}
    assert made["diff"]["before"]["files"] == [
        f"{there.name}/old/{name}" for name in ("deep/.three", "deep/er/two", "link", "one")
    ]
    assert there.names() == ["kept"]


def test_a_locked_directory_and_the_login_directory_stay(there: There) -> None:
    there.put(f"busy/{LOCK}")
    before = there.stamps()
    refused = there.change("busy", state="absent", max_delete=9)
    assert (code(refused), refused["error"]["path"]) == ("locked", f"{there.name}/busy/{LOCK}")
    home = there.server.remote_root
    assert code(run_task(remote_path, path=home, state="absent", max_delete=99, **there.login)) == "refused"
    assert there.stamps() == before


# looking


def test_paths_begin_at_the_login_directory(there: There) -> None:
    there.put("a b/ü", b"four")
    path = f"{there.far.relative_to(there.server.root)}/a b/ü"
    found = run_task(remote_path_info, path=path, **there.login)
    assert (found["exists"], found["kind"], found["size"], found["mode"]) == (True, "file", 4, "0644"), found["msg"]
    listed = run_task(remote_path_info, path=".", recurse=True, **there.login)
    assert (listed["kind"], listed["mode"], listed["mtime"]) == ("directory", None, None)
    assert path in [each["path"] for each in listed["entries"]]
    moved = {"path": path + ".old", "src": path}
    assert run_task(remote_path, **moved, **there.login)["changed"] is True
    assert there.names() == ["a b", "a b/ü.old"]


def test_a_listing_is_whole_and_bounded(there: There) -> None:
    for number in range(5):
        there.put(f"d/{number}", bytes(number))
    there.put("d/deep/er/file")
    (there.far / "d/link").symlink_to("deep")
    flat, deep = there.look("d"), there.look("d", recurse=True, max_listed=4)
    shown = [(each["path"].rpartition("/d/")[2], each["kind"], each["size"]) for each in flat["entries"]]
    files = [(str(number), "file", number) for number in range(5)]
    assert shown == [*files, ("deep", "directory", None), ("link", "link", None)]
    assert (flat["total"], deep["total"], len(deep["entries"])) == (7, 9, 4)
    file = there.look("d/4")
    stat = (there.far / "d/4").stat()
    assert file["mtime"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(stat.st_mtime)))
    assert there.look("d/link")["kind"] == "link"
    missing = there.look("no/such")
    assert (missing["exists"], missing["kind"], missing["entries"]) == (False, None, [])


def test_waiting_for_a_file_until_it_is_stable(there: There) -> None:
    growing = there.put("growing", b"")
    ended: list[float] = []

    def write() -> None:
        for _ in range(12):
            time.sleep(0.25)
            with growing.open("ab") as file:
                file.write(b"more")
        ended.append(time.monotonic())

    writer = threading.Thread(target=write)
    writer.start()
    found = there.look("growing", wait_for="stable", stable_for=1.5, wait_timeout=60)
    met = time.monotonic()
    writer.join()
    assert (found["size"], found.get("failed")) == (48, None)
    assert met - ended[0] >= 1.4
    assert found["waited"] >= 4


def test_waiting_for_a_name_to_come_and_to_go(there: There) -> None:
    late = threading.Timer(1.2, lambda: there.put("late"))
    late.start()
    assert there.look("late", wait_for="present", wait_timeout=60)["exists"] is True
    late.join()
    late = threading.Timer(1.2, (there.far / "late").unlink)
    late.start()
    gone = there.look("late", wait_for="absent", wait_timeout=60)
    late.join()
    assert (gone["exists"], gone["waited"] >= 0.5) == (False, True)
    failed = there.look("late", wait_for="present", wait_timeout=0.7)
    assert (code(failed), failed["exists"]) == ("wait_timeout", False)
    assert failed["msg"].endswith(
        "nothing is there after 0.7 s: '%s/late'. Find out why, or raise wait_timeout." % there.name
    )


def test_a_path_that_may_not_be_seen_is_an_error(there: There) -> None:
    there.put("closed/file")
    (there.far / "closed").chmod(0)
    try:
        found = there.look("closed")
        # vsftpd has one answer for all causes.
        denied = "operation_failed" if isinstance(there.server, Vsftpd) else "permission_denied"
        assert (code(found), found["exists"]) == (denied, None), found["msg"]
        refused = there.change("closed", state="absent", max_delete=9)
        assert (code(refused), refused["changed"]) == (denied, False)
        assert found["error"]["path"] == refused["error"]["path"] == f"{there.name}/closed"
    finally:
        (there.far / "closed").chmod(0o755)
    assert there.names() == ["closed", "closed/file"]


# plays


def test_a_play_with_the_endpoint_of_the_inventory(tmp_path: Path) -> None:
    with Sshd() as server:
        there = There(server, own_directory(server, "play"))
        (tmp_path / "known_hosts").write_text(server.known_hosts_line())
        partner = {
            "ansible_host": server.host,
            "ansible_port": server.port,
            "ansible_user": server.user,
            "ansible_ssh_private_key_file": str(server.key.path),
            "ansible_python_interpreter": sys.executable,
        }
        play = InventoryPlay(tmp_path / "play", {"partner01": partner})

        def run(module: str, *options: str, **words: Any) -> dict[str, Any]:
            given = {"known_hosts_file": str(tmp_path / "known_hosts"), "ssh_agent": False, **words}
            task = {f"secure.ftp_synchronize.{module}": given, "delegate_to": "localhost"}
            return play.run(task, *options).results["partner01"]

        new = {"path": f"{there.name}/new", "state": "directory", "mode": "0750"}
        foreseen = run("remote_path", "--check", "--diff", **new)
        assert (foreseen["changed"], foreseen["diff"]["after"]["mode"], there.names()) == (True, "0750", [])
        made, again = run("remote_path", **new), run("remote_path", **new)
        assert (made["changed"], again["changed"], made["state"], made["mode"]) == (True, False, "directory", "0750")
        assert made["from_inventory"]["host"] == {"value": server.host, "variable": "ansible_host"}
        found = run("remote_path_info", "--check", path=there.name, wait_for="stable", stable_for=0.3)
        assert (found["kind"], found["total"], found["changed"]) == ("directory", 1, False)
        unquoted = run("remote_path", path=f"{there.name}/new", state="directory", mode=0o750)
        assert unquoted["error"]["cure"] == "Write it in quotes, like '0750'."


def test_the_example_of_the_page(tmp_path: Path) -> None:
    """The endpoint is added to its tasks."""
    (text,) = re.findall(r"^```\n(- name: .*?)^```$", (ROOT / "docs/deliveries.md").read_text(), re.M | re.S)
    with Sshd(jail=True) as server:
        there = There(server, server.root)
        there.put("inbox/rates.csv")
        there.put("outbox/2025/sent.csv")
        tasks = yaml.safe_load(text)
        for task in tasks:
            next(options for name, options in task.items() if name.startswith("secure.")).update(login(server))
        played = Play(tmp_path).run(tasks)
        assert played.status == 0, played.output
        assert there.names() == ["inbox", "inbox/taken", "inbox/taken/rates.csv", "outbox", "outbox/2026"]


# hostile servers and lines that drop


@pytest.fixture
def lying(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that starts a lying server with two trees: `work` may go, `outside` may not."""
    stack = ExitStack()

    def start(kind: str, *behaviours: str) -> There:
        root = tmp_path / "root"
        root.mkdir()
        options = {"subsystem": scripted(*behaviours)} if kind == "sftp" else {}
        server = Sshd(root, **options) if kind == "sftp" else ScriptedFtps(root, *behaviours)
        there = There(stack.enter_context(server), root)
        for name in ("work/a", "work/sub/b", "outside/a", "outside/sub/b"):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
        if kind == "sftp":
            there.give()
        return there

    with stack:
        yield start


OUTSIDE = ["outside", "outside/a", "outside/sub", "outside/sub/b"]
WORK = ["work", "work/a", "work/sub", "work/sub/b"]


@pytest.mark.parametrize(
    ("kind", "behaviour", "codes"),
    [
        ("sftp", "escaping_names", "protocol_violation unsafe_name"),
        ("sftp", "duplicate_names", "duplicate_name"),
        ("sftp", "endless_depth", "unsafe_name protocol_violation"),
        ("sftp", "cut_listing=1", "operation_failed"),
        ("sftp", "closed_listing=1", "connection_lost"),
        ("sftp", "denied=sub", "permission_denied"),
        ("sftp", "link_swap=sub:../outside/sub", "kind_conflict"),
        ("sftp", "wrong_ids=6", "protocol_violation"),
        ("ftps", "escaping_names", "protocol_violation unsafe_name"),
        ("ftps", "duplicate_names", "duplicate_name"),
        ("ftps", "endless_depth", "unsafe_name"),
        ("ftps", "cut_listing=1", "connection_lost operation_failed"),
        ("ftps", "failed_listing", "operation_failed"),
        ("ftps", "denied=sub", "permission_denied operation_failed"),
        ("ftps", "link_swap=sub:../outside/sub", "kind_conflict"),
    ],
)
def test_a_lying_listing_removes_nothing(kind: str, behaviour: str, codes: str, lying: Callable[..., Any]) -> None:
    there = lying(kind, behaviour)
    asked = [(remote_path, {"state": "absent", "max_delete": 99})]
    if "link_swap" not in behaviour:
        asked.append((remote_path_info, {"recurse": True}))
    for module, options in asked:
        failed = run_task(module, path="work", **options, **there.login, retries=1)
        assert code(failed) in codes.split(), (options, failed)
        assert failed["changed"] is False
    swapped = ["work", "work/a", "work/sub", "work/sub.moved", "work/sub.moved/b"]
    assert there.names() == sorted(OUTSIDE + (swapped if "link_swap" in behaviour else WORK))
    if kind == "ftps":
        assert there.server.writes() == []


@pytest.mark.parametrize(
    ("kind", "behaviour", "options"),
    [
        ("sftp", "forgets_modes", {"path": "work/a", "mode": "0600"}),
        ("ftps", "no_chmod", {"path": "work/a", "mode": "0600"}),
        ("ftps", "lying_delete", {"path": "work/a", "state": "absent"}),
        ("ftps", "lying_rename", {"path": "moved", "src": "work/a"}),
    ],
)
def test_a_change_that_was_not_made_is_an_error(
    kind: str, behaviour: str, options: dict[str, Any], lying: Callable[..., Any]
) -> None:
    there = lying(kind, behaviour)
    failed = run_task(remote_path, **options, **there.login)
    assert code(failed) in ("operation_failed", "not_supported", "permission_denied"), failed
    assert there.names() == sorted(OUTSIDE + WORK)


def test_nothing_is_told_about_a_server_that_is_not_proven() -> None:
    with Sshd() as server, Sshd(name="other") as other:
        for module, path in ((remote_path, "new"), (remote_path_info, ".")):
            refused = run_task(module, path=path, **login(server, host_keys=other.host_public_keys))
            assert (code(refused), refused["changed"]) == ("host_key_changed", False), refused
            assert "peer" not in refused


def test_hostile_names_are_printable(lying: Callable[..., Any]) -> None:
    there = lying("ftps", "strange_names")
    found = run_task(remote_path_info, path="work", **there.login)
    assert found["total"] == 3
    assert [path for path in map(str, found["entries"]) if "\x1b" in path or "\u202e" in path] == []


@pytest.mark.parametrize("behaviour", ["cut", "cut_done"])
def test_an_ftps_session_that_ends_in_a_command(behaviour: str, tmp_path: Path, long_run: bool) -> None:
    """In place of each command of a change, or of its reply."""

    def changed(place: Path, *behaviours: str) -> list[Command]:
        (place / "work/sub").mkdir(parents=True)
        (place / "work/sub/a").write_bytes(b"content")
        with ScriptedFtps(place, *behaviours) as server:
            there = There(server, place)
            move = {"path": "new/a", "src": "work/sub/a", "create_parents": True, "mode": "0600"}
            done = [run_task(remote_path, **move, **there.login)]
            done.append(run_task(remote_path, path="work", state="absent", **there.login))
            assert [(each["changed"], code(each)) for each in done] == [(True, None)] * 2, (behaviours, done)
            assert there.names() == ["new", "new/a"]
            assert (place / "new/a").read_bytes() == b"content"
            return server.commands()

    login_commands = 12
    numbers = range(login_commands, len(changed(tmp_path / "whole")) + 1)
    for number in slice_of(numbers, 8, long_run=long_run):
        changed(tmp_path / str(number), f"{behaviour}={number}")


def test_a_line_that_drops_at_each_packet_of_a_move(long_run: bool) -> None:
    """The file is whole under one of its two names, and the result is true; with another session, it has moved."""
    with Sshd() as server, Proxy(server.port) as proxy:
        there = There(server, own_directory(server, "move"))
        through = {**there.login, "host": proxy.host, "port": proxy.port, "stall_timeout": 20}
        old, new = there.put("old", b"content"), there.far / "new"

        def move(retries: int) -> dict[str, Any]:
            paths = {"path": f"{there.name}/new", "src": f"{there.name}/old"}
            return run_task(remote_path, **{**through, **paths, "retries": retries})

        def crossed(act: Callable[[], dict[str, Any]]) -> list[int]:
            start = proxy.counts()
            assert act().get("failed") is None
            return [now - before for now, before in zip(proxy.counts(), start, strict=True)]

        whole = crossed(lambda: move(0))
        cuts = [
            (way, after)
            for way, most in zip(("up", "down"), whole, strict=True)
            for after in range(most - AFTER_LOGIN, most + 40, SMALLEST_PACKET)
        ]
        told = {"moved": 0, "left": 0}
        for number, (way, after) in enumerate(slice_of(cuts, 6, long_run=long_run)):
            if new.exists():
                new.rename(old)
            retries = number % 2
            proxy.arm(Fault("reset", way, after=after))
            result = move(retries)
            proxy.disarm()
            found = [path for path in (old, new) if path.exists()]
            assert [path.read_bytes() for path in found] == [b"content"], (way, after, result)
            told["moved" if found == [new] else "left"] += 1
            if "error" in result:
                assert retries == 0, result["msg"]
                assert found == [old] or result["changed"], (way, after, result)
            else:
                assert (found, result["changed"]) == ([new], True), (way, after, result)
        print(f"{told}, bytes {whole}")
        assert told["moved"]
        assert there.names() in (["new"], ["old"])

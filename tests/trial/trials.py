# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The trials: one fault each, provoked in the same way for every tool, and the observations afterwards.

Only the trees and the exit status count. The messages of a tool are not judged.
"""

from __future__ import annotations

__all__ = ["TRIALS", "Trial", "Verdict"]

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from ..support.running.processes import end
from ..support.scripted.scripted_sftp import scripted
from ..support.servers.proxy import Fault, Proxy
from ..support.servers.sshd import Sshd
from .contenders import Contender, Task

PAST = 1_600_000_000
OLD, NEW = b"old " * 75_000, bytes(range(256)) * 12_000
LARGE = 256 << 20
FILES = 20
PATIENCE = float(os.environ.get("TRIAL_PATIENCE", "60"))
"""Seconds after which a running tool counts as endless."""
MEMORY = 4 << 30


class Verdict(NamedTuple):
    """good: no loss and no false success, None if it cannot be tried; text: the observation."""

    good: bool | None
    text: str


class Trial(NamedTuple):
    """title: for the table; run: one try of one tool."""

    title: str
    run: Callable[[Contender], Verdict]


class _Place:
    """A server, two trees, and a client's files."""

    def __init__(
        self, stack: ExitStack, *, subsystem: str = "", far: Path | None = None, fault: Fault | None = None
    ) -> None:
        self.area = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trial-")))
        self.near = self.area / "near"
        self.near.mkdir()
        root = far or self.area / "far"
        root.mkdir(exist_ok=True)
        self.server = stack.enter_context(Sshd(root, subsystem=subsystem))
        self.far = root / "tree"
        self.far.mkdir()
        self.port = self.server.port
        if fault is not None:
            proxy = stack.enter_context(Proxy(self.server.port))
            proxy.arm(fault)
            self.port = proxy.port
        self.known_hosts, self.config = self.area / "known_hosts", self.area / "ssh_config"
        self.known_hosts.write_text(
            "".join(f"[{self.server.host}]:{self.port} {public}\n" for public in self.server.host_public_keys)
        )
        text = self.server.client_config.read_text().replace(f"Port {self.server.port}", f"Port {self.port}")
        self.config.write_text(text.replace(str(self.server.known_hosts), str(self.known_hosts)))

    def task(self, *, push: bool, **options: bool) -> Task:
        self.server.give(self.server.root)
        far = f"{self.server.remote_root}/tree"
        return Task(self.server, self.config, self.known_hosts, self.port, self.near, far, self.area, push, **options)


def _write(path: Path, content: bytes, when: int) -> None:
    path.write_bytes(content)
    os.utime(path, (when, when))


@contextmanager
def _started(contender: Contender, task: Task) -> Iterator[subprocess.Popen[bytes] | None]:
    asked = contender.command(task)
    if asked is None:
        yield None
        return
    command, text = asked
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(task.area)}
    environment |= {key: value for key, value in os.environ.items() if key.startswith(("ANSIBLE_", "PYTHONPATH"))}
    (task.area / "input").write_text(text)
    with open(task.area / "input", "rb") as source:
        process = subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=task.area,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
    try:
        yield process
    finally:
        end(process)


def _run(contender: Contender, task: Task) -> str | None:
    """Run to the end, at most PATIENCE; return the outcome, or None if the tool has no such option."""
    with _started(contender, task) as process:
        if process is None:
            return None
        try:
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return f"runs on after {PATIENCE:.0f} s"
        return f"exit {code}" if code >= 0 else f"ended by signal {-code}"


NOT_SFTP = Verdict(None, "does not speak SFTP")
CANNOT = Verdict(None, "has no such option")


def _one_file(contender: Contender, *, push: bool, **place: object) -> Verdict:
    """An old file at the destination, a new file at the source, and a fault in between."""
    if place.get("subsystem") and not contender.sftp:
        return NOT_SFTP
    with ExitStack() as stack:
        there = _Place(stack, **place)
        source, destination = (there.near, there.far) if push else (there.far, there.near)
        _write(source / "file", NEW, PAST + 60)
        _write(destination / "file", OLD, PAST)
        ended = _run(contender, there.task(push=push))
        return CANNOT if ended is None else _judged(destination / "file", ended)


def _judged(path: Path, ended: str) -> Verdict:
    content = path.read_bytes() if path.exists() else None
    if content == NEW:
        return Verdict(ended == "exit 0", f"new file, {ended}")
    if content == OLD:
        return Verdict(ended not in ("exit 0", "runs on"), f"old file kept, {ended}")
    if content is None:
        return Verdict(False, f"old file gone, {ended}")
    if not content:
        return Verdict(False, f"final name empty, {ended}")
    what = "wrong bytes" if len(content) == len(NEW) else f"{len(content) * 100 // len(NEW)}% of the new file"
    return Verdict(False, f"{what} under the final name, {ended}")


def _listing(contender: Contender, behaviour: str) -> Verdict:
    """Both sides are the same; the server's listing fails after three entries; the tool may delete."""
    if not contender.sftp:
        return NOT_SFTP
    with ExitStack() as stack:
        there = _Place(stack, subsystem=scripted(behaviour))
        for number in range(FILES):
            for side in (there.near, there.far):
                _write(side / f"file{number:02d}", b"%d" % number, PAST)
        ended = _run(contender, there.task(push=False, delete=True))
        if ended is None:
            return CANNOT
        lost = FILES - len(list(there.near.glob("file*")))
        kept = "nothing deleted" if not lost else f"{lost} of {FILES} files deleted"
        return Verdict(lost == 0 and ended not in ("exit 0",), f"{kept}, {ended}")


def _endless(contender: Contender, behaviour: str) -> Verdict:
    if not contender.sftp:
        return NOT_SFTP
    with ExitStack() as stack:
        there = _Place(stack, subsystem=scripted(behaviour))
        _write(there.far / "file", NEW, PAST)
        ended = _run(contender, there.task(push=False))
        return CANNOT if ended is None else Verdict(ended.startswith("exit") and ended != "exit 0", ended)


def _rot(contender: Contender, *, content: bool) -> Verdict:
    """A bit flips at the destination, size and time stay; a second run."""
    with ExitStack() as stack:
        there = _Place(stack)
        _write(there.near / "file", NEW, PAST)
        first = _run(contender, there.task(push=True, content=content))
        if first is None:
            return CANNOT
        file = there.far / "file"
        _write(file, NEW[:-1] + bytes([NEW[-1] ^ 1]), PAST)
        ended = _run(contender, there.task(push=True, content=content))
        repaired = file.read_bytes() == NEW
        return Verdict(repaired, f"{'found and repaired' if repaired else 'not found'}, {ended}")


def _killed(contender: Contender, *, push: bool) -> Verdict:
    """SIGKILL to the tool and all its children while content flows."""
    with ExitStack() as stack:
        there = _Place(stack)
        source, destination = (there.near, there.far) if push else (there.far, there.near)
        with open(source / "file", "wb") as file:
            file.truncate(LARGE)
        _write(destination / "file", OLD, PAST)
        with _started(contender, there.task(push=push)) as process:
            if process is None:
                return CANNOT
            deadline = time.monotonic() + PATIENCE
            while not _flows(destination):
                if process.poll() is not None or time.monotonic() > deadline:
                    return Verdict(None, "was too fast to be killed")
        final = destination / "file"
        kept = final.exists() and final.stat().st_size == len(OLD) and final.read_bytes() == OLD
        return Verdict(kept, "old file kept" if kept else "part of the new file under the final name")


def _flows(destination: Path) -> bool:
    for entry in os.scandir(destination):
        try:
            size = entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
        if 0 < size < LARGE and size != len(OLD):
            return True
    return False


def _full(contender: Contender) -> Verdict:
    """A disk of 2 MiB at the server, a new file of 3 MiB."""
    with ExitStack() as stack:
        disk = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trial-disk-")))
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
        stack.callback(subprocess.run, ["umount", str(disk)], check=True)
        return _one_file(contender, push=True, far=disk)


def _reset(contender: Contender) -> Verdict:
    """Every connection is reset after half of the file."""
    return _one_file(contender, push=True, fault=Fault("reset", "up", after=len(NEW) // 2, times=1000))


TRIALS = (
    Trial("pull with deletion: the server's listing fails in the middle", lambda each: _listing(each, "cut_listing")),
    Trial("the same: the session ends in the middle", lambda each: _listing(each, "closed_listing")),
    Trial(
        "push: the server refuses every write",
        lambda each: _one_file(each, push=True, subsystem=scripted("refuses_writes")),
    ),
    Trial(
        "push: the server reports success and stores nothing",
        lambda each: _one_file(each, push=True, subsystem=scripted("drops_writes")),
    ),
    Trial(
        "push: the server stores a flipped bit",
        lambda each: _one_file(each, push=True, subsystem=scripted("damages_writes")),
    ),
    Trial(
        "pull: the server sends a flipped bit each time",
        lambda each: _one_file(each, push=False, subsystem=scripted("lying_read")),
    ),
    Trial(
        "pull: the server truncates files",
        lambda each: _one_file(each, push=False, subsystem=scripted("truncated_reads=100000")),
    ),
    Trial("a bit flipped at rest, size and time kept: default comparison", lambda e: _rot(e, content=False)),
    Trial("the same, comparing content", lambda each: _rot(each, content=True)),
    Trial("push killed in the middle (SIGKILL)", lambda each: _killed(each, push=True)),
    Trial("pull killed in the middle (SIGKILL)", lambda each: _killed(each, push=False)),
    Trial("push: the disk is full", _full),
    Trial("push: the connection is reset repeatedly", _reset),
    Trial("pull: endless nested directories", lambda each: _endless(each, "endless_depth")),
    Trial("pull: a listing without end", lambda each: _endless(each, "endless_listing")),
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that is killed at a system call, or gets an error there: strace(1) records all calls and injects.

    points = record(runs.run, log).calls
    tamper(runs.run, log, points[17].injection(KILL))

The work is done in a child process that strace attaches to before it begins. Killed at a call, the child has not made
it. `Tampering` does the same to the sftp-server of an sshd.
"""

from __future__ import annotations

__all__ = ["CHANGES", "KILL", "Ended", "Point", "Tampering", "record", "tamper"]

import os
import pickle
import re
import select
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ..running.processes import spawn

CHANGES = (
    "write,writev,pwrite64,pwritev,sendto,sendmsg,splice,copy_file_range,ftruncate,openat,link,linkat,symlink,symlinkat,"
    "rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,fchmodat2,utimensat,futimesat,"
    "fsync,fdatasync"
)
"""The system calls that change a file system or send."""
_OTHERS = "read,pread64,close,getdents64"
_SIGN_OF_LIFE = "getpriority"
"""A call that the work does not use and that changes nothing: the child makes it until it may begin."""
KILL = "signal=KILL"
_CALL = re.compile(r"(?:(\d+) +)?(\w+)\((.*)")
_SECONDS = 60.0


class Point(NamedTuple):
    """Call number `number` (from 1) of `call` in a process or its threads; text: the call in strace's words."""

    call: str
    number: int
    text: str

    def injection(self, effect: str) -> str:
        """Give strace's expression for `effect` at this point: "signal=KILL", "error=EIO"."""
        return f"inject={self.call}:{effect}:when={self.number}"

    def __str__(self) -> str:
        return f"{self.call} {self.number}: {self.text[:80]}"


class Ended(NamedTuple):
    """The end of the work: its result, or None if it was killed.

    calls: calls recorded by strace; injected: whether it tampered.
    """

    answer: Any
    calls: list[Point]
    injected: bool

    @property
    def killed(self) -> bool:
        return self.answer is None


def record(act: Callable[[], Any], log: Path, *, threads: bool = False) -> Ended:
    """Do it in a child process and give all the calls that change or send, in their order."""
    return _traced(act, log, [], threads=threads)


def tamper(act: Callable[[], Any], log: Path, *injections: str, threads: bool = False) -> Ended:
    """Do it in a child process with these injections."""
    return _traced(act, log, [word for each in injections for word in ("-e", each)], threads=threads)


def _read_log(log: Path) -> list[Point]:
    """Return the calls of a log that change or send; opening counts only where it makes a file."""
    counted: dict[tuple[str, str], int] = {}
    points = []
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match is None or line.startswith(("---", "+++")):
            continue
        thread, call, text = match[1] or "", match[2], match[3]
        number = counted[thread, call] = counted.get((thread, call), 0) + 1
        if call != _SIGN_OF_LIFE and (call != "openat" or "O_CREAT" in text):
            points.append(Point(call, number, text))
    return points


def _traced(act: Callable[[], Any], log: Path, injection: list[str], *, threads: bool) -> Ended:
    answer, tell = os.pipe()
    wait, go = os.pipe()
    child = os.fork()
    if child == 0:
        _child(act, wait, tell)
    os.close(wait)
    os.close(tell)
    log.unlink(missing_ok=True)
    traced = f"trace={CHANGES},{_SIGN_OF_LIFE}"
    command = ["strace", "-qq", "-o", str(log), "-e", traced, *injection, *(["-f"] if threads else [])]
    tracer = spawn([*command, "-p", str(child)], stderr=subprocess.DEVNULL)
    try:
        _until_traced(log)
        os.write(go, b"!")
        with open(answer, "rb") as pipe:
            content = pipe.read()
        _pid, status = os.waitpid(child, 0)
    finally:
        os.close(go)
        tracer.wait(_SECONDS)
    assert content or status == 9, f"the work failed by itself: {status:#x}"
    answered = pickle.loads(content) if content else None  # noqa: S301  # written by our own child
    return Ended(answered, _read_log(log), "(INJECTED)" in log.read_text(errors="replace"))


def _child(act: Callable[[], Any], wait: int, tell: int) -> None:
    """The work, in the child; does not return."""
    status = 1
    try:
        while not select.select([wait], [], [], 0.002)[0]:
            os.getpriority(os.PRIO_PROCESS, 0)
        content = pickle.dumps(act())
        with open(tell, "wb") as pipe:
            pipe.write(content)
        status = 0
    finally:
        os._exit(status)


def _until_traced(log: Path) -> None:
    """Until strace reports a call: it traces the child some time before it sees its calls."""
    deadline = time.monotonic() + _SECONDS
    while not log.exists() or _SIGN_OF_LIFE not in log.read_text(errors="replace"):
        assert time.monotonic() < deadline, "strace does not attach"
        time.sleep(0.002)


class Tampering:
    """An sftp-server under strace: `with Sshd(subsystem=tampering.subsystem) as server`.

    tampering.next(injection, ...): injection for the next session; later sessions are left alone unless `always`.
    place: a new directory.
    """

    SERVER = "/usr/lib/openssh/sftp-server"

    def __init__(self, place: Path) -> None:
        self._place, self._file, self._log = place, place / "tampering", place / "calls"
        place.mkdir()
        place.chmod(0o755)

    def give(self, owner: int) -> None:
        """Let the account that the sessions run under write its log and take its orders."""
        os.chown(self._place, owner, owner)

    @property
    def subsystem(self) -> str:
        """The command line; sshd gives it to the account's shell."""
        file, trace = self._file, f"strace -qq -o {self._log} -e trace={CHANGES},{_OTHERS}"
        return (
            f"if test -e {file}.once; then mv {file}.once {file}.now; exec {trace} $(cat {file}.now) {self.SERVER}; "
            f"elif test -e {file}.always; then exec {trace} $(cat {file}.always) {self.SERVER}; "
            f"else exec {self.SERVER}; fi"
        )

    def next(self, *injections: str, always: bool = False, only: str = "") -> None:
        """Set the injection for the next session, or for all.

        Without an injection, its calls are only recorded. only: the path, as the server names it, to tamper with. This
        needs a root account, because no other user can inspect sftp-server.
        """
        self.stop()
        text = " ".join([f"-e {each}" for each in injections] + ([f"-P {only}"] if only else []))
        self._file.with_suffix(".always" if always else ".once").write_text(text or "-q")

    def stop(self) -> None:
        """Leave the sessions that begin from now on alone."""
        for suffix in (".once", ".now", ".always"):
            self._file.with_suffix(suffix).unlink(missing_ok=True)

    def calls(self) -> list[Point]:
        """Return the calls of the session that was tampered with."""
        return [point for point in _read_log(self._log) if point.call not in _OTHERS.split(",")]

    def fired(self) -> bool:
        """Return whether an injection came to be."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return any(word in text for word in ("(INJECTED)", "(DELAYED)", "killed by SIGKILL", "stopped by SIGSTOP"))

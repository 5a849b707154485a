# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A candidate: the new configuration, served on a loopback port by the installed program, next to the service and
without touching it; and the proof that it works.

It has a private directory for its files and one anonymous account, so that no account of the host, PAM or secret is
needed. Its processes and its directory are always removed at the end.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import IO, Iterator, NamedTuple, Sequence

from ..errors import CandidateFailed
from .binary import Binary, last_words, quiet_environment
from .daemon import Daemon, Place

INCOMING = b"incoming"
"""The directory of its tree in which files can be stored."""

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 30.0
_END_SECONDS = 10.0
_LOG_BYTES = 4096
_ACCOUNTS = ("ftp", "daemon", "bin", "games", "www-data")
"""Unprivileged accounts of the system; the first with an existing home serves the anonymous login."""


class Candidate(NamedTuple):
    """Where it answers; directory: its files."""

    port: int
    directory: str

    def messages(self) -> str:
        parts = []
        for name in ("output", "log", "tls-log"):
            with contextlib.suppress(OSError), open(os.path.join(self.directory, name), "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
                parts.append(file.read().decode("utf-8", "replace"))
        return last_words("\n".join(parts))


@contextlib.contextmanager
def running(daemon: Daemon, binary: Binary, text: str, *, demand: bool) -> Iterator[Candidate]:
    """Yield the configuration `text`, served. demand: see Daemon.candidate. Raises CandidateFailed if it does not
    start."""
    with _directory() as directory:
        place = _place(directory)
        config = os.path.join(directory, "config")
        with open(config, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(daemon.candidate(text, place, demand=demand))
        candidate = Candidate(place.port, directory)
        with open(os.path.join(directory, "output"), "w+b") as output:
            process = _start(daemon.command(binary.path, config), output)
            try:
                _wait(process, candidate, f"{daemon.name} {binary.version}")
                yield candidate
            finally:
                _end(process)


@contextlib.contextmanager
def _directory() -> Iterator[str]:
    """Private but for passing through: the account of the candidate goes to its tree below."""
    directory = tempfile.mkdtemp(prefix="tls_policy-")
    try:
        os.chmod(directory, 0o711)  # noqa: S103  # passing through is all that others may
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _place(directory: str) -> Place:
    account = _account()
    tree, empty = os.path.join(directory, "tree"), os.path.join(directory, "empty")
    incoming = os.path.join(tree, os.fsdecode(INCOMING))
    for path in (empty, tree, incoming):
        os.mkdir(path)
        os.chmod(path, 0o755)  # noqa: S103  # its content is random and public
    if os.geteuid() == 0:
        os.chown(incoming, account.pw_uid, account.pw_gid)
    return Place(directory, tree, _free_port(), account.pw_name, grp.getgrgid(account.pw_gid).gr_name)


def _account() -> pwd.struct_passwd:
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            if account.pw_uid and os.path.isdir(account.pw_dir):
                return account
    raise CandidateFailed(
        f"none of the accounts {', '.join(_ACCOUNTS)} exists with a home directory, to test the configuration with",
        cure="Create one of them. Nothing was changed.",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _start(command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    # vsftpd complains on standard input. A session of its own, so that all its processes can be ended.
    # run_command waits for its end; pylint: disable-next=ansible-bad-function
    return subprocess.Popen(
        command, stdin=output, stdout=output, stderr=output, env=quiet_environment(), start_new_session=True, cwd="/"
    )


def _wait(process: subprocess.Popen[bytes], candidate: Candidate, what: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _not_started(f"{what} refuses the configuration: {candidate.messages()}")
        with contextlib.suppress(OSError), socket.create_connection((_LOOPBACK, candidate.port), 1.0):
            return
        time.sleep(0.05)
    raise _not_started(f"{what} does not answer with the configuration: {candidate.messages()}")


def _not_started(message: str) -> CandidateFailed:
    return CandidateFailed(message, cure="Nothing was changed: the old configuration is in place.")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

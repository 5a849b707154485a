# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contenders of the benchmark: a command for a job, and a description of its steps for the reader."""

from __future__ import annotations

__all__ = [
    "HASHED",
    "OURS",
    "OUR_CIPHER",
    "PEER",
    "RSYNC",
    "Command",
    "Contender",
    "FtpsTarget",
    "Job",
    "SshTarget",
    "partakers",
]

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .workloads import Workload

OURS, PEER, RSYNC, HASHED = "ours", "peer", "rsync", "peer, hashed"
OUR_CIPHER = {PEER: "peer, our cipher", RSYNC: "rsync, our cipher"}


@dataclass(frozen=True)
class SshTarget:
    """The sshd as clients reach it, directly or through the proxy. ssh_config names it `server`; our_cipher is the same
    with the cipher first that this collection asks for first."""

    host: str
    port: int
    user: str
    key: Path
    known_hosts: Path
    ssh_config: Path
    our_cipher: Path


@dataclass(frozen=True)
class FtpsTarget:
    """The vsftpd as clients reach it, by explicit TLS. ca_file: its authority."""

    host: str
    port: int
    user: str
    password: str
    ca_file: Path


@dataclass(frozen=True)
class Job:
    """One run: `near` is the tree here, `far` the tree as the server names it; the destination's parent exists.

    directory: for the contender's own files; it is empty at first, and new for every run of a TRANSFER.
    """

    workload: Workload
    direction: str
    near: Path
    far: str
    target: SshTarget | FtpsTarget
    directory: Path


@dataclass(frozen=True)
class Command:
    """A program to run, with its standard input and its environment."""

    argv: list[str]
    stdin: str = ""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contender:
    """name: in tables; kind: OURS, PEER (needs nothing but SFTP or FTPS at the server), RSYNC, HASHED (a peer and then
    sha256sum), or OUR_CIPHER of these (with `our_cipher` for its `ssh`); steps: a description. command: returns the
    command for a job; takes_part: returns whether it can do the work (workload, direction).
    prepare: returns a command that makes an empty destination ready. stored: the directory of content there.
    shell: whether its account at the server has a shell."""

    name: str
    kind: str
    steps: str
    command: Callable[[Job], Command]
    takes_part: Callable[[Workload, str], bool]
    prepare: Callable[[Job], Command] | None = None
    stored: str = "."
    shell: bool = True


def partakers(contenders: Iterable[Contender], workload: Workload, direction: str) -> list[Contender]:
    """Return those that do a work in a direction."""
    return [
        each
        for each in contenders
        if direction in workload.directions
        and (not workload.only or each.name in workload.only)
        and each.takes_part(workload, direction)
    ]

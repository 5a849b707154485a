# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where it happens: an sshd and a vsftpd on loopback, a proxy for distance, directories for both sides in memory."""

from __future__ import annotations

__all__ = ["OLD", "Place"]

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from ..support.scenes.dropping_line import Line, ftps_line
from ..support.servers.proxy import Proxy
from ..support.servers.sshd import Sshd
from ..support.servers.vsftpd import Vsftpd
from .contender import FtpsTarget, Job, SshTarget
from .warm_memory import WarmMemory
from .workloads import FTPS, PUSH, RENAMED, TRANSFER, Workload, make_tree

OLD = "old"
"""The directory of all files, of RENAMED work."""
_MEMORY = Path("/dev/shm")  # noqa: S108  # a directory of our own is made in it
_WARM = 3 << 30
"""Space for both trees of the largest work, and for servers and programs."""
_NEEDED = 3 * _WARM
_PORTS = 8
"""Of data connections through proxies."""
_NEEDED_FILES = 2_500_000
"""Both trees of a million files, and a part for other programs."""
_SSH_CONFIG = """Host server
HostName {host}
Port {port}
User {user}
IdentityFile {key}
IdentitiesOnly yes
IdentityAgent none
BatchMode yes
StrictHostKeyChecking yes
UserKnownHostsFile {known_hosts}
GlobalKnownHostsFile none
UpdateHostKeys no
"""
_OUR_CIPHER = "Ciphers ^aes128-gcm@openssh.com\n"


class Place:
    """Servers and directories, from `__enter__` to `__exit__`.

    in_memory: both sides are on a tmpfs, which is large enough
    warm: hold WarmMemory; a trial does without
    A tree that is sent is the same for both directions: a path here, and a path at the server.
    """

    def __init__(self, *, on_disk: bool = False, warm: bool = True) -> None:
        self._warm = warm
        self.in_memory = not on_disk and _MEMORY.is_dir() and _has_room(_MEMORY)
        self._stack = ExitStack()
        self._targets: dict[tuple[float, float, bool], SshTarget] = {}
        self._without_shell: Sshd | None = None
        self._ftps: Vsftpd | None = None
        self._lines: dict[float, Line] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            name = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="bench-", dir=_MEMORY if self.in_memory else None)
            )
            stack.enter_context(WarmMemory(_WARM if self.in_memory and self._warm else 0))
            self._top = Path(name)
            self._near, self._far, self.directory = (self._top / each for each in ("near", "far", "run"))
            for each in (self._near, self._far, self.directory):
                each.mkdir()
            self._server = stack.enter_context(Sshd(self._far))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def target(self, workload: Workload, *, shell: bool = True) -> SshTarget | FtpsTarget:
        """The server of a work, as far away as the work has it. shell: whether its account has a shell."""
        if workload.protocol == FTPS:
            server = self._ftps_server(workload)
            at = self._line(workload.lives).proxies[0] if workload.rate else server
            return FtpsTarget(at.host, at.port, server.user, server.password, server.authority.file)
        key = workload.delay, workload.lives, shell
        if key not in self._targets:
            self._targets[key] = self._make_target(self._server if shell else self._sftp_only(), workload)
        return self._targets[key]

    def source(self, workload: Workload, files: int) -> Path:
        """The tree with so many files of a TRANSFER, made when it is first asked for."""
        tree = self._far / "source" / f"{files}-{workload.size}" / "tree"
        if not tree.exists():
            make_tree(tree, files, workload.size)
        return tree

    def forget_sources(self) -> None:
        """Make room: also for the copies of the last round."""
        for tree in (self._far / "source", self._near / "arrived", self._far / "arrived"):
            shutil.rmtree(tree, ignore_errors=True)

    def fresh(self, workload: Workload, direction: str, files: int) -> tuple[Job, Path, Path]:
        """Empty the destination. Gives the job of a TRANSFER, and the source's and the destination's path here."""
        self._renew(self.directory)
        source = self.source(workload, files)
        arrived = {side: self._renew(side / "arrived") / "tree" for side in (self._near, self._far)}
        self._server.give(self._far / "arrived")
        if direction == PUSH:
            near, far = source, arrived[self._far]
        else:
            near, far = arrived[self._near], source
        destination = far if direction == PUSH else near
        return self._job(workload, direction, near, far), source, destination

    def publishing(self, workload: Workload) -> Job:
        """The job of a push of the same tree to the source, which publishes it."""
        self._renew(self.directory)
        source = self.source(workload, workload.files)
        self._server.give(source.parent)
        tree = self._renew(self._near / "published") / "tree"
        make_tree(tree, workload.files, workload.size)
        return self._job(workload, PUSH, tree, source)

    def idle(self, workload: Workload, direction: str, *, shell: bool = True) -> tuple[Job, Path, Path]:
        """Give a job of work on equal trees, and the source's and the destination's path here.

        The far tree may not exist yet. shell: whether the account at the server has a shell.
        """
        near, far = (side / f"idle-{workload.files}-{workload.size}" / "tree" for side in (self._near, self._far))
        directory = self._top / f"run-{workload.files}-{workload.size}"
        if not near.exists():
            make_tree(near / OLD if workload.kind == RENAMED else near, workload.files, workload.size)
            far.parent.mkdir()
            self._server.give(far.parent)
            directory.mkdir()
        job = self._job(workload, direction, near, far, directory, shell=shell)
        return (job, near, far) if direction == PUSH else (job, far, near)

    def contents(self, workload: Workload) -> Path:
        """The tree here of encrypted work, made when it is first asked for."""
        tree = self._near / f"contents-{workload.files}-{workload.size}" / "tree"
        if not tree.exists():
            make_tree(tree, workload.files, workload.size)
        return tree

    def sealed_tree(self, contender: str) -> Path:
        """The local path of the encrypted files of one contender, which may not exist yet."""
        return self._far / "sealed" / contender / "tree"

    def sealed(self, workload: Workload, direction: str, near: Path, contender: str) -> Job:
        """A job with these encrypted files, and a directory that stays until they are forgotten."""
        far, directory = self.sealed_tree(contender), self._top / "sealed" / contender
        if not directory.exists():
            far.parent.mkdir(parents=True)
            self._server.give(far.parent.parent)
            directory.mkdir(parents=True)
        return self._job(workload, direction, near, far, directory)

    def emptied(self) -> Path:
        """The path of a tree that does not exist; the directory for a contender's own files is empty."""
        self._renew(self.directory)
        return self._renew(self._near / "arrived") / "tree"

    def forget_sealed(self, contender: str = ".") -> None:
        """Make room; by default, of all contenders and of the contents."""
        for side in (self._far, self._top):
            shutil.rmtree(side / "sealed" / contender, ignore_errors=True)
        for contents in self._near.glob("contents-*") if contender == "." else ():
            shutil.rmtree(contents)

    def forget_idle(self) -> None:
        """Make room."""
        for tree in (*self._near.glob("idle-*"), *self._far.glob("idle-*"), *self._top.glob("run-*")):
            shutil.rmtree(tree)

    def _job(
        self,
        workload: Workload,
        direction: str,
        near: Path,
        far: Path,
        directory: Path | None = None,
        *,
        shell: bool = True,
    ) -> Job:
        root = (self._ftps_server(workload) if workload.protocol == FTPS else self._server).remote_root
        there = f"{root}/{far.relative_to(self._far)}"
        assert workload.sealed or (workload.kind != TRANSFER) == (directory is not None)
        return Job(workload, direction, near, there, self.target(workload, shell=shell), directory or self.directory)

    @staticmethod
    def _renew(directory: Path) -> Path:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        return directory

    def _sftp_only(self) -> Sshd:
        """The same trees for an account without a shell; this sshd starts on first use."""
        if self._without_shell is None:
            self._without_shell = self._stack.enter_context(Sshd(self._far, shell=False))
        return self._without_shell

    def _ftps_server(self, workload: Workload) -> Vsftpd:
        return self._line(workload.lives).server if workload.rate else self._vsftpd()

    def _line(self, lives: float) -> Line:
        """A vsftpd behind proxies. It does not ask for the reuse of sessions, which rclone cannot do."""
        if lives not in self._lines:
            options = {"root": self._far, "umask": "077", "versions": ("1.2",), "reuse": False}
            self._lines[lives] = ftps_line(self._stack, Vsftpd, ports=_PORTS, lives=lives, **options)
        return self._lines[lives]

    def _vsftpd(self) -> Vsftpd:
        """The same trees, served by vsftpd with its defaults except for logging; it starts on first use."""
        if self._ftps is None:
            # Over TLS 1.3, uploads of lftp and rclone are cut off now and then: they close with the server's tickets
            # unread.
            quiet = ("log_ftp_protocol=NO", "xferlog_enable=NO")
            server = Vsftpd(self._far, umask="077", versions=("1.2",), config=quiet)
            self._ftps = self._stack.enter_context(server)
        return self._ftps

    def _make_target(self, server: Sshd, workload: Workload) -> SshTarget:
        host, port = server.host, server.port
        if workload.delay or workload.rate:
            proxy = self._stack.enter_context(Proxy(server.port, delay=workload.delay, lives=workload.lives))
            host, port = proxy.host, proxy.port
        names = ("known_hosts", "ssh_config", "our_cipher")
        known_hosts, ssh_config, our_cipher = (self._top / f"{name}-{port}" for name in names)
        known_hosts.write_text("".join(f"[{host}]:{port} {public}\n" for public in server.host_public_keys))
        target = SshTarget(host, port, server.user, server.key.path, known_hosts, ssh_config, our_cipher)
        text = _SSH_CONFIG.format(**vars(target))
        for file, words in ((ssh_config, text), (our_cipher, text + _OUR_CIPHER)):
            file.write_text(words)
            os.chmod(file, 0o600)
        return target


def _has_room(directory: Path) -> bool:
    """Whether a file system has room for all works: space, and number of files."""
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize >= _NEEDED and found.f_favail >= _NEEDED_FILES

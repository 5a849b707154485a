# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common base of all servers of the tests: a private directory, a tree, a port, a log, a start and an end."""

from __future__ import annotations

__all__ = ["RUN", "START_SYSTEM", "Server", "copy_file", "write_public"]

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

from ..running.processes import confine, descendants, end, spawn
from ..running.scratch import scratch
from .accounts import Account
from .ports import LOOPBACK, free_port, listens

# The path of the files for a server in namespaces of its own.
RUN = "/run/sync"
_START_SECONDS = 60.0
_ATTEMPTS = 5

# Run a command in the root file system $system, which stays unchanged: the bind mount makes it a private mount, over
# which the server's files are mounted. $private/pam, if it exists, is the command's PAM configuration, $private/syslog
# the socket for its log, $private/openssl.cnf OpenSSL's configuration.
START_SYSTEM = r"""set -eu
private=$1; files=$2; system=$3; shift 3
root=$private/root
mount --bind "$system" "$root"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom; do touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
if [ -e "$private/syslog" ]; then touch "$root/dev/log"; mount --bind "$private/syslog" "$root/dev/log"; fi
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/proftpd" "$root/run/vsftpd/empty" "$root/run/sync/jail/files" "$root/run/sync/files"
mkdir -p "$root/run/sync/private"
mount --rbind "$files" "$root/run/sync/files"
mount --rbind "$files" "$root/run/sync/jail/files"
mount --bind "$private" "$root/run/sync/private"
for name in passwd group shadow; do mount --bind "$private/$name" "$root/etc/$name"; done
if [ -e "$private/pam" ]; then mount --bind "$private/pam" "$root/etc/pam.d/$(basename "$1")"; fi
# The shell stays, as the first process, and takes the orphans: vsftpd ends when a child of another one is left to it.
# And that tells what is wrong with its configuration on standard input, where inetd would have put the connection.
env LANG=C OPENSSL_CONF=/run/sync/private/openssl.cnf chroot "$root" "$@" <&1 &
wait $!
"""


class Server:
    """One server, running from `__enter__` to `__exit__`; a subclass gives its command and how its start is seen.

    root: the served directory for the test. It is made if not given; the account owns it if it was made or is empty.
    host, port, user, account: the endpoint.
    """

    def __init__(self, root: Path | None, *, account: Account, host: str = LOOPBACK) -> None:
        self._privileged = os.geteuid() == 0
        self._private = scratch("server")
        self._private.chmod(0o755)
        self._process: subprocess.Popen | None = None
        self._log_start = 0
        self.root = root or self._private / "files"
        self.root.mkdir(exist_ok=True)
        self.host, self.port, self.account = host, 0, account
        self.user = account.name if self._privileged else pwd.getpwuid(os.geteuid()).pw_name

    @property
    def remote_root(self) -> str:
        """The server's name of the tree, which a client requests."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The id of the listener."""
        assert self._process is not None, "the server is not running"
        pids = [self._process.pid, *descendants(self._process.pid)]
        return next(pid for pid in pids if listens([pid], self.port))

    def written(self, name: str) -> Path:
        """Return a file that the configuration of the server has it write below RUN/private."""
        return self._private / name

    def log(self, start: int = 0) -> str:
        """Return the text that the server and its sessions logged so far, from byte `start` on."""
        return (self._private / "log").read_bytes()[start:].decode(errors="replace")

    def session_pids(self) -> list[int]:
        """Return the ids of the processes of the present connections, parents first."""
        return descendants(self.pid)

    def give(self, *paths: Path) -> None:
        """Make the account the owner of `paths` and of all below them."""
        if self._privileged:
            owner = f"{self.account.uid}:{self.account.uid}"
            subprocess.run(["chown", "-hR", owner, "--", *map(str, paths)], check=True)

    def start(self) -> None:
        """Start the listener and return when it accepts connections. The port stays the same after `stop`."""
        if self._privileged and not any(self.root.iterdir()):
            os.chown(self.root, self.account.uid, self.account.uid)
        for _attempt in range(_ATTEMPTS):
            port = self.port or free_port(self.host)
            self._launch(port)
            if self._wait_listening(port):
                self.port = port
                self._started()
                return
            self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log()}")

    def stop(self) -> None:
        """End the listener and every session."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        shutil.rmtree(self._private, ignore_errors=True)

    def _command(self, port: int) -> list[str]:
        """Write the configuration for `port` and give the command that runs the server in the foreground."""
        raise NotImplementedError

    def _listens(self, log: str, port: int) -> bool:
        """Return whether the server accepts connections on `port`; `log` has the output since this start.

        Do not connect to find out: a probing connection would count as a failed login.
        """
        raise NotImplementedError

    def _started(self) -> None:
        """Do the work that needs the port, at the end of each start."""

    def _in_namespaces(self, script: str, *arguments: str) -> list[str]:
        return confine(["/bin/sh", "-c", script, "sh", str(self._private), str(self.root), *arguments])

    def _launch(self, port: int) -> None:
        log = self._private / "log"
        log.touch()
        # For a restarted server, only the output since this start counts.
        self._log_start = log.stat().st_size
        command = self._command(port)
        with open(log, "ab") as output:
            self._process = spawn(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def _wait_listening(self, port: int) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._listens(self.log(self._log_start), port):
                return True
            time.sleep(0.005)
        return False


def copy_file(source: Path, target: Path, mode: int) -> None:
    """Copy a file and set its mode."""
    shutil.copyfile(source, target)
    target.chmod(mode)


def write_public(target: Path, text: str) -> None:
    """Write a file that everybody may read."""
    target.write_text(text)
    target.chmod(0o644)

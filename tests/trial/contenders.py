# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same request for each tool: to push or pull a directory, with or without removing extra files."""

from __future__ import annotations

__all__ = ["CONTENDERS", "Contender", "Task"]

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..support.servers.sshd import Sshd


class Task(NamedTuple):
    """near, far: the trees, far as the server names it; content: look at the bytes where the tool can."""

    server: Sshd
    config: Path
    known_hosts: Path
    port: int
    near: Path
    far: str
    area: Path
    push: bool
    delete: bool = False
    content: bool = False


class Contender(NamedTuple):
    """command: the arguments and the standard input; None if the tool cannot do the task.

    sftp: it uses SFTP, so that a scripted SFTP server can be the other end.
    """

    name: str
    version: Callable[[], str]
    command: Callable[[Task], tuple[list[str], str] | None]
    sftp: bool = True


def _ours(task: Task) -> tuple[list[str], str]:
    options = {
        "direction": "push" if task.push else "pull",
        "src": str(task.near) if task.push else task.far,
        "dest": task.far if task.push else str(task.near),
        "host": task.server.host,
        "port": task.port,
        "username": task.server.user,
        "private_key_file": str(task.server.key.path),
        "known_hosts_file": str(task.known_hosts),
        "ssh_config_file": "none",
        "ssh_agent": False,
        "state_dir": str(task.area / "state"),
        "delete": task.delete,
        "max_delete": "100%",
        "compare": "checksum" if task.content else "recorded",
    }
    program = str(Path(sys.executable).with_name("ansible"))
    python = ["-e", f"ansible_python_interpreter={sys.executable}"]
    module = ["-m", "secure.ftp_synchronize.secure_sync", "-a", json.dumps(options)]
    return [program, "localhost", "-c", "local", *python, *module], ""


def _rclone(task: Task) -> tuple[list[str], str]:
    config = task.area / "rclone.conf"
    config.write_text(
        f"[server]\ntype = sftp\nhost = {task.server.host}\nport = {task.port}\nuser = {task.server.user}\n"
        f"key_file = {task.server.key.path}\nknown_hosts_file = {task.known_hosts}\n"
    )
    source, destination = _from_to(task, f"server:{task.far}")
    words = ["sync" if task.delete else "copy", *(["--checksum"] if task.content else [])]
    return ["rclone", "--config", str(config), *words, source, destination], ""


def _lftp(task: Task) -> tuple[list[str], str] | None:
    if task.content:
        return None
    source, destination = _from_to(task, task.far)
    connect = f"set sftp:connect-program 'ssh -a -x -F {task.config}'; set net:max-retries 2; set net:timeout 10;"
    words = " ".join([*(["-R"] if task.push else []), *(["--delete"] if task.delete else []), "--no-umask"])
    script = (
        f"set cmd:fail-exit yes; {connect} open -u {task.server.user},unused sftp://server; "
        f"mirror {words} {source}/ {destination}/"
    )
    return ["lftp", "-c", script], ""


def _sftp(task: Task) -> tuple[list[str], str] | None:
    if task.delete or task.content:
        return None
    batch = f"put -rp {task.near}/. {task.far}/\n" if task.push else f"get -rp {task.far}/. {task.near}/\n"
    return ["sftp", "-q", "-F", str(task.config), "-b", "-", "server"], batch


def _rsync(task: Task) -> tuple[list[str], str]:
    source, destination = _from_to(task, f"server:{task.far}")
    words = [*(["--delete"] if task.delete else []), *(["--checksum"] if task.content else [])]
    return ["rsync", "-a", *words, "-e", f"ssh -F {task.config}", f"{source}/", f"{destination}/"], ""


def _from_to(task: Task, far: str) -> tuple[str, str]:
    return (str(task.near), far) if task.push else (far, str(task.near))


def _first_line(*command: str) -> Callable[[], str]:
    def version() -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return (done.stdout or done.stderr).splitlines()[0]

    return version


CONTENDERS = (
    Contender("secure_sync", lambda: "this collection", _ours),
    Contender("rclone", _first_line("rclone", "version"), _rclone),
    Contender("lftp", _first_line("lftp", "--version"), _lftp),
    Contender("sftp", _first_line("ssh", "-V"), _sftp),
    Contender("rsync", _first_line("rsync", "--version"), _rsync, sftp=False),
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ssh-agent of our own, for a private key that exists as text only: it never reaches a disk."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import subprocess
import time
from typing import Dict

from ..errors import ClientMissing, PrivateKeyUnusable
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from ..system.child_processes import ChildProcesses, pipe
from .openssh_messages import Askpass

_START_TIMEOUT = 5.0
_ADD_TIMEOUT = 20.0
_ADD_CERTIFIED = """exec 3<&0; cat <&3 >"$1" & exec "$2" -q "$1" </dev/null"""
"""The key goes through a FIFO: ssh-add reads no certificate if the key comes on its standard input."""


def start_key_agent(
    guard: ChildProcesses, askpass: Askpass, credentials: Credentials, *, certified: bool = False
) -> str:
    """Start ssh-agent with `credentials.private_key` in it; gives the path of its socket.

    certified: also with `credentials.certificate_file`
    The agent ends with the guard. Raises PrivateKeyUnusable (not a key, wrong passphrase) and ClientMissing.
    """
    path = guard.path("agent")
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    agent = guard.start([_program("ssh-agent"), "-D", "-a", path], **quiet)
    _wait_for_socket(path, agent)
    environment = dict(os.environ, LC_ALL="C", SSH_AUTH_SOCK=path, **askpass.environment)
    _add_key(guard, askpass, credentials, environment, certified=certified)
    return path


def list_keys(guard: ChildProcesses, agent: str) -> str:
    """Return the public keys of an agent, one a line."""
    environment = dict(os.environ, LC_ALL="C", SSH_AUTH_SOCK=agent)
    quiet = dict.fromkeys(("stdin", "stderr"), subprocess.DEVNULL)
    lister = guard.start([_program("ssh-add"), "-L"], stdout=subprocess.PIPE, env=environment, **quiet)
    with pipe(lister.stdout) as listed:
        found = listed.read().decode("utf-8", "replace")
    lister.wait()
    return found


def _certified_name(guard: ChildProcesses, credentials: Credentials) -> str:
    """Return the name of a FIFO for the key. ssh-add looks for a certificate in NAME-cert.pub."""
    name = guard.path("key")
    os.mkfifo(name, 0o600)
    os.symlink(os.path.abspath(local_path(credentials.certificate_file or "")), name + "-cert.pub")
    return name


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ClientMissing(f"{name} is not on PATH", cure="Install the OpenSSH client, or use private_key_file.")
    return found


def _wait_for_socket(path: str, agent: subprocess.Popen[bytes]) -> None:
    """Wait until the agent accepts connections, by trying: it sends no signal."""
    deadline = time.monotonic() + _START_TIMEOUT
    while agent.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(path) == 0:
                return
        time.sleep(0.002)
    raise ClientMissing("ssh-agent did not start", cure="Use private_key_file, or find out why ssh-agent fails.")


def _add_key(
    guard: ChildProcesses, askpass: Askpass, credentials: Credentials, environment: Dict[str, str], *, certified: bool
) -> None:
    key = (credentials.private_key or "").replace("\r\n", "\n").strip() + "\n"
    words = [_program("ssh-add"), "-q", "-"]
    if certified:
        words = ["/bin/sh", "-c", _ADD_CERTIFIED, "sh", _certified_name(guard, credentials), words[0]]
    adder = guard.start(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )
    with contextlib.suppress(BrokenPipeError), pipe(adder.stdin) as keys:
        keys.write(key.encode("utf-8", "surrogateescape"))
    with pipe(adder.stderr) as messages:
        asked = _serve(askpass, messages.fileno(), credentials.passphrase or "")
    if asked > 1:
        guard.end(adder)
    _judge(asked, credentials, adder.wait())


def _serve(askpass: Askpass, messages: int, passphrase: str) -> int:
    """Answer the first question; ends with the program or at its second question. Gives the number of questions."""
    deadline = time.monotonic() + _ADD_TIMEOUT
    asked = 0
    while asked < 2:
        ready = select.select([askpass.fd, messages], [], [], max(0.0, deadline - time.monotonic()))[0]
        for prompt in askpass.questions() if askpass.fd in ready else ():
            asked += 1
            askpass.answer(prompt, passphrase if asked == 1 else "")
        if not ready or (messages in ready and not os.read(messages, 4096)):
            break
    return asked


def _judge(asked: int, credentials: Credentials, status: int) -> None:
    if asked and credentials.passphrase is None:
        raise PrivateKeyUnusable("private_key: is encrypted and has no passphrase", cure="Set passphrase.")
    if asked > 1:
        raise PrivateKeyUnusable("passphrase: does not decrypt private_key", cure="Correct passphrase.")
    if status != 0:
        raise PrivateKeyUnusable(
            "private_key: is not a private key that OpenSSH can read",
            cure="Set private_key to the whole text of the key, with its first and last line.",
        )

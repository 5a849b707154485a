# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a key pair with ssh-keygen, which gets the passphrase like ssh: never in argv, environment or a file."""

from __future__ import annotations

import base64
import binascii
import os
import select
import shutil
import subprocess
import time
from typing import List

from ...errors import ClientMissing, OperationFailed
from ...ssh.askpass import Askpass
from ...system.child_processes import ChildProcesses, pipe

_SECONDS = 300.0
_TICK = 0.2
_OPTIONS = {"ed25519": ["-t", "ed25519"], "rsa": ["-t", "rsa", "-b", "4096"]}
_MAGIC = b"openssh-key-v1\0"


def make_key(path: str, key_type: str, passphrase: str, comment: str) -> None:
    """Make `path`, which must not be there, and `path`.pub. Raises ClientMissing, OperationFailed."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise ClientMissing("ssh-keygen is not on PATH", cure="Install the OpenSSH client on this host.")
    guard = ChildProcesses()
    askpass = Askpass(guard)
    try:
        _run(guard, askpass, [program, "-q", *_OPTIONS[key_type], "-C", comment, "-f", path], passphrase)
    finally:
        guard.close()
        askpass.close()
    with open(path, encoding="ascii") as file:
        if not is_encrypted(file.read()):
            raise OperationFailed("ssh-keygen made a key without a passphrase", path=path.encode())


def is_encrypted(text: str) -> bool:
    """Return whether a private key in OpenSSH's form (PROTOCOL.key) is closed by a passphrase."""
    try:
        blob = base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-----")))
    except (binascii.Error, ValueError):
        return False
    start = len(_MAGIC) + 4
    cipher = blob[start : start + int.from_bytes(blob[len(_MAGIC) : start], "big")]
    return blob.startswith(_MAGIC) and cipher not in (b"", b"none")


def _run(guard: ChildProcesses, askpass: Askpass, command: List[str], passphrase: str) -> None:
    child = guard.start(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(os.environ, LC_ALL="C", **askpass.environment),
    )
    deadline = time.monotonic() + _SECONDS
    while not guard.has_ended(child):
        if time.monotonic() > deadline:
            raise OperationFailed("ssh-keygen did not end", cure="Check the load of this host.")
        if select.select([askpass.fd], [], [], _TICK)[0]:
            for prompt in askpass.questions():
                askpass.answer(prompt, passphrase)
    with pipe(child.stderr) as messages:
        output = messages.read().decode("utf-8", "replace")
    if child.wait():
        raise OperationFailed("ssh-keygen failed: %s" % " ".join(output.split()))

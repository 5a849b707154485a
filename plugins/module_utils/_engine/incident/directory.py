# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private directory of a drill on the controller: its keys, its state, and the files of its watches.

    drill.json        the state; it is there from before the first change until after the record is written
    compromised       the private key that is marked as compromised, and compromised.pub
    restored          the private key that opens the account again, and restored.pub
    watch-HASH.jsonl  the timeline of one server
    tasks             files of Ansible about the watches

The keys have no passphrase: they open the account of the drill, in a jail, for the minutes of the drill. The directory
is emptied at the end, and at the begin of the next drill.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from typing import Any, Dict, List, Optional

from ..errors import ClientMissing, OperationFailed, Refused
from ..integrity.digest import sha256
from ..model.display import display
from ..system.durable_files import put
from ..system.program import ask_program
from ..trust.fingerprint import PublicKey, parse_plain_key

COMPROMISED, RESTORED = "compromised", "restored"
_STATE = "drill.json"
_WATCH = "watch-%s.jsonl"
_TASKS = "tasks"
_LARGEST = 1 << 24
_SECONDS = 300.0


class DrillDirectory:
    """path: absolute"""

    def __init__(self, path: bytes) -> None:
        self._path = os.fsdecode(path)

    def make(self) -> None:
        """Make or check the directory. Raises OperationFailed, Refused."""
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._path, 0o700)
            found = os.lstat(self._path)
        except OSError as error:
            raise self._failed(error) from None
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise Refused(
                f"directory: {display(os.fsencode(self._path))} is not a directory of this user alone",
                cure="Set directory to a directory that only drills use, with mode 0700.",
            )

    def empty(self) -> None:
        """Remove everything that a drill makes, the state last. A watch ends when its file is gone."""
        names = [name for name in self._names() if name.startswith(("watch-", COMPROMISED, RESTORED))]
        for name in [*names, _STATE, _STATE + ".new"]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._at(name))
        # Of tasks with `async`, for which Ansible leaves files.
        shutil.rmtree(self._at(_TASKS), ignore_errors=True)

    def make_key(self, name: str) -> PublicKey:
        """Make a key pair and return its public key. Raises ClientMissing, OperationFailed."""
        program = shutil.which("ssh-keygen")
        if program is None:
            raise ClientMissing("ssh-keygen is not on PATH", cure="Install the OpenSSH client on this host.")
        words = [program, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self._at(name)]
        completed = ask_program(*words, seconds=_SECONDS)
        if completed.status:
            raise OperationFailed(f"ssh-keygen failed: {' '.join(completed.err.split())}")
        with open(self._at(name + ".pub"), encoding="ascii") as file:
            kind, blob = file.read().split()[:2]
        return parse_plain_key(kind, blob)

    def read(self) -> Optional[Dict[str, Any]]:
        """Return the state; None without a drill. Raises Refused, OperationFailed."""
        content = self._content(_STATE)
        if content is None:
            return None
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(content)
            if isinstance(found, dict):
                return found
        raise Refused(
            f"directory: the state of a drill in {self._path} is damaged",
            cure="Remove the keys of the account on its servers, then remove the directory.",
        )

    def write(self, state: Dict[str, Any]) -> None:
        """Write the state, so that it is on the disk. Raises OperationFailed."""
        try:
            put(self._at(_STATE), json.dumps(state).encode("ascii"), 0o600)
        except OSError as error:
            raise self._failed(error) from None

    def timeline(self, server: str) -> bytes:
        """Return the timeline of a server; empty without a watch."""
        return self._content(_WATCH % sha256(server.encode("utf-8", "surrogateescape")).hexdigest()) or b""

    def _content(self, name: str) -> Optional[bytes]:
        try:
            with open(self._at(name), "rb") as file:
                return file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(error) from None

    def _names(self) -> List[str]:
        try:
            return os.listdir(self._path)
        except FileNotFoundError:
            return []

    def _at(self, name: str) -> str:
        return os.path.join(self._path, name)

    def _failed(self, error: OSError) -> OperationFailed:
        return OperationFailed(
            f"directory: {self._path}: {error.strerror or error}",
            cure="Set directory to a directory that the user of the task can write to.",
        )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored secrets of a job: encrypted by systemd-creds with the key of this host, each bound to its name.

Secrets are on standard input and standard output of systemd-creds, in no argument and in no file.
"""

from __future__ import annotations

import os
from typing import List, Optional

from ...errors import OperationFailed
from ...system.program import Completed, ask_program
from ..names import CREDSTORE, credential_name


def sealed(name: str, key: str, secret: str) -> bytes:
    """Return the encrypted form of a secret. Raises OperationFailed."""
    bound = "--name=" + credential_name(name, key)
    completed = _asked("systemd-creds", "encrypt", bound, "-", "-", stdin=secret)
    if completed.status or not completed.out:
        raise OperationFailed(
            f"secrets.{key}: systemd-creds could not encrypt it: "
            f"{' '.join(completed.err.split()) or 'no reason given'}",
            cure="Run systemd-creds setup on the host, and read its message.",
        )
    return completed.out.encode()


def stored_secret(name: str, key: str) -> Optional[str]:
    """Return a stored secret; None if it is missing, or was stored under another name or by another host."""
    bound = credential_name(name, key)
    path = f"{CREDSTORE}/{bound}"
    if not os.path.exists(path):
        return None
    completed = _asked("systemd-creds", "decrypt", "--name=" + bound, path, "-")
    return None if completed.status else completed.out


def stored_keys(name: str) -> List[str]:
    prefix = credential_name(name, "")
    found = os.listdir(CREDSTORE) if os.path.isdir(CREDSTORE) else []
    return sorted(each[len(prefix) :] for each in found if each.startswith(prefix))


def _asked(*words: str, stdin: Optional[str] = None) -> Completed:
    try:
        return ask_program(*words, stdin=stdin)
    except FileNotFoundError:
        raise OperationFailed("systemd-creds is not installed", cure="Use a host with systemd 250 or newer.") from None

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key custody: from where the host gets the passphrase of a vault when it unlocks it.

operator: the play passes it on, through a socket to systemd (`engine`); nothing is stored, and after a boot the
vault is locked
host: systemd-creds seals it with the key of this host, which is on the same disk
tang, tpm2: clevis seals it; a tang server of the network, or the TPM of the host, is needed to open it

Programs get and return the passphrase by pipes.
"""

from __future__ import annotations

import json
import os
from typing import Callable, Dict, Optional, Sequence

from ..errors import CustodyUnavailable
from ..system.program import Completed, ask_program
from .request import HOST, OPERATOR, TANG, TPM2, Key, Vault

DIRECTORY = "/etc/secure_ftp_synchronize/vaults"
SOCKETS = "/run/secure_ftp_synchronize/vaults"
SAME_DISK = (
    "key.custody: is host, so the key is on the disk of the data. It protects copies and backups of the store, and not "
    "the disk"
)
_CREDENTIAL = "passphrase"
_SUFFIX = {HOST: ".credential", TANG: ".jwe", TPM2: ".tpm2.jwe"}
_TPM = "/dev/tpmrm0"
_CONNECTION = "TPM2TOOLS_TCTI"
"""Environment variable of tpm2-tools for another way to a TPM."""


def sealed_path(vault: Vault, custody: str) -> str:
    """Return the path of the sealed passphrase; empty with the custody OPERATOR."""
    return "" if custody == OPERATOR else f"{DIRECTORY}/{vault.name}{_SUFFIX[custody]}"


def sealed_paths(vault: Vault) -> Dict[str, str]:
    return {custody: sealed_path(vault, custody) for custody in _SUFFIX}


def socket_path(vault: Vault) -> str:
    """Return the path of the socket from which systemd reads the passphrase."""
    return f"{SOCKETS}/{vault.name}"


def unit_lines(vault: Vault, custody: str) -> Sequence[str]:
    """Return the lines of the unit's [Service] that provide the passphrase."""
    if custody == OPERATOR:
        return [f"LoadCredential={_CREDENTIAL}:{socket_path(vault)}"]
    if custody == HOST:
        return [f"LoadCredentialEncrypted={_CREDENTIAL}:{sealed_path(vault, custody)}"]
    return []


def passphrase_source(vault: Vault, custody: str) -> str:
    """Return the shell command of the unit that prints the passphrase."""
    if custody in (OPERATOR, HOST):
        return f"cat %d/{_CREDENTIAL}"
    return f"clevis decrypt < {sealed_path(vault, custody)}"


def require_custody(key: Key) -> None:
    """Raise CustodyUnavailable if this host cannot have this custody."""
    if key.custody == TPM2 and not (os.path.exists(_TPM) or os.environ.get(_CONNECTION)):
        raise CustodyUnavailable(
            f"key.custody: is tpm2, and this host has no TPM 2.0 ({_TPM} is missing)",
            cure="Set key.custody to tang or operator, or enable the TPM of this host.",
        )


def seal(key: Key) -> str:
    """Return the sealed passphrase. Raise CustodyUnavailable."""
    return _asked(key, "seal the passphrase", *_SEALING[key.custody](key), stdin=key.passphrase).out


def unseal(key: Key, path: str) -> Optional[str]:
    """Return the passphrase in a sealed file; None if it cannot be opened."""
    words = ("systemd-creds", "decrypt", "--name=" + _CREDENTIAL, path, "-")
    if key.custody == HOST:
        completed = ask_program(*words)
    else:
        with open(path, encoding="ascii", errors="replace") as stream:
            completed = ask_program("clevis", "decrypt", stdin=stream.read())
    return None if completed.status else completed.out


def _with_systemd(_key: Key) -> Sequence[str]:
    return ("systemd-creds", "encrypt", "--with-key=host", "--name=" + _CREDENTIAL, "-", "-")


def _with_tang(key: Key) -> Sequence[str]:
    return ("clevis", "encrypt", TANG, json.dumps({"url": key.url, "thp": key.thumbprint}))


def _with_tpm(key: Key) -> Sequence[str]:
    registers = {"pcr_bank": "sha256", "pcr_ids": key.pcr_ids} if key.pcr_ids else {}
    return ("clevis", "encrypt", TPM2, json.dumps(registers))


_SEALING: Dict[str, Callable[[Key], Sequence[str]]] = {HOST: _with_systemd, TANG: _with_tang, TPM2: _with_tpm}


def _asked(key: Key, what: str, *words: str, stdin: str) -> Completed:
    completed = ask_program(*words, stdin=stdin)
    if completed.status or not completed.out:
        raise CustodyUnavailable(
            f"key.custody: {key.custody} could not {what}: {' '.join(completed.err.split()) or 'no reason given'}",
            cure="Check key.url and key.thumbprint, and that this host reaches the tang server."
            if key.custody == TANG
            else "Read the journal of the host.",
        )
    return completed

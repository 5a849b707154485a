# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host keys and the moduli of the server: which are strong enough to be used."""

from __future__ import annotations

import os
from collections import Counter
from typing import List, Optional

from ..system.program import ask_program, run_program

HOST_KEYS = ("/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key")
MODULI = "/etc/ssh/moduli"
_RSA_BITS = 3072
_NEW_RSA_BITS = "4096"
_MODULUS_BITS = 3071


def missing() -> List[str]:
    """Return the keys that have to be made: an Ed25519 key, and an RSA key if there is none of any length."""
    return [path for path in HOST_KEYS if not os.path.exists(path)]


def generate(path: str) -> None:
    kind = ["-t", "rsa", "-b", _NEW_RSA_BITS] if path.endswith("rsa_key") else ["-t", "ed25519"]
    run_program("ssh-keygen", "-q", *kind, "-N", "", "-f", path)


def usable() -> List[str]:
    """Return the host keys to offer: without a short RSA key, but not with a new key, which clients would not know."""
    return [path for path in HOST_KEYS if not path.endswith("rsa_key") or not 0 < bits(path) < _RSA_BITS]


def too_short(wanted: int) -> List[str]:
    """Return a note on each RSA key that is offered and has fewer bits. Only a rotation replaces it without a
    surprise."""
    lengths = {path: bits(path) for path in usable() if path.endswith("rsa_key")}
    return [
        f"{path} has {length} bits, the profile requires {wanted}: replace it with the playbook rotate_host_keys and "
        "host_key_rotation_types: [rsa]"
        for path, length in lengths.items()
        if 0 < length < wanted
    ]


def open_keys() -> List[str]:
    """Return the host keys that others than root may read."""
    return [path for path in HOST_KEYS if os.path.exists(path) and os.stat(path).st_mode & 0o077]


def bits(path: str) -> int:
    """Return the length of a key, 0 if it is unknown."""
    completed = ask_program("ssh-keygen", "-l", "-f", path)
    return int(completed.out.split()[0]) if not completed.status else 0


def strong_moduli(text: Optional[str]) -> Optional[str]:
    """Return the moduli without short moduli; None if there is no such file or nothing would be left."""
    kept = [line for line in (text or "").splitlines(keepends=True) if line.startswith("#") or _strong(line)]
    return "".join(kept) if any(_strong(line) for line in kept) else text


def moduli_counted(text: str) -> str:
    """Return the number of moduli of each length, a line each, instead of their hundreds of digits."""
    counted = Counter(_bits(line) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return "".join(f"{counted[size]} moduli of {size} bits\n" for size in sorted(counted))


def _strong(line: str) -> bool:
    return _bits(line) >= _MODULUS_BITS


def _bits(line: str) -> int:
    """Return the length of a modulus as moduli(5) has it; 0 for other lines."""
    fields = line.split()
    return int(fields[4]) if len(fields) > 4 and fields[4].isdigit() else 0

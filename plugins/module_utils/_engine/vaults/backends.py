# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that encrypt: gocryptfs (FUSE) and fscrypt (directories of ext4 and f2fs).

Both get the passphrase on standard input, and show the files of `vault.cipher` at `vault.mount`.
"""

from __future__ import annotations

import os
from typing import Mapping, Protocol, Sequence

from ..errors import OperationFailed, PassphraseWrong, Refused
from ..system.program import Completed, ask_program, run_program
from .request import Vault

GOCRYPTFS, FSCRYPT = "gocryptfs", "fscrypt"
_SAFE = ("nosuid", "nodev", "noexec")
_USES = "/proc/[0-9]*/fd /proc/[0-9]*/cwd /proc/[0-9]*/root"
# A container may have the same path on another device.
_SAME_DEVICE = 'test "$$(stat -Lc %%d "$$link")" = "$$device" && echo "$$link" | cut -d/ -f3'
_LAZY_UMOUNT = "-/bin/sh -c 'while umount -l %s; do :; done 2>/dev/null'"


class Backend(Protocol):
    """One program.

    kind: type of the unit
    needs_lock: whether names and contents are encrypted on the disk only, and the store shows them until it is locked
    """

    kind: str
    needs_lock: bool

    def made(self, vault: Vault) -> bool: ...

    def make(self, vault: Vault, passphrase: str) -> None: ...

    def check(self, vault: Vault, passphrase: str) -> None: ...

    def start(self, vault: Vault, source: str) -> Sequence[str]: ...

    def stop(self, vault: Vault) -> Sequence[str]: ...


class _Gocryptfs:
    kind = "forking"
    needs_lock = False
    _WRONG = 12

    def made(self, vault: Vault) -> bool:
        return os.path.exists(vault.cipher + "/gocryptfs.conf")

    def make(self, vault: Vault, passphrase: str) -> None:
        run_program("gocryptfs", "-init", "-q", vault.cipher, stdin=passphrase)

    def check(self, vault: Vault, passphrase: str) -> None:
        """Open the vault read-only at a place of its own, which no other process sees. Raise PassphraseWrong."""
        script = 'mount -t tmpfs none /mnt && mkdir /mnt/vault && gocryptfs -q -ro "$0" /mnt/vault && umount /mnt/vault'
        completed = ask_program("unshare", "--mount", "sh", "-c", script, vault.cipher, stdin=passphrase)
        _require_opened(completed, vault, wrong=completed.status == self._WRONG)

    def start(self, vault: Vault, source: str) -> Sequence[str]:
        """Return the commands of the unit that unlock the vault. source: the command that prints the passphrase"""
        options = " ".join("-" + option for option in ("allow_other", *_SAFE))
        return [f"/bin/sh -c '{source} | exec gocryptfs -q {options} {vault.cipher} {vault.mount}'"]

    def stop(self, vault: Vault) -> Sequence[str]:
        """Return the commands of the unit that follow the end of gocryptfs: a killed process leaves its mount."""
        return [_LAZY_UMOUNT % vault.mount]


class _Fscrypt:
    kind = "oneshot"
    needs_lock = True

    def made(self, vault: Vault) -> bool:
        """Return whether the directory is encrypted."""
        return self._status(vault).status == 0

    def make(self, vault: Vault, passphrase: str) -> None:
        """Encrypt the empty directory, and lock it."""
        if not os.path.exists("/etc/fscrypt.conf"):
            run_program("fscrypt", "setup", "--quiet")
        point = _mount_point_of(vault.store)
        if not os.path.isdir(point + "/.fscrypt"):
            run_program("fscrypt", "setup", "--quiet", "--all-users", point)
        protector = ("--source=custom_passphrase", "--name=" + vault.name, "--no-recovery")
        run_program("fscrypt", "encrypt", "--quiet", *protector, vault.cipher, stdin=passphrase)
        run_program("fscrypt", "lock", vault.cipher)

    def check(self, vault: Vault, passphrase: str) -> None:
        """Unlock the vault and lock it again. Raise PassphraseWrong, and Refused if it is unlocked."""
        if os.path.ismount(vault.mount):
            raise Refused(
                f"key.passphrase: cannot be tested while the vault {vault.name} is unlocked",
                cure="Run this once with state locked, then with unlocked.",
            )
        completed = ask_program("fscrypt", "unlock", "--quiet", vault.cipher, stdin=passphrase)
        _require_opened(completed, vault, wrong="incorrect key" in completed.err)
        run_program("fscrypt", "lock", vault.cipher)

    def start(self, vault: Vault, source: str) -> Sequence[str]:
        return [
            f"/bin/sh -c '{source} | exec fscrypt unlock --quiet {vault.cipher}'",
            f"/bin/mount --bind -o {','.join(_SAFE)} {vault.cipher} {vault.mount}",
        ]

    def stop(self, vault: Vault) -> Sequence[str]:
        """A process that has a file open could go on reading and writing it: such processes are killed."""
        found = f'find {_USES} -lname {vault.mount} -o -lname "{vault.mount}/*" 2>/dev/null'
        lock = f"fscrypt status {vault.cipher} | grep -q Unlocked:.No && exit; fscrypt lock {vault.cipher}"
        return [
            f"-/bin/sh -c 'device=$$(stat -c %%d {vault.mount}); {found} | while read -r "
            f"link; do {_SAME_DEVICE}; done | xargs -r kill -KILL'",
            _LAZY_UMOUNT % vault.mount,
            f"/bin/sh -c 'for try in 1 2 3 4 5; do {lock} && exit; sleep 1; done; exit 1'",
        ]

    def _status(self, vault: Vault) -> Completed:
        return ask_program("fscrypt", "status", vault.cipher)


BACKENDS: Mapping[str, Backend] = {GOCRYPTFS: _Gocryptfs(), FSCRYPT: _Fscrypt()}


def _require_opened(completed: Completed, vault: Vault, *, wrong: bool) -> None:
    if wrong:
        raise PassphraseWrong(
            f"key.passphrase: does not open the vault {vault.name}",
            cure="Set key.passphrase to the passphrase with which the vault was made.",
        )
    if completed.status:
        raise OperationFailed(f"the vault {vault.name} could not be opened: {' '.join(completed.err.split())}")


def _mount_point_of(path: str) -> str:
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path

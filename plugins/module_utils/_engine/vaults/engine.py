# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of at_rest_vault: vaults made, their passphrases sealed, unlocked or locked, and proven.

1. Check the programs and the places: everything is refused before any change. The mount
   point must be empty, also below a mount.
2. Make the store and the mount point, and the vault in it.
3. Seal the passphrase for the host, after a test that it opens the vault; remove the files of other custodies.
4. Write the unit. Only with a custody that lets the host unlock the vault by itself does it start with the system.
5. While the vault is locked, let the account of the vault try to write: it must fail.
6. Unlock it, write a canary through the mount, and search the store for it. Or lock it.

A canary is sought in the store by name and content. A passphrase is handed over to systemd while it starts a unit:
through a socket that only root can reach. It is never in a file, an argument or an environment variable. See
LoadCredential= in systemd.exec(5).
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
from contextlib import contextmanager, nullcontext, suppress
from typing import Iterator, NamedTuple, Optional, Tuple

from ..errors import CustodyUnavailable, OperationFailed, Refused, VaultUnsafe
from ..system.accounts import user_id
from ..system.background import in_background
from ..system.changes import ChangeReport, Changes
from ..system.entries import MISSING, Attributes, keep_directory, keep_file
from ..system.program import ask_program, run_program
from ..system.root_owned_path import Walker, closing
from . import key_custody, mount_point
from .backends import BACKENDS, Backend
from .key_custody import sealed_path, sealed_paths, socket_path
from .mount_point import unit_name, unit_text
from .request import HOST, OPERATOR, UNLOCKED, Vault, VaultRequest

_UNITS = "/etc/systemd/system"
_WANTS = _UNITS + "/multi-user.target.wants"
_PARENT_MODE, _STORE_MODE, _ROOT_MODE, _OWNED_MODE = 0o755, 0o700, 0o755, 0o700
_SEALED = "sealed"
HIDDEN, NOT_SOUGHT = "hidden", "not_sought"
_PREFIX = ".canary-"
_MOST_BYTES = 1 << 20


class VaultState(NamedTuple):
    """The state of a vault at the end.

    canary: HIDDEN, or NOT_SOUGHT if the run had no way to seek it
    """

    name: str
    mount: str
    custody: str
    locked: bool
    canary: str


class VaultReport(NamedTuple):
    """The result of a run."""

    report: ChangeReport
    vaults: Tuple[VaultState, ...]


def keep_vaults(request: VaultRequest) -> VaultReport:
    """Run the module, given a checked request. Raises UnsafePath, Refused and OperationFailed."""
    key_custody.require_custody(request.key)
    runs = [_Vault(vault, request, Changes(check_mode=True)) for vault in request.vaults]
    for run in runs:
        run.inspect()
    changes = Changes(check_mode=request.check_mode)
    if request.key.custody == HOST:
        changes.note(key_custody.SAME_DISK)
    states = tuple(_Vault(vault, request, changes).run() for vault in request.vaults)
    return VaultReport(changes.report(), states)


class _Vault:
    """One vault in a run."""

    def __init__(self, vault: Vault, request: VaultRequest, changes: Changes) -> None:
        self._vault, self._request, self._changes = vault, request, changes
        self._backend: Backend = BACKENDS[request.backend]
        self._key = request.key
        self._user = user_id(vault.owner)
        self._unit = unit_name(vault)
        self._canary = NOT_SOUGHT

    def inspect(self) -> None:
        """Refuse before any change."""
        if mount_point.is_mounted(self._vault):
            if not mount_point.is_dead(self._vault):
                self._require_own_mount()
            mount_point.bare(self._vault)
        else:
            mount_point.keep_mount_point(self._vault, self._changes)
        if os.path.isdir(self._vault.cipher) and not self._backend.made(self._vault) and os.listdir(self._vault.cipher):
            raise Refused(
                f"store: {self._vault.cipher} holds files and is no vault of {self._request.backend}",
                cure="Set store to an empty or missing directory.",
            )

    def run(self) -> VaultState:
        self._clear_dead()
        self._keep_places()
        made = self._keep_vault()
        wanted = self._request.state == UNLOCKED
        if not wanted:
            self._lock()
        self._keep_sealed(fresh=made)
        self._keep_unit()
        if not self._changes.check_mode:
            self._prove_locked()
        if wanted:
            self._unlock(fresh=made)
        locked = not mount_point.is_mounted(self._vault)
        return VaultState(self._vault.name, self._vault.mount, self._key.custody, locked, self._canary)

    def _clear_dead(self) -> None:
        if mount_point.is_dead(self._vault) and self._changes.record(
            self._vault.mount, "the mount of a process that has died", "not mounted"
        ):
            run_program("umount", "-l", self._vault.mount)

    def _require_own_mount(self) -> None:
        if not self._active():
            raise Refused(
                f"mount: something else than the vault {self._vault.name} is mounted at {self._vault.mount}",
                cure="Unmount it, or set another mount point.",
            )

    def _active(self) -> bool:
        return ask_program("systemctl", "is-active", "--quiet", self._unit).status == 0

    def _keep_places(self) -> None:
        self._directory(self._vault.store, Attributes(0, 0, _STORE_MODE))
        if not os.path.isdir(self._vault.cipher):
            mode = _ROOT_MODE if self._user == 0 else _OWNED_MODE
            self._directory(self._vault.cipher, Attributes(self._user, None if self._user else 0, mode))
        if not mount_point.is_mounted(self._vault):
            self._directory(os.path.dirname(self._vault.mount), None)
            mount_point.keep_mount_point(self._vault, self._changes)

    def _directory(self, path: str, wanted: Optional[Attributes]) -> None:
        """Keep a directory, and make those above it; without `wanted`, an existing directory is left as it is."""
        above, _slash, name = path.rpartition("/")
        if not above or (wanted is None and (os.path.isdir(path) or self._changes.has(path))):
            return
        self._directory(above, None)
        parent = Walker().open_existing(above)
        with nullcontext() if parent is None else closing(parent):
            made = keep_directory(
                name, wanted or Attributes(0, 0, _PARENT_MODE), self._changes, parent=parent, shown=path
            )
            if made is not None:
                os.close(made)

    def _keep_vault(self) -> bool:
        """Return whether the vault was made now."""
        if os.path.isdir(self._vault.cipher) and self._backend.made(self._vault):
            return False
        made = self._changes.record(f"vault {self._vault.name}", MISSING, self._request.backend)
        if made:
            self._backend.make(self._vault, self._key.passphrase)
        return made

    def _keep_sealed(self, *, fresh: bool) -> None:
        wanted = sealed_path(self._vault, self._key.custody)
        for path in sealed_paths(self._vault).values():
            if path != wanted and os.path.lexists(path) and self._changes.record(path, _SEALED, MISSING):
                os.unlink(path)
        if not wanted or (os.path.exists(wanted) and key_custody.unseal(self._key, wanted) == self._key.passphrase):
            return
        above, _slash, name = wanted.rpartition("/")
        self._directory(above, Attributes(0, 0, _STORE_MODE))
        if not self._changes.record(f"passphrase of {self._vault.name}", "not sealed", self._key.custody):
            return
        if not fresh:
            self._backend.check(self._vault, self._key.passphrase)
        sealed, silent = key_custody.seal(self._key).encode(), Changes(check_mode=False)
        with closing(Walker().open(above)) as parent:
            keep_file(name, sealed, Attributes(0, 0, 0o600), silent, parent=parent, shown=wanted)

    def _keep_unit(self) -> None:
        text = unit_text(self._vault, self._backend, self._key.custody)
        before = len(self._changes.report().changes)
        shown = f"{_UNITS}/{self._unit}"
        with closing(Walker().open(_UNITS)) as parent:
            keep_file(self._unit, text.encode(), Attributes(0, 0, 0o644), self._changes, parent=parent, shown=shown)
        if len(self._changes.report().changes) > before and not self._changes.check_mode:
            run_program("systemctl", "daemon-reload")
        self._keep_enabled()

    def _keep_enabled(self) -> None:
        wanted = self._key.custody != OPERATOR
        if os.path.lexists(f"{_WANTS}/{self._unit}") == wanted:
            return
        before, after = ("off", "on") if wanted else ("on", "off")
        if self._changes.record(f"start of {self._unit} with the system", before, after):
            run_program("systemctl", "--quiet", "enable" if wanted else "disable", self._unit)

    def _prove_locked(self) -> None:
        """Look below the mount, or let the account try to write to the locked mount point."""
        if mount_point.is_mounted(self._vault):
            mount_point.bare(self._vault)
        else:
            mount_point.require_closed(self._vault, self._user, ".written")

    def _lock(self) -> None:
        if not (self._active() or mount_point.is_mounted(self._vault)):
            return
        if self._changes.record(self._vault.mount, "unlocked", "locked"):
            run_program("systemctl", "stop", self._unit)
            if mount_point.is_mounted(self._vault):
                raise OperationFailed(f"the vault {self._vault.name} is still mounted at {self._vault.mount}")
            mount_point.keep_mount_point(self._vault, self._changes)

    def _unlock(self, *, fresh: bool) -> None:
        if not (self._active() and mount_point.is_mounted(self._vault)):
            if not self._changes.record(self._vault.mount, "locked", "unlocked"):
                return
            self._start()
        if self._changes.check_mode:
            return
        if not self._backend.needs_lock:
            self._seek_canary()
        elif fresh:
            self._seek_canary_in_the_locked_store()

    def _start(self) -> None:
        """Start the unit as the system does at a boot; with the custody OPERATOR, hand the passphrase over."""
        if self._key.custody == OPERATOR:
            with offered(self._key.passphrase, socket_path(self._vault)):
                started = ask_program("systemctl", "restart", self._unit)
        else:
            started = ask_program("systemctl", "restart", self._unit)
        if started.status or not mount_point.is_mounted(self._vault):
            self._backend.check(self._vault, self._key.passphrase)
            raise CustodyUnavailable(
                f"the host could not unlock the vault {self._vault.name} with the custody {self._key.custody}",
                cure=f"Read the journal: journalctl -u {self._unit}",
            )

    def _seek_canary(self) -> None:
        placed = place_canary(self._vault)
        try:
            require_hidden(self._vault, placed)
        finally:
            remove_canary(self._vault, placed)
        self._canary = HIDDEN

    def _seek_canary_in_the_locked_store(self) -> None:
        placed = place_canary(self._vault)
        run_program("systemctl", "stop", self._unit)
        try:
            require_hidden(self._vault, placed)
        finally:
            self._start()
            remove_canary(self._vault, placed)
        self._canary = HIDDEN


class Canary(NamedTuple):
    """name: of the file in the root of the vault"""

    name: str
    content: bytes


def place_canary(vault: Vault) -> Canary:
    """Write a canary through the mount, so that it is on the disk."""
    canary = Canary(_PREFIX + secrets.token_hex(16), secrets.token_hex(512).encode())
    descriptor = os.open(_path(vault, canary), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, canary.content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return canary


def remove_canary(vault: Vault, canary: Canary) -> None:
    """Remove the canary through the mount."""
    with suppress(FileNotFoundError):
        os.unlink(_path(vault, canary))


def require_hidden(vault: Vault, canary: Canary) -> None:
    """Search the root of the store, where the canary must be. Raise VaultUnsafe if its name or content can be read, and
    OperationFailed if an entry cannot be looked at."""
    with os.scandir(vault.cipher) as entries:
        for entry in entries:
            if canary.name in entry.name or canary.content in _content(entry):
                raise VaultUnsafe(
                    f"store: {vault.store} shows a file unencrypted that was written to the vault {vault.name}",
                    cure="Treat the content of the vault as readable on this disk, "
                    f"and check the mount at {vault.mount}.",
                )


def _content(entry: os.DirEntry[str]) -> bytes:
    """Return the beginning of a file; nothing of a file that fscrypt has locked, and of a name that has gone."""
    try:
        if not entry.is_file(follow_symlinks=False):
            return b""
        with open(entry.path, "rb") as stream:
            return stream.read(_MOST_BYTES)
    except OSError as error:
        if error.errno in (errno.ENOKEY, errno.ENOENT):
            return b""
        raise OperationFailed(
            f"store: {entry.path} cannot be read: {error.strerror}",
            cure="Find out why root cannot read it: until then, nothing shows that the vault encrypts.",
        ) from None


def _path(vault: Vault, canary: Canary) -> str:
    return f"{vault.mount}/{canary.name}"


@contextmanager
def offered(passphrase: str, path: str) -> Iterator[None]:
    """Give the passphrase to each reader of the socket `path` inside the context."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    os.chmod(os.path.dirname(path), 0o700)
    with suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        giver = in_background(lambda: _give(listener, passphrase.encode()), name="passphrase")
        try:
            yield
        finally:
            os.unlink(path)
            listener.shutdown(socket.SHUT_RDWR)
            giver.join()


def _give(listener: socket.socket, passphrase: bytes) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return  # the context has ended
        with connection, suppress(OSError):
            connection.sendall(passphrase)

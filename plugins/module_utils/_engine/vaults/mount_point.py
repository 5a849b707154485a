# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mount point of a vault: while the vault is locked, nothing can be written there. It is empty, belongs to root,
has the mode 0555, and is immutable where the file system can do that: then not even root can write.

The systemd unit of a vault unlocks it at its start, and locks it at its end, also if the process has died. It is
stopped although files are open: then they cannot be read or written any more.
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import stat
import struct
from typing import List

from ..errors import OperationFailed, VaultUnsafe
from ..system.changes import Changes
from ..system.entries import Attributes, keep_directory
from ..system.program import ask_program
from ..system.root_owned_path import Walker, closing, open_directory
from ..system.vault_units import MOUNT_LINE, PREFIX
from .backends import Backend
from .key_custody import passphrase_source, unit_lines
from .request import OPERATOR, TANG, Vault

_CLOSED = Attributes(0, 0, 0o555)
_IMMUTABLE = 0x10
_LONG = struct.calcsize("l")
_GET_FLAGS = 0x80006601 | _LONG << 16
_SET_FLAGS = 0x40006602 | _LONG << 16
_NOT_SUPPORTED = frozenset({errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.ENOSYS})
_LOOK = 'while umount -l "$0" 2>/dev/null; do :; done; stat -c "%u:%g %a" "$0" && ls -A "$0"'
_BEGUN = "begun"
_TRY = f'echo {_BEGUN}; : > "$0"'
_NOBODY = 65534
_NETWORK = "After=network-online.target\nWants=network-online.target\nStartLimitIntervalSec=0\n"
_TEXT = """# Managed by Ansible (secure.ftp_synchronize.at_rest): changes are overwritten.
[Unit]
Description=Vault %(name)s
RequiresMountsFor=%(store)s %(above)s
%(network)s%(mount_line)s%(mount)s

[Service]
Type=%(kind)s
%(lines)s
%(retry)sTimeoutStopSec=10
SuccessExitStatus=15
"""
_INSTALL = """
[Install]
WantedBy=multi-user.target
"""


def is_mounted(vault: Vault) -> bool:
    """Return whether something is mounted at the mount point, also if its process has died."""
    return is_dead(vault) or os.path.ismount(vault.mount)


def is_dead(vault: Vault) -> bool:
    """Return whether the process of the mount has died and left the mount."""
    try:
        os.lstat(vault.mount)
    except OSError as error:
        return error.errno == errno.ENOTCONN
    return False


def keep_mount_point(vault: Vault, changes: Changes) -> None:
    """Make or correct the mount point of a locked vault. Raise VaultUnsafe if it holds files."""
    above, _slash, name = vault.mount.rpartition("/")
    walker = Walker()
    parent = walker.open_existing(above) if changes.check_mode else walker.open(above)
    if parent is None:
        changes.record(vault.mount, "missing", "directory " + _CLOSED.words)
        return
    with closing(parent):
        found = open_directory(name, vault.mount, parent=parent)
        if found is not None:
            with closing(found):
                _require_empty(os.listdir(found), vault)
                if stat.S_IMODE(os.fstat(found).st_mode) != _CLOSED.mode and not changes.check_mode:
                    _set_immutable(found, on=False)
        kept = keep_directory(name, _CLOSED, changes, parent=parent, shown=vault.mount)
        if kept is not None:
            with closing(kept):
                if not changes.check_mode and not _set_immutable(kept, on=True):
                    changes.note(
                        f"{vault.mount}: its file system has no immutable directories, so root can write there"
                    )


def bare(vault: Vault) -> None:
    """Look at the mount point below the mount, in a namespace of its own. Raise VaultUnsafe."""
    completed = ask_program("unshare", "--mount", "--propagation", "private", "sh", "-c", _LOOK, vault.mount)
    attributes, *names = completed.out.splitlines() or [""]
    _require_empty(names, vault)
    if attributes != "0:0 555":
        raise VaultUnsafe(
            f"mount: {vault.mount} has the owner and mode {attributes or '?'} below the vault {vault.name}",
            cure="Lock the vault with state locked, and run the role again.",
        )


def require_closed(vault: Vault, user: int, name: str) -> None:
    """Let the account try to write to the locked mount point. Raise VaultUnsafe if it can, and OperationFailed if it
    did not try."""
    path = f"{vault.mount}/{name}"
    identity = [f"--reuid={user or _NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    completed = ask_program("setpriv", *identity, "sh", "-c", _TRY, path)
    if completed.out.strip() != _BEGUN:
        why = " ".join(completed.err.split()) or "no reason given"
        raise OperationFailed(f"mount: no program of the user {user} could try to write to {vault.mount}: {why}")
    if completed.status == 0:
        os.unlink(path)
        raise VaultUnsafe(
            f"mount: the user {user} can write to {vault.mount} while the vault {vault.name} is locked",
            cure="Check the mounts there, and the owner and mode of the directory.",
        )


def _require_empty(names: List[str], vault: Vault) -> None:
    if names:
        raise VaultUnsafe(
            f"mount: {vault.mount} holds entries outside the vault {vault.name}, unencrypted: {len(names)}",
            cure="Move them away, run the role, copy them into the unlocked vault, and destroy the unencrypted copy.",
        )


def _set_immutable(descriptor: int, *, on: bool) -> bool:
    """Return whether the directory has the attribute as asked for."""
    flags = array.array("l", [0])
    try:
        fcntl.ioctl(descriptor, _GET_FLAGS, flags)
        wanted = flags[0] | _IMMUTABLE if on else flags[0] & ~_IMMUTABLE
        if wanted != flags[0]:
            fcntl.ioctl(descriptor, _SET_FLAGS, array.array("l", [wanted]))
    except OSError as error:
        if error.errno in _NOT_SUPPORTED:
            return False
        raise
    return True


def unit_name(vault: Vault) -> str:
    return f"{PREFIX}{vault.name}.service"


def unit_text(vault: Vault, backend: Backend, custody: str) -> str:
    """Return the text of the unit. Only a vault that the host can unlock by itself starts at a boot."""
    lines = ["RemainAfterExit=yes"] if backend.kind == "oneshot" else []
    lines += unit_lines(vault, custody)
    lines += ["ExecStart=" + command for command in backend.start(vault, passphrase_source(vault, custody))]
    lines += ["ExecStopPost=" + command for command in backend.stop(vault)]
    text = _TEXT % {
        "name": vault.name,
        "store": vault.store,
        "above": vault.mount.rpartition("/")[0],
        "mount": vault.mount,
        "mount_line": MOUNT_LINE,
        "network": _NETWORK if custody == TANG else "",
        "kind": backend.kind,
        "lines": "\n".join(lines),
        "retry": "Restart=on-failure\nRestartSec=30\n" if custody == TANG else "",
    }
    return text if custody == OPERATOR else text + _INSTALL

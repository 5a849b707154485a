# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts that exist for one server only: private copies of passwd(5), group(5) and shadow(5)."""

from __future__ import annotations

__all__ = ["Account", "write_account_files"]

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """One login. Without `password` every password is refused; `uid` is the group's id too."""

    name: str = "mirror"
    uid: int = 20_001
    shell: str = "/bin/sh"
    password: str = ""


def write_account_files(account: Account, home: str, directory: Path) -> None:
    """Write passwd, group and shadow below `directory`: the machine's own accounts and `account`."""
    passwd = f"{account.name}:x:{account.uid}:{account.uid}:test account:{home}:{account.shell}"
    shadow = f"{account.name}:{_hash(account.password)}:20000:0:99999:7:::"
    for file, line, mode in (
        ("passwd", passwd, 0o644),
        ("group", f"{account.name}:x:{account.uid}:", 0o644),
        ("shadow", shadow, 0o600),
    ):
        target = directory / file
        # First, so that it also wins over an account of the machine with the same id.
        target.write_text(f"{line}\n{_others(Path('/etc', file), account.name)}")
        target.chmod(mode)


def _others(file: Path, name: str) -> str:
    """Return the lines of the machine's `file`, in `shadow` with every password locked."""
    lines = [line for line in file.read_text().splitlines() if line.partition(":")[0] != name]
    if file.name == "shadow":
        lines = [re.sub(r"^([^:]*):[^:]*", r"\1:*", line) for line in lines]
    return "".join(f"{line}\n" for line in lines)


def _hash(password: str) -> str:
    """Hash with crypt(3) from libcrypt, which Python no longer wraps; '*' fits no password."""
    if not password:
        return "*"
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    # Few rounds keep a login fast: this password guards nothing.
    return library.crypt(password.encode(), b"$6$rounds=1000$testsalt$").decode()

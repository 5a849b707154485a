# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account of a host below a directory, to be closed and opened. Its files are real. The state of usermod, sessions
and revoked keys is kept in files next to them, which outlive a killed process.

scene = AccessScene(tmp_path)
close_account(scene.asked(), scene.host)
assert not scene.is_open()
"""

from __future__ import annotations

__all__ = ["ACCOUNT", "NEW", "NEW_PASSWORD", "OLD", "OLD_PASSWORD", "OTHER", "AccessScene"]

import os
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.authorized_lines import (
    key_of,
    lines_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.host import Access, Host
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import AccountKeys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.password_hash import (
    hash_of,
    is_hash_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.durable_files import put
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey

from ..judges.sshd_lines import admitted
from ..servers.ssh_keys import key

ACCOUNT = "partner"
OLD, NEW, OTHER = key("partner").public, key("partner-new").public, key("partner-other").public
OLD_PASSWORD, NEW_PASSWORD = "the-old-password", "the-new-password"
_SHADOW = "root:*:1:0:99999:7:::\n{account}:{password}:20000:0:99999:7::{expires}:\nother:$6$x:1:0:99999:7:::\n"


class AccessScene:
    """One account with a key, a password and a place in the list for FTPS."""

    def __init__(self, directory: Path, *, password: str = "", expires: str = "", second: str = "") -> None:
        self.directory = directory
        self._etc = directory / "etc"
        self._etc.mkdir(parents=True)
        self.write("list", f"# Kept by a role.\nother\n{ACCOUNT}\n")
        self.write("second", f"{ACCOUNT}:{hash_of(second)}\n" if second else "")
        self.write("revoked", "")
        self.write("sessions", "2")
        self.authorize(OLD)
        self.shadow(password or hash_of(OLD_PASSWORD), expires)
        self.login = "admin"
        self.spared: tuple[str, ...] = ()
        self.unused: tuple[str, ...] = ()
        """Keys without a login of the account on record."""
        self.ways: tuple[str, ...] = ()
        self.unreadable: SyncError | None = None
        self.users = [ACCOUNT]
        self.above: list[int | None] = [0, 1001]
        self.host = Host(
            root=(os.geteuid(), os.getegid()),
            start=str(directory),
            shadow=str(self._etc / "shadow"),
            run=self._run,
            user_of={ACCOUNT: 1000, "root": 0}.get,
            sharing=lambda _user: self.users,
            login=lambda: self.login,
            above=lambda: self.above,
            keys_of=self._keys_of,
            revoke=self._revoke,
            refused=lambda _path, asked: asked.text in self.read("revoked"),
            require_refused=lambda _account: None,
            sessions=lambda _user: int(self.read("sessions")),
            end=self._end,
        )

    def asked(
        self,
        *keys: str,
        password: str = "",
        check_mode: bool = False,
        account: str = ACCOUNT,
        checked: tuple[str, ...] = (),
        login: str = "",
        version: int = 0,
    ) -> Access:
        """Return a request."""
        return Access(
            account,
            tuple(key_of(" ".join(each.split()[:2])) for each in keys),
            password,
            checked,
            login,
            version,
            records="/etc/closed",
            ftps_list="/etc/list",
            second_passwords="/etc/second",
            check_mode=check_mode,
        )

    def read(self, name: str) -> str:
        return (self._etc / name).read_text()

    def write(self, name: str, text: str) -> None:
        put(str(self._etc / name), text.encode(), 0o600)

    def shadow(self, password: str, expires: str = "") -> None:
        """Set the password and the date of expiry of the account."""
        self.write("shadow", _SHADOW.format(account=ACCOUNT, password=password, expires=expires))

    def authorize(self, *keys: str) -> None:
        """Set the authorized keys of the account."""
        self.write("keys", "".join(f"restrict {each}\n" for each in keys))

    @property
    def password(self) -> str:
        return self._fields()[1]

    @property
    def expires(self) -> str:
        return self._fields()[7]

    def is_open(self) -> bool:
        """Whether any key could log in."""
        return self.expires != "1"

    def takes(self, password: str) -> bool:
        """Whether a login over FTPS with this password goes well."""
        listed = ACCOUNT in self.read("list").split()
        second = self.read("second").strip().partition(":")[2]
        hashes = [self.password, *([second] if second else [])]
        return self.is_open() and listed and any(is_hash_of(each, password) for each in hashes)

    def good_keys(self) -> set[str]:
        """Return the keys that log in, by a parser of the tests."""
        keys = admitted((self._etc / "keys").read_bytes()) if self.is_open() else set()
        return {each for each in keys if each not in self.read("revoked")}

    def files(self) -> dict[str, str]:
        """Return all files, to compare them."""
        return {str(path): path.read_text() for path in sorted(self._etc.rglob("*")) if path.is_file()}

    def _fields(self) -> list[str]:
        return self.read("shadow").splitlines()[1].split(":")

    def _run(self, program: str, *words: str, stdin: str = "") -> None:
        password, expires = self.password, self.expires
        if program == "chpasswd":
            password = stdin.strip().partition(":")[2]
        if "--expiredate" in words:
            expires = words[words.index("--expiredate") + 1]
        if "--lock" in words and not password.startswith("!"):
            password = "!" + password
        self.shadow(password, expires)

    def _keys_of(self, _account: str, _login: str) -> AccountKeys:
        if self.unreadable:
            raise self.unreadable
        lines = lines_of((self._etc / "keys").read_bytes())
        odd = tuple(f"line {number} of keys is not exactly one plain key" for number in lines.odd)
        known = {*lines.keys, *(key_of(" ".join(each.split()[:2])) for each in (OLD, NEW, OTHER))}
        used = frozenset(each.fingerprint for each in known if each.text not in self.unused)
        return AccountKeys(lines.keys, frozenset(map(key_of, self.spared)), frozenset(), odd, self.ways, used)

    def _revoke(self, asked: Access, keys: tuple[PublicKey, ...]) -> tuple[tuple[Change, ...], int]:
        new = [each for each in keys if each.text not in self.read("revoked")]
        if new and not asked.check_mode:
            self.write("revoked", self.read("revoked") + "".join(f"{each.text}\n" for each in new))
        return tuple(Change("/etc/revoked", "good", each.text) for each in new), 0

    def _end(self, _user: int, **_options: Any) -> int:
        ended = int(self.read("sessions"))
        if ended:
            self.write("sessions", "0")
        return ended

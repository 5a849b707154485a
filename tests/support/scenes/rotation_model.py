# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rotation without a network: the real steps of the client, servers that are two files of keys, runs that are killed.

model = RotationModel(tmp_path, ["alpha", "beta"])
model.run(Fate(unreachable={"beta"}, killed_at=5))
assert model.broken() == []
"""

from __future__ import annotations

__all__ = ["DAY", "STRANGER", "Fate", "Killed", "RotationModel", "Server"]

import base64
import itertools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.job import (
    Preparation,
    Prepared,
    Settlement,
    prepare,
    promote,
    settle,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.plan import (
    PUBLISH,
    RETIRE,
    Leg,
    Policy,
    ServerState,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.store import Place
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import (
    KeyFile,
    change_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    account_keys,
    mark_of,
    public_key,
    revoked_keys,
    with_revoked,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker

DAY = 86400
STRANGER = "# the administrator's own line\n"
_KEYS = "/etc/keys"
_AUTHORIZED, _REVOKED = "authorized", "revoked"
_MARK = mark_of("client/job")
_serial = itertools.count(1)


class Killed(Exception):
    """The run ended here, without a word."""


@dataclass(frozen=True)
class Fate:
    """The disturbances of a run.

    rejecting: servers that accept no new key; killed_at: the step before which the run ends.
    """

    unreachable: frozenset[str] = frozenset()
    rejecting: frozenset[str] = frozenset()
    killed_at: int | None = None
    compromised: frozenset[str] = frozenset()
    days: int = 0


class Server:
    """A server whose key files are below a directory of this machine; they are changed as on a real server."""

    def __init__(self, root: Path, owner: Owner) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._walker = Walker(owner=owner.user, start=str(root.parent))
        self._wanted = Attributes(owner.user, owner.group, 0o640)
        if not self._path(_AUTHORIZED).exists():
            self._path(_AUTHORIZED).write_text(STRANGER)

    @property
    def text(self) -> str:
        """Its file of authorized keys."""
        return self._path(_AUTHORIZED).read_text()

    @property
    def keys(self) -> set[str]:
        """The keys of the job in it."""
        return {" ".join(line.split()[1:3]) for line in self.text.splitlines() if line.startswith("restrict ")}

    @property
    def revoked(self) -> frozenset[str]:
        """The keys that it refuses."""
        path = self._path(_REVOKED)
        return revoked_keys(path.read_bytes()) if path.exists() else frozenset()

    def takes(self, key: str) -> bool:
        return public_key(key).text in self.keys - self.revoked

    def publish(self, keys: list[str]) -> None:
        """Let these be the keys of the job."""
        self._change(_AUTHORIZED, lambda old: account_keys(old.decode(), _MARK, map(public_key, keys)).encode())

    def revoke(self, keys: Iterable[str]) -> None:
        """Refuse these keys."""
        self._change(_REVOKED, lambda old: with_revoked(old, map(public_key, keys)))

    def _change(self, name: str, change: Callable[[bytes], bytes]) -> None:
        file = KeyFile(f"/{self._root.name}/{name}", self._wanted, self._walker)
        change_file(file, change, check_mode=False)

    def _path(self, name: str) -> Path:
        return self._root / name


class RotationModel:
    """A client directory below `root` and some servers."""

    def __init__(self, root: Path, servers: list[str]) -> None:
        me = Owner(os.getuid(), os.getgid())
        self.place = Place(_KEYS, Walker(owner=me.user, start=str(root)), me)
        self.job = root / _KEYS.lstrip("/") / "job"
        self.me, self.now = me, 1_800_000_000.0
        self.servers = {name: Server(root / "servers" / name, me) for name in servers}
        self._step, self._fate = 0, Fate()

    def run(self, fate: Fate = Fate(), *, check_mode: bool = False) -> bool:
        """Do the role's steps; return whether every server was completed. Raises Killed."""
        self._step, self._fate = 0, fate
        self.now += 60 + fate.days * DAY
        self._may_end()
        found = self.prepare(fate.compromised, check_mode=check_mode)
        published = [leg for leg in found.legs if leg.phase == PUBLISH and self._published(leg, found)]
        for leg in found.legs:
            self._revoke(leg, found)
        proven = [leg for leg in published if leg.server.name not in fate.rejecting]
        self._may_end()
        promote(self.place, "job", [leg.server.name for leg in proven], check_mode=False)
        last = [*proven, *(leg for leg in found.legs if leg.phase == RETIRE)]
        cleared = frozenset(leg.server.name for leg in last if self._retired(leg, found))
        behind = {leg.server.name for leg in found.legs if leg.phase in (PUBLISH, RETIRE)} - cleared
        self._may_end()
        reasons = dict.fromkeys(behind, ("some phase", "some reason"))
        settle(self.place, Settlement("job", cleared, reasons, self.now), check_mode=False)
        return not behind

    def prepare(self, compromised: frozenset[str] = frozenset(), *, check_mode: bool = False) -> Prepared:
        """The first step alone."""
        states = tuple(map(ServerState, self.servers))
        asked = Preparation("job", states, Policy("ed25519", 90), self.me, "a passphrase", compromised, self.now)
        return prepare(self.place, asked, check_mode=check_mode, maker=_make)

    def current(self, name: str) -> str | None:
        """The public key that the job uses with a server."""
        link = self.job / "to" / name
        return Path(f"{link.resolve()}.pub").read_text() if link.is_symlink() else None

    def broken(self) -> list[str]:
        """Servers with which the job cannot work."""
        return [name for name, server in self.servers.items()
                if (key := self.current(name)) is not None and not server.takes(key)]  # fmt: skip

    def _may_end(self) -> None:
        if self._step == self._fate.killed_at:
            raise Killed
        self._step += 1

    def _published(self, leg: Leg, found: Prepared) -> bool:
        return self._set(leg, [found.public_keys[each] for each in leg.published])

    def _retired(self, leg: Leg, found: Prepared) -> bool:
        return self._set(leg, [found.public_keys[found.wanted]])

    def _set(self, leg: Leg, keys: list[str]) -> bool:
        self._may_end()
        if leg.server.name in self._fate.unreachable:
            return False
        self.servers[leg.server.name].publish(keys)
        return True

    def _revoke(self, leg: Leg, found: Prepared) -> None:
        """A server refuses only the keys that the controller names."""
        texts = {**found.public_keys, **found.revoked}
        keys = [texts[each] for text, each in found.known.items() if text in self._fate.compromised]
        if keys:
            self._may_end()
            if leg.server.name not in self._fate.unreachable:
                self.servers[leg.server.name].revoke(keys)


def _make(path: str, _key_type: str, _passphrase: str, comment: str) -> None:
    """Keys that cannot log in; the reports about them are the same."""
    blob = b"\0\0\0\x0bssh-ed25519" + (32).to_bytes(4, "big") + next(_serial).to_bytes(32, "big")
    Path(path).write_text("not a real key\n")
    Path(f"{path}.pub").write_text(f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}\n")

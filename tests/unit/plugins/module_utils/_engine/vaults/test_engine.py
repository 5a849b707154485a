# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps of a vault; programs and places are stand-ins. tests/hosts/test_at_rest.py has a real host."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CustodyUnavailable,
    Refused,
    VaultUnsafe,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults import engine
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.engine import (
    Canary,
    VaultReport,
    keep_vaults,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import (
    Key,
    Vault,
    VaultRequest,
)

VAULT = Vault("jails", "/var/lib/vaults/jails", "/srv/jail")
SECRET = "a passphrase of the operator"


class World:
    """A host in memory: whether the vault is made, mounted and sealed, and the steps that were taken."""

    kind = "forking"
    needs_lock = False

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.is_made = self.mounted = self.starts = False
        self.sealed: str | None = None
        self.leak = self.open_to_all = False

    def step(self, name: str) -> None:
        self.steps.append(name)

    def made(self, _vault: Vault) -> bool:
        return self.is_made

    def make(self, _vault: Vault, _passphrase: str) -> None:
        self.step("make")
        self.is_made = self.starts = True

    def check(self, _vault: Vault, _passphrase: str) -> None:
        self.step("check")

    def start(self, _vault: Vault, _source: str) -> list[str]:
        return ["/bin/true"]

    def stop(self, _vault: Vault) -> list[str]:
        return ["/bin/true"]

    def ask(self, *words: str, **_options: Any) -> Completed:
        if words[1] == "restart":
            self.step("start")
            self.mounted = self.starts
        return Completed(0 if words[1] != "is-active" or self.mounted else 3, "", "")

    def run(self, *words: str) -> None:
        if words[1] == "stop":
            self.step("stop")
            self.mounted = False

    def require_closed(self, *_words: Any) -> None:
        self.step("try to write")
        if self.open_to_all:
            raise VaultUnsafe("the user 65534 can write")

    def require_hidden(self, *_words: Any) -> None:
        self.step("seek the canary")
        if self.leak:
            raise VaultUnsafe("unencrypted")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World()

    @contextmanager
    def offered(_passphrase: str, _path: str) -> Any:
        world.step("hand over")
        yield

    monkeypatch.setattr(engine, "BACKENDS", {"gocryptfs": world})
    monkeypatch.setattr(engine, "_UNITS", str(tmp_path))
    monkeypatch.setattr(engine, "_WANTS", str(tmp_path))
    monkeypatch.setattr(engine, "ask_program", world.ask)
    monkeypatch.setattr(engine, "run_program", world.run)
    monkeypatch.setattr(engine, "offered", offered)
    monkeypatch.setattr(engine, "keep_file", lambda *_words, **_options: None)
    monkeypatch.setattr(engine, "Walker", lambda: Opened())
    monkeypatch.setattr(engine._Vault, "_directory", lambda *_words: None)
    monkeypatch.setattr(engine._Vault, "_exists", lambda *_words: world.is_made)
    monkeypatch.setattr(engine._Vault, "_write", lambda *_words: setattr(world, "sealed", SECRET))
    monkeypatch.setattr(engine.os.path, "exists", lambda _path: world.sealed is not None)
    place = engine.mount_point
    monkeypatch.setattr(place, "is_mounted", lambda _vault: world.mounted)
    monkeypatch.setattr(place, "keep_mount_point", lambda *_words: None)
    monkeypatch.setattr(place, "bare", lambda _vault: world.step("look below"))
    monkeypatch.setattr(place, "require_closed", world.require_closed)
    monkeypatch.setattr(engine.key_custody, "seal", lambda _key: world.step("seal") or "sealed")
    monkeypatch.setattr(engine.key_custody, "unseal", lambda _key, _path: world.sealed)
    monkeypatch.setattr(engine, "place_canary", lambda _vault: Canary("name", b"content"))
    monkeypatch.setattr(engine, "remove_canary", lambda *_words: world.step("remove the canary"))
    monkeypatch.setattr(engine, "require_hidden", world.require_hidden)
    return world


class Opened:
    """A directory that can be opened and closed."""

    def open(self, _path: str) -> int:
        return engine.os.open("/", engine.os.O_RDONLY)


def kept(custody: str = "operator", state: str = "unlocked", *, check_mode: bool = False) -> VaultReport:
    return keep_vaults(VaultRequest("gocryptfs", (VAULT,), Key(custody, SECRET), state, check_mode))


def test_an_operators_vault(world: World) -> None:
    state = kept().vaults[0]
    assert world.steps == ["make", "try to write", "hand over", "start", "seek the canary", "remove the canary"]
    assert (state.locked, state.canary, state.custody) == (False, "hidden", "operator")
    world.steps.clear()
    assert kept().report.changes == ()
    assert world.steps == ["look below", "look below", "seek the canary", "remove the canary"]


def test_a_vault_that_opens_by_itself_is_sealed_once(world: World) -> None:
    report = kept("host").report
    assert "the key is on the disk of the data" in report.notes[0]
    assert world.steps.index("make") < world.steps.index("seal") < world.steps.index("start")
    world.steps.clear()
    kept("host")
    assert "seal" not in world.steps
    world.sealed = "another"
    world.steps.clear()
    kept("host")
    assert world.steps.index("check") < world.steps.index("seal"), "only a passphrase that opens the vault is sealed"


def test_locked(world: World) -> None:
    kept()
    world.steps.clear()
    state = kept(state="locked").vaults[0]
    assert world.steps == ["look below", "stop", "try to write"]
    assert (state.locked, state.canary) == (True, "not_sought")


def test_check_mode_takes_no_step(world: World) -> None:
    assert kept(check_mode=True).report.changes
    assert world.steps == []


def test_a_mount_point_that_takes_files_stops_before_the_vault_is_unlocked(world: World) -> None:
    world.open_to_all = True
    with pytest.raises(VaultUnsafe):
        kept()
    assert "start" not in world.steps


def test_a_canary_in_the_store_is_removed_and_reported(world: World) -> None:
    world.leak = True
    with pytest.raises(VaultUnsafe, match="unencrypted"):
        kept()
    assert world.steps[-1] == "remove the canary"


def test_a_vault_that_does_not_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "make", lambda *_words: setattr(world, "is_made", True))
    with pytest.raises(CustodyUnavailable, match="could not unlock the vault jails with the custody operator"):
        kept()
    assert world.steps[-1] == "check", "a wrong passphrase has its own error"


def test_a_mount_whose_process_has_died_is_cleared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    asked: list[tuple[str, ...]] = []

    def unmount(*words: str) -> None:
        asked.append(words)
        world.mounted = dead[0] = False

    dead = [True]
    monkeypatch.setattr(engine.mount_point, "is_dead", lambda _vault: dead[0])
    monkeypatch.setattr(engine, "run_program", unmount)
    state = kept()
    assert asked[0] == ("umount", "-l", "/srv/jail")
    assert [change.after for change in state.report.changes] == ["not mounted", "unlocked"]


def test_a_foreign_mount(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.mounted = True
    monkeypatch.setattr(World, "ask", lambda *_words: Completed(3, "", ""))
    monkeypatch.setattr(engine, "ask_program", lambda *_words: Completed(3, "", ""))
    with pytest.raises(Refused, match="something else than the vault jails is mounted"):
        kept()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a vault. Its directories and files are real; programs, mounts, and rights that need root are stand-ins.
tests/hosts/test_at_rest.py has a real host."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CustodyUnavailable,
    OperationFailed,
    Refused,
    VaultUnsafe,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults import (
    engine,
    key_custody,
    mount_point,
)
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

SECRET = "a passphrase of the operator"
UNIT = "secure_ftp_synchronize-vault-jails.service"


class World:
    """A host below a directory, and the steps that were taken.

    others: further names of vaults
    """

    kind = "forking"
    needs_lock = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self.vault = Vault("jails", str(root / "vaults/jails"), str(root / "srv/jail"))
        self.steps: list[str] = []
        self.mounted = self.dead = self.leak = self.open_to_all = self.stays = False
        self.starts = True
        self.status = 0

    def step(self, name: str) -> None:
        self.steps.append(name)

    def mode(self, path: str) -> int:
        """Return the permissions of a file or directory below the root of this host."""
        return stat.S_IMODE((self.root / path).stat().st_mode)

    @property
    def sealed(self) -> dict[str, str]:
        """Return the sealed passphrases."""
        return {path.name: path.read_text() for path in self.root.glob("custody/*")}

    def made(self, vault: Vault) -> bool:
        return Path(vault.cipher, "conf").exists()

    def make(self, vault: Vault, passphrase: str) -> None:
        assert passphrase == SECRET
        self.step("make")
        Path(vault.cipher, "conf").touch()

    def check(self, _vault: Vault, passphrase: str) -> None:
        assert passphrase == SECRET
        self.step("check")

    def start(self, _vault: Vault, _source: str) -> list[str]:
        return ["/bin/true"]

    def stop(self, _vault: Vault) -> list[str]:
        return ["/bin/true"]

    def ask(self, *words: str, **_options: Any) -> Completed:
        if words[1] == "restart":
            self.step("start")
            self.mounted = self.starts
            return Completed(self.status, "", "")
        return Completed(0 if self.mounted and not self.dead else 3, "", "")

    def run(self, *words: str) -> None:
        verb = next(word for word in words if word not in ("systemctl", "--quiet"))
        self.step(verb)
        if verb in ("stop", "umount"):
            self.mounted, self.dead = self.stays, False
        elif verb == "enable":
            (self.root / "wants" / words[-1]).symlink_to("unit")
        elif verb == "disable":
            (self.root / "wants" / words[-1]).unlink()

    def require_closed(self, _vault: Vault, user: int, _name: str) -> None:
        self.step(f"try to write as {user}")
        if self.open_to_all:
            raise VaultUnsafe("the user 65534 can write")

    def require_hidden(self, *_words: Any) -> None:
        self.step("seek the canary")
        if self.leak:
            raise VaultUnsafe("unencrypted")

    def place_canary(self, _vault: Vault) -> Canary:
        self.step("place a canary")
        return Canary("name", b"content")

    @contextmanager
    def offered(self, passphrase: str, path: str) -> Iterator[None]:
        assert (passphrase, path) == (SECRET, key_custody.socket_path(self.vault))
        self.step("hand over")
        yield

    def set_immutable(self, _descriptor: int, *, on: bool) -> bool:
        self.step("close" if on else "open")
        return True

    def kept(
        self, custody: str = "operator", state: str = "unlocked", *others: Vault, check_mode: bool = False
    ) -> VaultReport:
        self.steps.clear()
        vaults = (self.vault, *others)
        return keep_vaults(VaultRequest("gocryptfs", vaults, Key(custody, SECRET), state, check_mode))


def mine(_user: int, _group: int | None, mode: int) -> Attributes:
    """Return attributes with the account of this test."""
    return Attributes(os.getuid(), os.getgid(), mode)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World(tmp_path)
    for name in ("units", "wants"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(engine, "_" + name.upper(), str(tmp_path / name))
    for module in (engine, mount_point):
        monkeypatch.setattr(module, "Walker", partial(Walker, owner=os.getuid(), shared=True))
    for name in ("ask_program", "run_program"):
        monkeypatch.setattr(engine, name, getattr(world, name[:3]))
    for name in ("offered", "place_canary", "require_hidden"):
        monkeypatch.setattr(engine, name, getattr(world, name))
    monkeypatch.setattr(engine, "BACKENDS", {"gocryptfs": world})
    monkeypatch.setattr(engine, "Attributes", mine)
    monkeypatch.setattr(engine, "remove_canary", lambda *_words: world.step("remove the canary"))
    monkeypatch.setattr(mount_point, "_CLOSED", mine(0, 0, 0o555))
    monkeypatch.setattr(mount_point, "_set_immutable", world.set_immutable)
    monkeypatch.setattr(mount_point, "is_mounted", lambda _vault: world.mounted)
    monkeypatch.setattr(mount_point, "is_dead", lambda _vault: world.dead)
    monkeypatch.setattr(mount_point, "bare", lambda _vault: world.step("look below"))
    monkeypatch.setattr(mount_point, "require_closed", world.require_closed)
    monkeypatch.setattr(key_custody, "DIRECTORY", str(tmp_path / "custody"))
    monkeypatch.setattr(key_custody, "seal", lambda key: world.step("seal") or f"sealed {key.passphrase}")
    monkeypatch.setattr(key_custody, "unseal", lambda _key, path: Path(path).read_text().removeprefix("sealed "))
    return world


NEW = ["close", "make", "daemon-reload", "try to write as 0", "hand over", "start"]
CANARY = ["place a canary", "seek the canary", "remove the canary"]


def test_an_operators_vault(world: World) -> None:
    report, (state,) = world.kept()
    assert world.steps == [*NEW, *CANARY]
    assert (state.locked, state.canary, state.custody) == (False, "hidden", "operator")
    assert (world.sealed, report.notes) == ({}, ())
    assert (world.mode("units/" + UNIT), (world.root / "wants" / UNIT).exists()) == (0o644, False)
    assert world.kept().report.changes == ()
    assert world.steps == ["look below", "look below", *CANARY]


@pytest.mark.parametrize(("owner", "mode"), [("root", 0o755), ("daemon", 0o700)])
def test_the_places_of_a_vault(world: World, owner: str, mode: int) -> None:
    """The directory of an account is closed to others: the mount has its mode."""
    (world.root / "srv").mkdir(mode=0o711)
    world.vault = world.vault._replace(owner=owner)
    world.kept(state="locked")
    modes = {path: world.mode(path) for path in ("vaults", "vaults/jails", "vaults/jails/cipher", "srv", "srv/jail")}
    wanted = {"vaults": 0o755, "vaults/jails": 0o700, "vaults/jails/cipher": mode, "srv": 0o711, "srv/jail": 0o555}
    assert modes == wanted
    assert world.steps[-1] == f"try to write as {engine.user_id(owner)}"


def test_the_owner_of_the_directory_of_an_account(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group of the account stays; root's directory has root's."""
    asked: list[tuple[int, int | None]] = []
    monkeypatch.setattr(engine, "Attributes", lambda user, group, mode: asked.append((user, group)) or mine(0, 0, mode))
    for owner in ("daemon", "root"):
        world.vault = world.vault._replace(owner=owner, store=world.vault.store + owner)
        world.kept(state="locked")
    assert (engine.user_id("daemon"), None) in asked
    assert {(user, group) for user, group in asked if group is not None} == {(0, 0)}


def test_a_vault_that_opens_by_itself_is_sealed_once(world: World) -> None:
    report = world.kept("host").report
    assert "the key is on the disk of the data" in report.notes[0]
    assert world.steps == ["close", "make", "seal", "daemon-reload", "enable", "try to write as 0", "start", *CANARY]
    assert world.sealed == {"jails.credential": "sealed " + SECRET}
    assert (world.mode("custody"), world.mode("custody/jails.credential")) == (0o700, 0o600)
    assert SECRET not in str(report)
    assert world.kept("host").report.changes == ()
    (world.root / "custody/jails.credential").write_text("sealed another")
    world.kept("host", check_mode=True)
    assert world.sealed == {"jails.credential": "sealed another"}
    assert len(world.kept("host").report.changes) == 1
    assert world.steps[1:3] == ["check", "seal"], "only a passphrase that opens the vault is sealed"
    assert world.sealed == {"jails.credential": "sealed " + SECRET}


def test_files_of_other_custodies_are_removed(world: World) -> None:
    world.kept("host")
    report = world.kept("tang", check_mode=True).report
    assert list(world.sealed) == ["jails.credential"]
    assert [change.after for change in report.changes][:2] == ["missing", "tang"]
    assert world.kept("tang").report.notes == ()
    assert list(world.sealed) == ["jails.jwe"]
    report = world.kept("operator").report
    assert (world.sealed, (world.root / "wants" / UNIT).is_symlink()) == ({}, False)
    assert [(change.before, change.after) for change in report.changes if "start of" in change.path] == [("on", "off")]


def test_locked(world: World) -> None:
    world.kept()
    report, (state,) = world.kept(state="locked", check_mode=True)
    assert ([change.after for change in report.changes], state.locked) == (["locked"], False)
    assert world.steps == ["look below"]
    state = world.kept(state="locked").vaults[0]
    assert world.steps == ["look below", "stop", "close", "try to write as 0"]
    assert (state.locked, state.canary) == (True, "not_sought")
    assert world.kept(state="locked").report.changes == ()
    assert "stop" not in world.steps


def test_a_vault_that_stays_mounted(world: World) -> None:
    world.kept()
    world.stays = True
    with pytest.raises(OperationFailed, match="the vault jails is still mounted"):
        world.kept(state="locked")


def test_check_mode_takes_no_step_and_lists_the_changes_of_a_run(world: World) -> None:
    report, (state,) = world.kept("host", check_mode=True)
    assert (world.steps, state.locked) == ([], True)
    assert sorted(path.name for path in world.root.iterdir()) == ["units", "wants"]
    assert world.kept("host").report.changes == report.changes


def test_a_host_without_the_custody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_custody, "_TPM", str(world.root / "tpm"))
    monkeypatch.delenv("TPM2TOOLS_TCTI", raising=False)
    with pytest.raises(CustodyUnavailable):
        world.kept("tpm2")
    assert not (world.root / "vaults").exists()


@pytest.mark.parametrize(
    ("path", "error"), [("srv/other/file", VaultUnsafe), ("vaults/other/cipher/file", Refused), ("srv/other", None)]
)
def test_files_of_others_stop_all_vaults(world: World, path: str, error: type[Exception] | None) -> None:
    """A file in the mount point or the store of the second vault; an empty mount point is no finding."""
    other = Vault("other", str(world.root / "vaults/other"), str(world.root / "srv/other"))
    for each in (other.cipher, other.mount):
        Path(each).mkdir(parents=True)
    if error is None:
        world.kept("operator", "locked", other)
        return
    (world.root / path).touch()
    with pytest.raises(error):
        world.kept("operator", "locked", other)
    assert world.steps == []
    assert not Path(world.vault.store).exists()


def test_a_mount_point_that_takes_files_stops_before_the_vault_is_unlocked(world: World) -> None:
    world.open_to_all = True
    with pytest.raises(VaultUnsafe):
        world.kept()
    assert "start" not in world.steps


def test_a_canary_in_the_store_is_removed_and_reported(world: World) -> None:
    world.leak = True
    with pytest.raises(VaultUnsafe, match="unencrypted"):
        world.kept()
    assert world.steps[-1] == "remove the canary"


@pytest.mark.parametrize("leak", [False, True])
def test_a_store_that_shows_names_until_it_is_locked(world: World, *, leak: bool) -> None:
    """The canary is sought once, while the vault is locked."""
    world.needs_lock, world.leak = True, leak
    if leak:
        with pytest.raises(VaultUnsafe, match="unencrypted"):
            world.kept()
    else:
        assert world.kept().vaults[0].canary == "hidden"
    sought = ["place a canary", "stop", "seek the canary", "hand over", "start", "remove the canary"]
    assert world.steps == [*NEW, *sought]
    assert world.kept().vaults[0].canary == "not_sought"


@pytest.mark.parametrize(("starts", "status"), [(False, 0), (True, 1)])
def test_a_vault_that_does_not_start(world: World, *, starts: bool, status: int) -> None:
    world.starts, world.status = starts, status
    with pytest.raises(CustodyUnavailable, match="could not unlock the vault jails with the custody operator"):
        world.kept()
    assert world.steps[-1] == "check", "a wrong passphrase has its own error"


def test_a_mount_whose_process_has_died_is_cleared(world: World) -> None:
    world.kept()
    world.dead = True
    report = world.kept(check_mode=True).report
    assert (report.changes[0].after, world.steps) == ("not mounted", ["look below"])
    state = world.kept()
    assert world.steps[1] == "umount"
    assert [change.after for change in state.report.changes] == ["not mounted", "unlocked"]


def test_a_foreign_mount(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.mounted = True
    monkeypatch.setattr(engine, "ask_program", lambda *_words: Completed(3, "", ""))
    with pytest.raises(Refused, match="something else than the vault jails is mounted"):
        world.kept()
    assert world.steps == []

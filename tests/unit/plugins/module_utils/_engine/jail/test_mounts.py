# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units are written, enabled and started, and removed again. Unit files are real, below a directory of this test.
systemctl and mount are scripts, and the table of mounts is a double, because a unit test mounts nothing."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    Refused,
    VaultLocked,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import mounts as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import mounts as units
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.mounts import (
    MountRequest,
    Unit,
    base_unit,
    keep_mounts,
    log_unit,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import ABSENT, PRESENT
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.mount_table import Mount
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.vault_units import VaultUnit
from support.scripted.programs import Programs

SAFE = frozenset({"rw", "nosuid", "nodev", "noexec"})


class Host:
    """mounts: options of each mount. fstab: mount points"""

    def __init__(self, directory: Path, programs: Programs) -> None:
        self.units, self.base, self.programs = directory / "units", str(directory / "jails"), programs
        self.mounts: dict[str, frozenset[str]] = {}
        self.fstab: list[str] = []
        self.log = directory / "log"
        self.log.touch()
        self.units.mkdir()

    @property
    def base_unit(self) -> Unit:
        return base_unit(self.base)

    @property
    def log_unit(self) -> Unit:
        return log_unit(self.base, "a")

    def keep(self, state: str = PRESENT, *, check_mode: bool = False) -> list[Change]:
        return list(keep_mounts(MountRequest(self.base, ("a",), state, check_mode)).changes)

    def install(self, *units: Unit, enabled: bool = True) -> None:
        """Have these units in service."""
        for unit in units:
            (self.units / unit.name).write_text(unit.text)
            (self.units / unit.name).chmod(0o644)
            wants = self.units / f"{unit.wanted_by}.wants"
            wants.mkdir(exist_ok=True)
            if enabled:
                (wants / unit.name).symlink_to(self.units / unit.name)

    def show_log(self) -> None:
        """Have the system's log in the jail."""
        point = Path(self.log_unit.point)
        point.parent.mkdir(parents=True)
        os.link(self.log, point)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.units.iterdir() if path.is_file())

    @property
    def calls(self) -> list[str]:
        return [each.replace("systemctl --no-ask-password ", "") for each in self.programs.calls]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    programs = Programs(tmp_path, monkeypatch)
    for name in ("systemctl", "mount", "umount"):
        programs.put(name)
    made = Host(tmp_path, programs)
    walker = SimpleNamespace(open=lambda path: os.open(path, os.O_RDONLY | os.O_DIRECTORY))
    monkeypatch.setattr(subject, "Walker", lambda: walker)  # temporary directories are not root's alone
    monkeypatch.setattr(subject, "_UNITS", str(made.units))
    monkeypatch.setattr(subject, "_UNIT_FILE", Attributes(os.getuid(), os.getgid(), 0o644))
    monkeypatch.setattr(units, "SYSTEM_LOG", str(made.log))
    monkeypatch.setattr(
        subject, "mounted_on", lambda point: Mount(point, made.mounts[point]) if point in made.mounts else None
    )
    monkeypatch.setattr(subject, "is_in_fstab", lambda point: point in made.fstab)
    return made


def test_new_units(host: Host) -> None:
    base, log = host.base_unit, host.log_unit
    changes = host.keep()
    assert host.calls == [
        "daemon-reload",
        f"enable {base.name} {log.name}",
        f"start {base.name}",
        f"restart {log.name}",
    ]
    assert host.files == sorted([base.name, log.name])
    assert [(host.units / unit.name).read_text() for unit in (base, log)] == [base.text, log.text]
    assert [each[1:] for each in changes][-4:] == [
        *[("off", "on")] * 2,
        ("not mounted", "nosuid,nodev,noexec"),
        ("no log", "the system's log"),
    ]
    assert len(changes) == 6


def test_check_mode(host: Host) -> None:
    assert len(host.keep(check_mode=True)) == 6
    assert (host.files, host.calls) == ([], [])


def test_a_second_run_changes_nothing(host: Host) -> None:
    host.install(host.base_unit, host.log_unit)
    host.mounts[host.base] = SAFE
    host.show_log()
    assert (host.keep(), host.calls) == ([], [])


def test_an_older_socket_of_the_log(host: Host) -> None:
    host.install(host.base_unit, host.log_unit)
    host.mounts[host.base] = SAFE
    host.show_log()
    host.log.rename(host.log.with_name("older"))
    host.log.touch()
    host.keep()
    assert host.calls == [f"restart {host.log_unit.name}"]


def test_a_unit_that_is_not_enabled(host: Host) -> None:
    host.install(host.base_unit)
    host.install(host.log_unit, enabled=False)
    host.mounts[host.base] = SAFE
    host.show_log()
    assert host.keep() == [Change(f"start of {host.log_unit.name} with the system", "off", "on")]
    assert host.calls == [f"enable {host.log_unit.name}"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("options", "before"), [({"nosuid", "rw"}, "nosuid"), ({"rw"}, "none of nosuid,nodev,noexec")])
def test_a_mount_with_other_options_is_remounted(host: Host, options: set[str], before: str, check_mode: bool) -> None:
    host.install(host.base_unit, host.log_unit)
    host.mounts[host.base] = frozenset(options)
    host.show_log()
    assert host.keep(check_mode=check_mode) == [Change(host.base, before, "nosuid,nodev,noexec")]
    assert host.calls == ([] if check_mode else [f"mount --options remount,bind,nosuid,nodev,noexec {host.base}"])


@pytest.mark.parametrize("how", ["mounted", "fstab"])
def test_a_file_system_of_the_administrator_gets_no_unit(host: Host, how: str) -> None:
    if how == "mounted":
        host.mounts[host.base] = SAFE
    else:
        host.fstab = [host.base]
    host.show_log()
    host.keep()
    assert host.files == [host.log_unit.name]
    assert (f"start {host.base_unit.name}" in host.calls) is (how == "fstab")


def test_a_file_system_without_the_safe_options_is_refused(host: Host) -> None:
    host.mounts[host.base] = frozenset({"rw", "nodev"})
    with pytest.raises(Refused, match="is mounted without noexec,nosuid"):
        host.keep()
    assert (host.files, host.calls) == ([], [])


def test_absent(host: Host) -> None:
    log = host.log_unit
    host.install(host.base_unit, log)
    host.mounts[log.point] = frozenset()
    (change,) = host.keep(ABSENT)
    assert (change.before, change.after) == (log.text, "missing")
    assert host.calls == [f"disable --now {log.name}", "daemon-reload"], "the unit's mount ends with the unit"
    assert host.files == [host.base_unit.name]


def test_absent_without_its_unit(host: Host) -> None:
    host.mounts[host.log_unit.point] = frozenset()
    assert host.keep(ABSENT) == [Change(host.log_unit.point, "mounted", "not mounted")]
    assert host.calls == [f"umount {host.log_unit.point}"]
    del host.mounts[host.log_unit.point]
    assert host.keep(ABSENT) == []


def test_absent_in_check_mode(host: Host) -> None:
    host.install(host.log_unit)
    assert len(host.keep(ABSENT, check_mode=True)) == 1
    (host.units / host.log_unit.name).unlink()
    host.mounts[host.log_unit.point] = frozenset()
    assert len(host.keep(ABSENT, check_mode=True)) == 1
    assert host.calls == []


def test_units_in_a_vault_start_with_it(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "vault_of", lambda base: VaultUnit("vault.service", base))
    host.keep()
    base, log = base_unit(host.base, "vault.service"), log_unit(host.base, "a", "vault.service")
    assert [(host.units / unit.name).read_text() for unit in (base, log)] == [base.text, log.text]


def test_requests_that_are_refused(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match="path: / must not be the directory of jails"):
        keep_mounts(MountRequest("/", (), PRESENT))
    with pytest.raises(InvalidRequest):
        keep_mounts(MountRequest(host.base, ("..",), PRESENT))

    def locked(path: str) -> None:
        raise VaultLocked(path)

    monkeypatch.setattr(subject, "require_unlocked", locked)
    with pytest.raises(VaultLocked):
        host.keep()
    assert (host.files, host.calls) == ([], [])

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old programs: unused versions are removed, except the newest; used versions and files of others stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import places
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.old_programs import (
    remove_old_programs,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, Changes

UNIT = "[Service]\nExecStart=/usr/bin/python3 -I %s --job /etc/x.json\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of the programs, with five versions."""
    programs, units = tmp_path / "programs", tmp_path / "units"
    for each in (programs, units):
        each.mkdir()
    monkeypatch.setattr(places, "PROGRAMS", str(programs))
    monkeypatch.setattr(places, "LINK", str(programs / "sync.pyz"))
    monkeypatch.setattr(places, "UNITS", str(units))
    for version in range(1, 6):
        path = programs / f"sync-0.{version}.0.pyz"
        path.write_text("")
        os.utime(path, (version, version))
    (programs / "sync.pyz").symlink_to("sync-0.4.0.pyz")
    return programs


def unit(host: Path, name: str, version: str) -> None:
    """Write the unit of a job that uses a version. Units have the place of a real host."""
    program = f"/usr/local/lib/secure_ftp_synchronize/sync-{version}.pyz"
    (host.parent / "units" / f"secure-sync-{name}.service").write_text(UNIT % program)


def left(host: Path) -> list[str]:
    return sorted(path.name[7] for path in host.glob("sync-*.pyz"))


def removed(host: Path, *deployed: str, check_mode: bool = False) -> tuple[Change, ...]:
    changes = Changes(check_mode=check_mode)
    remove_old_programs(str(host / "sync-0.5.0.pyz"), [f"secure-sync-{each}.service" for each in deployed], changes)
    return changes.report().changes


def test_the_current_and_the_former_version_stay(host: Path) -> None:
    assert [change.path for change in removed(host)] == [str(host / f"sync-0.{each}.0.pyz") for each in (3, 2, 1)]
    assert left(host) == ["4", "5"]
    assert removed(host) == ()


def test_versions_that_a_job_or_a_link_uses_stay(host: Path) -> None:
    unit(host, "other", "0.2.0")
    (host / "mine.pyz").symlink_to("sync-0.1.0.pyz")
    removed(host)
    assert left(host) == ["1", "2", "4", "5"]


def test_check_mode_shows_the_same(host: Path) -> None:
    """The unit that names the former version is not replaced yet, and the link neither."""
    unit(host, "nightly", "0.4.0")
    unit(host, "other", "0.2.0")
    shown = removed(host, "nightly", check_mode=True)
    assert left(host) == ["1", "2", "3", "4", "5"]
    unit(host, "nightly", "0.5.0")
    assert removed(host, "nightly") == shown
    assert left(host) == ["2", "4", "5"]


def test_a_job_that_was_not_deployed_keeps_its_version(host: Path) -> None:
    unit(host, "nightly", "0.1.0")
    removed(host, "nightly")
    assert left(host) == ["1", "4", "5"]


def test_other_files_stay(host: Path) -> None:
    for name in ("sync-0.1.0.pyz.bak", "other.pyz", "sync-a b.pyz"):
        (host / name).write_text("")
    removed(host)
    assert {"sync-0.1.0.pyz.bak", "other.pyz", "sync-a b.pyz"} <= {path.name for path in host.iterdir()}


def test_without_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PROGRAMS", str(tmp_path / "none"))
    assert removed(tmp_path / "none") == ()

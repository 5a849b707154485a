# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old programs: unused versions are removed, except the newest; used versions and files of others stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import places, removal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.removal import (
    remove_old_programs,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import (
    Change,
    ChangeReport,
    Changes,
)

USED = "/usr/local/lib/secure_ftp_synchronize/sync-%s.pyz"
UNIT = "[Service]\nExecStart=/usr/bin/python3 -I %s --job /etc/x.json\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of the programs, with five versions.

    Processes are files: tests of jobs may run on this machine at the same time.
    """
    programs, units = tmp_path / "programs", tmp_path / "units"
    for each in (programs, units):
        each.mkdir()
    monkeypatch.setattr(removal, "_PROCESSES", str(tmp_path / "processes"), raising=False)
    monkeypatch.setattr(places, "RUNTIME_UNITS", str(tmp_path / "runtime"))
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
    put(host, f"units/secure-sync-{name}.service", UNIT % USED % version)


def put(host: Path, path: str, text: str) -> None:
    """Write a file in the parent of the directory of the programs."""
    (host.parent / path).parent.mkdir(parents=True, exist_ok=True)
    (host.parent / path).write_text(text)


def left(host: Path) -> list[str]:
    return sorted(path.name[7] for path in host.glob("sync-*.pyz"))


def removed(host: Path, *deployed: str, check_mode: bool = False) -> tuple[Change, ...]:
    return report(host, *deployed, check_mode=check_mode).changes


def report(host: Path, *deployed: str, check_mode: bool = False) -> ChangeReport:
    changes = Changes(check_mode=check_mode)
    remove_old_programs(str(host / "sync-0.5.0.pyz"), [f"secure-sync-{each}.service" for each in deployed], changes)
    return changes.report()


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


@pytest.mark.parametrize("place", ["units", "runtime"])
def test_a_version_that_a_drop_in_uses_stays(host: Path, place: str) -> None:
    put(host, f"{place}/secure-sync-nightly.service.d/own.conf", UNIT % USED % "0.1.0")
    assert removed(host, "nightly", check_mode=True) == removed(host, "nightly")
    assert left(host) == ["1", "4", "5"]


def test_a_version_that_a_process_reads_stays(host: Path) -> None:
    words = ("/usr/bin/python3", "-I", USED % "0.2.0", "--job", "x.json", "")
    put(host, "processes/71/cmdline", "\0".join(words))
    (host.parent / "processes/72").mkdir()
    (host.parent / "processes/72/cmdline").symlink_to("ended")
    removed(host)
    assert left(host) == ["2", "4", "5"]


def test_a_unit_that_is_a_dangling_link(host: Path) -> None:
    (host.parent / "units/secure-sync-x.service").symlink_to("missing")
    assert report(host).notes == ()
    assert left(host) == ["4", "5"]


def test_a_unit_that_cannot_be_read(host: Path) -> None:
    (host.parent / "units/secure-sync-x.service").mkdir()
    (note,) = report(host).notes
    assert note == f"old programs stay: {host.parent}/units/secure-sync-x.service: Is a directory"
    assert left(host) == ["1", "2", "3", "4", "5"], "it may use any"


def test_a_program_that_cannot_be_removed(host: Path) -> None:
    """Not even root can unlink a directory, as it cannot unlink an immutable file."""
    program = host / "sync-0.2.1.pyz"
    program.mkdir()
    os.utime(program, (2.5, 2.5))
    done = report(host)
    assert done.notes == (f"old programs stay: {program}: Is a directory",)
    assert [change.path for change in done.changes] == [str(host / f"sync-0.{each}.0.pyz") for each in (3, 2, 1)]
    assert report(host).changes == ()

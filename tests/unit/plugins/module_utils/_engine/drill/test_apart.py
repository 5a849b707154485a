# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scratch directory that could touch live data is refused, also over links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill import drill as apart
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.drill import require_apart, resolved
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, UnsafePath


def check(scratch: Path, live: Path) -> None:
    require_apart(resolved(os.fsencode(scratch)), {"live": [os.fsencode(live)]})


def test_a_directory_of_its_own_is_taken(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    check(tmp_path / "scratch", tmp_path / "live")
    check(tmp_path / "live-scratch", tmp_path / "live")
    check(tmp_path / "scratch", tmp_path / "missing/too")


@pytest.mark.parametrize("place", ["live", "live/scratch", "live/sub/scratch", "up"])
def test_inside_above_and_equal(tmp_path: Path, place: str) -> None:
    (tmp_path / "live/sub").mkdir(parents=True)
    live = tmp_path / "up/live" if place == "up" else tmp_path / "live"
    with pytest.raises(UnsafePath, match=r"inside, above or equal to .*live of live") as caught:
        check(tmp_path / place, live)
    assert caught.value.cure


@pytest.mark.parametrize("side", ["scratch", "live"])
def test_a_link_on_the_way_hides_nothing(tmp_path: Path, side: str) -> None:
    (tmp_path / "live/sub").mkdir(parents=True)
    (tmp_path / "other").symlink_to(tmp_path / "live")
    scratch = tmp_path / ("other/scratch" if side == "scratch" else "live/scratch")
    with pytest.raises(UnsafePath, match="inside"):
        check(scratch, tmp_path / ("live" if side == "scratch" else "other"))


@pytest.mark.parametrize("place", ["live", "live/scratch", "up"])
def test_paths_are_enough_where_inodes_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """As for a user who may not enter the directory above the live data."""
    monkeypatch.setattr(apart, "_identity", lambda path: set())
    live = tmp_path / ("up/live" if place == "up" else "live")
    with pytest.raises(UnsafePath, match="inside"):
        require_apart(os.fsencode(tmp_path / place), {"live": [os.fsencode(live)]})


def test_a_link_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "scratch").symlink_to(tmp_path / "real")
    with pytest.raises(UnsafePath, match="symbolic link"):
        resolved(os.fsencode(tmp_path / "scratch"))


def test_a_parent_that_others_can_write_to(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(UnsafePath, match=r"others can replace entries of .*open"):
        resolved(os.fsencode(tmp_path / "open/scratch"))
    (tmp_path / "open").chmod(0o1777)
    assert resolved(os.fsencode(tmp_path / "open/scratch")) == os.fsencode(tmp_path / "open/scratch")


def test_a_missing_parent(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="missing does not exist"):
        resolved(os.fsencode(tmp_path / "missing/scratch"))

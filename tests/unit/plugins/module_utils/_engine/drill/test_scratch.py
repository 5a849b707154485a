# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scratch directory: its demands, its lock, and its removal."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.scratch import (
    MARKER,
    Marker,
    format_marker,
    opened,
    require_usable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    Locked,
    NoSpace,
    OperationFailed,
    SyncError,
    UnsafePath,
)

NOTE = Marker({"job": "quarterly"}, "transfer", made=False)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def records(scratch: Path) -> bytes:
    directory = scratch.parent / "records"
    directory.mkdir(exist_ok=True)
    return os.fsencode(directory)


def refusal(scratch: Path) -> SyncError:
    """Demand that both ways to look refuse it, and give the error."""
    with pytest.raises(SyncError) as caught, opened(os.fsencode(scratch), records(scratch)):
        pass
    with pytest.raises(type(caught.value)):
        require_usable(os.fsencode(scratch), records(scratch))
    assert caught.value.cure
    return caught.value


def test_a_partner_nests_directories(scratch: Path) -> None:
    """Else the restored tree stays, and each further drill fails at it."""
    with opened(os.fsencode(scratch), records(scratch)) as place:
        place.note(NOTE._replace(made=place.made))
        directory = os.open(scratch, os.O_RDONLY)
        for name in ("tree", *"a" * 1500):
            os.mkdir(name, dir_fd=directory)
            below = os.open(name, os.O_RDONLY, dir_fd=directory)
            os.close(directory)
            directory = below
        os.close(directory)
        place.clean()
    assert not scratch.exists()


def test_it_is_made_private_and_removed(scratch: Path) -> None:
    assert require_usable(os.fsencode(scratch), records(scratch)) is None
    with opened(os.fsencode(scratch), records(scratch)) as place:
        assert scratch.stat().st_mode & 0o777 == 0o700
        assert (place.tree, place.state) == (os.fsencode(scratch / "tree"), os.fsencode(scratch / "state"))
        place.note(NOTE)
        assert (scratch / MARKER).stat().st_mode & 0o777 == 0o600
        place.clean()
    assert not scratch.exists()


def test_a_directory_that_was_there_stays(scratch: Path) -> None:
    scratch.mkdir(mode=0o700)
    with opened(os.fsencode(scratch), records(scratch)) as place:
        (scratch / "tree/deep").mkdir(parents=True)
        place.clean()
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o777, 0o1700, 0o500])
def test_another_mode_is_refused(scratch: Path, mode: int) -> None:
    scratch.mkdir()
    scratch.chmod(mode)
    assert isinstance(refusal(scratch), UnsafePath)


def test_anything_in_it_is_refused_and_stays(scratch: Path) -> None:
    scratch.mkdir(mode=0o700)
    (scratch / "notes.txt").write_text("mine")
    assert "notes.txt" in refusal(scratch).message
    assert (scratch / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("content", [b"", b"{}", b"not a marker"])
def test_a_file_with_the_name_of_the_marker_is_no_marker(scratch: Path, content: bytes) -> None:
    scratch.mkdir(mode=0o700)
    (scratch / MARKER).write_bytes(content)
    assert isinstance(refusal(scratch), UnsafePath)


def test_a_link_in_the_place_of_the_marker_is_not_followed(scratch: Path, tmp_path: Path) -> None:
    scratch.mkdir(mode=0o700)
    (tmp_path / "elsewhere").write_bytes(format_marker(NOTE, ""))
    (scratch / MARKER).symlink_to(tmp_path / "elsewhere")
    assert isinstance(refusal(scratch), UnsafePath)


@pytest.mark.parametrize("kind", ["link", "file"])
def test_only_a_directory_is_taken(scratch: Path, tmp_path: Path, kind: str) -> None:
    if kind == "link":
        (tmp_path / "real").mkdir(mode=0o700)
        scratch.symlink_to(tmp_path / "real")
    else:
        scratch.write_text("")
    assert isinstance(refusal(scratch), OperationFailed)


def test_a_marker_that_was_left_is_found_with_the_origin_of_the_directory(scratch: Path) -> None:
    with opened(os.fsencode(scratch), records(scratch)) as place:
        place.note(NOTE._replace(made=place.made))
    assert require_usable(os.fsencode(scratch), records(scratch)) == NOTE._replace(made=True)
    with opened(os.fsencode(scratch), records(scratch)) as place:
        assert place.leftover is not None
        place.clean()
    assert not scratch.exists()


def left(scratch: Path) -> None:
    """Leave the directory as a killed drill does."""
    with opened(os.fsencode(scratch), records(scratch)) as place:
        place.note(NOTE)
        (scratch / "tree").mkdir()
        (scratch / "tree/file").write_text("restored")


def test_a_marker_that_came_with_synced_files_makes_no_directory_scratch(scratch: Path, tmp_path: Path) -> None:
    left(tmp_path / "other")
    scratch.mkdir(mode=0o700)
    for name in (MARKER, "ledger.db"):
        (scratch / name).write_bytes((tmp_path / "other" / MARKER).read_bytes())
    assert "ledger.db" in refusal(scratch).message
    (scratch / "ledger.db").rename(scratch / "tree")
    assert "no drill with these receipts" in refusal(scratch).message
    assert sorted(each.name for each in scratch.iterdir()) == [MARKER, "tree"]


@pytest.mark.parametrize("what", ["directory", "receipts", "note", "damaged note"])
def test_a_marker_counts_only_in_its_directory_with_its_note(scratch: Path, tmp_path: Path, what: str) -> None:
    left(scratch)
    (noted,) = (tmp_path / "records").iterdir()
    if what == "directory":
        scratch.rename(tmp_path / "former")
        scratch.mkdir(mode=0o700)
        (scratch / MARKER).write_bytes((tmp_path / "former" / MARKER).read_bytes())
    elif what == "receipts":
        noted.unlink()
    elif what == "note":
        noted.write_text(noted.read_text().replace('"secret": "', '"secret": "0'))
    else:
        noted.write_text("[]")
    assert "no drill with these receipts" in refusal(scratch).message
    assert (scratch / MARKER).exists()


def test_a_marker_counts_after_a_boot_that_gave_the_device_another_number(scratch: Path, tmp_path: Path) -> None:
    """As a former version noted it."""
    left(scratch)
    (noted,) = (tmp_path / "records").iterdir()
    noted.write_text(json.dumps({**json.loads(noted.read_text()), "device": scratch.stat().st_dev + 1}))
    with opened(os.fsencode(scratch), records(scratch)) as place:
        assert place.leftover == NOTE


def test_other_entries_next_to_a_left_tree_are_refused_and_stay(scratch: Path) -> None:
    left(scratch)
    (scratch / "ledger.db").write_text("mine")
    assert "ledger.db" in refusal(scratch).message
    (scratch / "ledger.db").unlink()
    with opened(os.fsencode(scratch), records(scratch)) as place:
        assert place.leftover == NOTE
        (scratch / "ledger.db").write_text("mine")
        place.empty()
    assert sorted(each.name for each in scratch.iterdir()) == [MARKER, "ledger.db"]


def test_nothing_stays_next_to_the_records(scratch: Path, tmp_path: Path) -> None:
    left(scratch)
    with opened(os.fsencode(scratch), records(scratch)) as place:
        place.clean()
    assert list((tmp_path / "records").iterdir()) == []


def test_a_marker_that_was_not_completed_is_no_obstacle(scratch: Path) -> None:
    scratch.mkdir(mode=0o700)
    (scratch / f"{MARKER}.new").write_text("{")
    with opened(os.fsencode(scratch), records(scratch)) as place:
        assert place.leftover is None
        place.note(NOTE)
        place.clean()
    assert list(scratch.iterdir()) == []


def test_emptying_leaves_the_marker(scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "live").mkdir(mode=0o755)
    with opened(os.fsencode(scratch), records(scratch)) as place:
        place.note(NOTE)
        (scratch / "tree").mkdir()
        (scratch / "tree/link").symlink_to(tmp_path / "live")
        place.empty()
        assert os.listdir(scratch) == [MARKER]
    assert (tmp_path / "live").stat().st_mode & 0o777 == 0o755


def test_what_a_link_points_to_stays(scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live/precious").write_text("1")
    with opened(os.fsencode(scratch), records(scratch)) as place:
        (scratch / "tree").symlink_to(tmp_path / "live")
        place.clean()
    assert (tmp_path / "live/precious").read_text() == "1"


def test_two_drills_at_once(scratch: Path) -> None:
    scratch.mkdir(mode=0o700)
    with (
        opened(os.fsencode(scratch), records(scratch)),
        pytest.raises(Locked, match="another drill"),
        opened(os.fsencode(scratch), records(scratch)),
    ):
        pass
    with opened(os.fsencode(scratch), records(scratch)):
        pass


def test_room(scratch: Path) -> None:
    with opened(os.fsencode(scratch), records(scratch)) as place:
        place.require_room(1)
        with pytest.raises(NoSpace, match="MiB are free"):
            place.require_room(1 << 62)
        place.clean()


def test_a_marker_on_a_full_disk(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with opened(os.fsencode(scratch), records(scratch)) as place:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(NoSpace, match="No space left"):
            place.note(NOTE)
        place.clean()
    assert not scratch.exists()


def test_names_of_any_bytes_are_removed(scratch: Path) -> None:
    with opened(os.fsencode(scratch), records(scratch)) as place:
        os.makedirs(os.fsencode(scratch) + b"/tree/\xff\xfe")
        place.clean()
    assert not scratch.exists()

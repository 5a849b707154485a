# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a rotating sample: kept between checks, started again for another tree, not believed from others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.set_state import (
    CoverageFile,
    Rotation,
)
from support.scenes.former_state import former_name

TREE = "t" * 32


def file(tmp_path: Path) -> CoverageFile:
    return CoverageFile(os.fsencode(tmp_path / "state"), b"sftp", b"host", b"root", former=(b"sftp", b"host", b"/root"))


def test_it_is_kept_and_private(tmp_path: Path) -> None:
    kept = Rotation.of(None, TREE, 3).after(100)
    file(tmp_path).save(kept)
    assert file(tmp_path).load() == kept
    (path,) = (tmp_path / "state/checks").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_covers_everything_after_a_whole_rotation() -> None:
    rotation = Rotation.of(None, TREE, 3)
    for now in (100, 200, 300, 400):
        assert (rotation.since is None) == (rotation.run < 3)
        rotation = rotation.after(now)
    assert (rotation.run, rotation.since) == (4, 200)


def test_another_tree_or_number_of_parts_starts_again() -> None:
    kept = Rotation.of(None, TREE, 3).after(100)
    assert Rotation.of(kept, TREE, 3) is kept
    assert Rotation.of(kept, "u" * 32, 3).run == Rotation.of(kept, TREE, 4).run == 0


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"tree":"t","run":-1,"read":[1]}', b'{"tree":"t","run":0,"read":[]}', b"\xff"]
)
def test_a_damaged_file_is_not_used(tmp_path: Path, content: bytes) -> None:
    file(tmp_path).save(Rotation.of(None, TREE, 3))
    (path,) = (tmp_path / "state/checks").iterdir()
    path.write_bytes(content)
    assert file(tmp_path).load() is None


def test_a_file_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    file(tmp_path).save(Rotation.of(None, TREE, 3))
    (path,) = (tmp_path / "state/checks").iterdir()
    path.chmod(0o622)
    assert file(tmp_path).load() is None


def test_a_former_file_counts_until_there_is_a_file_of_this_version(tmp_path: Path) -> None:
    kept = Rotation.of(None, TREE, 3).after(100)
    file(tmp_path).save(kept)
    (path,) = (tmp_path / "state/checks").iterdir()
    path.rename(path.with_name(former_name(b"sftp", b"host", b"/root") + ".json"))
    assert file(tmp_path).load() == kept
    file(tmp_path).save(kept.after(200))
    assert file(tmp_path).load() == kept.after(200)

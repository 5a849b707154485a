# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key file of a jail: the role's own, or a foreign file; the ids belong to the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import Jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, Changes

ROTATED = Jail("partner", rotated=True)
ME = Owner(os.getuid(), os.getgid())


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(tree, "ROOT_ID", os.getuid())
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def changes(jail: Jail, parent: int | None) -> tuple[Change, ...]:
    changes = Changes(check_mode=parent is None)
    tree.keep_keys(jail, ME, changes, parent=parent, shown="/keys/partner")
    return changes.report().changes


def test_the_file_of_rotated_keys_is_made_and_then_left_alone(tmp_path: Path, parent: int) -> None:
    assert len(changes(ROTATED, parent)) == 1
    path = tmp_path / "partner"
    head = "# Kept by the role client_key_rotation of the Ansible collection secure.ftp_synchronize.\n"
    assert path.read_text() == head
    path.write_text("restrict ssh-ed25519 AAAA client_key_rotation:x\n")
    assert changes(ROTATED, parent) == ()
    assert path.read_text() == "restrict ssh-ed25519 AAAA client_key_rotation:x\n"


def test_its_mode_is_mended(tmp_path: Path, parent: int) -> None:
    changes(ROTATED, parent)
    (tmp_path / "partner").chmod(0o666)
    assert len(changes(ROTATED, parent)) == 1
    assert (tmp_path / "partner").stat().st_mode & 0o777 == 0o640


def test_without_rotation_the_file_is_the_roles_own(tmp_path: Path, parent: int) -> None:
    (tmp_path / "partner").write_text("ssh-ed25519 AAAA intruder\n")
    assert len(changes(Jail("partner"), parent)) == 1
    assert "intruder" not in (tmp_path / "partner").read_text()


def test_check_mode_on_a_bare_host() -> None:
    assert len(changes(ROTATED, None)) == 1

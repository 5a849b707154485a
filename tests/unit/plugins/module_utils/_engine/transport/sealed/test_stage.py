# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A received sealed file keeps mode 0600 and hands its attributes on."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.local import SealedStage


def test_the_attributes_are_kept_for_the_content(tmp_path: Path) -> None:
    side = LocalTransport(os.fsencode(tmp_path))
    arrived: list[Attributes] = []
    stage = SealedStage(side.create_stage(RelPath(b"s")), arrived.append)
    stage.write_at(b"sealed", 0)
    assert stage.digest(6) is not None
    assert stage.followed_digest(6) is None
    stage.finish(Attributes(0o644, 10**18))
    stage.abandon()
    found = (tmp_path / "s").stat()
    assert (found.st_mode & 0o777, found.st_mtime_ns != 10**18) == (0o600, True)
    assert arrived == [Attributes(0o644, 10**18)]


def test_an_abandoned_file_is_gone(tmp_path: Path) -> None:
    stage = SealedStage(LocalTransport(os.fsencode(tmp_path)).create_stage(RelPath(b"s")), lambda attributes: None)
    stage.abandon()
    assert list(tmp_path.iterdir()) == []

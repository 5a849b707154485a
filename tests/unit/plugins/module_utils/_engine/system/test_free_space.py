# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How full a file system is, in words."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace, PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.os_errors import with_room


def test_a_full_file_system_is_described(tmp_path: Path) -> None:
    said = with_room(NoSpace("No space left on device", path=b"a"), os.fsencode(tmp_path))
    assert re.fullmatch(r"the file system on this host is full: [\d.]+ of [\d.]+ MiB are free", said.message)
    assert (said.path, said.cure) == (b"a", "Free space on this host.")


def test_another_error_stays_as_it_is(tmp_path: Path) -> None:
    error = PermissionDenied("no")
    assert with_room(error, os.fsencode(tmp_path)) is error


def test_where_nobody_can_tell_the_error_stays_too(tmp_path: Path) -> None:
    error = NoSpace("No space left on device")
    assert with_room(error, os.fsencode(tmp_path / "none")) is error

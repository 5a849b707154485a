# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.directory_lock import locked
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.list_files import list_and_signature


def test_both_are_of_the_same_run(tmp_path: Path) -> None:
    names = [tmp_path / "revoked.krl", tmp_path / "revoked.krl.sig"]
    for name in names:
        name.write_bytes(b"old")
    read: list[tuple[bytes, bytes]] = []
    reader = threading.Thread(target=lambda: read.append(list_and_signature(*map(str, names))))
    with locked(os.fsencode(tmp_path), "this list"):
        names[0].write_bytes(b"new")
        reader.start()
        reader.join(0.3)
        assert read == [], "it waits for the run that replaces them"
        names[1].write_bytes(b"new")
    reader.join(30)
    assert read == [(b"new", b"new")]


def test_a_signature_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "revoked.krl").touch()
    with pytest.raises(NotFound, match=r"list: .*revoked\.krl\.sig"):
        list_and_signature(str(tmp_path / "revoked.krl"), str(tmp_path / "revoked.krl.sig"))

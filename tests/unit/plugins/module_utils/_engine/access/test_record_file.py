# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records are for root alone, and nothing in their place is trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.record_file import RecordFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafePath


def test_written_and_read(tmp_path: Path) -> None:
    file = RecordFile("/etc/closed", "partner", owner=os.geteuid(), start=str(tmp_path))
    assert file.text() == ""
    file.write("one\n")
    file.write("two\n")
    assert (file.path, file.text()) == ("/etc/closed/partner.json", "two\n")
    written = tmp_path / "etc/closed/partner.json"
    assert (written.stat().st_mode & 0o777, written.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert os.listdir(written.parent) == [written.name]
    written.unlink()
    written.symlink_to("/etc/passwd")
    with pytest.raises(UnsafePath):
        file.text()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records are for root alone, and nothing in their place is trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.record import RecordFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked, UnsafePath


def test_written_and_read(tmp_path: Path) -> None:
    file = RecordFile("/etc/closed", "partner", owner=os.geteuid(), start=str(tmp_path))
    assert file.text() == ""
    file.write("one\n")
    file.write("two\n")
    assert (file.path, file.text()) == ("/etc/closed/partner.json", "two\n")
    written = tmp_path / "etc/closed/partner.json"
    assert (written.stat().st_mode & 0o777, written.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert os.listdir(written.parent) == [written.name]
    with file.locked("held", 0):
        assert sorted(os.listdir(written.parent)) == [".partner.lock", written.name]
    written.unlink()
    written.symlink_to("/etc/passwd")
    with pytest.raises(UnsafePath):
        file.text()


def test_the_lock(tmp_path: Path) -> None:
    """The directory is made. A child that outlives the run does not keep the lock."""
    file = RecordFile("/etc/closed", "partner", owner=os.geteuid(), start=str(tmp_path))
    (tmp_path / "etc").mkdir()
    reading, writing = os.pipe()
    with file.locked("partner: held", 0):
        child = os.fork()
        if not child:
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
        with pytest.raises(Locked, match="partner: held"), file.locked("partner: held", 0):
            pass
        with RecordFile("/etc/closed", "other", owner=os.geteuid(), start=str(tmp_path)).locked("other: held", 0):
            pass
    with file.locked("partner: held", 0):
        pass
    os.close(writing)
    os.close(reading)
    os.waitpid(child, 0)
    lock = (tmp_path / "etc/closed/.partner.lock").stat()
    assert lock.st_mode & 0o777 == 0o600

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.upkeep import retention


def test_the_oldest_file_of_each_kind(tmp_path: Path) -> None:
    for name, moment in (("a.log", 1764561600), ("a.log.1", 1764475200), ("b.log", 1764561600)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment, moment))
    (tmp_path / "a.log.directory").mkdir()
    os.utime(tmp_path / "a.log.directory", (0, 0))
    found = retention(None, {"a": f"{tmp_path}/a.log*", "none": f"{tmp_path}/none*"})
    assert found == [{"what": "a", "path": f"{tmp_path}/a.log.1", "written": "2025-11-30T04:00:00Z"}]
    assert fits(found, FORMS["retention"])


def test_the_log_that_vsftpd_writes(tmp_path: Path) -> None:
    (tmp_path / "ftp[1].log.1").touch()
    found = retention({"vsftpd_log_file": f"{tmp_path}/ftp[1].log"}, {})
    assert [(each["what"], each["path"]) for each in found] == [("log of vsftpd", f"{tmp_path}/ftp[1].log.1")]

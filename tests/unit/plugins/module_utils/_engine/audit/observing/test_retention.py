# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.upkeep import retention
from support.trees.trees import IRREGULAR


def test_the_oldest_file_of_each_kind(tmp_path: Path) -> None:
    for name, moment in (("a.log", 1764561600), ("a.log.1", 1764475200), ("b.log", 1764561600)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment, moment))
    found = retention(None, {"a": f"{tmp_path}/a.log*", "none": f"{tmp_path}/none*"})
    assert found == [{"what": "a", "path": f"{tmp_path}/a.log.1", "written": "2025-11-30T04:00:00Z"}]
    assert fits(found, FORMS["retention"])


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_place_that_is_no_file(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """Its content has an age, too."""
    (tmp_path / "a.log").touch()
    make(tmp_path / "a.log.1")
    with pytest.raises(Unobservable, match=r"a\.log\.1 is not a regular file"):
        retention(None, {"a": f"{tmp_path}/a.log*"})


def test_a_link_is_as_old_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    os.utime(tmp_path / "elsewhere", (1764475200, 1764475200))
    (tmp_path / "a.log").symlink_to("elsewhere")
    assert retention(None, {"a": f"{tmp_path}/a.log*"})[0]["written"] == "2025-11-30T04:00:00Z"


def test_the_log_that_vsftpd_writes(tmp_path: Path) -> None:
    (tmp_path / "ftp[1].log.1").touch()
    found = retention({"vsftpd_log_file": f"{tmp_path}/ftp[1].log"}, {})
    assert [(each["what"], each["path"]) for each in found] == [("log of vsftpd", f"{tmp_path}/ftp[1].log.1")]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.directories import (
    directories,
)


def test_a_name_may_lead_to_another_place(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault/data").symlink_to(tmp_path / "plain")
    names = [f"{tmp_path}/vault/data/reports", f"{tmp_path}/vault", f"{tmp_path}/gone"]
    found = directories(names)
    assert [each["path"] for each in found] == names
    assert [each["target"] for each in found] == [f"{tmp_path}/plain/reports", *names[1:]]
    assert fits(found, FORMS["directories"])

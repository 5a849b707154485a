# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.vaults import vaults


def test_a_vault_is_open_if_something_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "secure_ftp_synchronize-vault-a.service").write_text("[Unit]\nX-Mount=/proc\n")
    (tmp_path / "secure_ftp_synchronize-vault-b.service").write_text(f"[Unit]\nX-Mount={tmp_path}\n")
    (tmp_path / "secure_ftp_synchronize-vault-c.service").write_text("[Unit]\n")
    found = vaults(str(tmp_path))
    assert [(each["mount"], each["open"]) for each in found] == [("/proc", True), (str(tmp_path), False)]
    assert fits(found, FORMS["vaults"])

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts whose keys are spared."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import known_keys as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import (
    other_accounts,
    sudoers_in,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed

SUDOERS = """# carol ALL=(ALL) ALL
Defaults env_reset, x=1
User_Alias OPS = dave
root ALL=(ALL:ALL) ALL
 erin@example.com\tALL = NOPASSWD: /bin/true
%daemons ALL=(ALL) ALL
%no-such-group ALL=(ALL) ALL
"""


class _Group:
    def __init__(self, name: str) -> None:
        if name != "daemons":
            raise KeyError(name)
        self.gr_mem = ["frank"]


def test_rules_of_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.grp, "getgrnam", _Group)
    assert set(sudoers_in(SUDOERS)) == {"root", "erin@example.com", "frank"}


def test_all_accounts_but_closed_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator of a directory service is in no list of accounts."""
    shadow, sudoers = tmp_path / "shadow", tmp_path / "sudoers"
    shadow.write_text("partner:*:1:0:99999:7::1:\nclosed:*:1:0:99999:7::1:\nbin:*:1:0:99999:7:::\n")
    sudoers.write_text("closed ALL=ALL\nremote ALL=ALL\n")
    monkeypatch.setattr(module, "_SUDOERS", (str(sudoers),))
    found = other_accounts("root", ("", "login"), shadow=str(shadow))
    assert {"bin", "remote", "login"} <= set(found)
    assert not {"root", "closed", "partner", ""} & set(found)


def test_sudoers_that_cannot_be_read_name_no_account_that_is_spared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shadow").touch()
    (tmp_path / "directory").mkdir()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    monkeypatch.setattr(module, "_SUDOERS", (str(tmp_path / "directory"), str(tmp_path / "none")))
    assert "bin" in other_accounts("root", (), shadow=str(tmp_path / "shadow"))
    monkeypatch.setattr(module, "_SUDOERS", (str(loop),))
    monkeypatch.setattr(module.glob, "glob", lambda path: [path])
    with pytest.raises(OperationFailed, match="loop: Too many levels of symbolic links") as caught:
        other_accounts("root", (), shadow=str(tmp_path / "shadow"))
    assert caught.value.cure

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the vault of a directory by the units of the vaults."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import VaultLocked
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.vault_units import (
    all_vaults,
    require_unlocked,
    vault_of,
)


@pytest.fixture
def units(tmp_path: Path) -> str:
    (tmp_path / "secure_ftp_synchronize-vault-jails.service").write_text("[Unit]\nX-Mount=/srv/jail\n[Service]\n")
    (tmp_path / "other.service").write_text("X-Mount=/srv\n")
    return str(tmp_path)


@pytest.mark.parametrize("path", ["/srv/jail", "/srv/jail/partner"])
def test_a_directory_of_a_vault(units: str, path: str) -> None:
    found = vault_of(path, units)
    assert found is not None
    assert (found.name, found.mount) == ("secure_ftp_synchronize-vault-jails.service", "/srv/jail")
    with pytest.raises(VaultLocked, match="/srv/jail, which is locked"):
        require_unlocked(path, units)


@pytest.mark.parametrize("path", ["/srv", "/srv/jails", "/other"])
def test_a_directory_outside(units: str, path: str) -> None:
    assert vault_of(path, units) is None
    require_unlocked(path, units)


def test_a_mounted_vault_is_unlocked(units: str) -> None:
    Path(units, "secure_ftp_synchronize-vault-jails.service").write_text("[Unit]\nX-Mount=/proc\n")
    require_unlocked("/proc/self", units)


def test_no_unit(tmp_path: Path) -> None:
    assert vault_of("/srv/jail", str(tmp_path)) is None


def test_all_vaults_of_a_host(units: str) -> None:
    assert [each.mount for each in all_vaults(units)] == ["/srv/jail"]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary of a vault."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest.mock import Mock

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed, VaultUnsafe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults import engine
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.engine import (
    place_canary,
    remove_canary,
    require_hidden,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "store/cipher").mkdir(parents=True)
    (tmp_path / "mount").mkdir()
    return Vault("jails", str(tmp_path / "store"), str(tmp_path / "mount"))


def test_it_is_written_and_removed(vault: Vault) -> None:
    canary = place_canary(vault)
    assert Path(vault.mount, canary.name).read_bytes() == canary.content
    require_hidden(vault, canary)
    remove_canary(vault, canary)
    remove_canary(vault, canary)
    assert list(Path(vault.mount).iterdir()) == []


def test_other_files_of_the_store_are_no_finding(vault: Vault) -> None:
    Path(vault.cipher, "gocryptfs.conf").write_text("{}")
    Path(vault.cipher, "directory").mkdir()
    Path(vault.cipher, "link").symlink_to("nowhere")
    require_hidden(vault, place_canary(vault))


def test_an_entry_that_cannot_be_read_is_not_hidden(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad disk cannot be made here, and root reads every file: the error comes from `open`."""
    canary = place_canary(vault)
    Path(vault.cipher, "any").write_bytes(canary.content)

    def refuse(reason: int) -> None:
        monkeypatch.setattr(engine, "open", Mock(side_effect=OSError(reason, os.strerror(reason))), raising=False)

    refuse(errno.EIO)
    with pytest.raises(OperationFailed, match="any cannot be read: Input/output error") as caught:
        require_hidden(vault, canary)
    assert caught.value.cure
    for reason in (errno.ENOKEY, errno.ENOENT):
        refuse(reason)
        require_hidden(vault, canary)


def test_its_name_in_the_store(vault: Vault) -> None:
    canary = place_canary(vault)
    Path(vault.cipher, f"x{canary.name}").touch()
    with pytest.raises(VaultUnsafe, match="unencrypted"):
        require_hidden(vault, canary)


def test_its_content_in_the_store(vault: Vault) -> None:
    canary = place_canary(vault)
    Path(vault.cipher, "any").write_bytes(b"before" + canary.content + b"after")
    with pytest.raises(VaultUnsafe, match="unencrypted"):
        require_hidden(vault, canary)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorized keys in a jail."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.rights import key_files
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE
from support.scenes.jail_session import JailSession


@pytest.mark.parametrize("name", [b"/.ssh", b"/data/.ssh", b"/data/authorized_keys", b"/data/.ssh/authorized_keys2"])
def test_a_file_of_keys_is_found(name: bytes) -> None:
    jail = JailSession({b"/data": DIRECTORY, name: FILE})
    assert [each.id for each in key_files(jail.sftp, (b"/", b"/data"))] == ["keys_inside"]


def test_other_files_are_none() -> None:
    jail = JailSession({b"/data": DIRECTORY, b"/data/keys": FILE})
    assert list(key_files(jail.sftp, (b"/", b"/data"))) == []

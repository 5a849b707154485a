# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that do not work: they refuse nothing, or an innocent key, or lack a key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    KrlEmpty,
    KrlIncomplete,
    KrlWrong,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import (
    INNOCENT,
    REVOKED,
    key_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import (
    KrlFile,
    Spec,
    require_working,
)
from support.servers.ssh_keys import key


def made(directory: Path, *lines: str) -> KrlFile:
    file = KrlFile(str(directory))
    file.make(Spec("".join(f"{line}\n" for line in lines), ()), 1)
    return file


def test_a_list_that_works(tmp_path: Path) -> None:
    lost = key_of(key("lost").public, "keys")
    require_working(made(tmp_path, REVOKED.text, lost.text), [lost])


def test_lists_that_do_not_work(tmp_path: Path) -> None:
    lost = key_of(key("lost").public, "keys")
    with pytest.raises(KrlEmpty):
        require_working(made(tmp_path, lost.text))
    with pytest.raises(KrlWrong):
        require_working(made(tmp_path, REVOKED.text, INNOCENT.text))
    with pytest.raises(KrlIncomplete, match=re.escape(lost.fingerprint)):
        require_working(made(tmp_path, REVOKED.text), [lost])

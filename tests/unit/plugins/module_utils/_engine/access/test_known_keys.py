# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys in files of authorized keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import keys_in, read_keys
from support.servers.ssh_keys import key

ONE, TWO = (" ".join(key(name).public.split()[:2]) for name in ("partner", "partner-new"))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (ONE, [ONE]),
        (f"  {ONE} a comment", [ONE]),
        (f'restrict,command="echo a b" {ONE} partner', [ONE]),
        (f"# {ONE}", []),
        (f'cert-authority,principals="partner" {ONE}', []),
        (f'principals="partner",CERT-AUTHORITY {ONE}', []),
        ("ssh-ed25519 AAAAbroken", []),
        ("", []),
    ],
)
def test_lines(line: str, found: list[str]) -> None:
    assert [each.text for each in keys_in(f"{line}\n")] == found


def test_files_that_hold_no_keys(tmp_path: Path) -> None:
    """A fifo does not block."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "keys").write_text(f"{ONE}\n{TWO}")
    paths = [str(tmp_path / name) for name in ("missing", "fifo", "", "keys")]
    assert [each.text for each in read_keys(paths)] == [ONE, TWO]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs: missing, too old, or without a version."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SealingUnavailable
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.piped_program import find_program


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")


def found(directory: Path, version: str) -> str:
    program = directory / "sealer"
    program.write_text(f'#!/bin/sh\necho "{version}"\necho "libgcrypt 1.0"\n')
    program.chmod(0o755)
    return find_program("sealer", (2, 2), needs="it is needed", cure="Install it.")


@pytest.mark.parametrize("version", ["2.2", "gpg (GnuPG) 2.4.7", "v3.0.1", "(devel)", ""])
def test_a_program_is_found(tmp_path: Path, version: str) -> None:
    assert found(tmp_path, version) == str(tmp_path / "sealer")


@pytest.mark.parametrize("version", ["gpg (GnuPG) 1.4.23", "2.1.18"])
def test_an_old_program_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(SealingUnavailable, match="the program sealer has the version"):
        found(tmp_path, version)


def test_a_missing_program_is_reported() -> None:
    with pytest.raises(SealingUnavailable, match="it is needed") as caught:
        find_program("sealer", (2, 2), needs="it is needed", cure="Install it.")
    assert caught.value.cure == "Install it."

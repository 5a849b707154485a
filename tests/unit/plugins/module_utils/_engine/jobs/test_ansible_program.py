# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program ansible-playbook of the host: found in the places of a unit, and not too old."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import ansible_program
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ansible_program import (
    AnsibleMissing,
    ansible_playbook,
    require_ansible,
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory in which programs are looked up."""
    monkeypatch.setattr(ansible_program, "_PLACES", str(tmp_path))
    return tmp_path


def installed(place: Path, output: str) -> None:
    path = place / "ansible-playbook"
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(0o755)


def test_a_host_without_it(place: Path) -> None:
    with pytest.raises(AnsibleMissing, match="ansible-playbook is not in") as caught:
        require_ansible()
    assert "set program to zipapp" in caught.value.cure


@pytest.mark.parametrize("version", ["2.19.0", "2.21.5", "3.0.0"])
def test_a_version_that_is_supported(place: Path, version: str) -> None:
    installed(place, f"ansible-playbook [core {version}]")
    require_ansible()
    assert ansible_playbook() == str(place / "ansible-playbook")


@pytest.mark.parametrize(
    ("output", "fact"),
    [
        ("ansible-playbook [core 2.18.9]", "the version of ansible-core is 2.18, older than 2.19"),
        ("ansible-playbook [core 1.99]", "is 1.99, older"),
        ("ansible-playbook 2.9.27", "has no version: no output"),
    ],
)
def test_a_version_that_is_not_supported(place: Path, output: str, fact: str) -> None:
    installed(place, output)
    with pytest.raises(AnsibleMissing) as caught:
        require_ansible()
    assert fact in caught.value.message

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sync by a real ansible-playbook. Its way to a server: hosts/test_job_by_ansible.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.ansible_run import by_ansible
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import ansible_program
from support.running.playbook_process import controller


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ansible-playbook be the program of the tests, with the collection under test."""
    monkeypatch.setattr(ansible_program, "_PLACES", str(Path(sys.executable).parent))
    for name, value in controller(tmp_path).items():
        monkeypatch.setenv(name, value)


def test_a_failed_sync_has_the_error_of_the_module(tmp_path: Path) -> None:
    """A value that looks like a template is data."""
    options = {"host": "127.0.0.1", "src": f"{tmp_path}/{{{{ 1 + 1 }}}}", "dest": "in", "password": "canary{{ 1 }}"}
    result = by_ansible(options, check=True, warn=pytest.fail)
    assert result["failed"] is True
    assert result["error"]["code"] == "source_missing"
    assert "{{ 1 + 1 }}" in result["error"]["message"]
    assert {"invocation", "ansible_facts", "exception"}.isdisjoint(result)


def test_without_the_collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(SyncError, match=r"ansible-playbook: status [1-9]: .*secure_sync") as caught:
        by_ansible({"host": "127.0.0.1", "src": "/a", "dest": "b"}, check=False, warn=pytest.fail)
    assert caught.value.code == "ansible_failed"
    assert "/usr/share/ansible/collections" in caught.value.cure

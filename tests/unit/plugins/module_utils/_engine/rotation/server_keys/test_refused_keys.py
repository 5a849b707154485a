# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that a file of revoked keys refuses, as lines and as a list of the real ssh-keygen."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import KeyFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys import revocation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    public_key,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.servers.ssh_keys import key

LOST, GOOD = key("lost"), key("good")


@pytest.mark.parametrize("form", ["none", "lines", "list"])
def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "etc").mkdir(mode=0o755)
    file = tmp_path / "etc/revoked_keys"
    status = tmp_path.stat()
    place = KeyFile("/etc/revoked_keys", Attributes(status.st_uid, status.st_gid, 0o644),
                    Walker(owner=status.st_uid, start=str(tmp_path)))  # fmt: skip
    monkeypatch.setattr(revocation, "key_file", lambda _path: place)
    if form == "lines":
        file.write_text(f"{LOST.public}\n")
    if form == "list":
        subprocess.run(["ssh-keygen", "-q", "-k", "-f", str(file), f"{LOST.path}.pub"], check=True)
    found = [revocation.is_refused("/etc/revoked_keys", public_key(each.public)) for each in (LOST, GOOD)]
    assert found == [form != "none", False]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.jobs import (
    job_secrets,
)


def test_names_of_secrets_and_never_their_values(tmp_path: Path) -> None:
    options = {"password": "hunter22", "sign": {"passphrase": "second22", "private_key_file": "/k"}, "username": "a"}
    fields = {"schema": 1, "job": "nightly", "options": options, "certificate": {"token": "third222", "path": "ssh/a"}}
    (tmp_path / "nightly.json").write_text(json.dumps(fields))
    (tmp_path / "nightly.json").chmod(0o644)
    (tmp_path / "clear").mkdir()
    (tmp_path / "clear/secure-sync-nightly.password").touch()
    (tmp_path / "clear/other").touch()
    found = job_secrets(str(tmp_path), str(tmp_path / "clear"))
    assert found == {
        "in_job_files": ["nightly: options.password", "nightly: options.sign.passphrase", "nightly: certificate.token"],
        "in_cleartext": [f"{tmp_path}/clear/secure-sync-nightly.password"],
    }


def test_a_host_without_jobs(tmp_path: Path) -> None:
    assert job_secrets(str(tmp_path), str(tmp_path / "none")) == {"in_job_files": [], "in_cleartext": []}

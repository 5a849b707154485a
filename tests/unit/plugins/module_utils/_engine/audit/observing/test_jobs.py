# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.directories import way
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.jobs import jobs
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.servers import ssh_keys


def job(directory: Path, name: str, certificate: dict[str, Any] | None = None, **options: Any) -> None:
    fields: dict[str, Any] = {"schema": 1, "job": name, "options": {"host": "files.example.com", **options}}
    if certificate:
        fields["certificate"] = certificate
    (directory / f"{name}.json").write_text(json.dumps(fields))
    (directory / f"{name}.json").chmod(0o644)


def test_a_job_over_sftp(tmp_path: Path) -> None:
    (tmp_path / "known").touch(mode=0o664)
    (tmp_path / "known").chmod(0o664)
    job(tmp_path, "nightly", known_hosts_file=str(tmp_path / "known"))
    found = jobs(str(tmp_path))
    assert found == [
        {
            "job": "nightly",
            "server": "files.example.com",
            "protocol": "sftp",
            "tls_mode": "",
            "proof": "auto",
            "late_after": 93600,
            "pins": [{"path": f"{tmp_path}/known", "exists": True, **way(f"{tmp_path}/known")}],
            "signers": [],
            "certificate": "none",
            "certificate_seconds": 0,
        }
    ]
    assert fits(found, FORMS["jobs"])


def test_places_of_pins(tmp_path: Path) -> None:
    job(tmp_path, "a", host_keys=["ssh-ed25519 AAAA"])
    job(tmp_path, "b")
    job(tmp_path, "c", protocol="ftps", tls_pins=["sha256//x"])
    job(tmp_path, "d", protocol="ftps", ca_file="/nowhere/ca.pem")
    job(tmp_path, "e", protocol="ftps")
    job(tmp_path, "f", host_keys=["ssh-ed25519 AAAA"], known_hosts_file="~/known")
    job(tmp_path, "g", protocol="ftps", tls_pins=["sha256//x"], tls_pins_file="/nowhere/pins", ca_file="/nowhere/ca")
    system = ssl.get_default_verify_paths()
    authorities = [system.openssl_cafile, system.openssl_capath]
    homes = "/var/lib/secure_ftp_synchronize/homes"
    assert [[pin["path"] for pin in each["pins"]] for each in jobs(str(tmp_path))] == [
        [f"{tmp_path}/a.json"],
        [
            *(f"{homes}/b/.ssh/known_hosts", f"{homes}/b/.ssh/known_hosts2"),
            *("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"),
        ],
        [f"{tmp_path}/c.json", *authorities],
        ["/nowhere/ca.pem"],
        authorities,
        [f"{tmp_path}/f.json", f"{homes}/f/known"],
        [f"{tmp_path}/g.json", "/nowhere/pins", "/nowhere/ca"],
    ]
    assert jobs(str(tmp_path))[2]["tls_mode"] == "explicit"


def test_places_of_signers(tmp_path: Path) -> None:
    """Who may sign, and which keys count no longer; who issues the certificates of the job."""
    issuer = {"source": "openbao", "url": "https://bao.example.com", "ca_file": "/nowhere/bao.pem"}
    job(tmp_path, "a", issuer, verify={"allowed_signers_file": "~/signers", "revoked_keys_file": "/nowhere/revoked"})
    sources = {"password": {"openbao": {"ca_file": "/nowhere/other.pem"}}, "private_key": {"file": "/nowhere/key"}}
    job(tmp_path, "b", verify={"allowed_signers": ["a@example.com ssh-ed25519 AAAA"]}, secrets_from=sources)
    found = [[file["path"] for file in each["signers"]] for each in jobs(str(tmp_path))]
    home = "/var/lib/secure_ftp_synchronize/homes/a"
    assert found == [
        [f"{home}/signers", "/nowhere/revoked", "/nowhere/bao.pem"],
        [f"{tmp_path}/b.json", "/nowhere/other.pem"],
    ]


def test_lifetimes_of_certificates(tmp_path: Path) -> None:
    key = ssh_keys.key("audit-user")
    copy = tmp_path / "user.pub"
    copy.write_text(key.public + "\n")
    authority = str(ssh_keys.key("audit-authority").path)
    words = ["ssh-keygen", "-q", "-s", authority, "-I", "a", "-n", "a", "-V", "20260101000000:20260101010000"]
    subprocess.run([*words, str(copy)], check=True, capture_output=True)
    job(tmp_path, "a", {"source": "openbao", "ttl": 600})
    job(tmp_path, "b", {"source": "openbao"})
    job(tmp_path, "c", {"source": "file", "file": str(tmp_path / "user-cert.pub")})
    job(tmp_path, "d", certificate_file=str(tmp_path / "user-cert.pub"))
    found = [(each["certificate"], each["certificate_seconds"]) for each in jobs(str(tmp_path))]
    assert found == [("openbao", 600), ("openbao", 0), ("file", 3600), ("file", 3600)]
    job(tmp_path, "e", {"source": "file", "file": str(copy)})
    with pytest.raises(Unobservable, match="holds no SSH certificate"):
        jobs(str(tmp_path))


def test_a_certificate_that_is_no_file_has_no_value(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    job(tmp_path, "a", {"source": "file", "file": str(tmp_path / "pipe")})
    with pytest.raises(Unobservable, match="pipe is no file"):
        jobs(str(tmp_path))


def test_a_job_file_that_others_can_write_has_no_value(tmp_path: Path) -> None:
    job(tmp_path, "a")
    (tmp_path / "a.json").chmod(0o666)
    with pytest.raises(InvalidRequest):
        jobs(str(tmp_path))

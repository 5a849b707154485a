# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.audit import AuditRequest, audit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import KINDS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.judging import Host, Site
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SigningFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from support.scenes.audit_site import NOW, AuditSite, good_site
from support.servers import ssh_keys

FILES = [
    *("SHA256SUMS", "audit.html", "audit.json", "audit.junit.xml", "audit.oscal.json", "audit.sarif"),
    *("policies.html", "policies.md"),
]


def request(site: AuditSite, path: Path | None, **fields: object) -> AuditRequest:
    hosts = tuple(Host(name, tuple(KINDS), site.named, seen) for name, seen in site.observations.items())
    whole = Site(hosts, site.policy, (), NOW)
    return AuditRequest(whole, "Audit", "0.2.0", None if path is None else str(path))._replace(**fields)


def test_all_files_are_there_with_their_digests(tmp_path: Path) -> None:
    done = audit(request(good_site(), tmp_path / "reports"))
    assert done.path is not None
    report = Path(done.path)
    assert sorted(path.name for path in report.iterdir()) == FILES
    lines = dict(reversed(line.split("  ")) for line in (report / "SHA256SUMS").read_text().splitlines())
    assert lines == {name: hashlib.sha256((report / name).read_bytes()).hexdigest() for name in FILES[1:]}


def test_the_next_report_knows_the_changes(tmp_path: Path) -> None:
    site = good_site()
    audit(request(site, tmp_path / "reports"))
    site.values()["revocation_list"]["form"] = "text"
    audit(request(site, tmp_path / "reports"))
    data = json.loads((tmp_path / "reports/latest/audit.json").read_text())
    assert data["changes"] == [{"control": "10.1", "before": "pass", "state": "fail"}]


@pytest.mark.parametrize("text", ["", "{", '{"schema": 5}', "[" * 100000])
def test_a_report_before_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    audit(request(good_site(), tmp_path / "reports"))
    (tmp_path / "reports/latest/audit.json").write_text(text)
    report = audit(request(good_site(), tmp_path / "reports")).report
    assert report.before_problem.startswith("The report before cannot be read: ")
    assert report.before is None


def test_check_mode_and_no_path_write_nothing(tmp_path: Path) -> None:
    assert audit(request(good_site(), tmp_path / "reports", check_mode=True)).path is None
    assert audit(request(good_site(), None)).path is None
    assert list(tmp_path.iterdir()) == []


def test_the_signature_is_of_the_digests(tmp_path: Path) -> None:
    key = ssh_keys.key("audit")
    done = audit(request(good_site(), tmp_path / "reports", key=Signing(private_key_file=str(key.path))))
    (tmp_path / "signers").write_text(f"auditor {key.public}\n")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "auditor"]
    command += ["-n", "audit@ftp-synchronize", "-s", f"{done.path}/SHA256SUMS.sig"]
    sums = Path(f"{done.path}/SHA256SUMS").read_bytes()
    assert subprocess.run(command, input=sums, check=False, capture_output=True).returncode == 0
    assert subprocess.run(command, input=sums + b"\n", check=False, capture_output=True).returncode != 0


def test_without_its_signature_there_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(SigningFailed):
        audit(request(good_site(), tmp_path / "reports", key=Signing(private_key_file=str(tmp_path / "none"))))
    assert list((tmp_path / "reports").iterdir()) == []

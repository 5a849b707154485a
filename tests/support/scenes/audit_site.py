# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observations of a host that meets every control, as `audit_observe` and `tls_policy` report them; a test plants one
defect.

site = good_site()
site.values("files1")["revocation_list"]["form"] = "text"
assert site.row("10.1").state == "fail"
"""

from __future__ import annotations

__all__ = ["HOSTILE", "NOW", "AuditSite", "good_site", "of_today"]

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import (
    KINDS,
    Control,
    Named,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.controls.every import CONTROLS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.judging import Host, Site, judge_all
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import (
    Exemption,
    Observation,
    Report,
    Row,
    digest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import parse_utc, utc

NOW = 1764561600.0
"""2025-12-01T04:00:00Z"""
HOSTILE = "<script>document.title='taken'</script>\u202e\x1b[2J"
_TIME = "2025-12-01T03:59:00Z"
_SETTINGS = {
    "authenticationmethods": "any",
    "authorizedkeyscommand": "none",
    "casignaturealgorithms": "ssh-ed25519,rsa-sha2-512",
    "chrootdirectory": "/srv/jail/partner",
    "ciphers": "aes256-gcm@openssh.com,aes128-gcm@openssh.com",
    "disableforwarding": "yes",
    "forcecommand": "internal-sftp -l VERBOSE",
    "hostkeyalgorithms": "ssh-ed25519,rsa-sha2-512",
    "kbdinteractiveauthentication": "no",
    "kexalgorithms": "mlkem768x25519-sha256,curve25519-sha256",
    "logingracetime": "30",
    "loglevel": "VERBOSE",
    "macs": "hmac-sha2-512-etm@openssh.com",
    "maxauthtries": "2",
    "maxstartups": "10:30:60",
    "passwordauthentication": "no",
    "permitemptypasswords": "no",
    "permitrootlogin": "no",
    "permittty": "no",
    "persourcemaxstartups": "5",
    "persourcepenalties": (
        "crash:90 authfail:5 noauth:1 grace-exceeded:10 refuseconnection:10 max:600 min:15 "
        "max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive"
    ),
    "pubkeyacceptedalgorithms": "ssh-ed25519,rsa-sha2-512",
    "pubkeyauthentication": "yes",
    "requiredrsasize": "3072",
    "revokedkeys": "/etc/ssh/revoked_keys",
}
_OTHER = {"chrootdirectory": "none", "forcecommand": "none", "disableforwarding": "no", "permittty": "yes"}


def _login(name: str, shell: str, **settings: str) -> dict[str, Any]:
    values = {keyword: [value] for keyword, value in {**_SETTINGS, **settings}.items()}
    return {"account": name, "exists": True, "shell": shell, "settings": values}


def _parts(path: str) -> list[dict[str, Any]]:
    above = [str(each) for each in reversed(PurePath(path).parents)]
    return [{"path": each, "uid": 0, "mode": "0755"} for each in [*above, path]]


def _file(path: str, **fields: Any) -> dict[str, Any]:
    return {"path": path, "target": path, "parts": _parts(path), **fields}


def _key(path: str, kind: str, changed: str, mode: str = "0600") -> dict[str, Any]:
    return _file(path, kind=kind, uid=0, group="root", mode=mode, changed=changed, reader=0)


_JOB: dict[str, Any] = {
    "job": "nightly",
    "server": "files.example.com",
    "protocol": "sftp",
    "tls_mode": "",
    "proof": "auto",
    "late_after": 93600,
    "pins": [_file("/etc/ssh/partners_known_hosts", exists=True)],
    "signers": [_file("/etc/ssh/allowed_signers", exists=True)],
    "certificate": "openbao",
    "certificate_seconds": 600,
}
_RUN = {
    "job": "nightly",
    "broken_line": 0,
    "oldest": "2025-11-01T02:15:00Z",
    "ended": "2025-12-01T02:15:00Z",
    "protocol": "SSH-2.0",
    "identity": "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc",
    "files": 40,
    "unproven": 0,
}

_VALUES: dict[str, Any] = {
    "sshd_settings": [
        _login("root", "/bin/bash", **_OTHER),
        _login("owner", "/bin/bash", **_OTHER),
        _login("partner", "/usr/sbin/nologin"),
    ],
    "host_keys": [
        {"path": "/etc/ssh/ssh_host_ed25519_key", "type": "ED25519", "bits": 256},
        {"path": "/etc/ssh/ssh_host_rsa_key", "type": "RSA", "bits": 4096},
    ],
    "authorized_keys": [
        {
            "account": "partner",
            "path": "/etc/ssh/authorized_keys.d/partner",
            "type": "ED25519",
            "bits": 256,
            "fingerprint": "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
        }
    ],
    "jails": [
        {"account": "root", "path": "none", "parts": []},
        {"account": "partner", "path": "/srv/jail/partner", "parts": _parts("/srv/jail/partner")},
    ],
    "key_files": [
        _key("/etc/ssh/ssh_host_ed25519_key", "host", "2025-06-01T00:00:00Z"),
        _key("/etc/secure_ftp_synchronize/ftps_key.pem", "tls", "2025-11-01T00:00:00Z"),
        _key("/etc/credstore.encrypted", "directory", _TIME, "0700"),
        _key("/etc/credstore.encrypted/secure-sync-nightly.password", "job", _TIME),
    ],
    "user_authorities": [_file("/etc/ssh/user_ca.pub")],
    "revocation_list": _file("/etc/ssh/revoked_keys", form="krl", version=8, date="2025-11-30T22:00:00Z"),
    "job_units": [{"unit": f"secure-sync-{name}.service", "exposure": 1.1} for name in ("nightly", "legacy")],
    "ftps_settings": {
        "ssl_enable": "YES",
        "max_clients": "50",
        "max_per_ip": "10",
        "max_login_fails": "2",
        "chroot_local_user": "YES",
        "xferlog_enable": "YES",
    },
    "ftps_accounts": [
        _file(
            "/srv/jail/partner",
            account="partner",
            home="/srv/jail/partner",
            settings={},
            listed=False,
            root="/srv/jail/partner",
        ),
    ],
    "tls": {
        "findings": [
            {
                "id": "post_quantum",
                "severity": "info",
                "observed": "no post-quantum group",
                "wanted": "X25519MLKEM768",
                "source": "Mozilla Server Side TLS 5.8",
            }
        ],
        "not_checked": [],
        "cleartext_login": "refused",
        "mark": "tls_probe-51ab0f0a9d1c5be2",
        "certificates": [{"not_before": "2025-11-01T00:00:00Z", "not_after": "2026-01-30T00:00:00Z"}],
    },
    "jobs": [_JOB, {**_JOB, "job": "legacy", "protocol": "ftps", "server": "old.example.com", "tls_mode": "explicit"}],
    "job_runs": [_RUN, {**_RUN, "job": "legacy", "protocol": "TLSv1.3", "identity": "SHA256:3f0a"}],
    "job_secrets": {"in_job_files": [], "in_cleartext": []},
    "second_factors": [
        {"account": "root", "factors": [], "pending_until": ""},
        {"account": "owner", "factors": ["totp"], "pending_until": ""},
    ],
    "passwords": [{"account": "partner", "kind": "y", "changed": "2025-06-01T00:00:00Z"}],
    "vaults": [
        {
            "unit": "secure_ftp_synchronize-vault-jails.service",
            "mount": "/srv/jail",
            "open": True,
            "unencrypted": ["/srv/jail/other"],
        }
    ],
    "monitoring": {
        "installed": True,
        "timer": True,
        "failed": False,
        "last_run": _TIME,
        "sshd": True,
        "ftp_logs": ["/var/log/vsftpd.log"],
        "files": "all",
    },
    "packages": {"lists": "2025-12-01T00:00:00Z", "pending": []},
    "retention": [{"what": "events", "path": "/var/log/x/events.jsonl-1", "written": "2025-11-01T00:00:00Z"}],
    "attacks": [
        {
            "account": "partner",
            "problem": "",
            "findings": [],
            "not_checked": [{"what": "tunnel", "why": "there is no device"}],
            "mark": "",
        }
    ],
    "ssh_attacks": {
        "tried": ["algorithms", "login without a key as partner", "guesses"],
        "findings": [],
        "not_checked": [],
        "mark": "probe-51ab0f0a9d1c5be2",
    },
    "directories": [{"path": "/srv/jail/partner", "target": "/srv/jail/partner"}],
    "marks": [
        {
            "mark": "probe-51ab0f0a9d1c5be2",
            "events": [{"action": "login_failed", "account": "probe-51ab0f0a9d1c5be2 from", "address": "192.0.2.7"}],
            "forged": [],
        },
        {
            "mark": "tls_probe-51ab0f0a9d1c5be2",
            "events": [{"action": "login_failed", "account": "tls_probe-51ab0f0a9d1c5be2]", "address": "192.0.2.7"}],
            "forged": [],
        },
    ],
    "secret_scan": {"findings": [], "checked": {"files": 12}, "not_checked": []},
    "pins": [
        {
            "name": "partners",
            "problem": "",
            "pins": [{"hosts": "a.example", "kind": "key", "pattern": False, "state": "active"}],
        }
    ],
    "sets": [{"name": "release", "problem": "", "findings": [], "since": "2025-11-28T00:00:00Z", "sequence": 17}],
    "receipts": [
        {
            "name": "drills",
            "problem": "",
            "findings": [],
            "newest": _TIME,
            "drill": "2025-11-01T00:00:00Z",
            "failed": "",
            "of": "restore",
            "revoked_in": -1,
        },
        {
            "name": "revocations",
            "problem": "",
            "findings": [],
            "newest": _TIME,
            "drill": "2025-03-01T00:00:00Z",
            "failed": "",
            "of": "revocation",
            "revoked_in": 3400,
        },
    ],
    "transfers": [
        {
            "name": "partner01: out",
            "problem": "",
            "job": "",
            "at": "localhost",
            "host": "sftp.partner01.example",
            "protocol": "sftp",
            "tls_mode": "",
            "proof": "auto",
            "deployed": False,
            "late_after": 93600,
            "ended": "2025-12-01T02:15:04Z",
            "files": 3,
            "unproven": 0,
        }
    ],
    "policies": [
        {
            "name": name,
            "text": "A text.",
            "approved_by": "A. Person",
            "approved": "2025-10-01T00:00:00Z",
            "statements": [],
        }
        for name in ("retention", "access", "encryption", "rotation", "contacts")
    ],
}


@dataclass
class AuditSite:
    """Hosts by name, each with its observations, all kinds, a partner, a person and an encrypted directory."""

    observations: dict[str, dict[str, Observation]]
    policy: Policy = field(default_factory=lambda: Policy(ftps_only=("old.example.com",)))
    exemptions: list[Exemption] = field(default_factory=list)
    kinds: tuple[str, ...] = tuple(KINDS)
    controls: tuple[Control, ...] = CONTROLS
    named: Named = Named(("partner",), ("owner",), ("/srv/jail/partner",))

    def values(self, host: str = "files1") -> dict[str, Any]:
        """Return the values of a host, to be changed in place."""
        return {what: each.value for what, each in self.observations[host].items()}

    def settings(self, account: str, host: str = "files1") -> dict[str, list[str]]:
        """Return the settings of sshd for an account, to be changed in place."""
        found: dict[str, dict[str, list[str]]] = {
            each["account"]: each["settings"] for each in self.values(host)["sshd_settings"]
        }
        return found[account]

    def change(self, what: str, host: str = "files1", **fields: Any) -> None:
        """Replace fields of an observation."""
        self.observations[host][what] = self.observations[host][what]._replace(**fields)

    def rows(self) -> tuple[Row, ...]:
        hosts = [Host(name, self.kinds, self.named, seen) for name, seen in self.observations.items()]
        return judge_all(self.controls, Site(tuple(hosts), self.policy, tuple(self.exemptions), NOW))

    def without_check(self, *numbers: str) -> AuditSite:
        """Return the site as an audit judges it that has no check for some controls."""
        self.controls = tuple(each for each in CONTROLS if each.number not in numbers)
        return self

    def row(self, control: str) -> Row:
        return next(row for row in self.rows() if row.control == control)

    def report(self, **fields: Any) -> Report:
        report = Report("Audit of example.com", NOW, tuple(self.observations), self.policy, self.rows(), "0.2.0")
        return report._replace(**fields)


def good_site(hosts: Sequence[str] = ("files1",)) -> AuditSite:
    """Return a site without a defect."""
    return AuditSite({host: {what: _seen(host, what) for what in _VALUES} for host in hosts})


def _seen(host: str, what: str) -> Observation:
    value = json.loads(json.dumps(_VALUES[what]))  # without parts that several entries share
    return Observation(host, what, value, "sshd", "sshd -T -C user=ACCOUNT", _TIME, digest(value))


def of_today(value: Any) -> Any:
    """Return an observed value with its times moved, so that NOW is the present."""
    if isinstance(value, dict):
        return {name: of_today(each) for name, each in value.items()}
    if isinstance(value, list):
        return [of_today(each) for each in value]
    is_time = isinstance(value, str) and re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value)
    return utc(parse_utc(value) + time.time() - NOW) if is_time else value

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of observed values. An answer of another form is not judged, because hosts can send anything."""

from __future__ import annotations

import math
from typing import Any, Dict

from ..model.findings import SEVERITIES
from ..model.request import PROOF_POLICIES

RESTORE, REVOCATION, TRANSFERS = "restore", "revocation", "transfers"
"""Kinds of chains of receipts: of drills, and of the transfers of a partner."""
NOT_ASKED = "none"
"""In place of the time of a drill: receipt_verify ran without its option drill."""

_EVENT = {"action": str, "account": str, "address": str}
_NOT_CHECKED = {"what": str, "why": str}
_PIN = {
    "hosts": str,
    "kind": ("key", "authority", "revoked"),
    "pattern": bool,
    "state": ("active", "next", "retiring", "expired", "revoked"),
}
_PARTS = [{"path": str, "uid": int, "mode": str}]
_TRUSTED = [{"path": str, "exists": bool, "target": str, "parts": _PARTS}]
_FINDING = {"id": str, "severity": SEVERITIES, "observed": str, "wanted": str}

FORMS: Dict[str, Any] = {
    "sshd_settings": [{"account": str, "exists": bool, "shell": str, "settings": {str: [str]}}],
    "host_keys": [{"path": str, "type": str, "bits": int}],
    "authorized_keys": [{"account": str, "path": str, "type": str, "bits": int, "fingerprint": str}],
    "user_authorities": [{"path": str, "target": str, "parts": _PARTS}],
    "jails": [{"account": str, "path": str, "parts": _PARTS}],
    "key_files": [
        {
            "path": str,
            "target": str,
            "parts": _PARTS,
            "kind": ("host", "tls", "directory", "job"),
            "uid": int,
            "group": str,
            "mode": str,
            "changed": str,
            "reader": int,
        }
    ],
    "revocation_list": {
        "path": str,
        "target": str,
        "parts": _PARTS,
        "form": ("none", "missing", "damaged", "text", "krl"),
        "version": int,
        "date": str,
    },
    "job_units": [{"unit": str, "exposure": float}],
    "ftps_settings": {str: str},
    "ftps_accounts": [
        {
            "account": str,
            "home": str,
            "settings": {str: str},
            "listed": bool,
            "root": str,
            "target": str,
            "parts": _PARTS,
        }
    ],
    "jobs": [
        {
            "job": str,
            "server": str,
            "protocol": ("sftp", "ftps"),
            "tls_mode": str,
            "proof": PROOF_POLICIES,
            "late_after": int,
            "pins": _TRUSTED,
            "signers": _TRUSTED,
            "certificate": ("none", "file", "openbao"),
            "certificate_seconds": int,
        }
    ],
    "job_runs": [
        {
            "job": str,
            "broken_line": int,
            "oldest": str,
            "ended": str,
            "protocol": str,
            "identity": str,
            "files": int,
            "unproven": int,
        }
    ],
    "job_secrets": {"in_job_files": [str], "in_cleartext": [str]},
    "second_factors": [{"account": str, "factors": [("fido2", "totp")], "pending_until": str}],
    "passwords": [{"account": str, "kind": str, "changed": str}],
    "vaults": [{"unit": str, "mount": str, "open": bool, "unencrypted": [str]}],
    "directories": [{"path": str, "target": str}],
    "monitoring": {
        "installed": bool,
        "timer": bool,
        "failed": bool,
        "last_run": str,
        "sshd": bool,
        "ftp_logs": [str],
        "files": ("all", "changes", "none", ""),
    },
    "marks": [{"mark": str, "events": [_EVENT], "forged": [_EVENT]}],
    "packages": {"lists": str, "pending": [{"package": str, "installed": str, "fixed": str, "security": bool}]},
    "retention": [{"what": str, "path": str, "written": str}],
    "tls": {
        "findings": [{**_FINDING, "source": str}],
        "certificates": [{"not_before": str, "not_after": str}],
        "not_checked": [_NOT_CHECKED],
        "cleartext_login": ("accepted", "refused", "unknown"),
        "mark": str,
    },
    "attacks": [{"account": str, "problem": str, "findings": [_FINDING], "not_checked": [_NOT_CHECKED], "mark": str}],
    "ssh_attacks": {"tried": [str], "findings": [_FINDING], "not_checked": [_NOT_CHECKED], "mark": str},
    "secret_scan": {
        "findings": [{"id": str, "severity": SEVERITIES, "file": str, "line": int, "kind": str}],
        "checked": {"files": int},
        "not_checked": [str],
    },
    "pins": [{"name": str, "problem": str, "pins": [_PIN]}],
    "sets": [{"name": str, "problem": str, "findings": [_FINDING], "since": str, "sequence": int}],
    "receipts": [
        {
            "name": str,
            "problem": str,
            "findings": [_FINDING],
            "newest": str,
            "drill": str,
            "failed": str,
            "of": (RESTORE, REVOCATION, TRANSFERS),
            "revoked_in": int,
        },
    ],
    "transfers": [
        {
            **dict.fromkeys(("name", "problem", "job", "at", "host", "protocol", "tls_mode", "proof", "ended"), str),
            "deployed": bool,
            "late_after": int,
            "files": int,
            "unproven": int,
        }
    ],
    "policies": [
        {
            "name": str,
            "text": str,
            "approved_by": str,
            "approved": str,
            "statements": [{"text": str, "controls": [str]}],
        }
    ],
}
"""A type; a tuple for one of its texts; [form] for a list; {str: form} for a dict with any names; a dict with the names
that are required."""


def fits(value: Any, form: Any) -> bool:
    """Return whether a value has a form. It may have more names than a form requires."""
    if isinstance(form, tuple):
        return isinstance(value, str) and value in form
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(each, form[0]) for each in value)
    if isinstance(form, dict):
        return isinstance(value, dict) and (
            all(isinstance(name, str) and fits(each, form[str]) for name, each in value.items())
            if str in form
            else all(name in value and fits(value[name], inner) for name, inner in form.items())
        )
    if form in (int, float):
        return isinstance(value, (int, form)) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, form)

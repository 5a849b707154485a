# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answers of an honest Debian host, module by module: rules of interpreter.py.

A test adds the parts that depend on its scene: the legs of a job, a rotation's phase, the request for a certificate.
"""

from __future__ import annotations

__all__ = ["FINGERPRINT", "HONEST", "NEW_FINGERPRINT", "NEW_PIN", "PIN"]

from typing import Any

FINGERPRINT = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"
NEW_FINGERPRINT = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"
PIN = "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE="
NEW_PIN = "sha256//bWpTq9jDBDGpRnHyHCE5+RqgKb9NdAwWkYhQeUuNtJc="

_FACTS = {
    "ansible_os_family": "Debian",
    "ansible_distribution": "Debian",
    "ansible_distribution_major_version": "13",
    "ansible_pkg_mgr": "apt",
    "ansible_service_mgr": "systemd",
}
_STAT = {"exists": True, "mtime": 1.0, "isreg": True, "isdir": False, "islnk": False, "checksum": "", "mode": "0644"}
_SINCE = "ActiveState=active\nActiveEnterTimestamp=@1795618963"
_STATE = {
    "system": {"id": "debian", "like": []},
    "files": {},
    "contents": {},
    "programs": {"/usr/sbin/sshd": True, "/usr/bin/openssl": True},
    "service": {"active": True, "enabled": True, "since": 1795618963},
}
_HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
_HOST_KEYS = {
    "msg": "nothing to do",
    "changes": [],
    "rotations": [
        {
            "type": "ed25519",
            "phase": "announced",
            "next": "2026-12-15T04:00:00Z",
            "path": _HOST_KEY,
            "fingerprint": FINGERPRINT,
            "new_path": f"{_HOST_KEY}_20261201T040000Z",
            "new_fingerprint": NEW_FINGERPRINT,
        }
    ],
    "host_keys": [_HOST_KEY, f"{_HOST_KEY}_20261201T040000Z"],
    "serving": True,
    "files": [],
}
_KEY = {"made": "2026-12-01T04:00:00Z", "not_after": "2027-03-01T04:00:00Z", "issuer": "CN=FTPS servers"}
_CERTIFICATE = {
    "msg": "nothing to do",
    "changes": [],
    "phase": "announced",
    "next": "2026-12-15T04:00:00Z",
    "renewal": "2027-02-01T04:00:00Z",
    "current": {"pin": PIN, **_KEY},
    "successor": {"pin": NEW_PIN, **_KEY},
    "former": None,
    "wanted": [],
    "exchange": None,
    "late": False,
    "unproven": False,
    "retiring": False,
}
_PINS = [
    {"kind": "key", "state": "active", "fingerprint": each} for each in (FINGERPRINT, NEW_FINGERPRINT, PIN, NEW_PIN)
]


def _rule(module: str, **result: Any) -> dict[str, Any]:
    return {"module": module, "result": result}


_RECEIPT = {"path": "/var/lib/receipts/drills/00000001.json", "sequence": 1, "digest": "5" * 64}

HONEST = (
    _rule("*", msg="nothing to do", changes=[]),
    _rule("setup", ansible_facts=_FACTS),
    _rule("ping", ping="pong"),
    _rule("stat", stat=_STAT),
    _rule("slurp", content="IyBCRUdJTiBzZWN1cmUuZnRwX3N5bmNocm9uaXplLnRsc19wb2xpY3kK", encoding="base64"),
    _rule("command", rc=0, stdout=_SINCE, stdout_lines=_SINCE.splitlines(), stderr="", stderr_lines=[]),
    _rule("host_system", **_STATE),
    _rule("host_certificate", request="", certificate=""),
    _rule("login_ban", missing=False),
    _rule("sshd_change", waiting=False, files=[], changes=[]),
    _rule("host_key_rotation", **_HOST_KEYS),
    _rule("certificate_rotation", **_CERTIFICATE),
    _rule("host_key_pin", pins=_PINS),
    _rule("account_password", settled=True, sessions_ended=0),
    _rule("totp_account", accepted=True, codes_left=8, sessions_ended=0),
    _rule("mfa_info", accounts=[]),
    _rule("key_revocation", fingerprints=[], sessions=[], sessions_ended=0, list={"version": 1}),
    _rule("key_revocation_list", version=1, entries=0, added=[], removed=[]),
    _rule("account_access", state="closed", fingerprints=[], spared=[], unrevoked=[], sessions_ended=0),
    _rule("at_rest_vault", vaults=[{"custody": "operator", "locked": False, "canary": "hidden"}]),
    _rule("restore_drill", drill={"verdict": "passed"}, set={"sequence": 1}, tree="/srv/tree", receipt=_RECEIPT),
    _rule("sync_job", jobs=[{"name": "nightly", "checked": True, "exposure": 1.1, "egress": {}, "error": None}]),
    _rule("tls_policy", findings=[], counts={}, tried={}, block=""),
)

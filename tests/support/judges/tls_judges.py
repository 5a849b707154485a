# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two outside judges of TLS, sslyze and testssl.sh: their observations of a server and the collection's, in a common
form."""

from __future__ import annotations

__all__ = ["Seen", "by_sslyze", "by_testssl", "by_us", "complaints_of_sslyze", "complaints_of_testssl", "differences"]

import base64
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..running.tls_policy_task import policy_task
from .judge_programs import judge

_SECONDS = 1100  # a little less than a test may take; alone on a machine it is a tenth of that
_CURVES = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}
_SSLYZE = {
    "ssl_3_0": "SSLv3",
    "tls_1_0": "TLSv1",
    "tls_1_1": "TLSv1.1",
    "tls_1_2": "TLSv1.2",
    "tls_1_3": "TLSv1.3",
}
_TESTSSL = {"ssl3": "SSLv3", "tls1": "TLSv1", "tls1_1": "TLSv1.1", "tls1_2": "TLSv1.2", "tls1_3": "TLSv1.3"}
_OFFERED = {"SSLv3": "SSLv3", "TLS1": "TLSv1", "TLS1_1": "TLSv1.1", "TLS1_2": "TLSv1.2", "TLS1_3": "TLSv1.3"}


@dataclass
class Seen:
    """The observations of a server; None if the judge makes no statement."""

    suites: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] | None = None
    secure_renegotiation: bool | None = None
    extended_master_secret: bool | None = None
    compression: bool | None = None
    client_certificate: bool | None = None
    fingerprints: set[str] | None = None
    trusted: bool | None = None


def by_us(server: Any) -> Seen:
    """The observations of tls_policy."""
    observed = policy_task(server)["observed"]
    old = [each for each in observed["versions"] if each["version"] != "TLSv1.3"]
    extending = [each for each in old if each["version"] != "SSLv3"]
    return Seen(
        suites={each["version"]: set(each["suites"]) for each in observed["versions"]},
        groups={group for each in observed["versions"] for group in each["groups"]},
        secure_renegotiation=all(each["secure_renegotiation"] for each in old),
        extended_master_secret=all(each["extended_master_secret"] for each in extending),
        compression=any(each["compression"] for each in old),
        client_certificate=observed["client_certificate"] != "not_asked",
        fingerprints={each["fingerprint"].partition(":")[2] for each in observed["certificates"]},
        trusted=observed["chain_trusted"],
    )


def by_sslyze(server: Any) -> Seen:
    """The observations of sslyze."""
    asked = ["--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--elliptic_curves", "--ems", "--reneg"]
    more = ["--compression", "--certinfo", f"--certinfo_ca_file={_authority(server)}"]
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "out.json")
        # An address is not a server name (RFC 6066 section 3), and some servers refuse it.
        command = [judge("sslyze"), f"--json_out={out}", "--mozilla_config=disable", "--sni=localhost", *asked, *more]
        _run([*command, *_start(server, "--starttls=ftp"), f"{server.host}:{server.port}"])
        (scanned,) = json.loads(out.read_text())["server_scan_results"]
    # A check that broke down has no result.
    found = {name: part["result"] or {} for name, part in scanned["scan_result"].items()}
    chains = found["certificate_info"].get("certificate_deployments", [])
    return Seen(
        suites={
            version: {each["cipher_suite"]["name"] for each in found[f"{name}_cipher_suites"]["accepted_cipher_suites"]}
            for name, version in _SSLYZE.items()
            if found[f"{name}_cipher_suites"].get("is_tls_version_supported")
        },
        groups=_sslyze_groups(found["elliptic_curves"]),
        secure_renegotiation=found["session_renegotiation"].get("supports_secure_renegotiation"),
        extended_master_secret=found["tls_extended_master_secret"].get("supports_ems_extension"),
        compression=found["tls_compression"].get("supports_compression"),
        client_certificate=scanned["connectivity_result"]["client_auth_requirement"] != "DISABLED",
        fingerprints={_hexadecimal(each["received_certificate_chain"][0]["fingerprint_sha256"]) for each in chains},
        trusted=any(_by_our_authority(each) for chain in chains for each in chain["path_validation_results"]),
    )


def _sslyze_groups(result: dict[str, Any]) -> set[str] | None:
    return {_curve(each["name"]) for each in result["supported_curves"] or ()} if result else None


def _hexadecimal(fingerprint: str) -> str:
    return base64.b64decode(fingerprint).hex()


def _by_our_authority(result: dict[str, Any]) -> bool:
    return bool(result["verified_certificate_chain"]) and "upplied" in result["trust_store"]["name"]


def by_testssl(server: Any) -> Seen:
    """The observations of testssl.sh."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "out.json")
        quiet = ["--quiet", "--color", "0", "--warnings", "off", "--jsonfile", str(out), "--ip", server.host]
        asked = ["-p", "-P", "-f", "-S", "-R", "-C", "--add-ca", str(_authority(server))]
        _run(["testssl", *quiet, *asked, *_start(server, "-t", "ftp"), f"{server.host}:{server.port}"])
        told = {each["id"]: each["finding"] for each in json.loads(out.read_text())}
    suites = {version: set() for name, version in _OFFERED.items() if told[name].startswith("offered")}
    for name, finding in told.items():
        listed = re.match(r"cipher-(.*)_x[0-9a-f]+$", name)
        if listed:
            suites[_TESTSSL[listed.group(1)]].add(finding.split()[-1])
    groups = f"{told.get('FS_ECDHE_curves', '')} {told.get('FS_KEMs', '')}".split()
    return Seen(
        suites=suites,
        groups={_curve(each) for each in groups},
        secure_renegotiation=told["secure_renego"].startswith("supported"),
        extended_master_secret="extended master secret" in told["TLS_extensions"],
        compression="not vulnerable" not in told["CRIME_TLS"],
        client_certificate=told["clientAuth"] != "none",
        fingerprints={value.lower() for name, value in told.items() if name.startswith("cert_fingerprintSHA256")},
        trusted="passed" in told.get("cert_chain_of_trust", ""),
    )


def complaints_of_sslyze(server: Any, level: str) -> dict[str, str]:
    """The obstacles to Mozilla's level "modern" or "intermediate", in sslyze's judgement: part -> reason."""
    command = [judge("sslyze"), f"--mozilla_config={level}", "--sni=localhost", "--certinfo"]
    command += [f"--certinfo_ca_file={_authority(server)}", *_start(server, "--starttls=ftp")]
    said = _run([*command, f"{server.host}:{server.port}"]).partition("COMPLIANCE AGAINST")[2]
    assert re.search(r"(OK - Compliant|FAILED - Not compliant)", said), said
    return dict(re.findall(r"^\s*\* (\w+): (.*)$", said, re.M))


def complaints_of_testssl(server: Any) -> dict[str, str]:
    """The findings of testssl.sh of medium severity or worse: id -> text."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "out.json")
        quiet = ["--quiet", "--color", "0", "--warnings", "off", "--jsonfile", str(out), "--ip", server.host]
        asked = ["-p", "-s", "-f", "-S", "-P", "-U", "--add-ca", str(_authority(server))]
        _run(["testssl", *quiet, *asked, *_start(server, "-t", "ftp"), f"{server.host}:{server.port}"])
        told = json.loads(out.read_text())
    assert any(each["id"] == "TLS1_3" for each in told), told
    severe = ("MEDIUM", "HIGH", "CRITICAL", "FATAL")
    return {each["id"]: each["finding"] for each in told if each["severity"] in severe}


def _authority(server: Any) -> Path:
    return server.authority.file


def _start(server: Any, *options: str) -> tuple[str, ...]:
    return options if hasattr(server, "user") and not server.options.implicit else ()


def _curve(name: str) -> str:
    return _CURVES.get(name, name)


def _run(command: list[str]) -> str:
    """Their exit status counts the findings; only their output matters."""
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": _SECONDS}
    return subprocess.run(command, check=False, **options).stdout


def differences(ours: Seen, theirs: Seen) -> dict[str, tuple[Any, Any]]:
    """Return the differences of two observations: the part, the entries of each side alone; or both values."""
    found: dict[str, tuple[Any, Any]] = {}
    for version in ours.suites.keys() | theirs.suites.keys():
        mine, other = ours.suites.get(version), theirs.suites.get(version)
        if mine is None or other is None:
            found[version] = (mine is not None, other is not None)
        elif mine != other:
            found[f"suites of {version}"] = (mine - other, other - mine)
    for part in fields(Seen)[1:]:
        mine, other = getattr(ours, part.name), getattr(theirs, part.name)
        if other is not None and mine != other:
            found[part.name] = (mine - other, other - mine) if isinstance(mine, set) else (mine, other)
    return found

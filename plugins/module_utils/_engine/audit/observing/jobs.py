# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of the role sync_job: protocol, proof, file of pins, and lifetime of the credentials. No secret is read.

- The newest successful run is found in the records, which root writes after each run.
- Secrets in cleartext, in a job file or as a credential that is not encrypted, are reported by name.
- systemd-analyze security computes the exposure of the units.
"""

from __future__ import annotations

import glob
import os
import re
import ssl
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional

from ...errors import PrivateKeyUnusable
from ...jobs.deployment.exposure import exposure
from ...jobs.deployment.places import JOBS, expanded, records
from ...jobs.ending import OK
from ...jobs.job_file import Job, read_job
from ...jobs.names import UNIT
from ...jobs.records import Records, first_broken_link
from ...jobs.strict_json import parse
from ...model.endpoint import Credentials
from ...model.report import PROVEN
from ...secret_scan.wording import is_literal, is_secret_name
from ...ssh.user_certificate import user_certificate
from ...system.program import ask_program
from ...trust.fingerprint import validity
from ...trust.known_hosts import GLOBAL_STORES, USER_STORES
from .directories import way
from .observed import Unobservable

_SFTP, _FTPS = "sftp", "ftps"
_IDENTITIES = ("host_key_fingerprint", "certificate_fingerprint")
CLEAR = "/etc/credstore"
"""The directory of systemd for credentials that are not encrypted."""
_UNIT = re.compile(rf"^({UNIT % r'[A-Za-z0-9_-]{1,64}'}\.service)\s", re.M)


def job_files(directory: str = JOBS) -> Iterator[str]:
    yield from sorted(glob.glob(f"{glob.escape(directory)}/*.json"))


def jobs(directory: str = JOBS) -> List[Dict[str, Any]]:
    """Return the jobs. Raises InvalidRequest for a job file that cannot be read, and Unobservable."""
    return [_job(path, read_job(path)) for path in job_files(directory)]


def _job(path: str, job: Job) -> Dict[str, Any]:
    options = job.options
    protocol = str(options.get("protocol", _SFTP))
    return {
        "job": job.name,
        "server": str(options.get("host", "")),
        "protocol": protocol,
        "tls_mode": str(options.get("tls_mode", "explicit")) if protocol == _FTPS else "",
        "proof": str(options.get("proof", "auto")),
        "late_after": job.late_after,
        "pins": [_file(expanded(str(named), job.name)) for named in _pins(path, job.options, protocol)],
        "signers": [_file(expanded(named, job.name)) for named in _signers(path, job)],
        **_certificate(job),
    }


def _pins(path: str, options: Mapping[str, Any], protocol: str) -> Iterator[str]:
    """Yield the files with the keys and authorities that a job trusts. Pins in the job file do not replace a file of
    pins. path: of the job file"""
    if protocol == _FTPS:
        system = ssl.get_default_verify_paths()
        own = options.get("tls_pins"), options.get("tls_pins_file")
        authorities = [options["ca_file"]] if options.get("ca_file") else [system.openssl_cafile, system.openssl_capath]
    else:
        own = options.get("host_keys"), options.get("known_hosts_file")
        authorities = [] if any(own) else [*USER_STORES, *GLOBAL_STORES]
    yield from ([path] if own[0] else [])
    yield from filter(None, [own[1], *authorities])


def _signers(path: str, job: Job) -> Iterator[str]:
    """Yield the files with the signers and the revoked keys that a job trusts, and the authority of its OpenBao."""
    given, issuer = _object(job.options.get("verify")), _object(job.certificate)
    own = path if given.get("allowed_signers") else None
    managers = [issuer, *(_object(_object(each).get("openbao")) for each in _sources(job))]
    named = (
        own,
        given.get("allowed_signers_file"),
        given.get("revoked_keys_file"),
        *(m.get("ca_file") for m in managers),
    )
    yield from map(str, filter(None, named))


def _sources(job: Job) -> Iterable[Any]:
    return _object(job.options.get("secrets_from")).values()


def _file(path: str) -> Dict[str, Any]:
    return {"path": path, "exists": os.path.exists(path), **way(path)}


def _certificate(job: Job) -> Dict[str, Any]:
    """Return source and lifetime of the certificate of a run; 0 seconds if the lifetime is not known."""
    given: Mapping[str, Any] = job.certificate or {}
    if given.get("source") == "openbao":
        return {"certificate": "openbao", "certificate_seconds": _number(given.get("ttl"))}
    file = given.get("file") or job.options.get("certificate_file")
    if not file:
        return {"certificate": "none", "certificate_seconds": 0}
    return {"certificate": "file", "certificate_seconds": _lifetime(expanded(str(file), job.name))}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _lifetime(path: str) -> int:
    """Return the seconds between start and end of a certificate. Raises Unobservable."""
    if not os.path.isfile(path):  # opening a FIFO would wait for its writer
        raise Unobservable(f"{path} is no file")
    try:
        found = user_certificate(Credentials(certificate_file=path))
    except PrivateKeyUnusable:
        raise Unobservable(f"{path} holds no SSH certificate") from None
    times: Optional[Any] = found and validity(found.key.key_type, found.key.blob)
    return times.before - times.after if times else 0


def job_runs(directory: str = JOBS) -> List[Dict[str, Any]]:
    """Return an entry for each job; its `ended` is empty without a successful run. Raises InvalidRequest."""
    return [_runs(read_job(path).name) for path in job_files(directory)]


def _runs(job: str) -> Dict[str, Any]:
    directory = records(job)
    history = Records(directory, keep=1).history() if os.path.isdir(directory) else b""
    lines = history.splitlines()
    newest: Mapping[str, Any] = next(filter(None, map(_success, reversed(lines))), {})
    peer, proofs = _object(newest.get("peer")), _object(newest.get("proofs"))
    counted = {kind: number for kind, number in proofs.items() if isinstance(number, (int, float))}
    return {
        "job": job,
        "runs": len(lines),
        "broken_line": first_broken_link(history) or 0,
        "oldest": _ended(lines[0]) if lines else "",
        "ended": str(newest.get("ended") or ""),
        "protocol": str(peer.get("protocol") or ""),
        "identity": next((str(peer[name]) for name in _IDENTITIES if peer.get(name)), ""),
        "files": int(sum(counted.values())),
        "unproven": int(sum(number for kind, number in counted.items() if kind not in PROVEN)),
    }


def _success(line: bytes) -> Optional[Mapping[str, Any]]:
    """Return the record of a successful run; None for any other line."""
    record = _record(line)
    return record if record.get("result") == OK and record.get("peer") else None


def _ended(line: bytes) -> str:
    return str(_record(line).get("ended") or "")


def _record(line: bytes) -> Mapping[str, Any]:
    """Return the fields of a line; none for a line that is no record."""
    try:
        return _object(parse(line))
    except ValueError:
        return {}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def job_secrets(directory: str = JOBS, clear: str = CLEAR) -> Dict[str, List[str]]:
    """Return the options of job files that hold a secret, and the paths of unencrypted credentials."""
    found = [
        f"{job.name}: {name}"
        for job in map(read_job, job_files(directory))
        for name in _secret_names({"options": job.options, "certificate": job.certificate or {}})
    ]
    stored = glob.glob(f"{glob.escape(clear)}/{UNIT % '*'}")
    return {"in_job_files": found, "in_cleartext": sorted(stored)}


def _secret_names(value: Any, place: str = "") -> Iterator[str]:
    """Yield the dotted names of the options that hold a secret."""
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        inner = f"{place}.{name}" if place else str(name)
        if isinstance(each, str) and is_secret_name(str(name)) and is_literal(each):
            yield inner
        yield from _secret_names(each, inner)


def job_units() -> List[Dict[str, Any]]:
    """Return each unit with its exposure, 0 (sandboxed) to 10. Drop-ins of systemd count."""
    completed = ask_program("systemctl", "list-unit-files", "--no-legend", "--no-pager", "--type=service", UNIT % "*")
    return [{"unit": name, "exposure": exposure(name)} for name in _UNIT.findall(completed.out)]

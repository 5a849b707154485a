# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of the role sync_job: protocol, proof, file of pins, and lifetime of the credentials. No secret is read."""

from __future__ import annotations

import glob
import os
import ssl
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ...errors import PrivateKeyUnusable
from ...jobs.deployment.places import JOBS, home
from ...jobs.job_file import Job, read_job
from ...model.endpoint import Credentials
from ...ssh.user_certificate import user_certificate
from ...trust.key_blob import validity
from ...trust.known_hosts import GLOBAL_STORES, USER_STORES
from .directories import way
from .observed import Unobservable

_SFTP, _FTPS = "sftp", "ftps"


def job_files(directory: str = JOBS) -> Iterator[str]:
    """Yield the paths of the job files."""
    yield from sorted(glob.glob("%s/*.json" % glob.escape(directory)))


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


def expanded(path: str, job: str) -> str:
    """Return an absolute path. The home of the account of the job is ~, and the working directory. A part .. stays:
    after a link, it leads elsewhere."""
    return os.path.join(home(job), path[2:] if path.startswith("~/") else path)


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
        raise Unobservable("%s is no file" % path)
    try:
        found = user_certificate(Credentials(certificate_file=path))
    except PrivateKeyUnusable:
        raise Unobservable("%s holds no SSH certificate" % path) from None
    times: Optional[Any] = found and validity(found.key.key_type, found.key.blob)
    return times.before - times.after if times else 0

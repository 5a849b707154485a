# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners, modes and ages of files and directories; the contents stay unread."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ...errors import SshdMissing
from ...jobs.deployment.places import JOBS, expanded
from ...jobs.job_file import read_job
from ...jobs.names import ACCOUNT, CREDSTORE
from ...model.utc import utc
from ...sshd.daemon import Effective
from .directories import mode_of, steps, way
from .jobs import job_files
from .observed import Login, Unobservable
from .sshd_view import for_each_client, for_login

_TLS_KEYS = (("rsa_private_key_file", "rsa_cert_file"), ("dsa_private_key_file", "dsa_cert_file"))
"""Options of vsftpd: the key, and the certificate whose file has the key if the first is not set."""

_NAMES_A_KEY = ("key_file", "client_key", "identities_file")
"""Ends of the names of options of secure_sync that name a file with a private key."""
_SOURCES = ("secrets_from", "token_from", "secret_id_from")
"""Options whose suboptions `file` name a file with a secret."""


def jails(logins: Sequence[Login], address: str) -> List[Dict[str, Any]]:
    """Return the jails of each account, which may depend on the port, and every directory on the way to it."""
    found = []
    for name, entry in logins:
        home = "" if entry is None else entry.pw_dir
        views = for_each_client(name, address)
        for path in dict.fromkeys(_jail(name, view.settings, home) for view in views):
            found.append({"account": name, "path": path, "parts": _parts(path)})
    return found


def _jail(name: str, settings: Effective, home: str) -> str:
    path = (settings.get("chrootdirectory") or ("none",))[0]
    return path.replace("%u", name).replace("%h", home).replace("%%", "%")


def _parts(path: str) -> List[Dict[str, Any]]:
    """Return the directories, the root first. sshd refuses the login at a missing part. Raises Unobservable at a
    symbolic link, whose target sshd does not examine."""
    if not path.startswith("/"):
        return []
    for part, status in steps(path):
        if stat.S_ISLNK(status.st_mode):
            raise Unobservable(f"a jail is reached by the symbolic link {part}")
    return list(way(path)["parts"])


def key_files(address: str, ftps: Optional[Dict[str, str]], jobs: str = JOBS) -> List[Dict[str, Any]]:
    """Return the private keys of the servers, and the stored credentials and key files of jobs. `reader` is the user id
    of the account that needs the file; 0 for root."""
    readers = dict(_keys_of_jobs(jobs))
    kinds = {**dict.fromkeys(readers, "job"), **dict(_private(address, ftps))}
    return [
        {
            "path": path,
            "kind": kind,
            "uid": status.st_uid,
            "group": _group(status.st_gid),
            "mode": mode_of(status),
            "changed": utc(status.st_mtime),
            "reader": readers.get(path, 0),
            **way(path),
        }
        for path, kind in kinds.items()
        for status in [_status(path)]
        if status is not None
    ]


def _keys_of_jobs(directory: str) -> Iterator[Tuple[str, int]]:
    """Yield the files with private keys that options of jobs name, each with its reader. Raises InvalidRequest, and
    Unobservable for a file that is missing: the job may read another."""
    for job in map(read_job, job_files(directory)):
        reader = _uid(ACCOUNT % job.name)
        for path in _named_files({"options": job.options, "certificate": job.certificate}):
            file = expanded(path, job.name)
            if _status(file) is None:
                raise Unobservable(f"{job.name}: the key file {file} does not exist")
            yield file, reader


def _named_files(options: Any, *, sources: bool = False) -> Iterator[str]:
    for name, value in options.items() if isinstance(options, dict) else ():
        if isinstance(value, str) and value and (name == "file" if sources else name.endswith(_NAMES_A_KEY)):
            yield value
        yield from _named_files(value, sources=sources or name in _SOURCES)


def _uid(account: str) -> int:
    try:
        return pwd.getpwnam(account).pw_uid
    except KeyError:
        return 0


def _private(address: str, ftps: Optional[Dict[str, str]]) -> Iterator[Tuple[str, str]]:
    with contextlib.suppress(SshdMissing):
        yield from ((path, "host") for path in for_login("root", address).get("hostkey", ()))
    for key, certificate in _TLS_KEYS:
        path = (ftps or {}).get(key) or (ftps or {}).get(certificate)
        if path:
            yield path, "tls"
    if os.path.isdir(CREDSTORE):
        yield CREDSTORE, "directory"
        for name in sorted(os.listdir(CREDSTORE)):
            yield os.path.join(CREDSTORE, name), "job"


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)

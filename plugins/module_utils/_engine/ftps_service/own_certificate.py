# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private key and the certificate of the service, for a private authority on the controller.

`ask` makes the private key if there is none, which never leaves this host, and a request with its public key. The
signature of the request proves that this host has the key; the authority uses nothing else of it. `install` writes the
signed certificate. The role certificate_rotation replaces both files by links, which are followed.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from ..system import durable_files
from ..system.changes import Change
from ..system.entries import MISSING, Attributes
from ..system.os_errors import from_os_error
from ..system.program import ask_program, run_program

_KEY = Attributes(0, 0, 0o600)
_CERTIFICATE_MODE = 0o644
_GENERATE = ("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
_REQUEST = ("openssl", "req", "-new", "-batch", "-config", "/dev/null", "-passin", "pass:none", "-subj", "/CN=request")
_DESCRIBE = ("openssl", "x509", "-noout", "-subject", "-ext", "subjectAltName", "-enddate", "-serial")


class Asked(NamedTuple):
    """The answer to `ask`.

    request: in PEM form, empty if check mode did not make the key
    certificate: the present certificate, empty if there is none
    """

    changes: Tuple[Change, ...]
    request: str
    certificate: str


def ask(key: str, certificate: str, *, check_mode: bool) -> Asked:
    """Make or close the key, and return a request and the present certificate. Raises OperationFailed."""
    changes = _keep_key(key, check_mode=check_mode)
    request = _request(key) if os.path.exists(key) else ""
    return Asked(changes, request, _read(certificate) or "")


def install(path: str, certificate: str, *, check_mode: bool) -> Tuple[Change, ...]:
    """Write the certificate, and return the change with its content in words."""
    before = _read(path)
    if before == certificate:
        return ()
    if not check_mode:
        _write(os.path.realpath(path), certificate.encode())
    return (Change(path, MISSING if before is None else _described(before), _described(certificate)),)


def _keep_key(path: str, *, check_mode: bool) -> Tuple[Change, ...]:
    found = _status(path)
    if found is None:
        if not check_mode:
            _generate(path)
        return (Change(path, MISSING, "private key " + _KEY.words),)
    present = Attributes(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode))
    if present == _KEY:
        return ()
    if not check_mode:
        os.chown(path, 0, 0)
        os.chmod(path, _KEY.mode)
    return (Change(path, present.words, _KEY.words),)


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, path=path.encode()) from None


def _generate(path: str) -> None:
    """Make the key under another name first: a killed run, and a power cut, leave no incomplete key."""
    new = path + durable_files.LEFT_BEHIND
    durable_files.unlink(new)
    try:
        run_program(*_GENERATE, "-out", new)
        os.chmod(new, _KEY.mode)
        durable_files.finish(new, path)
    except OSError as error:
        raise from_os_error(error, path=path.encode()) from None


def _request(key: str) -> str:
    try:
        completed = ask_program(*_REQUEST, "-key", key)
    except FileNotFoundError:
        raise OperationFailed("openssl is not installed", cure="Install it on this host.") from None
    if completed.status:
        raise OperationFailed(
            f"{key}: openssl makes no request with it: {' '.join(completed.err.split())}",
            cure="Check that it is an unencrypted private key.",
        )
    return completed.out


def _described(certificate: str) -> str:
    """Return subject, names, end and serial number, a line each."""
    completed = ask_program(*_DESCRIBE, stdin=certificate)
    return completed.out if not completed.status else "not a certificate\n"


def _read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, path=path.encode()) from None


def _write(path: str, content: bytes) -> None:
    try:
        durable_files.put(path, content, _CERTIFICATE_MODE)
    except OSError as error:
        raise from_os_error(error, path=path.encode()) from None

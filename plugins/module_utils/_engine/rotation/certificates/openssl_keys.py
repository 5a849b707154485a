# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, requests and first certificates by openssl, which reads passphrases from its standard input.

Only this user may write to the directories of the files: the caller has checked it. All raise OperationFailed."""

from __future__ import annotations

import re
from typing import NamedTuple, Sequence, Tuple

from ...system.program import run_program

SERVER, CLIENT = "server", "client"
_PURPOSES = {SERVER: "serverAuth", CLIENT: "clientAuth"}
_LONGEST_NAME = 64
"""Of a common name (RFC 5280 appendix A.1, ub-common-name)."""

# The file of the system may have extensions of its own, which would come twice.
_REQUEST = ("openssl", "req", "-new", "-config", "/dev/null")


class Subject(NamedTuple):
    """Whom certificates are for.

    names: DNS names and addresses
    purpose: SERVER or CLIENT, the extended key usage
    """

    names: Sequence[str]
    purpose: str = SERVER


def make_key(path: str, passphrase: str) -> None:
    """Make a key at `path`, closed to others."""
    closed = ("-aes-256-cbc", "-pass", "stdin") if passphrase else ()
    words = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", *closed, "-out", path)
    run_program("openssl", "genpkey", *words, stdin=passphrase)


def make_request(key: str, subject: Subject, passphrase: str, path: str) -> None:
    # The same as in the role ftps_server, which would otherwise sign again.
    extensions = [
        "subjectAltName=" + _alternative_names(subject.names),
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=" + _PURPOSES[subject.purpose],
    ]
    words = [word for extension in extensions for word in ("-addext", extension)]
    run_program(*_REQUEST, *_key(key, passphrase), *_name(subject), *words, "-out", path, stdin=passphrase)


def sign_itself(key: str, subject: Subject, passphrase: str, path: str) -> None:
    """Make a certificate of one day at `path`, signed by its own key."""
    words = ("-x509", "-days", "1", "-out", path)
    run_program(*_REQUEST, *_key(key, passphrase), *_name(subject), *words, stdin=passphrase)


def _key(path: str, passphrase: str) -> Tuple[str, ...]:
    return ("-key", path, *(("-passin", "stdin") if passphrase else ()))


def _name(subject: Subject) -> Tuple[str, str]:
    first = subject.names[0]
    return ("-subj", f"/CN={first}" if len(first) <= _LONGEST_NAME else "/")


def _alternative_names(names: Sequence[str]) -> str:
    """As x509v3_config(5) has it: "DNS:files.example.com,IP:192.0.2.1"."""
    return ",".join(("IP:%s" if _is_address(name) else "DNS:%s") % name for name in names)


def _is_address(name: str) -> bool:
    return ":" in name or bool(re.match(r"[0-9.]+\Z", name))

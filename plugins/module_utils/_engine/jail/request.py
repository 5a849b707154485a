# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requested jails of a host: frozen values, checked by `check_request` before any look at the host."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest
from ..trust.fingerprint import PublicKey

PRESENT, CLOSED, ABSENT = "present", "closed", "absent"
DOWNLOAD = "download"
ACCESSES = ("upload", DOWNLOAD, "both")
ARCHIVE, DELETE = "archive", "delete"
STATES = (PRESENT, CLOSED, ABSENT)
REMOVALS = (ARCHIVE, DELETE)
DEV = "dev"
LOG_SOCKET = "log"
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}\Z")  # valid for useradd(8) everywhere; not special for sshd
_DIRECTORY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\Z")
_PRINCIPAL = re.compile(r"[A-Za-z0-9._@:+/=-]{1,64}\Z")  # not special in an option of authorized_keys
_ROOT = "root"


class JailDirectory(NamedTuple):
    """One directory in a jail. writable: the account owns it; otherwise `owner` does, and the account reads it."""

    name: str
    writable: bool = True
    owner: str = _ROOT


class JailKey(NamedTuple):
    """A public key that may log in, and the administrator's comment."""

    key: PublicKey
    comment: str = ""


class Quota(NamedTuple):
    """The limits of an account: bytes and number of files; None for no limit."""

    space: Optional[int] = None
    files: Optional[int] = None


class Jail(NamedTuple):
    """A requested jail.

    name: of the account, of its group and of its directory below the base
    state: CLOSED if the account will be removed
    removal: ARCHIVE or DELETE
    rotated: whether another role keeps the keys
    authorities: public keys of authorities whose certificates may log in
    principals: a certificate must have one of these; the name of the account if empty
    """

    name: str
    state: str = PRESENT
    directories: Tuple[JailDirectory, ...] = ()
    keys: Tuple[JailKey, ...] = ()
    quota: Quota = Quota()
    removal: str = ARCHIVE
    rotated: bool = False
    authorities: Tuple[JailKey, ...] = ()
    principals: Tuple[str, ...] = ()


class JailRequest(NamedTuple):
    """The request for trees.

    base: the directory of all jails
    keys_directory: where their authorized keys are
    archive_directory: where the data of removed jails go. All absolute.
    refuse_unlisted: whether accounts of jails that are not among `jails` are an error
    """

    base: str
    keys_directory: str
    archive_directory: str
    jails: Tuple[Jail, ...]
    check_mode: bool = False
    refuse_unlisted: bool = False


def check_request(request: JailRequest) -> None:
    """Raise InvalidRequest for bad names, duplicate names, and keys that two roles would keep."""
    for jail in request.jails:
        check_account_name(jail.name)
        for directory in jail.directories:
            _check_directory_name(directory.name, jail.name)
        _check_unique([each.name for each in jail.directories], f"a directory of the jail {jail.name}")
        for option, keys in (("authorized_keys", jail.keys), ("certificate_authorities", jail.authorities)):
            if jail.rotated and keys:
                raise InvalidRequest(
                    f"{option}: the keys of {jail.name} are rotated",
                    cure="Remove them: the role client_key_rotation manages them; or set rotated to false.",
                )
        _check_authorities(jail)
    _check_unique([jail.name for jail in request.jails], "a jail")


def _check_authorities(jail: Jail) -> None:
    for each in jail.authorities:
        if any(each.key == other.key for other in jail.keys):
            raise InvalidRequest(
                f"certificate_authorities: {each.key.fingerprint} may log in to {jail.name} as a key, too",
                cure="Remove it from authorized_keys: the key of an authority only signs.",
            )
    for principal in jail.principals:
        if not _PRINCIPAL.match(principal):
            raise InvalidRequest(
                f"principals: {principal!r} is not valid for {jail.name}",
                cure="Use at most 64 letters, digits and the characters . _ @ : + / = -.",
            )
    if jail.principals and not jail.authorities:
        raise InvalidRequest(
            f"principals: {jail.name} has no certificate_authorities",
            cure="Set certificate_authorities, or remove principals.",
        )


def check_account_name(name: str) -> str:
    """Return `name` if it can be the name of a jailed account; raise InvalidRequest otherwise."""
    if not _ACCOUNT.match(name) or name == _ROOT:
        raise InvalidRequest(
            f"name: {name!r} is not valid for a jailed account",
            cure="Use at most 32 characters of a-z, 0-9, _ and -, beginning with a letter or _.",
        )
    return name


def _check_directory_name(name: str, jail: str) -> None:
    if not _DIRECTORY.match(name) or name == DEV:
        raise InvalidRequest(
            f"directories: {name!r} is not valid in the jail {jail}",
            cure="Use a single name, not a path, of letters, digits, ., _ and -, beginning with a letter, digit or _; "
            "dev is reserved for the log.",
        )


def _check_unique(names: List[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequest(f"{what} is listed twice: {name}")

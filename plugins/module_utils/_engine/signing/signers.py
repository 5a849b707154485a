# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allowed signers in ssh-keygen(1)'s form (ALLOWED SIGNERS), read more strictly than ssh-keygen reads them.

A line without `namespaces=` makes the key good for every purpose: a signature that its owner made of a git commit
would then count as one of a manifest. Such lines are refused. ssh-keygen never sees the operator's text, only lines
that are written here from the checked parts.

The files of allowed signers and of revoked keys are read once, before any contact. Everything fails closed: a file
that is missing, empty or damaged, or that others could write, ends the run. ssh-keygen reads an empty file of revoked
keys as a list without keys.
"""

from __future__ import annotations

import os
import re
import stat
import time
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest, PinStoreUnsafe, TrustStoreUnreadable
from ..model.display import display_text
from ..model.local_path import local_path
from ..trust.fingerprint import PublicKey, parse_public_key

_CERT_AUTHORITY = "cert-authority"
_NAMESPACES = "namespaces"
_TIMES = ("valid-after", "valid-before")
_KEYWORDS = (_CERT_AUTHORITY, _NAMESPACES, *_TIMES)

_WORDS = re.compile(
    r'[ \t]*(?P<principals>"[!#-~]+"|[!#-~]+)[ \t]+(?:(?P<options>[!-~][ -~]*?)(?<! )[ \t]+)??'
    r"(?P<type>[a-z0-9@.-]+)[ \t]+(?P<key>[A-Za-z0-9+/]+=*)(?:[ \t]+.*)?\Z",
    re.DOTALL,
)
_OPTION = re.compile(r'(?P<name>[A-Za-z-]+)(?:="(?P<value>[!#-~]*)")?(?:,|\Z)')
_TIME_FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_FORM = 'Write each line as: PRINCIPAL namespaces="manifest@ftp-synchronize" KEYTYPE KEY'
_LARGEST = 64 << 20
_KRL_MAGIC = b"SSHKRL\n\0"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class AllowedSigner(NamedTuple):
    """One line.

    principals: patterns, as they stand
    namespaces: the purposes for which the key signs
    cert_authority: whether the key signs certificates of signers
    valid_after, valid_before: as ssh-keygen takes them, "" for no limit
    """

    principals: str
    key: PublicKey
    namespaces: str
    cert_authority: bool = False
    valid_after: str = ""
    valid_before: str = ""

    def text(self, *, timed: bool) -> str:
        """Return the line. timed: with its limits of validity."""
        options = [_CERT_AUTHORITY] if self.cert_authority else []
        options.append(f'{_NAMESPACES}="{self.namespaces}"')
        limits = zip(_TIMES, (self.valid_after, self.valid_before)) if timed else ()
        options += [f'{name}="{value}"' for name, value in limits if value]
        return f"{self.principals} {','.join(options)} {self.key.text}\n"


def signers_text(signers: Iterable[AllowedSigner], *, timed: bool = True) -> str:
    """Return the lines for ssh-keygen. timed: with the limits of validity."""
    return "".join(signer.text(timed=timed) for signer in signers)


def parse_signers(lines: Iterable[str], option: str) -> Tuple[AllowedSigner, ...]:
    """Return the signers of the lines; empty lines and comments are passed over. option: named in errors.

    Raises InvalidRequest.
    """
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t\r\n")]
    signers = [_signer(line, f"{option}: line {number}") for number, line in numbered if not _is_comment(line)]
    if not signers:
        raise InvalidRequest(
            f"{option}: names no signer",
            cure='Add a line such as: release@example.com namespaces="manifest@ftp-synchronize" ssh-ed25519 AAAA...',
        )
    return tuple(signers)


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t").startswith("#")


def _signer(line: str, where: str) -> AllowedSigner:
    words = _WORDS.match(line.rstrip("\r\n"))
    if words is None:
        raise InvalidRequest(f"{where} is not a line of allowed signers", cure=_FORM)
    try:
        key = parse_public_key(words["type"], words["key"])
    except ValueError as error:
        raise InvalidRequest(
            f"{where}: its key is not usable: {error}", cure="Copy the key from the signer's .pub file."
        ) from None
    if key.is_certificate:
        raise InvalidRequest(
            f"{where} holds a certificate", cure="Use the key of the authority, with the option cert-authority."
        )
    return _with_options(words["principals"], key, _options(words["options"] or "", where), where)


def _with_options(principals: str, key: PublicKey, options: Dict[str, str], where: str) -> AllowedSigner:
    namespaces = options.get(_NAMESPACES)
    if namespaces is None:
        raise InvalidRequest(
            f"{where} has no namespaces=: a signature that this key makes for any purpose would count",
            cure='Add namespaces="manifest@ftp-synchronize" before the key type.',
        )
    if not namespaces or any(char in namespaces for char in "*?!"):
        raise InvalidRequest(
            f"{where}: namespaces={display_text(namespaces)} has a pattern, or nothing",
            cure='Name each purpose in full: namespaces="manifest@ftp-synchronize".',
        )
    after, before = (_limit(options.get(name, ""), name, where) for name in _TIMES)
    return AllowedSigner(principals, key, namespaces, _CERT_AUTHORITY in options, after, before)


def _options(text: str, where: str) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for name, value in _split(text, where):
        if name in found:
            raise InvalidRequest(f"{where} has {name} twice", cure="Remove one of them.")
        if name not in _KEYWORDS or (value is None) != (name == _CERT_AUTHORITY):
            raise InvalidRequest(
                f"{where}: {display_text(name)} is not an option of allowed signers",
                cure='Use cert-authority, namespaces="...", valid-after="..." and valid-before="..." only.',
            )
        found[name] = value or ""
    return found


def _split(text: str, where: str) -> List[Tuple[str, Optional[str]]]:
    parts, at = [], 0
    while at < len(text):
        match = _OPTION.match(text, at)
        if match is None or (match.end() == len(text) and text.endswith(",")):
            raise InvalidRequest(f"{where}: its options cannot be read: {display_text(text)}", cure=_FORM)
        parts.append((match["name"].lower(), match["value"]))
        at = match.end()
    return parts


def _limit(text: str, name: str, where: str) -> str:
    digits = text[:-1] if text.endswith("Z") else text
    try:
        if text:
            time.strptime(digits, _TIME_FORMATS[len(digits)])
    except (KeyError, ValueError):
        raise InvalidRequest(
            f"{where}: {name}={display_text(text)} is not a time",
            cure="Write it as YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC.",
        ) from None
    return text


class RevokedKeys(NamedTuple):
    """The content of a file of revoked keys. binary: whether it is a key revocation list (KRL), else a list of keys."""

    content: bytes
    binary: bool


def read_signer_lines(path: str, option: str) -> List[str]:
    """Return the lines of a file of allowed signers. Raises TrustStoreUnreadable, PinStoreUnsafe."""
    return _read(path, option).decode("utf-8", "surrogateescape").split("\n")


def read_revoked(path: str, option: str) -> RevokedKeys:
    """Return the revoked keys. Raises TrustStoreUnreadable, PinStoreUnsafe."""
    keys = revoked_keys(_read(path, option))
    if not keys.binary:
        _check_list(keys.content, path, option)
    return keys


def revoked_keys(content: bytes) -> RevokedKeys:
    """Return the keys of a file that was checked when it was read."""
    return RevokedKeys(content, binary=content.startswith(_KRL_MAGIC))


def _check_list(content: bytes, path: str, option: str) -> None:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    if not content.strip():
        raise _unusable(path, option, "is empty: it would revoke nothing")
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#") and not _is_key(line):
            raise _unusable(path, option, f"line {number} is not a public key, and the file is not a whole KRL")


def _is_key(line: str) -> bool:
    words = line.split()
    try:
        return len(words) > 1 and bool(parse_public_key(words[0], words[1]))
    except ValueError:
        return False


def _read(path: str, option: str) -> bytes:
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        descriptor = os.open(local_path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(path, option, error.strerror or str(error)) from None
    try:
        _check(path, option, os.fstat(descriptor))
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise _unusable(path, option, error.strerror or str(error)) from None
    finally:
        os.close(descriptor)


def _check(path: str, option: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise _unusable(path, option, f"is not a regular file of at most {_LARGEST >> 20} MiB")
    if status.st_mode & _OTHERS_WRITE or status.st_uid not in (0, os.geteuid()):
        raise PinStoreUnsafe(
            f"{option}: others may write {display_text(path)} (uid {status.st_uid}, "
            f"mode {stat.S_IMODE(status.st_mode):04o})",
            cure="Check its lines, then make it yours with chown and chmod go-w.",
        )


def _unusable(path: str, option: str, fact: str) -> TrustStoreUnreadable:
    return TrustStoreUnreadable(
        f"{option}: {display_text(local_path(path))}: {fact}", cure=f"Set {option} to a whole, current file."
    )

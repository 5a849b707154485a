# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allowed signers in ssh-keygen(1)'s form (ALLOWED SIGNERS), read more strictly than ssh-keygen reads them.

A line without `namespaces=` makes the key good for every purpose: a signature that its owner made of a git commit would
then count as one of a manifest. Such lines are refused. ssh-keygen never sees the operator's text, only lines that are
written here from the checked parts.
"""

from __future__ import annotations

import re
import time
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest
from ..model.display import display_text
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
        options.append('%s="%s"' % (_NAMESPACES, self.namespaces))
        limits = zip(_TIMES, (self.valid_after, self.valid_before)) if timed else ()
        options += ['%s="%s"' % (name, value) for name, value in limits if value]
        return "%s %s %s\n" % (self.principals, ",".join(options), self.key.text)


def signers_text(signers: Iterable[AllowedSigner], *, timed: bool = True) -> str:
    """Return the lines for ssh-keygen. timed: with the limits of validity."""
    return "".join(signer.text(timed=timed) for signer in signers)


def parse_signers(lines: Iterable[str], option: str) -> Tuple[AllowedSigner, ...]:
    """Return the signers of the lines; empty lines and comments are passed over. option: named in errors.

    Raises InvalidRequest.
    """
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t\r\n")]
    signers = [_signer(line, "%s: line %d" % (option, number)) for number, line in numbered if not _is_comment(line)]
    if not signers:
        raise InvalidRequest(
            "%s: names no signer" % option,
            cure='Add a line such as: release@example.com namespaces="manifest@ftp-synchronize" ssh-ed25519 AAAA...',
        )
    return tuple(signers)


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t").startswith("#")


def _signer(line: str, where: str) -> AllowedSigner:
    words = _WORDS.match(line.rstrip("\r\n"))
    if words is None:
        raise InvalidRequest("%s is not a line of allowed signers" % where, cure=_FORM)
    try:
        key = parse_public_key(words["type"], words["key"])
    except ValueError as error:
        raise InvalidRequest(
            "%s: its key is not usable: %s" % (where, error), cure="Copy the key from the signer's .pub file."
        ) from None
    if key.is_certificate:
        raise InvalidRequest(
            "%s holds a certificate" % where, cure="Use the key of the authority, with the option cert-authority."
        )
    return _with_options(words["principals"], key, _options(words["options"] or "", where), where)


_FORM = 'Write each line as: PRINCIPAL namespaces="manifest@ftp-synchronize" KEYTYPE KEY'


def _with_options(principals: str, key: PublicKey, options: Dict[str, str], where: str) -> AllowedSigner:
    namespaces = options.get(_NAMESPACES)
    if namespaces is None:
        raise InvalidRequest(
            "%s has no namespaces=: a signature that this key makes for any purpose would count" % where,
            cure='Add namespaces="manifest@ftp-synchronize" before the key type.',
        )
    if not namespaces or any(char in namespaces for char in "*?!"):
        raise InvalidRequest(
            "%s: namespaces=%s has a pattern, or nothing" % (where, display_text(namespaces)),
            cure='Name each purpose in full: namespaces="manifest@ftp-synchronize".',
        )
    after, before = (_limit(options.get(name, ""), name, where) for name in _TIMES)
    return AllowedSigner(principals, key, namespaces, _CERT_AUTHORITY in options, after, before)


def _options(text: str, where: str) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for name, value in _split(text, where):
        if name in found:
            raise InvalidRequest("%s has %s twice" % (where, name), cure="Remove one of them.")
        if name not in _KEYWORDS or (value is None) != (name == _CERT_AUTHORITY):
            raise InvalidRequest(
                "%s: %s is not an option of allowed signers" % (where, display_text(name)),
                cure='Use cert-authority, namespaces="...", valid-after="..." and valid-before="..." only.',
            )
        found[name] = value or ""
    return found


def _split(text: str, where: str) -> List[Tuple[str, Optional[str]]]:
    parts, at = [], 0
    while at < len(text):
        match = _OPTION.match(text, at)
        if match is None or (match.end() == len(text) and text.endswith(",")):
            raise InvalidRequest("%s: its options cannot be read: %s" % (where, display_text(text)), cure=_FORM)
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
            "%s: %s=%s is not a time" % (where, name, display_text(text)),
            cure="Write it as YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC.",
        ) from None
    return text

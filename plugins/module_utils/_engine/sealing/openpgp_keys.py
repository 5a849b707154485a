# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and private keys of OpenPGP, in armour. Only their form is checked here; gpg reads them."""

from __future__ import annotations

from typing import Iterable, Iterator, Tuple

from ..errors import InvalidRequest, RecipientInvalid
from ..model.sealing import Identities
from .identities import secret_texts

_CERTIFICATE = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_PRIVATE_KEY = "-----BEGIN PGP PRIVATE KEY BLOCK-----"


def certificates(texts: Iterable[str]) -> Tuple[str, ...]:
    """Return the certificates, without repetitions. Raises RecipientInvalid."""
    found = tuple(dict.fromkeys(_certificate(number, text) for number, text in enumerate(texts, 1)))
    if not found:
        raise RecipientInvalid(
            "encrypt.recipients: is empty", cure="Set encrypt.recipients to at least one certificate."
        )
    return found


def _certificate(number: int, text: str) -> str:
    if _PRIVATE_KEY in text:
        raise certificate_invalid(number, "is a private key; treat it as exposed")
    if not text.lstrip().startswith(_CERTIFICATE):
        raise certificate_invalid(number, "is not an armoured certificate")
    return _lines(text)


def certificate_invalid(number: int, fact: str) -> RecipientInvalid:
    """Return the error of one certificate, without its text."""
    return RecipientInvalid(
        "encrypt.recipients: item %d %s" % (number, fact),
        cure="Set each item of encrypt.recipients to one certificate, as gpg --armor --export prints it.",
    )


def private_keys(identities: Identities) -> Iterator[Tuple[str, str]]:
    """Yield the origin and the text of each private key. Raises InvalidRequest."""
    found = [(option, _private_key(option, text)) for option, text in secret_texts(identities)]
    if not found:
        raise InvalidRequest(
            "decrypt.identities: no identity is given",
            cure="Set decrypt.identities to at least one private key.",
        )
    yield from found


def _private_key(option: str, text: str) -> str:
    if _PRIVATE_KEY not in text:
        public = _CERTIFICATE in text
        raise private_key_invalid(option, "is a certificate" if public else "is not an armoured private key")
    return _lines(text)


def private_key_invalid(option: str, fact: str) -> InvalidRequest:
    """Return the error of one private key, without its text."""
    name = option.partition(":")[0]
    return InvalidRequest(
        "%s %s" % (option if ":" in option else option + ":", fact),
        cure="Set %s to private keys, as gpg --armor --export-secret-keys prints them." % name,
    )


def _lines(text: str) -> str:
    """Return the text with its lines ended by LF."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"

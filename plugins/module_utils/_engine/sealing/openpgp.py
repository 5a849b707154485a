# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenPGP files by gpg, for partners that have no age.

Sealed files have the form of RFC 4880: integrity protection of version 1 (SEIPD), AES-256, no compression, no
signature. Newer forms (OCB) are not read by many products of partners.

A file counts as opened only if gpg ended well and reported exactly one message that was encrypted, whole and decrypted:
gpg passes on plaintext before it finds damage, and it ends well for messages that were never encrypted. Signatures
inside a message are not checked.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator, List

from ..errors import InvalidRequest, OperationFailed
from ..model.sealing import OPENPGP, Identities, Recipients
from .gpg import Gpg, complaint, statuses
from .openpgp_keys import certificate_invalid, certificates, private_key_invalid, private_keys
from .piped_program import Ended, once
from .provider import Read, Write, not_for_us, sealed_damaged
from .recipients import recipients_digest

_ENCRYPT = ("--rfc4880", "--cipher-algo", "AES256", "-z", "0", "--output", "-", "--encrypt")
_DECRYPT = ("--skip-verify", "--output", "-", "--decrypt")
_VALIDITIES = {b"e": "has expired", b"r": "is revoked"}
_NO_KEY = "No secret key"  # GnuPG 2.2 has no status for it
_LOCKED = ("Bad passphrase", "No passphrase given")


class OpenPgpSealer:
    """Seals files for certificates."""

    def __init__(self, recipients: Recipients) -> None:
        texts = certificates(recipients.texts)
        self.recipients_digest = recipients_digest(OPENPGP, texts)
        self._gpg = Gpg()
        with _closed_on_error(self._gpg):
            self._words = [word for number, text in enumerate(texts, 1) for word in self._recipient(number, text)]

    def _recipient(self, number: int, text: str) -> List[str]:
        """Return the option of a certificate that gpg encrypts to. Raises RecipientInvalid."""
        listed: List[bytes] = []
        self._gpg.run(["--with-colons", "--show-keys"], once(text.encode()), listed.append)
        found = [line.split(b":")[1] for line in b"".join(listed).splitlines() if line.startswith(b"pub:")]
        if len(found) != 1:
            fact = "has %d certificates" % len(found) if found else "is not a certificate that gpg can read"
            raise certificate_invalid(number, fact)
        words = ["--recipient-file", self._gpg.guard.write("%d.asc" % number, text)]
        ended = self._gpg.run([*words, *_ENCRYPT], once(b""), len)
        if ended.status:
            fact = "has no valid key for encryption: %s" % complaint(ended)
            raise certificate_invalid(number, _VALIDITIES.get(found[0], fact))
        return words

    def seal(self, read: Read, write: Write) -> None:
        ended = self._gpg.run([*self._words, *_ENCRYPT], read, write)
        if ended.status or not ended.whole or "END_ENCRYPTION" not in statuses(ended):
            raise _failed(ended)

    def close(self) -> None:
        self._gpg.close()


class OpenPgpOpener:
    """Opens files with private keys, which an agent holds in memory."""

    def __init__(self, identities: Identities) -> None:
        keys = list(private_keys(identities))
        self._passphrase = _passphrase(identities)
        self._gpg = Gpg(in_memory=True)
        with _closed_on_error(self._gpg):
            self._gpg.start_agent()
            for option, text in keys:
                for fingerprint in self._import(option, text):
                    self._unlock(option, fingerprint)

    def _import(self, option: str, text: str) -> List[str]:
        """Return the fingerprints of the private keys. Raises InvalidRequest."""
        ended = self._gpg.run(["--import"], once(text.encode()), len, passphrase=self._passphrase)
        words = [line.split() for line in ended.answers.splitlines()]
        # A sum of numbers; 16: it has a private key.
        found = [each[3] for each in words if each[1:2] == ["IMPORT_OK"] and int(each[2]) & 16]
        if not found:
            raise private_key_invalid(option, "is not a private key that gpg can read")
        return found

    def _unlock(self, option: str, fingerprint: str) -> None:
        """Raise InvalidRequest if the passphrase is wrong."""
        words = ["--dry-run", "--passwd", fingerprint]
        ended = self._gpg.run(words, once(b""), len, passphrase=self._passphrase)
        if any(text in ended.messages for text in _LOCKED):
            fact = "is wrong for the private key" if self._passphrase else "is missing for the private key"
            raise InvalidRequest(
                "decrypt.passphrase: %s of %s" % (fact, option),
                cure="Set decrypt.passphrase to the passphrase of this key.",
            )

    def open(self, read: Read, write: Write) -> None:
        ended = self._gpg.run(_DECRYPT, read, write, passphrase=self._passphrase)
        found = statuses(ended)
        if ended.status < 0 or "gpg-agent" in ended.messages:
            raise _failed(ended)
        if "DECRYPTION_KEY" not in found and ("NO_SECKEY" in found or _NO_KEY in ended.messages):
            raise not_for_us()
        if ended.status or not ended.whole or not _is_one_message(found):
            raise sealed_damaged(complaint(ended) if ended.status else "it is not an encrypted message")

    def close(self) -> None:
        self._gpg.close()


def _passphrase(identities: Identities) -> str:
    text = identities.passphrase or ""
    if "\n" in text or "\0" in text:
        raise InvalidRequest(
            "decrypt.passphrase: must not hold a line break", cure="Strip the value of decrypt.passphrase."
        )
    return text


def _is_one_message(found: List[str]) -> bool:
    """Return whether the status lines are of a single message, whose content was encrypted, whole and decrypted."""
    steps = [each for each in found if each in ("BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY", "END_DECRYPTION")]
    return steps == ["BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY", "END_DECRYPTION"]


@contextmanager
def _closed_on_error(gpg: Gpg) -> Iterator[None]:
    try:
        yield
    except BaseException:
        gpg.close()
        raise


def _failed(ended: Ended) -> OperationFailed:
    return OperationFailed(
        "gpg ended with status %d: %s" % (ended.status, complaint(ended)), cure="Check GnuPG on this host."
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenPGP files by gpg, for partners that have no age.

Sealed files have the form of RFC 4880: integrity protection of version 1 (SEIPD), AES-256, no compression, no
signature. Newer forms (OCB) are not read by many products of partners.

A file counts as opened only if gpg ended well and reported exactly one message that was encrypted, whole and
decrypted: gpg passes on plaintext before it finds damage, and it ends well for messages that were never encrypted.
Signatures inside a message are not checked.

gpg runs in a home of its own, which ends with this process: an empty private directory, so that no key, option or
trust of the user counts. gpg never starts an agent. Where a private key is used, the agent is started here, in a
process group that a guard ends on every path, also if this process is killed; and the home is on a file system in
memory.

Of certificates and private keys, in armour, only the form is checked here; gpg reads them.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import Iterable, Iterator, List, Optional, Sequence, Tuple

from ..errors import InvalidRequest, OperationFailed, RecipientInvalid
from ..model.display import display_text
from ..model.request import OPENPGP, Identities, Recipients
from ..system.child_processes import ChildProcesses
from ..system.program import ask_program
from .identities import secret_texts
from .piped_program import Ended, find_program, once, run_piped
from .provider import Read, Write, not_for_us, recipients_digest, sealed_damaged

_ENCRYPT = ("--rfc4880", "--cipher-algo", "AES256", "-z", "0", "--output", "-", "--encrypt")
_DECRYPT = ("--skip-verify", "--output", "-", "--decrypt")
_VALIDITIES = {b"e": "has expired", b"r": "is revoked"}
_NO_KEY = "No secret key"  # GnuPG 2.2 has no status for it
_LOCKED = ("Bad passphrase", "No passphrase given")
_OLDEST = (2, 2)
_STATUS = "[GNUPG:] "
_ALWAYS = ("--batch", "--no-tty", "--no-options", "--no-autostart", "--quiet")
# A passphrase is needed for each file, and many rounds take 0.1 s each time; they only protect this home.
_AGENT = ("--no-detach", "--disable-scdaemon", "--quiet", "--s2k-count", "65536")
_NO_PERSON = ("--pinentry-mode", "loopback", "--passphrase-fd")
_CERTIFICATE = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_PRIVATE_KEY = "-----BEGIN PGP PRIVATE KEY BLOCK-----"


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
            fact = f"has {len(found)} certificates" if found else "is not a certificate that gpg can read"
            raise certificate_invalid(number, fact)
        words = ["--recipient-file", self._gpg.guard.write(f"{number}.asc", text)]
        ended = self._gpg.run([*words, *_ENCRYPT], once(b""), len)
        if ended.status:
            fact = f"has no valid key for encryption: {complaint(ended)}"
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
                f"decrypt.passphrase: {fact} of {option}",
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
        f"gpg ended with status {ended.status}: {complaint(ended)}", cure="Check GnuPG on this host."
    )


class Gpg:
    """gpg with an empty home. in_memory: for private keys"""

    def __init__(self, *, in_memory: bool = False) -> None:
        self._program = _find("gpg")
        self.guard = ChildProcesses(in_memory=in_memory)
        self._home = self.guard.path("home")
        os.mkdir(self._home, 0o700)

    def run(self, words: Sequence[str], read: Read, write: Write, *, passphrase: Optional[str] = None) -> Ended:
        """Run gpg with `words`. Its status lines are the answers.

        passphrase: for the agent, which asks no person
        """

        def command(given: Sequence[int], answers: int) -> List[str]:
            secret = [word for end in given for word in (*_NO_PERSON, str(end))]
            return [self._program, *_ALWAYS, "--homedir", self._home, "--status-fd", str(answers), *secret, *words]

        secrets = [] if passphrase is None else [passphrase.encode("utf-8", "surrogateescape") + b"\n"]
        return run_piped(self.guard, command, read, write, secrets=secrets)

    def start_agent(self) -> None:
        """Start the agent of this home. It is ready when the started process has ended and left it behind."""
        program, settings = _find("gpg-agent"), _find("gpgconf")
        sockets = ask_program(settings, "--homedir", self._home, "--list-dirs", "socketdir").out.strip()
        if os.path.basename(sockets).startswith("d."):  # outside of the home, named after its path
            self.guard.remove_too(sockets)
        agent = self.guard.start(
            [program, "--homedir", self._home, *_AGENT, "--daemon"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Not reaped: its number goes on naming the group of the agent.
        ended = os.waitid(os.P_PID, agent.pid, os.WEXITED | os.WNOWAIT)
        if ended is None or ended.si_status:
            raise OperationFailed("gpg-agent did not start", cure="Check the program gpg-agent on this host.")

    def close(self) -> None:
        self.guard.close()


def statuses(ended: Ended) -> List[str]:
    """Return the keywords of the status lines, in their order."""
    lines = [line[len(_STATUS) :] for line in ended.answers.splitlines() if line.startswith(_STATUS)]
    return [line.split(" ", 1)[0] for line in lines]


def complaint(ended: Ended) -> str:
    """Return the last message of gpg."""
    lines = [line.partition("gpg: ")[2] for line in ended.messages.splitlines() if line.startswith("gpg: ")]
    return display_text(lines[-1]) if lines else "it gave no reason"


def _find(name: str) -> str:
    return find_program(
        name,
        _OLDEST,
        needs=f"format: openpgp needs the program {name}",
        cure="Install GnuPG 2.2 or newer on this host.",
    )


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
        f"encrypt.recipients: item {number} {fact}",
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
        cure=f"Set {name} to private keys, as gpg --armor --export-secret-keys prints them.",
    )


def _lines(text: str) -> str:
    """Return the text with its lines ended by LF."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification of a signature by `ssh-keygen -Y verify`, over all bytes of a file.

Exit statuses alone decide. If the signature is refused, further calls with fewer conditions show which condition it
failed: the program, then the signature itself, then the signer, then the revoked keys, then the time. Time is always
now: a stolen key that has expired could otherwise sign with an old date. Only those further calls set the time, for a
certificate that has expired.

ssh-keygen must be new enough. It does not print a version; the `ssh` that is installed with it does. A signature has
the key in OpenSSH's form (PROTOCOL.sshsig):

"SSHSIG" | uint32 version | string public key or certificate | ...
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import time
from contextlib import AbstractContextManager, nullcontext
from typing import IO, List, NamedTuple, Optional, Tuple, Union

from ..errors import (
    ClientMissing,
    OperationFailed,
    SignatureInvalid,
    SignerExpired,
    SignerRevoked,
    SignerUnknown,
    TrustStoreUnreadable,
)
from ..ssh.stream import openssh_version
from ..trust.fingerprint import Validity, validity
from .purpose import MANIFESTS, Purpose, seconds_to_hash
from .signers import AllowedSigner, RevokedKeys, signers_text

Signed = Union[str, IO[bytes]]

_SECONDS = 600
_FINGERPRINT = re.compile(rb"SHA256:[A-Za-z0-9+/]{43}")
_ANY_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOrVVZ9XjbJVLRqgR4eGIySp4lW4PMrqfvxHlSfFlHUM\n"
"""A key without an owner, for the question whether a KRL can be read."""
_MOMENT = "verify-time="
"""Option of ssh-keygen, which reads it in its time zone. Local time has an hour that comes twice a year."""
_COMPROMISE = "Ask the sender; the server, or an account that can write there, may have changed it."
OLDEST_KEYGEN = (8, 7)
"""valid-after and valid-before came with 8.7, -Y verify with 8.2. An older ssh-keygen refuses every line with them."""
INSTALL = "Install an OpenSSH client, %d.%d or newer, on this host." % OLDEST_KEYGEN
_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG" + (1).to_bytes(4, "big")


class SignaturePolicy(NamedTuple):
    """Whose signature counts.

    principal: the signer's name
    signers: the keys of all known signers
    revoked: keys that no longer count
    purpose: of the signature
    """

    principal: str
    signers: Tuple[AllowedSigner, ...]
    revoked: Optional[RevokedKeys] = None
    purpose: Purpose = MANIFESTS


class SignatureVerifier:
    """Verifies signatures. directory: a private directory, which gets the files for ssh-keygen."""

    def __init__(self, policy: SignaturePolicy, directory: str) -> None:
        self._policy = policy
        self._directory = directory
        self._signers = self._write("allowed_signers", signers_text(policy.signers).encode())
        self._revoked = [] if policy.revoked is None else ["-r", self._write("revoked_keys", policy.revoked.content)]

    def verify(self, signed: Signed, signature: str) -> str:
        """Return the fingerprint of the key that signed the file `signed`, open or by its name. signature: its file.

        Raises SignatureInvalid, SignerUnknown, SignerRevoked, SignerExpired, TrustStoreUnreadable, ClientMissing.
        """
        completed = self._verify(self._signers, self._revoked, signed, signature)
        match = _FINGERPRINT.search(completed.stdout) if completed.returncode == 0 else None
        if match is None:
            self._explain(signed, signature)
            raise SignatureInvalid(f"the signature of the {self._policy.purpose.subject} is refused", cure=_COMPROMISE)
        return match.group().decode()

    def _explain(self, signed: Signed, signature: str) -> None:
        """Raise the error of the first condition that the signature fails."""
        require_new_keygen()
        principal, purpose = self._policy.principal, self._policy.purpose
        if self._run("check-novalidate", ["-n", purpose.namespace], signed, signature).returncode:
            raise SignatureInvalid(
                f"the signature is not a signature of this {purpose.subject}, made for {purpose.namespace}",
                cure=_COMPROMISE,
            )
        timeless = self._write("known_signers", signers_text(self._policy.signers, timed=False).encode())
        moment = _moment_of_validity(signature)
        if self._verify(timeless, moment, signed, signature).returncode:
            raise SignerUnknown(
                f"the key of the signature is none of the allowed keys of {principal}",
                cure="Compare it with the sender's key; if it is their new key, add its line to allowed_signers.",
            )
        self._require_readable_krl()
        if self._verify(timeless, [*moment, *self._revoked], signed, signature).returncode:
            raise SignerRevoked(
                "the key of the signature is revoked",
                cure="Ask the sender to sign with a new key, and do not use the files.",
            )
        raise SignerExpired(
            "the key of the signature is not valid at this time",
            cure="Ask the sender for the new key, or correct valid-after and valid-before; check this host's clock.",
        )

    def _require_readable_krl(self) -> None:
        """Raise TrustStoreUnreadable for a damaged KRL, by which ssh-keygen refuses every signature."""
        if self._policy.revoked is None or not self._policy.revoked.binary:
            return
        key = self._write("any_key.pub", _ANY_KEY.encode())
        if self._ssh_keygen(["-Q", "-f", self._revoked[1], key], os.devnull).returncode not in (0, 1):
            raise TrustStoreUnreadable(
                "revoked_keys_file: is damaged: it is not a whole KRL", cure="Copy revoked_keys_file again."
            )

    def _verify(
        self, signers: str, more: List[str], signed: Signed, signature: str
    ) -> subprocess.CompletedProcess[bytes]:
        options = ["-f", signers, "-I", self._policy.principal, "-n", self._policy.purpose.namespace, *more]
        return self._run("verify", options, signed, signature)

    def _run(
        self, action: str, options: List[str], signed: Signed, signature: str
    ) -> subprocess.CompletedProcess[bytes]:
        return self._ssh_keygen(["-Y", action, *options, "-s", signature], signed)

    def _ssh_keygen(self, words: List[str], standard_input: Signed) -> subprocess.CompletedProcess[bytes]:
        try:
            with _opened(standard_input) as stream:
                seconds = _SECONDS + seconds_to_hash(stream)
                # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
                return subprocess.run(
                    ["ssh-keygen", *words],
                    stdin=stream,
                    capture_output=True,
                    timeout=seconds,
                    check=False,
                    env={**os.environ, "TZ": "UTC0"} if any(word.startswith(_MOMENT) for word in words) else None,
                )
        except FileNotFoundError:
            raise ClientMissing("verify: needs the program ssh-keygen", cure=INSTALL) from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OperationFailed(f"ssh-keygen: {error}", cure="Check the OpenSSH client on this host.") from None

    def _write(self, name: str, content: bytes) -> str:
        path = os.path.join(self._directory, name)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return path


def _moment_of_validity(signature: str) -> List[str]:
    """Return the option that sets the time to one when the certificate of the signature is valid; [] without need."""
    with open(signature, "rb") as file:
        times = signature_validity(file.read())
    if times is None or times.after <= time.time() < times.before:
        return []
    moment = max(times.after, 1)  # ssh-keygen reads 0 as now
    try:
        return ["-O", time.strftime(_MOMENT + "%Y%m%d%H%M%S", time.gmtime(moment))]
    except (OverflowError, ValueError, OSError):
        return []


def _opened(signed: Signed) -> AbstractContextManager[IO[bytes]]:
    """Return the file at its beginning."""
    if isinstance(signed, str):
        return open(signed, "rb")
    signed.seek(0)
    return nullcontext(signed)


def require_new_keygen() -> None:
    """Raise ClientMissing if the OpenSSH on PATH is known to be too old."""
    version = openssh_version()
    if version is not None and version < OLDEST_KEYGEN:
        raise ClientMissing("verify: the ssh-keygen of OpenSSH %d.%d is too old" % version, cure=INSTALL)


def signature_validity(armoured: bytes) -> Optional[Validity]:
    """Return the validity of the certificate in a signature; None for a plain key, or for another text."""
    try:
        blob = _string(_unarmoured(armoured), len(_MAGIC))
        return validity(_string(blob, 0).decode("ascii"), blob)
    except ValueError:
        return None


def _unarmoured(armoured: bytes) -> bytes:
    start, end = armoured.index(_BEGIN) + len(_BEGIN), armoured.index(_END)
    content = base64.b64decode(armoured[start:end])
    if not content.startswith(_MAGIC):
        raise ValueError("it is no signature of version 1")
    return content


def _string(data: bytes, position: int) -> bytes:
    """Return the string at a position (RFC 4251 section 5)."""
    start = position + 4
    return data[start : start + int.from_bytes(data[position:start], "big")]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures in OpenSSH's form (PROTOCOL.sshsig), made by ssh-keygen.

1. A key from a file or as text goes into an ssh-agent of this run (`ssh/agent`), its passphrase through askpass:
   neither is in an argument, in the environment or in a new file. A key that the user's own ssh-agent holds, in a token
   too, is named by its public key.
2. The agent lists the key. A key that does not decrypt or is not there is found here, before any file is transferred.
3. ssh-keygen -Y sign signs the content of a file, with SHA-512 inside, for one purpose (namespace).
4. ssh-keygen -Y check-novalidate reads the signature: it counts only if it is of these bytes and of the expected key.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from typing import IO, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest, SigningFailed, SyncError
from ..model.display import display_text
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from ..model.request import Signing
from ..ssh.agent import start_key_agent
from ..ssh.inputs import check_key_files
from ..ssh.openssh_messages import Askpass
from ..system.child_processes import ChildProcesses
from ..trust.fingerprint import PublicKey, parse_public_key
from .purpose import Purpose, seconds_to_hash

_SECONDS = 120.0
"""Time for one program; a person may have to touch a token or confirm the use of a key."""
_LONGEST_KEY = 1 << 16


class _Ended(NamedTuple):
    status: int
    out: bytes
    err: str


class Signer:
    """The key of a task. Nothing runs before `open`. option: named in errors."""

    def __init__(self, signing: Signing, *, option: str = "sign", seconds: float = _SECONDS) -> None:
        self._signing = signing
        self._option = option
        self._seconds = seconds
        self._guard: Optional[ChildProcesses] = None
        self._askpass: Optional[Askpass] = None
        self._agent = ""
        self._key: Optional[PublicKey] = None

    def open(self) -> PublicKey:
        """Make the key ready and return its public part; may be called again. Raises SigningFailed."""
        if self._key is None:
            try:
                self._key = self._load()
            except SigningFailed:
                raise
            except (SyncError, OSError) as error:
                raise self._failed(*self._in_the_words_of_the_task(error)) from error
        return self._key

    def _load(self) -> PublicKey:
        guard = self._guard = ChildProcesses()
        wanted = self._given()
        if wanted is None:
            self._askpass = Askpass(guard)
            self._agent = start_key_agent(guard, self._askpass, self._credentials(), certified=self._certified)
        else:
            self._agent = os.environ.get("SSH_AUTH_SOCK", "")
        key = self._held(wanted)
        guard.write("signing.pub", key.text + "\n")
        return key

    def _in_the_words_of_the_task(self, error: Exception) -> Tuple[str, str]:
        """Return fact and cure. The agent takes a key as text, also where the task names a file."""
        words = (getattr(error, "message", str(error)), getattr(error, "cure", ""))
        if self._signing.private_key_file is None:
            return words
        fact, cure = (re.sub(r"\bprivate_key\b", "private_key_file", each) for each in words)
        return fact, cure

    @property
    def _certified(self) -> bool:
        return self._signing.certificate_file is not None

    def _given(self) -> Optional[PublicKey]:
        """Return the key that the user's own agent has to hold; None if the run has the private key."""
        text, name = self._signing.public_key, self._signing.certificate_file
        if text is None:
            return None
        return _public_key("public_key", text) if name is None else _public_key("certificate_file", _content(name))

    def _credentials(self) -> Credentials:
        name = self._signing.private_key_file
        credentials = Credentials(
            private_key_file=name,
            private_key=self._signing.private_key if name is None else None,
            passphrase=self._signing.passphrase,
            certificate_file=self._signing.certificate_file,
        )
        check_key_files(credentials)
        return credentials if name is None else credentials._replace(private_key=_content(name))

    def _held(self, wanted: Optional[PublicKey]) -> PublicKey:
        """Return the key of the agent: the wanted key, else the only key, or its certificate. Raises SigningFailed."""
        if not self._agent:
            raise self._failed(
                "public_key: there is no ssh-agent", "Start ssh-agent, and set SSH_AUTH_SOCK for this task."
            )
        listed = self._run(["ssh-add", "-L"])
        if listed.status not in (0, 1):
            raise self._failed(f"ssh-agent does not answer: {_last_line(listed.err)}", "Start ssh-agent again.")
        keys = [key for key in map(_line_key, listed.out.decode("utf-8", "replace").splitlines()) if key is not None]
        for key in keys:
            if key == wanted or (wanted is None and key.is_certificate == self._certified):
                return key
        if wanted is None:
            raise self._failed("certificate_file: is not for this private key", "Have this key certified.")
        raise self._failed(f"public_key: ssh-agent does not hold {wanted.fingerprint}", "Add the key with ssh-add.")

    def sign(self, content: bytes, purpose: Purpose) -> bytes:
        """Return the armoured signature of `content`. Raises SigningFailed."""
        with self._file_of(content) as file:
            return self.sign_file(file, purpose)

    def sign_file(self, file: IO[bytes], purpose: Purpose) -> bytes:
        """Return the armoured signature of all bytes of a file of any size. Raises SigningFailed."""
        key = self.open()
        signed = self._run(["ssh-keygen", "-Y", "sign", "-n", purpose.namespace, "-f", self._path("signing.pub")], file)
        if signed.status:
            raise self._failed(
                f"ssh-keygen makes no signature: {_last_line(signed.err)}", "Check the key and its agent."
            )
        if not self.has_signed_file(key.fingerprint, file, signed.out, purpose):
            raise self._failed(
                f"the signature is not of the key {key.fingerprint}", "Look for the cause in ssh-agent or the token."
            )
        return signed.out

    def is_made_by(self, fingerprint: str, content: bytes, signature: bytes, purpose: Purpose) -> bool:
        with self._file_of(content) as file:
            return self.has_signed_file(fingerprint, file, signature, purpose)

    def has_signed_file(self, fingerprint: str, file: IO[bytes], signature: bytes, purpose: Purpose) -> bool:
        """Do as `is_made_by` for all bytes of a file."""
        self.open()
        with open(self._path("signature"), "wb") as copy:
            copy.write(signature)
        words = ["ssh-keygen", "-Y", "check-novalidate", "-n", purpose.namespace, "-s", self._path("signature")]
        checked = self._run(words, file)
        return checked.status == 0 and fingerprint.encode() in checked.out.split()

    @contextmanager
    def _file_of(self, content: bytes) -> Iterator[IO[bytes]]:
        self.open()
        with tempfile.TemporaryFile(dir=self._running.directory) as file:
            file.write(content)
            file.flush()
            yield file

    def _path(self, name: str) -> str:
        return self._running.path(name)

    @property
    def _running(self) -> ChildProcesses:
        if self._guard is None:
            raise AssertionError("the signer is not open")
        return self._guard

    def _run(self, words: List[str], given: Optional[IO[bytes]] = None) -> _Ended:
        """Run a program with all bytes of a file on its standard input. Raises SigningFailed."""
        program = shutil.which(words[0])
        if program is None:
            raise self._failed(
                f"{words[0]} is not on PATH", "Install the OpenSSH client on the host that runs the task."
            )
        if given is not None:
            given.seek(0)
        child = self._running.start(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL if given is None else given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
        )
        return _Ended(*self._end(child, words[0], self._seconds + (0 if given is None else seconds_to_hash(given))))

    def _end(self, child: subprocess.Popen[bytes], name: str, seconds: float) -> Tuple[int, bytes, str]:
        with child:  # which closes the pipes
            try:
                out, err = child.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise self._failed(f"{name} did not end within {seconds:g} s", "Check ssh-agent.") from None
            finally:
                self._running.end(child)
        return child.returncode, out, err.decode("utf-8", "replace")

    def _environment(self) -> Dict[str, str]:
        """No program may ask a person: a passphrase was given to the agent before."""
        return dict(os.environ, LC_ALL="C", SSH_AUTH_SOCK=self._agent, SSH_ASKPASS_REQUIRE="never")

    def _failed(self, message: str, cure: str) -> SigningFailed:
        return SigningFailed(f"{self._option}: {message}", cure=cure)

    def close(self) -> None:
        """End the agent and remove all files; may be called twice."""
        if self._askpass is not None:
            self._askpass.close()
        if self._guard is not None:
            self._guard.close()


def _content(name: str) -> str:
    with open(local_path(name), encoding="utf-8", errors="surrogateescape") as file:
        return file.read(_LONGEST_KEY)


def _public_key(option: str, text: str) -> PublicKey:
    key = _line_key(text)
    if key is None:
        raise InvalidRequest(
            f"{option}: {display_text(text.strip()[:40])} is not a line with a public key",
            cure="Set it to the line of a .pub file.",
        )
    return key


def _line_key(line: str) -> Optional[PublicKey]:
    words = line.split(None, 2)
    try:
        return parse_public_key(words[0], words[1]) if len(words) > 1 else None
    except ValueError:
        return None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Signing data")]
    return display_text(lines[-1]) if lines else "it gave no reason"

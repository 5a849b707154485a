# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login over a paramiko transport whose peer is already proven: every credential once, in ssh's order."""

from __future__ import annotations

import contextlib
import io
import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Generator, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import AuthenticationFailed, PrivateKeyUnusable, SyncError
from ..model.display import display_text
from ..model.endpoint import Credentials
from ..model.local_path import home_directory, local_path
from .login_errors import question_unanswered, step_missing
from .paramiko_config import library

if TYPE_CHECKING:
    from .user_certificate import UserCertificate

_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_ENCRYPTED = re.compile(r"^(Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----)", re.MULTILINE)
_ONE_TIME = re.compile(r"code|token|one.?time|otp|pin\b|verif|challenge", re.IGNORECASE)


class Login(NamedTuple):
    """Who logs in where.

    password: None for jump hosts, which never get it
    where: for messages
    """

    username: str
    where: str
    password: Optional[str]


class Keys(NamedTuple):
    """The private keys for a login.

    own: the keys of the task, loaded
    files: the user's own key files, for a task without keys
    """

    own: List[Any]
    files: Tuple[str, ...] = ()


def load_keys(credentials: Credentials) -> List[Any]:
    """Return the task's own private key with its certificate; raises PrivateKeyUnusable. Empty if the task names
    none."""
    if credentials.private_key is not None:
        return [_with_certificate(_parse("private_key", credentials.private_key, credentials), credentials, None)]
    if credentials.private_key_file is not None:
        path = local_path(credentials.private_key_file)
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            key = _parse(f'"{display_text(credentials.private_key_file)}"', file.read(), credentials)
        return [_with_certificate(key, credentials, path + "-cert.pub")]
    return []


def _parse(name: str, text: str, credentials: Credentials) -> Any:
    paramiko = library()
    text = text.replace("\r\n", "\n").strip() + "\n"
    needs_passphrase = _ENCRYPTED.search(text) is not None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), password=credentials.passphrase or None)
        except paramiko.PasswordRequiredException:
            needs_passphrase = True
        except Exception:  # noqa: S112 - another type, a wrong passphrase or not a key: the exceptions do not differ
            continue
    if needs_passphrase and not credentials.passphrase:
        raise PrivateKeyUnusable(f"{name} is encrypted and has no passphrase", cure="Set passphrase.")
    if credentials.passphrase:
        raise PrivateKeyUnusable(f"passphrase: does not decrypt {name}, or it is not a key", cure="Check passphrase.")
    raise PrivateKeyUnusable(f"{name} is not a private key that paramiko can read", cure="Set it to the whole key.")


def _with_certificate(key: Any, credentials: Credentials, beside: Optional[str]) -> Any:
    if not credentials.has_certificate and beside is not None and os.path.isfile(beside):
        credentials = Credentials(certificate_file=beside)
    certificate = _certificate(credentials)
    if certificate is not None:
        certificate.require(certifies=key.asbytes() == certificate.key.plain.blob)
        key.load_certificate(certificate.text)
    return key


def _certificate(credentials: Credentials) -> Optional[UserCertificate]:
    """Return the certificate of the task; its code is loaded only if there is any."""
    if not credentials.has_certificate:
        return None
    from .user_certificate import user_certificate  # pylint: disable=import-outside-toplevel

    return user_certificate(credentials)


def log_in(transport: Any, login: Login, credentials: Credentials, keys: Keys) -> None:
    """Authenticate; raises AuthenticationFailed. The server's key has been verified before."""
    paramiko = library()
    attempt = _Attempt(transport, login)
    if attempt.run("none", lambda: transport.auth_none(login.username)):
        return
    with contextlib.closing(_offered(credentials, keys, login)) as offered:
        for key in offered:
            if attempt.run("publickey", partial(transport.auth_publickey, login.username, key)):
                return
            if attempt.partial:
                break
    if login.password is not None and _password(attempt, transport, login):
        return
    if not transport.is_active():
        raise AuthenticationFailed(
            f"{login.where} ended the connection during the login of {display_text(login.username)}",
            cure="Set private_key_file, to offer fewer keys.",
        ) from paramiko.AuthenticationException()
    raise _explained(attempt.refused(), credentials)


def _explained(error: SyncError, credentials: Credentials) -> SyncError:
    from .user_certificate import explained  # pylint: disable=import-outside-toplevel

    return explained(error, credentials)


def _password(attempt: _Attempt, transport: Any, login: Login) -> bool:
    """Log in by "password", else by "keyboard-interactive"; both only if the server wants both."""
    answered: List[str] = []

    def answer(_title: str, _instructions: str, prompts: List[Any]) -> List[str]:
        refused = display_text(login.username) if attempt.key_is_refused else ""
        return [_reply(login, str(text), answered, refused) for text, _echo in prompts]

    ways: List[Any] = [
        ("password", lambda: transport.auth_password(login.username, login.password, fallback=False)),
        ("keyboard-interactive", lambda: transport.auth_interactive(login.username, answer)),
    ]
    for method, action in ways:
        attempt.partial = False
        if method in attempt.allowed:
            if attempt.run(method, action):
                return True
            if not attempt.partial:
                return False
    return False


def _reply(login: Login, prompt: str, answered: List[str], refused: str) -> str:
    if answered or ("password" not in prompt.lower() and _ONE_TIME.search(prompt)) or login.password is None:
        raise question_unanswered(login.where, prompt, refused="" if answered else refused)
    answered.append(prompt)
    return login.password


def _offered(credentials: Credentials, keys: Keys, login: Login) -> Generator[Any, None, None]:
    if keys.own:
        yield from keys.own
    elif login.password is None:
        if credentials.ssh_agent:
            with contextlib.suppress(library().SSHException), contextlib.closing(library().Agent()) as agent:
                certificate = _certificate(credentials)
                for key in agent.get_keys():
                    if certificate is not None and key.asbytes() == certificate.key.plain.blob:
                        key.load_certificate(certificate.text)
                    yield key
        yield from _default_keys(keys.files)


def _default_keys(files: Tuple[str, ...]) -> Iterator[Any]:
    for name in files or _DEFAULT_KEYS:
        path = os.path.join(home_directory(), ".ssh", os.path.expanduser(name))
        with contextlib.suppress(OSError, PrivateKeyUnusable):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                key = _parse(name, file.read(), Credentials())
            yield _with_certificate(key, Credentials(), path + "-cert.pub")


class _Attempt:
    """The server's answers so far for one login."""

    def __init__(self, transport: Any, login: Login) -> None:
        self._transport, self._login = transport, login
        self.allowed: List[str] = []
        self.partial = False
        self._accepted_step = False
        self._tried = ""
        self._offered_key = False

    @property
    def key_is_refused(self) -> bool:
        """Return whether a key was offered, and no step of the login was accepted."""
        return self._offered_key and not self._accepted_step

    def run(self, method: str, action: Callable[[], List[str]]) -> bool:
        """True when the login is complete. A method that the server does not offer is not tried."""
        paramiko = library()
        if method != "none" and (method not in self.allowed or not self._transport.is_active()):
            return False
        self._tried = method
        self._offered_key |= method == "publickey"
        try:
            more = action()
        except paramiko.BadAuthenticationType as error:
            self.allowed = list(error.allowed_types)
            return False
        except paramiko.AuthenticationException:
            return False
        if self._transport.is_authenticated():
            return True
        self.partial = self._accepted_step = True
        self.allowed = list(more)
        return False

    def refused(self) -> SyncError:
        is_password = self._tried in ("password", "keyboard-interactive")
        what = "the password" if is_password else "the login"
        who, offers = display_text(self._login.username), ",".join(self.allowed)
        missing = step_missing(self._login.where, who, offers) if self._accepted_step and not is_password else None
        return missing or AuthenticationFailed(
            f"{self._login.where} does not accept {what} of {who} (it offers: {display_text(offers)})",
            cure="Check username, and that the key or password belongs to the account.",
        )

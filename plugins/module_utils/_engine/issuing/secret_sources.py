# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a run reads from their sources before it connects: a file, a program, or a field in OpenBao.

The output of a program is the secret: it is never part of a message. Its standard error is part of the message about a
failure, without the lines of its output.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional, Sequence

from ..errors import InvalidRequest, SecretUnavailable
from ..jobs.job_file import PRIVATE, read_guarded
from ..system.limited_program import LARGEST_ERROR, run_limited

if TYPE_CHECKING:
    from .openbao import Issuer, Login

SECONDS = 30.0
"""For a program."""
_LONGEST_FACT = 300
_COMMAND_CURE = "Run %s.command by hand, as the account of the run and without a terminal."


class Field(NamedTuple):
    """A field in OpenBao.

    path: of its HTTP API, MOUNT/data/NAME in KV version 2, MOUNT/NAME in version 1
    login: without the token and the secret ID, one of which has a source
    """

    issuer: Issuer
    path: str
    name: str
    login: Login
    token_from: Optional[Source] = None
    secret_id_from: Optional[Source] = None


class Source(NamedTuple):
    """One of the first three has a value.

    file: an absolute path; command: a program and its arguments
    renew: whether the run renews the secret ID in the file
    """

    file: Optional[str] = None
    command: Sequence[str] = ()
    openbao: Optional[Field] = None
    renew: bool = False


def read_secret(option: str, source: Source, hide: Callable[[str], None], *, lines: bool = False) -> str:
    """Return the secret of a source, without the line end at its end.

    option: for errors. hide: gets each secret at once. lines: whether it may have several, as a key has
    Raises SecretUnavailable, InvalidRequest, and the errors of `kept`.
    """
    if source.openbao is not None:
        from .openbao import kept  # pylint: disable=import-outside-toplevel

        field = source.openbao
        login = whole_login(field.issuer.option, field.login, field.token_from, field.secret_id_from, hide)
        text = kept(field.issuer, login, field.path, field.name)
    else:
        content = _printed(option, source.command) if source.command else _content(option, source.file or "")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise SecretUnavailable(f"{option}: is not UTF-8", cure="Store the secret as text.") from None
    secret = text[:-1] if text.endswith("\n") else text
    secret = secret[:-1] if secret.endswith("\r") else secret
    if not secret.strip():
        raise SecretUnavailable(f"{option}: is empty", cure=f"Check the source in {option}.")
    hide(secret)
    if not lines and any(char in secret for char in "\0\r\n"):
        raise SecretUnavailable(f"{option}: has more than one line", cure=f"Let {option} give the secret alone.")
    return secret


def whole_login(
    option: str,
    login: Login,
    token_from: Optional[Source],
    secret_id_from: Optional[Source],
    hide: Callable[[str], None],
) -> Login:
    """Return the login with the secrets of its sources. Raises as read_secret."""
    if token_from is not None:
        login = login._replace(token=read_secret(f"{option}.token_from", token_from, hide))
    if secret_id_from is not None:
        login = login._replace(secret_id=read_secret(f"{option}.secret_id_from", secret_id_from, hide))
    return login


def _content(option: str, path: str) -> bytes:
    try:
        return read_guarded(path, f"{option}.file", refused=PRIVATE)
    except InvalidRequest as error:
        raise SecretUnavailable(error.message, cure=error.cure) from None


def _printed(option: str, words: Sequence[str]) -> bytes:
    """Return the output of a program that succeeds within its time."""
    program = words[0] if os.path.isabs(words[0]) else shutil.which(words[0]) or ""
    cure = _COMMAND_CURE % option
    if not os.path.isabs(program):
        raise SecretUnavailable(
            f"{option}.command: {ascii(words[0])[:80]} is not in {os.environ.get('PATH', '')}",
            cure=f"Write the absolute path of the program in {option}.command.",
        )
    try:
        ended = run_limited([program, *words[1:]], SECONDS)
    except OSError as error:
        raise SecretUnavailable(f"{option}.command: {program!a}: {error.strerror}", cure=cure) from None
    if ended.fact:
        more = "" if ended.given_up else _shown(ended.said, ended.printed)
        raise SecretUnavailable(f"{option}.command: {program!a} {ended.fact}{more}", cure=cure)
    return ended.printed


def _shown(said: bytes, printed: bytes) -> str:
    """Return the end of the standard error in one line of ASCII, in whole words: so no part of a secret remains that
    could not be recognized any more."""
    if len(said) > LARGEST_ERROR:
        return ", with more than %d KiB on standard error" % (LARGEST_ERROR >> 10)
    for line in sorted({line.strip() for line in printed.splitlines() if line.strip()}, key=len, reverse=True):
        said = said.replace(line, b"********")
    words = ascii(" ".join(said.decode("utf-8", "replace").split()))[1:-1]
    shown = words if len(words) <= _LONGEST_FACT else words[-_LONGEST_FACT:].partition(" ")[2]
    return f": {shown}" if shown else ""

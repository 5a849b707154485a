# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in options that become parts of paths and commands: of accounts, jobs and servers, and plain paths."""

from __future__ import annotations

import re

from .._engine.errors import InvalidRequest
from .._engine.system.root_owned_path import parts_of

_JOB = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}\Z")
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}\Z")
_SERVER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,253}\Z")


def plain_path(text: str) -> str:
    """Return an absolute path without anything that turns. Raises InvalidRequest."""
    return "/" + "/".join(parts_of(text))


def job_name(text: str) -> str:
    if not _JOB.match(text):
        raise InvalidRequest(
            f"job: {text!r} is not valid as the name of a job", cure="Use at most 63 characters of a-z, 0-9, _ and -."
        )
    return text


def account_name(option: str, text: str) -> str:
    """Return the account name. Raises InvalidRequest for a name that would change a path."""
    if not _ACCOUNT.match(text):
        raise InvalidRequest(
            f"{option}: {text[:80]!r} is not valid as the name of an account",
            cure="Use at most 64 characters: letters, digits and _ . @ + -.",
        )
    return text


def server_name(text: str) -> str:
    if not _SERVER.match(text):
        raise InvalidRequest(
            f"servers: {text!r} is not valid as the name of a server", cure="Use only letters, digits, _, . and -."
        )
    return text

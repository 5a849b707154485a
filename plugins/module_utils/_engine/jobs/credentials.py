# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of a job: a directory with a file for each secret, as systemd makes it (systemd.exec(5),
CREDENTIALS)."""

from __future__ import annotations

import os
from typing import Collection, Dict, Optional

from ..errors import InvalidRequest
from ..model.display import display_text
from .job_file import OTHERS_READ, OTHERS_WRITE, PRIVATE, read_guarded
from .names import credential_name

_VARIABLE = "CREDENTIALS_DIRECTORY"
PING_URL = "ping_url"
"""A credential that is no option."""


def read_credentials(directory: Optional[str], names: Collection[str], *, job: str) -> Dict[str, str]:
    """Return the secrets of a named directory, else of systemd's, by name; nothing if there is neither.

    In systemd's, a name may begin with the name of the unit of the job, to which its content is bound then.

    A file without a meaning is refused: it may be a secret with a spelling error. Raises InvalidRequest, which never
    shows a secret.
    """
    place = directory or credentials_directory()
    if not place:
        return {}
    found = _found(place, names, "" if directory else credential_name(job, ""))
    return {name: _text(place, file, named=bool(directory)) for name, file in found.items() if name != PING_URL}


def read_ping_url(directory: Optional[str], *, job: str) -> Optional[str]:
    """Return the URL for pings of a named directory, else of systemd's, if any. Raises InvalidRequest, which never
    shows it."""
    place = directory or credentials_directory()
    for name in (PING_URL, credential_name(job, PING_URL)):
        if place and os.path.lexists(os.path.join(place, name)):
            return _text(place, name, named=bool(directory))
    return None


def credentials_directory() -> str:
    """Return the directory that systemd has made for this service, or ""."""
    return os.environ.get(_VARIABLE, "")


def _found(place: str, names: Collection[str], prefix: str) -> Dict[str, str]:
    """Return the files by the names of their secrets. Raises InvalidRequest."""
    try:
        files = sorted(os.listdir(place))
    except OSError as error:
        raise InvalidRequest(
            f"credentials: {display_text(place)}: {error.strerror}", cure="Set the path of a directory."
        ) from None
    found = {file[len(prefix) :] if file.startswith(prefix) else file: file for file in files}
    for name in found:
        if name not in names and name != PING_URL:
            raise InvalidRequest(
                f"credentials: {ascii(name)[1:-1][:80]} is not the name of a secret",
                cure=f"Remove it, or use one of {', '.join(sorted(names))}.",
            )
    return found


def _text(place: str, name: str, *, named: bool) -> str:
    # systemd gives the account access by an ACL: then the mode shows the mask of the ACL as the group's rights.
    refused = PRIVATE if named else OTHERS_READ | OTHERS_WRITE
    content = read_guarded(os.path.join(place, name), f"credentials: {name}", refused=refused)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest(f"credentials: {name}: is not UTF-8", cure="Save it as text.") from None
    return text[:-1] if text.endswith("\n") else text

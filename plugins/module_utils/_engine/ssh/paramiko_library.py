# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""paramiko, if it is there; the other modules get it from here."""

from __future__ import annotations

import functools
from typing import Any, Optional

from ..errors import ClientMissing

LOG_CHANNEL = "secure_ftp_synchronize.paramiko"


@functools.cache
def _paramiko() -> Optional[Any]:
    """Import paramiko on first use: it takes longer to load than the whole collection, and OpenSSH is used by
    default."""
    try:
        import paramiko  # pylint: disable=import-outside-toplevel
    except ImportError:
        return None
    _silence()
    return paramiko


def _silence() -> None:
    """Keep logging from printing paramiko's complaints to stderr; the errors that we raise have the same facts."""
    import logging  # pylint: disable=import-outside-toplevel

    logging.getLogger(LOG_CHANNEL).addHandler(logging.NullHandler())
    logging.getLogger(LOG_CHANNEL).propagate = False


def has_paramiko() -> bool:
    """Return whether the library can be used."""
    return _paramiko() is not None


def library() -> Any:
    """Return the package `paramiko`; raises ClientMissing when it cannot be imported."""
    found = _paramiko()
    if found is None:
        raise ClientMissing(
            "the Python library paramiko is missing", cure="Install paramiko, or an OpenSSH client, on this host."
        )
    return found

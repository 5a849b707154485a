# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashes of passwords as PAM checks them: crypt(3) of the host's own C library, which PAM uses too."""

from __future__ import annotations

import ctypes
import hmac
from functools import lru_cache
from typing import Optional

from ...errors import NotSupported, OperationFailed

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")  # libxcrypt, with glibc's former interface and without


def hash_of(password: str) -> str:
    """Return a new hash of the host's preferred kind, with a salt of its own. Raises NotSupported, OperationFailed."""
    made = _crypt(password, _text(_library().crypt_gensalt(None, 0, None, 0)))
    if made is None:
        raise OperationFailed("crypt(3) returns no hash")
    return made


def is_hash_of(shown: str, password: str) -> bool:
    """Return whether this is a hash of the password. Text such as `*` is not a hash. Raises NotSupported."""
    made = _crypt(password, shown)
    return made is not None and hmac.compare_digest(made, shown)


def _crypt(password: str, setting: Optional[str]) -> Optional[str]:
    """Hash with a setting; return None for a bad setting, which the library reports by a null pointer, or by a text
    that begins with a star."""
    if setting is None or not setting.isascii() or "\0" in password + setting:
        return None
    made = _text(_library().crypt(password.encode("utf-8", "surrogateescape"), setting.encode()))
    return None if made is None or made.startswith("*") else made


def _text(given: Optional[bytes]) -> Optional[str]:
    return None if given is None else given.decode("ascii", "replace")


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            library.crypt_gensalt.argtypes = [ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_int]
            library.crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        except (OSError, AttributeError):
            continue
        library.crypt_gensalt.restype = library.crypt.restype = ctypes.c_char_p
        return library
    raise NotSupported("this host has no libxcrypt", cure="Install it; the Debian package is libcrypt1.")

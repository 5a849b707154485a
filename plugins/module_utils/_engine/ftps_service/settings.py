# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLS settings of a server, in OpenSSL's terms, for any server program."""

from __future__ import annotations

from typing import Callable, Mapping, NamedTuple, Optional, Pattern, Tuple, Union

from ..errors import InvalidRequest
from ..tls.profiles import Profile
from ..tls.suites import cipher_list, group_names
from .key_pair import KeyPair

Option = Tuple[str, str]
"""Name and value, as the server's configuration has them."""
Takes = Callable[[str, str], bool]
"""Whether the installed program takes the option with this value."""

Value = Union[bool, int, str]
Further = Mapping[str, Value]
"""Options of the server besides TLS, by its own names."""

VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class Settings(NamedTuple):
    """TLS settings.

    versions: allowed versions
    ciphers: of TLS 1.2, "" for none
    groups: the best first
    pair: certificate and key
    client_ca: PEM file; if set, clients must show a certificate
    session_reuse: whether data connections must resume the session of the control connection
    """

    versions: Tuple[str, ...]
    ciphers: str
    groups: Tuple[str, ...]
    pair: KeyPair
    client_ca: Optional[str] = None
    session_reuse: bool = True


def settings_of(profile: Profile, pair: KeyPair, *, client_ca: Optional[str], session_reuse: bool) -> Settings:
    """Return the settings. Raises InvalidRequest for a suite without an OpenSSL name."""
    suites = {name for name in profile.suites if "_WITH_" in name}
    return Settings(
        versions=tuple(version for version in VERSIONS if version in profile.versions),
        ciphers=cipher_list(suites) if "TLSv1.2" in profile.versions else "",
        groups=group_names(profile.groups),
        pair=pair,
        client_ca=client_ca,
        session_reuse=session_reuse,
    )


def option_of(name: str, value: Value, names: Pattern[str], truth: Tuple[str, str]) -> Option:
    """Return an option besides TLS.

    names: pattern of valid names
    truth: the server's words for true and false
    Raises InvalidRequest for a value that is not a single line.
    """
    if not names.fullmatch(name):
        raise InvalidRequest(f"settings: {name!r} is not the name of an option", cure="Use a name from the manual.")
    text = truth[not value] if isinstance(value, bool) else str(value)
    if not text.strip() or text != text.strip() or not text.isprintable() or text.endswith("\\"):
        raise InvalidRequest(f"settings: {name} cannot be {text!r}", cure="Write its value on one line.")
    return name, text

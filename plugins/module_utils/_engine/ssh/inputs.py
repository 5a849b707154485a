# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the task's options that both SSH clients need before they start: keys, known_hosts, jump hosts."""

from __future__ import annotations

import os
import re
import stat
from typing import Iterable, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest, PrivateKeyUnusable, TrustStoreUnreadable
from ..model.display import display_text
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..model.local_path import local_path
from ..trust.fingerprint import parse_public_key

_HOST = re.compile(r"[A-Za-z0-9_.:][A-Za-z0-9_.:-]*\Z")
# Characters that ssh itself refuses in a user name on its command line, "%" (a token in ssh_config), white space,
# control characters.
_BAD_USER = re.compile(r"""^-|[\s%'"`;&<>|(){}$\x00-\x1f\x7f]|\\$|^$""")
_HOP = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^@]*)@)?(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]]*))(?::(?P<port>[0-9]+))?/?\Z"
)


_LONGEST_LINE = 1 << 16


class Hop(NamedTuple):
    """One server on the way: a jump host or the endpoint itself."""

    host: str
    port: Optional[int] = None
    username: Optional[str] = None


def check_inputs(endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> None:
    """Refuse values that could be read as options or cannot work, before any connection.

    Raises InvalidRequest, PrivateKeyUnusable (the key file) and TrustStoreUnreadable (the known_hosts file).
    """
    check_hop(Hop(endpoint.host, endpoint.port, endpoint.username), "host")
    jump_hops(endpoint)
    _check_ssh_config(endpoint)
    if credentials.private_key_file is not None and credentials.private_key is not None:
        raise InvalidRequest("private_key_file: cannot be used with private_key", cure="Set one of them.")
    if credentials.certificate_file is not None and credentials.certificate is not None:
        raise InvalidRequest("certificate_file: cannot be used with certificate", cure="Set one of them.")
    for secret in (credentials.password, credentials.passphrase):
        if secret is not None and ("\n" in secret or "\0" in secret):
            raise InvalidRequest("password, passphrase: must not hold a line break", cure="Strip the value.")
    check_key_files(credentials)
    if trust.known_hosts_file is not None:
        _check_known_hosts(local_path(trust.known_hosts_file))


def jump_hops(endpoint: Endpoint) -> Tuple[Hop, ...]:
    """`proxy_jump` in the order of travel; each item is [user@]host[:port] or ssh://[user@]host[:port]."""
    return parse_hops(endpoint.proxy_jump)


def parse_hops(items: Iterable[str]) -> Tuple[Hop, ...]:
    """Jump hosts in ProxyJump's form, ssh_config(5); "none" is nothing. Raises InvalidRequest."""
    words = [word.strip() for item in items for word in item.split(",")]
    return tuple(_parse_hop(word) for word in words if word and word != "none")


def _parse_hop(word: str) -> Hop:
    match = _HOP.match(word)
    if match is None:
        raise InvalidRequest(f"proxy_jump: {_shown(word)} is not [user@]host[:port]")
    port = match.group("port")
    hop = Hop(match.group("v6") or match.group("host"), int(port) if port else None, match.group("user"))
    check_hop(hop, "proxy_jump")
    return hop


def check_hop(hop: Hop, option: str) -> None:
    """Refuse a host, port or user name that a client could take for something else; `option` is named in the error."""
    if _HOST.match(hop.host) is None:
        raise InvalidRequest(f"{option}: {_shown(hop.host)} is not a host name or address")
    if hop.port is not None and not 0 < hop.port < 65536:
        raise InvalidRequest(f"port: {hop.port} is not between 1 and 65535")
    if hop.username is not None and _BAD_USER.search(hop.username):
        raise InvalidRequest(f"username: {_shown(hop.username)} cannot be passed to an SSH client")


def _check_ssh_config(endpoint: Endpoint) -> None:
    name = endpoint.ssh_config_file
    if name is None or name == "none":
        return
    if not os.access(local_path(name), os.R_OK) or os.path.isdir(local_path(name)):
        raise InvalidRequest(
            f"ssh_config_file: {_shown(name)} cannot be read", cure='Set it to a readable file or "none".'
        )


def check_key_files(credentials: Credentials) -> None:
    """Refuse a key or certificate that cannot be read, or a key that others may read. Raises PrivateKeyUnusable."""
    given = {"private_key_file": credentials.private_key_file, "certificate_file": credentials.certificate_file}
    for option, path in given.items():
        if path is None:
            continue
        try:
            with open(local_path(path), "rb") as file:
                status = os.fstat(file.fileno())
                head = file.read(_LONGEST_LINE).decode("utf-8", "replace")
        except OSError as error:
            place = os.path.abspath(local_path(path))
            raise PrivateKeyUnusable(
                f"{option}: {_shown(place)}: {error.strerror}",
                cure=f"Check the owner of the file, or set {option} to an absolute path.",
            ) from None
        if path == credentials.private_key_file:
            if _is_public_key(head):
                raise PrivateKeyUnusable(
                    f"private_key_file: {_shown(path)} is a public key",
                    cure="Set private_key_file to the private key, the file without .pub.",
                )
            _check_key_mode(path, status)


def _is_public_key(text: str) -> bool:
    """Return whether a text is the line of a .pub file, or of a certificate."""
    words = text.split(None, 2)
    try:
        return len(words) > 1 and bool(parse_public_key(words[0], words[1]))
    except ValueError:
        return False


def _check_key_mode(path: str, status: os.stat_result) -> None:
    """OpenSSH's own rule: a key of mine that others may read is not used."""
    if status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & 0o077:
        raise PrivateKeyUnusable(
            f"{_shown(path)} may be read by others (mode {stat.S_IMODE(status.st_mode):04o})",
            cure="chmod 600 it; if other accounts were on this machine, replace the key.",
        )


def _check_known_hosts(path: str) -> None:
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        from ..trust.verifier import STORE_CURE  # pylint: disable=import-outside-toplevel

        raise TrustStoreUnreadable(
            f"known_hosts_file: {_shown(path)}: {error.strerror}",
            cure=STORE_CURE,
        ) from None


def _shown(text: str) -> str:
    return f"'{display_text(text)}'"

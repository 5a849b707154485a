# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the route to a server from the user's ssh_config, for the paramiko stream.

HostName, Port, User, IdentityFile, ProxyJump, Include and HostKeyAlias (the server's name in known_hosts) are applied.
Other options that could change trust compared with the OpenSSH client are refused.

paramiko does not know Include, so includes are inserted into the text. Host and Match blocks of an included file end
with that file. Within a block for some hosts, an included file may have no blocks: no text without Include has the
same meaning.

The other modules get paramiko itself from here, if it is there.
"""

from __future__ import annotations

import functools
import glob
import io
import os
import re
import shlex
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import ClientMissing, InvalidRequest
from ..model.display import display_text
from ..model.endpoint import Endpoint
from ..model.local_path import home_directory, local_path
from .inputs import Hop, check_hop, jump_hops, parse_hops

_SYSTEM = "/etc/ssh"
CURE = "Install the OpenSSH client (ssh_client: openssh), or set ssh_config_file to none and proxy_jump."
_LINE = re.compile(r"\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)")
_BLOCKS = ("host", "match")
_DEEPEST = 16
"""Levels, as in OpenSSH's readconf.c."""
LOG_CHANNEL = "secure_ftp_synchronize.paramiko"


class Route(NamedTuple):
    """The servers in the order of travel, the endpoint last.

    identity_files: the configured files for the endpoint
    known: for each server, its host and port in known_hosts
    """

    hops: Tuple[Hop, ...]
    identity_files: Tuple[str, ...]
    known: Tuple[Tuple[str, Optional[int]], ...]


def find_route(endpoint: Endpoint) -> Route:
    """Return the route to the endpoint; raises InvalidRequest for options that only the OpenSSH client supports."""
    config = _read(endpoint)
    target = Hop(endpoint.host, endpoint.port, endpoint.username)
    found = _look_up(config, target)
    jumps = jump_hops(endpoint)
    if not jumps and "proxycommand" in found:
        raise InvalidRequest("ssh_config: has a ProxyCommand, which the paramiko client does not run", cure=CURE)
    if not jumps:
        jumps = parse_hops((found.get("proxyjump", "none"),))
    on_the_way = [(hop, _look_up(config, hop)) for hop in jumps] + [(target, found)]
    hops = tuple(_resolve(hop, words) for hop, words in on_the_way)
    known = tuple(_known(hop, words) for hop, (_given, words) in zip(hops, on_the_way))
    return Route(hops, tuple(found.get("identityfile", ())), known)


def _known(hop: Hop, found: Any) -> Tuple[str, Optional[int]]:
    if found.get("revokedhostkeys", "none") != "none":
        raise InvalidRequest("ssh_config: has RevokedHostKeys, which the paramiko client does not read", cure=CURE)
    alias = found.get("hostkeyalias")
    return (hop.host, hop.port) if alias is None else (alias.lower(), None)


def _read(endpoint: Endpoint) -> Any:
    own = os.path.join(home_directory(), ".ssh")
    if endpoint.ssh_config_file == "none":
        files: List[Tuple[str, str]] = []
    elif endpoint.ssh_config_file is not None:
        files = [(local_path(endpoint.ssh_config_file), own)]
    else:
        files = [(os.path.join(own, "config"), own), (os.path.join(_SYSTEM, "ssh_config"), _SYSTEM)]
    config = library().SSHConfig()
    for path, directory in files:
        if os.path.exists(path):
            try:
                config.parse(io.StringIO(whole_text(path, directory)))
            except InvalidRequest:
                raise
            except Exception as error:
                raise InvalidRequest(
                    f"ssh_config cannot be read by paramiko: {type(error).__name__}", cure=CURE
                ) from None
    return config


def _look_up(config: Any, hop: Hop) -> Any:
    try:
        return config.lookup(hop.host)
    except Exception as error:  # Match exec and canonical names need more than paramiko alone
        raise InvalidRequest(f"ssh_config cannot be followed by paramiko: {type(error).__name__}", cure=CURE) from None


def _resolve(hop: Hop, found: Any) -> Hop:
    try:
        port = hop.port or int(found.get("port", 0)) or None
    except ValueError:
        raise InvalidRequest("ssh_config: the port is not a number", cure=CURE) from None
    resolved = Hop(found.get("hostname", hop.host), port, hop.username or found.get("user"))
    check_hop(resolved, "ssh_config")
    return resolved


def whole_text(path: str, directory: str) -> str:
    """Return the whole text; relative names are below `directory`. Raises OSError for the file itself, InvalidRequest
    for included files."""
    return "".join(line + "\n" for line in _lines(path, directory, 0))


def _lines(path: str, directory: str, depth: int) -> List[str]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        given = file.read().splitlines()
    lines: List[str] = []
    conditional = False
    for line in given:
        keyword, words = _parsed(line)
        if keyword != "include":
            if keyword in _BLOCKS:
                conditional = (keyword, words.strip()) != ("host", "*")
            lines.append(line)
            continue
        for name in _named(words, directory):
            lines += _included(name, directory, depth, conditional=conditional)
    return lines


def _included(path: str, directory: str, depth: int, *, conditional: bool) -> List[str]:
    if depth >= _DEEPEST:
        raise InvalidRequest("ssh_config: files include each other without end", cure="Correct the configuration.")
    try:
        lines = _lines(path, directory, depth + 1)
    except OSError as error:
        raise InvalidRequest(
            f"ssh_config: {display_text(path)} cannot be read: {error.strerror}", cure="Check its permissions."
        ) from None
    if not any(_parsed(line)[0] in _BLOCKS for line in lines):
        return lines
    if conditional:
        raise InvalidRequest(
            f"ssh_config: {display_text(path)} has Host or Match blocks within such "
            "a block, which the paramiko client cannot follow",
            cure=CURE,
        )
    return [*lines, "Host *"]


def _named(words: str, directory: str) -> Iterator[str]:
    """Yield the files that an Include names; none of a pattern's being there is no error."""
    try:
        patterns = shlex.split(words, comments=True)
    except ValueError:
        raise InvalidRequest("ssh_config: an Include has unbalanced quotes", cure="Correct the Include.") from None
    for pattern in patterns:
        if "%" in pattern or "${" in pattern:
            raise InvalidRequest(
                f"ssh_config: Include {display_text(pattern)} has tokens, which the paramiko client does not know",
                cure=CURE,
            )
        if pattern.startswith("~/"):
            pattern = home_directory() + pattern[1:]
        yield from sorted(glob.glob(os.path.join(directory, os.path.expanduser(pattern))))


def _parsed(line: str) -> Tuple[str, str]:
    match = _LINE.match(line)
    return (match.group(1).lower(), match.group(2)) if match else ("", "")


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

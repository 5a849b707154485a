# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision about an SSH server's key, from the same stores and with the same result as OpenSSH.

1. Collect the pins of the server (`pins_for`). `host_keys` of the task count for the endpoint alone, and replace the
   default stores. `known_hosts_file` replaces them too, also for jump hosts, and must exist.
2. Keep the lines that match the host and port (`known_hosts`). Leave out lines whose validity is over (`validity`); a
   line marked @revoked always counts.
3. Judge the key that the server shows (`objection`), in this order:
   - marked @revoked: HostKeyRevoked, also if the key is pinned
   - pinned in full, by fingerprint, or signed by a pinned authority: no objection
   - pinned, but outside its validity: PinExpired
   - another key is pinned: HostKeyChanged
   - no key is pinned: UnknownHost

There is no option to accept an unknown key.
"""

from __future__ import annotations

import re
import time
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple, Type

from ..errors import (
    HostKeyChanged,
    HostKeyRevoked,
    NotSupported,
    PinExpired,
    SyncError,
    TrustStoreUnreadable,
    UnknownHost,
)
from ..model.display import display_text
from ..model.endpoint import SshTrust
from ..model.local_path import local_path
from .fingerprint import PublicKey, authority_blob, base_key_type
from .known_hosts import (
    CERT_AUTHORITY,
    GLOBAL_STORES,
    REVOKED,
    USER_STORES,
    HostKeys,
    KnownHost,
    counts,
    matching,
    parse_host_keys,
    parse_known_hosts,
)

PIN_CURE = "Check the key with the server's operator, then pin it with host_key_pin or host_keys."
STORE_CURE = (
    "Pin the server with host_key_pin, which makes the file; or set known_hosts_file to a readable file, or host_keys."
)
_MOST_SHOWN = 3
_NAMED = re.compile(r"\[(?P<host>.*)\]:(?P<port>[0-9]+)\Z")
_FACTS: Dict[Type[SyncError], str] = {
    UnknownHost: "no key is known for %s",
    HostKeyChanged: "%s shows a key that is not pinned",
    HostKeyRevoked: "%s shows a key that is marked @revoked",
}
_CURES: Dict[Type[SyncError], str] = {
    UnknownHost: PIN_CURE,
    HostKeyChanged: "This may be a man-in-the-middle attack. " + PIN_CURE,
    HostKeyRevoked: "Do not connect; ask the server's operator.",
}


class HostPins(NamedTuple):
    """The known keys of one server before the connection. outdated: pins outside their validity."""

    entries: Tuple[KnownHost, ...]
    fingerprints: FrozenSet[str]
    outdated: Tuple[KnownHost, ...] = ()

    @property
    def is_pinned(self) -> bool:
        """Return whether any pin can prove this server, so that another key counts as changed."""
        return bool(self.fingerprints) or any(entry.marker != REVOKED for entry in self.entries + self.outdated)

    @property
    def key_types(self) -> Tuple[str, ...]:
        """Return the plain types of the pinned keys, in the order of the store."""
        return tuple(dict.fromkeys(entry.key.key_type for entry in self.entries if not entry.marker))

    def expired(self, fingerprint: str, where: str) -> Optional[SyncError]:
        """PinExpired if the key of this fingerprint is pinned, but not for now.

        Not where fingerprints are pinned too: another key of the server may be one of them.
        """
        if self.fingerprints or fingerprint not in {entry.key.fingerprint for entry in self.outdated}:
            return None
        return PinExpired(
            f"the pin of {display_text(fingerprint)} for {where} is not valid now",
            cure="Check valid_from and valid_until (host_key_pin_info); pin the key again if it is still right.",
        )

    def verify(self, key: PublicKey, where: str) -> None:
        """Return if `key` is pinned; raises HostKeyRevoked, HostKeyChanged, UnknownHost, PinExpired, NotSupported
        otherwise. For paramiko, which knows no host certificates."""
        error = self.objection(key, where)
        if isinstance(error, HostKeyChanged) and self._is_certified:
            raise NotSupported(
                f"{where} is pinned by a certificate authority, and paramiko cannot check host certificates",
                cure="Install the OpenSSH client (ssh_client: openssh), or pin the host's own key.",
            )
        if error is not None:
            raise error

    @property
    def _is_certified(self) -> bool:
        """Return whether an authority is all that could prove this server."""
        plain = any(not entry.marker for entry in self.entries + self.outdated) or bool(self.fingerprints)
        return not plain and any(entry.marker == CERT_AUTHORITY for entry in self.entries)

    def objection(self, key: PublicKey, where: str) -> Optional[SyncError]:
        """Return the objection to a server's key, as in OpenSSH: HostKeyRevoked, HostKeyChanged, UnknownHost or
        PinExpired; None if it is pinned. For a certificate, only its authority is checked."""
        plain = key.plain
        same = [entry.marker for entry in self.entries if entry.key.blob == plain.blob]
        if REVOKED in same:
            return host_key_error(HostKeyRevoked, where, plain.key_type, plain.fingerprint)
        if "" in same or plain.fingerprint in self.fingerprints or self._knows_authority(key):
            return None
        error = HostKeyChanged if self.is_pinned else UnknownHost
        found = host_key_error(error, where, plain.key_type, plain.fingerprint)
        if self.is_pinned:
            found = found.at(None, message=f"{found.message}; pinned: {self._shown()}")
        return self.expired(plain.fingerprint, where) or found

    def _shown(self) -> str:
        """Return the pinned keys with file and line, for people."""
        entries = [entry for entry in (*self.entries, *self.outdated) if entry.marker != REVOKED]
        words = [f"{e.key.key_type} {e.key.fingerprint} ({e.place or 'host_keys'})" for e in entries]
        words += [f"{fingerprint} (host_keys)" for fingerprint in sorted(self.fingerprints)]
        more = len(words) - _MOST_SHOWN
        return display_text(", ".join(words[:_MOST_SHOWN])) + (f" and {more} more" if more > 0 else "")

    def _knows_authority(self, key: PublicKey) -> bool:
        signer = authority_blob(key.key_type, key.blob) if key.is_certificate else b""
        return any(entry.marker == CERT_AUTHORITY and entry.key.blob == signer for entry in self.entries)


def pins_for(trust: SshTrust, host: str, port: Optional[int], *, is_endpoint: bool) -> HostPins:
    """Return the pins of one server: `host_keys` count for the endpoint only, known_hosts for jump hosts too.

    Raises InvalidRequest (host_keys) and TrustStoreUnreadable.
    """
    host_keys = parse_host_keys(trust.host_keys if is_endpoint else ())
    stored = pins_among(_stored(trust, host_keys), host, port)
    return HostPins((*host_keys.entries, *stored.entries), host_keys.fingerprints, stored.outdated)


def pins_among(entries: Sequence[KnownHost], host: str, port: Optional[int]) -> HostPins:
    now = time.time()
    valid = [entry for entry in entries if counts(entry, now)]
    outdated = [entry for entry in entries if not counts(entry, now)]
    return HostPins(tuple(matching(valid, host, port)), frozenset(), tuple(matching(outdated, host, port)))


def split_host_name(name: str) -> Tuple[str, Optional[int]]:
    """Host and port of the name that known_hosts uses."""
    match = _NAMED.match(name)
    return (match.group("host"), int(match.group("port"))) if match else (name, None)


def _stored(trust: SshTrust, host_keys: HostKeys) -> List[KnownHost]:
    if trust.known_hosts_file is not None:
        return _read(trust.known_hosts_file, must_exist=True)
    if host_keys.entries or host_keys.fingerprints:
        return []
    return [entry for path in USER_STORES + GLOBAL_STORES for entry in _read(path, must_exist=False)]


def _read(path: str, *, must_exist: bool) -> List[KnownHost]:
    try:
        with open(local_path(path), encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            return parse_known_hosts(file.read(), path)
    except FileNotFoundError:
        if not must_exist:
            return []
        raise _unreadable(path, "no such file") from None
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from None


def _unreadable(path: str, reason: str) -> TrustStoreUnreadable:
    return TrustStoreUnreadable(f'"{display_text(path)}": {reason}', cure=STORE_CURE)


def host_key_error(error: Type[SyncError], where: str, key_type: str, fingerprint: str) -> SyncError:
    """Return the same message for the same cause, for any client. fingerprint: "" if no key was shown."""
    key = f"{display_text(base_key_type(key_type))} {display_text(fingerprint)}" if fingerprint else ""
    between = "; it shows " if error is UnknownHost else ": "
    return error(_FACTS[error] % where + (key and between + key), cure=_CURES[error])

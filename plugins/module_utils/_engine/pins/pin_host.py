# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change of the pins of a server: prove the keys first, then plan, then write.

A server that only shows a key proves nothing. Four things prove a key: the task has it in full; the task has its
fingerprint, and the server shows the key; DNSSEC proves an SSHFP record of the key that the server shows; or the
server proves it in a session that an older pin has proven.

1. Get the server's part of the proof before the file is locked: the keys that it shows, without a login, DNS records
   (`sshfp`), or the keys that it announces and proves (`announced_keys`).
2. Lock the file and read it (`store`). If the pins that gave the proof have changed meanwhile, refuse.
3. Plan: from the lines about this server and the wanted pins to the new content (`pin_lines`, `plan`). Lines about
   other servers stay as they are.
4. Replace the file as a whole. In check mode the plan alone is the result.

"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import FrozenSet, Iterable, List, NamedTuple, Optional, Tuple

from ..errors import HostKeyChanged, HostKeyRevoked, InvalidRequest, Locked, SyncError, TlsPinMismatch, UnknownHost
from ..ftps.login import show_peer
from ..model.endpoint import FTPS, Credentials, Endpoint, SshTrust, TlsTrust
from ..ssh.known_name import dns_name, known_name
from ..ssh.openssh_scan import scan_openssh
from ..ssh.paramiko_scan import scan_paramiko
from ..ssh.stream import OPENSSH, ssh_client
from ..tls.context import client_context
from ..trust.fingerprint import PublicKey
from ..trust.known_hosts import REVOKED, Validity, parse_known_hosts
from ..trust.verifier import HostPins, pins_among, split_host_name
from .announced_keys import ProvenPins, Rotation, learn_rotation
from .pin_lines import (
    ABSENT,
    KNOWN_HOSTS_FORM,
    PRESENT,
    TLS_FORM,
    Pin,
    PinLine,
    WantedPins,
    lines_about,
    parse_tls_key,
    tls_name,
)
from .plan import PinPlan, plan_pins, split_lines
from .sshfp import SshfpAnswer, ask_sshfp, named_keys
from .store import read_store, update_store

_CURE = (
    "Nothing was written. Check the key with the server's operator over another channel. If it is right, add it to "
    "keys or its fingerprint to fingerprints, and remove the old key with state exact; if not, this may be an attack."
)


@dataclass(frozen=True)
class PinRequest:
    """One task.

    name: of the server in known_hosts, None to follow the SSH client's configuration
    path: the file
    keys: pins that the task has in full
    fingerprints: of keys that the server must show
    sshfp: also accept keys that the server shows and validated DNS records name
    from_rotation: learn the keys that the server proves
    remove_unannounced: drop pins of keys that it no longer announces
    comment, limits, unlimited: as in `Pin`, for pins that come from the server
    tls: the proofs of an FTPS server besides pins, None for SSH. For TLS, a key is a `TlsKey` and a fingerprint its
    text.
    """

    endpoint: Endpoint
    credentials: Credentials
    path: str
    state: str = PRESENT
    name: Optional[str] = None
    keys: Tuple[Pin, ...] = ()
    fingerprints: FrozenSet[str] = frozenset()
    sshfp: bool = False
    from_rotation: bool = False
    remove_unannounced: bool = False
    hash_host: Optional[bool] = None
    comment: Optional[str] = None
    limits: Validity = Validity()
    unlimited: FrozenSet[str] = frozenset()
    tls: Optional[TlsTrust] = None
    check_mode: bool = False


class PinReport(NamedTuple):
    """The result of one task.

    name: the server's name in the file
    plan: the changes made or planned
    offered: the keys that the server shows and whether each is pinned now, None if it was not contacted
    rotation: the server's announcement, None if it was not requested
    """

    name: str
    plan: PinPlan
    offered: Optional[Tuple[Tuple[PublicKey, bool], ...]] = None
    rotation: Optional[Rotation] = None


def pin_host(request: PinRequest) -> PinReport:
    """Run the task. Raises InvalidRequest, TrustError (nothing was written), AuthenticationFailed and ConnectionFailed
    (while asking the server), PinConflict, Locked, ItemError."""
    content = read_store(request.path)
    run = _Run(request, request.name or _name(request.endpoint))
    run.ask_server(content)
    if request.check_mode:
        run.change(content)
    else:
        update_store(request.path, run.change)
    return run.report()


def _name(endpoint: Endpoint) -> str:
    if endpoint.protocol == FTPS:
        return tls_name(endpoint.host, endpoint.port or 21)
    return known_name(endpoint)


class _Run:
    """The parts of one task that build on each other."""

    def __init__(self, request: PinRequest, name: str) -> None:
        self._request, self._name = request, name
        self._over_tls = request.endpoint.protocol == FTPS
        self._form = TLS_FORM if self._over_tls else KNOWN_HOSTS_FORM
        self._where = f"{request.endpoint.host} (known as {name})" if request.endpoint.host != name else name
        self._proven: List[Pin] = []
        self._unannounced: Tuple[Pin, ...] = ()
        self._offered: Optional[Tuple[PublicKey, ...]] = None
        self._rotation: Optional[Rotation] = None
        self._proof: Tuple[Tuple[str, bytes], ...] = ()
        self._plan: Optional[PinPlan] = None

    def ask_server(self, content: bytes) -> None:
        """Get the server's part of the proof, before the file is locked. content: of the file now."""
        if (self._request.fingerprints or self._request.sshfp) and self._request.state != ABSENT:
            self._match_fingerprints(content)
        if self._request.from_rotation:
            self._learn(content)

    def _match_fingerprints(self, content: bytes) -> None:
        request = self._request
        in_dns = self._ask_dns() if request.sshfp else SshfpAnswer()
        offered = self._shown_keys(content)
        named = named_keys(offered, in_dns.records)
        listed = [key for key in offered if key in named or key.fingerprint in request.fingerprints]
        if not listed:
            raise self._refused(offered, lines_about(split_lines(content), self._name, self._form), in_dns.reason)
        self._offered = offered
        self._proven += map(self._pin, listed)

    def _ask_dns(self) -> SshfpAnswer:
        """Query DNS. A key that DNS proves needs no further check here: the pin is useless without the private key."""
        if ssh_client(self._request.endpoint.ssh_client) != OPENSSH:
            raise InvalidRequest("sshfp: paramiko cannot do it", cure="Set ssh_client to openssh.")
        return ask_sshfp(dns_name(self._request.endpoint))

    def _shown_keys(self, content: bytes) -> Tuple[PublicKey, ...]:
        request = self._request
        if not self._over_tls:
            return scan_host_keys(request.endpoint, request.credentials, self._trust(content))
        tls = request.tls or TlsTrust()
        peer = show_peer(request.endpoint, tls, client_context(tls, request.credentials))
        return (parse_tls_key(peer.pin),)  # type: ignore[return-value]  # a TlsKey stands where a PublicKey does

    def _refused(self, offered: Tuple[PublicKey, ...], about: List[PinLine], dns: str) -> SyncError:
        """dns: why DNS proves no key at all, "" if it does."""
        old = [line.entry.key for line in about if line.entry.marker != REVOKED]
        revoked = {line.entry.key.blob for line in about if line.entry.marker == REVOKED}
        shows = f"{self._where} shows {_listed(offered)}"
        if all(key.blob in revoked for key in offered):
            return HostKeyRevoked(f"{shows}, marked @revoked", cure="Do not connect; ask the server's operator.")
        wanted = f"none of the fingerprints in the task ({', '.join(sorted(self._request.fingerprints))})"
        if not self._request.fingerprints:
            wanted = f"none proven by DNSSEC: {dns or 'the SSHFP records name other keys'}"
        if not old:
            return UnknownHost(f"{shows}, {wanted}", cure=_CURE)
        changed = TlsPinMismatch if self._over_tls else HostKeyChanged
        return changed(f"{shows}, {wanted}; pinned is {_listed(old)}", cure=_CURE)

    def _learn(self, content: bytes) -> None:
        request = self._request
        if ssh_client(request.endpoint.ssh_client) != OPENSSH:
            raise InvalidRequest("from_rotation: paramiko cannot do it", cure="Set ssh_client to openssh.")
        pins = self._pins(content)
        keys = tuple(entry.key for entry in pins.entries if not entry.marker)
        revoked = tuple(entry.key for entry in pins.entries if entry.marker == REVOKED)
        good = tuple(dict.fromkeys(key for key in keys if key not in revoked))
        if not good:
            raise UnknownHost(
                f"from_rotation: no valid pinned key could prove {self._where}",
                cure="Set the first pin in keys or fingerprints; an authority is no proof for a rotation.",
            )
        try:
            proven = ProvenPins(self._name, good, revoked)
            rotation = learn_rotation(request.endpoint, request.credentials, self._trust(content), proven)
        except (HostKeyChanged, UnknownHost) as error:
            raise HostKeyChanged(f"{error.message.rstrip('.')}; pinned is {_listed(good)}", cure=_CURE) from None
        self._rotation, self._proof = rotation, self._identities(pins)
        self._proven += [self._pin(key) for key in rotation.learned if key not in revoked]
        if request.remove_unannounced:
            wanted = {pin.key for pin in request.keys}
            self._unannounced = tuple(Pin("", key) for key in rotation.unannounced if key not in wanted)

    def change(self, content: bytes) -> bytes:
        """Return the new content of the file; may be called several times."""
        request = self._request
        if request.from_rotation and self._identities(self._pins(content)) != self._proof:
            raise Locked(f"the pins that proved {self._where} have changed during the run", cure="Run this again.")
        pins = tuple({pin.identity: pin for pin in (*self._proven, *request.keys)}.values())
        now = time.time()
        fingerprints = request.fingerprints if request.state == ABSENT else frozenset()
        wanted = WantedPins(self._name, request.state, pins, fingerprints, request.hash_host, self._form)
        self._plan = plan = plan_pins(content, wanted, now)
        if self._unannounced:
            dropped = WantedPins(self._name, ABSENT, self._unannounced)
            second = plan_pins(plan.content, dropped, now)
            self._plan = second._replace(changes=plan.changes + second.changes, before=plan.before)
        return self._plan.content

    def report(self) -> PinReport:
        if self._plan is None:
            raise AssertionError("a report was requested before a plan")
        pinned = {line.entry.key.blob for line in self._plan.about if not line.entry.marker}
        offered = None if self._offered is None else tuple((key, key.blob in pinned) for key in self._offered)
        return PinReport(self._name, self._plan, offered, self._rotation)

    def _trust(self, content: bytes) -> SshTrust:
        """Return the trust for jump hosts: the same file, if it has any pins yet."""
        return SshTrust(known_hosts_file=self._request.path) if content else SshTrust()

    def _pins(self, content: bytes) -> HostPins:
        entries = parse_known_hosts(content.decode("utf-8", "surrogateescape"))
        return pins_among(entries, *split_host_name(self._name))

    @staticmethod
    def _identities(pins: HostPins) -> Tuple[Tuple[str, bytes], ...]:
        return tuple(sorted((entry.marker, entry.key.blob) for entry in pins.entries))

    def _pin(self, key: PublicKey) -> Pin:
        request = self._request
        return Pin("", key, request.comment, request.limits, request.unlimited)


def _listed(keys: Iterable[PublicKey]) -> str:
    return ", ".join(f"{key.key_type} {key.fingerprint}" for key in keys) or "no key"


def scan_host_keys(endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> Tuple[PublicKey, ...]:
    """Fetch one key of each type; see `scan_openssh` for parameters and errors."""
    scan = scan_openssh if ssh_client(endpoint.ssh_client) == OPENSSH else scan_paramiko
    return scan(endpoint, credentials, trust)

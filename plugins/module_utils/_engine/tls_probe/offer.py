# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a server's offers by elimination: offer everything, remove the server's choice, and repeat until it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Tuple

from ..errors import ConnectionLost, Stalled
from ..tls.groups import group_name, groups_for
from ..tls.hello import Answer, Offer, ServerFlight, client_hello
from ..tls.suites import TLS13, VERSION_NAMES, VERSIONS, suite_name, suites_for
from ..tls.survey import VersionFacts
from .dialer import Dialer

_MOST_SUITES = 120
"""In one ClientHello: some old servers take no more than 128."""
_PROTOCOL_VERSION = 70
_MOST_STALLS = 3
_WITH_GROUP = ("TLS_ECDHE_RSA", "TLS_ECDHE_ECDSA", "TLS_ECDH_anon")


@dataclass
class Offered:
    """The server's offers.

    versions: the oldest first
    chains: each certificate that was seen, with those that came along
    asks_client: whether a certificate of the client was asked for up to TLS 1.2, None if the server does not speak them
    """

    versions: List[VersionFacts] = field(default_factory=list)
    chains: Dict[bytes, Tuple[bytes, ...]] = field(default_factory=dict)
    asks_client: Optional[bool] = None


def offered(dialer: Dialer) -> Offered:
    """Return all versions, suites and groups. Raises TlsRefused, ConnectionFailed and its kinds, ProtocolViolation."""
    asking = _Asking(dialer)
    for version in VERSIONS:
        asking.ask(version)
    return asking.found


class _Asking:
    def __init__(self, dialer: Dialer) -> None:
        self.found = Offered()
        self._dialer = dialer
        self._stalls = 0

    def ask(self, version: int) -> None:
        answers = self._suites(version)
        if not answers:
            return
        groups, more = self._groups(version, answers)
        heard = [*answers, *more]
        old = version != TLS13
        self.found.versions.append(
            VersionFacts(
                version=VERSION_NAMES[version],
                suites=tuple(suite_name(each.suite) for each in answers),
                groups=groups,
                dh_bits=min((each.dh_bits for each in heard if each.dh_bits), default=0),
                compression=any(each.compression for each in heard),
                secure_renegotiation=all(each.secure_renegotiation for each in heard) if old else None,
                extended_master_secret=all(each.extended_master_secret for each in heard) if old else None,
            )
        )
        for each in heard:
            if each.certificates:
                self.found.chains.setdefault(each.certificates[0], each.certificates)
        if old:
            self.found.asks_client = bool(self.found.asks_client) or any(each.client_certificate for each in heard)

    def _suites(self, version: int) -> List[Answer]:
        """Return the answers by which the server chose each suite that it has."""
        left = list(suites_for(version))
        answers: List[Answer] = []
        for first in range(0, len(left), _MOST_SUITES):
            asked = left[first : first + _MOST_SUITES]
            while asked:
                answer, alert = self._hello(version, tuple(asked), groups_for(tls13=version == TLS13))
                if answer is None or answer.version != version or answer.suite not in asked:
                    if not answers and (answer is not None or alert == _PROTOCOL_VERSION):
                        return []
                    break
                answers.append(answer)
                asked.remove(answer.suite)
        return answers

    def _groups(self, version: int, answers: List[Answer]) -> Tuple[Tuple[str, ...], List[Answer]]:
        suites = tuple(
            each.suite for each in answers if version == TLS13 or suite_name(each.suite).startswith(_WITH_GROUP)
        )
        left, heard = list(groups_for(tls13=version == TLS13)), []
        while left and suites:
            answer, _alert = self._hello(version, suites, tuple(left))
            if answer is None or answer.version != version or answer.group not in left:
                break
            heard.append(answer)
            left.remove(answer.group)
        return tuple(group_name(each.group) for each in heard if each.group is not None), heard

    def _hello(
        self, version: int, suites: Tuple[int, ...], groups: Tuple[int, ...]
    ) -> Tuple[Optional[Answer], Optional[int]]:
        offer = Offer(version, suites, groups, host=self._dialer.target.endpoint.host.rstrip("."))
        flight = self._exchange(client_hello(offer))
        return flight.answer, flight.alert

    def _exchange(self, hello: bytes) -> ServerFlight:
        channel = self._dialer.for_tls().channel
        flight = ServerFlight()
        view = memoryview(bytearray(16384))
        try:
            channel.send(hello)
            _read(flight, view, channel.receive)
        except Stalled:
            # Some servers do not answer an offer that they refuse; but a server that answers no offer at all is
            # missing.
            self._stalls += 1
            if self._stalls >= _MOST_STALLS:
                raise
        except ConnectionLost:
            pass
        finally:
            channel.close()
        return flight


def _read(flight: ServerFlight, view: memoryview, receive: Callable[[memoryview], int]) -> None:
    while not flight.done:
        count = receive(view)
        if not count:
            return
        flight.feed(view[:count])

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host keys that a server shows, fetched with paramiko, which ends after the key exchange."""

from __future__ import annotations

import time
from typing import Any, List, Tuple

from ..errors import AlgorithmsRefused
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..trust.fingerprint import PublicKey, base_key_type
from .inputs import Hop, check_inputs
from .openssh_scan import SCAN_PAUSE
from .paramiko_config import library
from .paramiko_login import ParamikoLogin


def scan_paramiko(endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> Tuple[PublicKey, ...]:
    """Return the keys, like `scan_openssh`; each key has signed its key exchange."""
    library()
    endpoint, credentials = endpoint._replace(username=None), credentials._replace(password=None)
    check_inputs(endpoint, credentials, trust)
    scan = _Scan(endpoint, credentials, trust)
    try:
        return scan.keys()
    finally:
        scan.close()


class _Scan(ParamikoLogin):
    """A connection for each type of key, one after the other, until the two ends share no further type."""

    def keys(self) -> Tuple[PublicKey, ...]:
        previous = self._reach(self._route[:-1])
        hop = self._route[-1][0]
        found: List[PublicKey] = []
        while True:
            self.deadline = time.monotonic() + self._endpoint.connect_timeout
            try:
                found.append(self._key(hop, previous, [key.key_type for key in found]))
            except AlgorithmsRefused:
                if not found:
                    raise
                return tuple(found)
            time.sleep(SCAN_PAUSE)

    def _key(self, hop: Hop, previous: Any, known: List[str]) -> PublicKey:
        where = hop.host
        transport = self._guarded(where, lambda: self._transport(hop, previous))
        options = transport.get_security_options()
        types = [name for name in options.key_types if base_key_type(name) not in known]
        if not types:
            raise AlgorithmsRefused("all types are known")
        options.key_types = types
        try:
            self._guarded(where, lambda: self._exchange_keys(transport))
            key = transport.get_remote_server_key()
            return PublicKey(key.get_name(), key.asbytes())
        finally:
            transport.close()

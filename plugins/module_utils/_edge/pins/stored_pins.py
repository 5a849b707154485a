# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `tls_pins_file`: pins of TLS keys that host_key_pin keeps in a file."""

from __future__ import annotations

from typing import Optional

from ..._engine.model.endpoint import Endpoint, TlsTrust
from ..._engine.pins.tls_pins import tls_pins_for

__all__ = ["with_stored_pins"]


def with_stored_pins(trust: TlsTrust, path: Optional[str], endpoint: Endpoint) -> TlsTrust:
    """`trust` with the pins that the file has for the server now. A file that has none is no licence to go on: raises
    UnknownHost, PinExpired, TrustStoreUnreadable."""
    if path is None or endpoint.port is None:
        return trust
    return trust._replace(pins=(*trust.pins, *tls_pins_for(path, endpoint.host, endpoint.port)))

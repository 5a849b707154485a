# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of argspec.tls as the engine's frozen value. Loaded for tasks over FTPS only."""

from __future__ import annotations

from typing import Any, Mapping

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import Endpoint, TlsTrust
from ..._engine.pins.pin_lines import tls_pins_for
from .. import tls_words

Params = Mapping[str, Any]


def tls_options(params: Params) -> TlsTrust:
    """Return the options of argspec.tls that are no secrets. Raises InvalidRequest."""
    if params["client_cert_file"] is None:
        for option in ("client_key_file", "client_key_passphrase"):
            if params[option] is not None:
                raise InvalidRequest(
                    f"{option}: needs a client certificate",
                    cure="Set client_cert_file too; the key may be in the same file.",
                )
    return TlsTrust(
        mode=params["tls_mode"],
        ca_file=tls_words.file("ca_file", params["ca_file"]),
        client_cert_file=tls_words.file("client_cert_file", params["client_cert_file"]),
        client_key_file=tls_words.file("client_key_file", params["client_key_file"]),
        min_version=params["tls_min_version"],
        ciphers=tls_words.ciphers("tls_ciphers", params["tls_ciphers"]),
        pins=tuple(tls_words.pin("tls_pins", each) for each in params["tls_pins"] or ()),
    )


def tls_trust(params: Params, peer: Endpoint) -> TlsTrust:
    """Return `tls_options` with the current pins of tls_pins_file. A file without pins of the server fails.

    Raises UnknownHost, PinExpired, TrustStoreUnreadable.
    """
    trust, path = tls_options(params), tls_words.file("tls_pins_file", params["tls_pins_file"])
    if path is None or peer.port is None:
        return trust
    return trust._replace(pins=(*trust.pins, *tls_pins_for(path, peer.host, peer.port)))

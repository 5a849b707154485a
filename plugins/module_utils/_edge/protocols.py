# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of each protocol. An option without effect is refused, so that it gives no false security."""

from __future__ import annotations

from typing import Any, Collection, Dict, Mapping

from .._engine.errors import InvalidRequest
from .._engine.model.endpoint import EXPLICIT, FTPS, IMPLICIT

# RFC 4217 keeps the port of FTP; IANA's port for ftps uses TLS from the first byte.
_FTPS_PORTS = {EXPLICIT: 21, IMPLICIT: 990}

_LEAVE_OUT = "Leave it out (default(omit)), or set protocol: %s."
_PINS = "Over FTPS certificates prove the server: set ca_file, tls_pins or both, and leave it out (default(omit))."
_ACCOUNT = "Over FTPS set username and password, and client_cert_file if the server requires a client certificate."
_HOST_KEYS = (
    "Over SFTP host keys prove the server: set host_keys or known_hosts_file, and leave it out (default(omit))."
)

# Option: the values that have no effect with the other protocol, and the cure. ssh_agent is not listed: FTPS has no
# agent, which is the meaning of ssh_agent: false.
_SSH_ONLY: Dict[str, Any] = {
    "host_keys": ((), _PINS),
    "known_hosts_file": ((), _PINS),
    "private_key": ((), _ACCOUNT),
    "private_key_file": ((), _ACCOUNT),
    "passphrase": ((), "For the passphrase of a client certificate's key set client_key_passphrase."),
    "certificate_file": ((), "For a client certificate over TLS set client_cert_file."),
    "certificate": ((), "For a client certificate over TLS set client_cert_file."),
    "proxy_jump": ((), _LEAVE_OUT % "sftp"),
    "ssh_config_file": (("none",), _LEAVE_OUT % "sftp"),
    "ssh_client": (("auto",), _LEAVE_OUT % "sftp"),
}
_TLS_ONLY: Dict[str, Any] = {
    "tls_pins": ((), _HOST_KEYS),
    "tls_pins_file": ((), _HOST_KEYS),
    "ca_file": ((), _HOST_KEYS),
    "client_cert_file": ((), "For an SSH user certificate set certificate_file."),
    "client_key_file": ((), "For an SSH key set private_key_file or private_key."),
    "client_key_passphrase": ((), "For the passphrase of an SSH key set passphrase."),
    "tls_mode": ((EXPLICIT,), _LEAVE_OUT % "ftps"),
    "tls_min_version": (("1.2",), _LEAVE_OUT % "ftps"),
    "tls_ciphers": ((), _LEAVE_OUT % "ftps"),
}


def ftps_port(mode: str) -> int:
    return _FTPS_PORTS[mode]


def foreign_options(protocol: str = "") -> Collection[str]:
    """Return the options that only the other protocol has."""
    return _SSH_ONLY if protocol == FTPS else _TLS_ONLY


def require_fitting(params: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for options without meaning for the protocol, and for missing required options."""
    over_tls = params["protocol"] == FTPS
    for option, (harmless, cure) in (_SSH_ONLY if over_tls else _TLS_ONLY).items():
        if params[option] and params[option] not in harmless:
            raise InvalidRequest(
                "%s: has no meaning over %s" % (option, "FTPS" if over_tls else "SFTP"),
                cure=cure,
            )
    for option in ("username", "password") if over_tls else ():
        if params[option] is None:
            raise InvalidRequest(
                f"{option}: is required to log in over FTPS",
                cure="Set it; for a public server set username to anonymous and password to any word.",
            )

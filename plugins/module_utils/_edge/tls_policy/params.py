# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of tls_policy, and the engine's request from its parameters: the last use of a dict."""

from __future__ import annotations

import secrets
from typing import Any, Dict, Mapping, NamedTuple

from ..._engine.errors import InvalidRequest
from ..._engine.ftps_service.apply import SERVICES
from ..._engine.model.endpoint import EXPLICIT, FTPS, IMPLICIT, TLS_MODES, Credentials, Endpoint, TlsTrust
from ..._engine.tls.checks import Policy
from ..._engine.tls.custom_profile import custom_profile
from ..._engine.tls.profiles import PROFILE_NAMES, Profile, profile_named
from ..._engine.tls_probe.dialer import Target
from .. import login_words, quantities, tls_words
from ..argspec import Spec
from ..findings import FAIL_ON

Params = Mapping[str, Any]

TLS = "tls"
MOST_PAUSE = 60.0


class CheckRequest(NamedTuple):
    """The request of a check.

    target: the server
    policy: its requirements
    fail_on: one of FAIL_ON
    mark: of the marked login, "" for none
    """

    target: Target
    policy: Policy
    fail_on: str
    mark: str = ""


def tls_policy() -> Spec:
    """A server to check or to set up, and its requirements."""
    return {
        "endpoint": {"type": "dict", "options": _endpoint_spec()},
        "service": {"type": "str", "choices": list(SERVICES)},
        "config_file": {"type": "path"},
        "certificate_file": {"type": "path"},
        "private_key_file": {"type": "path", "no_log": False},
        "client_ca_file": {"type": "path"},
        "profile": {"type": "raw", "default": "intermediate"},
        "require_client_cert": {"type": "bool", "default": False},
        "require_session_reuse": {"type": "bool", "default": True},
        "settings": {"type": "dict"},
        "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "high"},
        "pause": {"type": "float", "default": 0.1},
        "marked_login": {"type": "bool", "default": False},
    }


def tls_policy_rules() -> Dict[str, Any]:
    """Return the options of `tls_policy` that belong together, for each job."""
    written = ("service", "config_file", "certificate_file", "private_key_file", "client_ca_file", "settings")
    return {
        "mutually_exclusive": [("endpoint", name) for name in written],
        "required_one_of": [("endpoint", "service")],
        "required_by": {
            "service": ("certificate_file", "private_key_file"),
            **dict.fromkeys(written[1:], ("service",)),
        },
    }


def profile(given: Any) -> Profile:
    """Return the profile of a name or of a dict. Raises InvalidRequest."""
    if isinstance(given, dict):
        return custom_profile(given)
    if not isinstance(given, str) or given not in PROFILE_NAMES:
        raise InvalidRequest(
            f"profile: {given!r} is unknown",
            cure=f"Set it to one of {', '.join(PROFILE_NAMES)}, or to a dict.",
        )
    return profile_named(given)


def _endpoint_spec() -> Dict[str, Dict[str, Any]]:
    return {
        "protocol": {"type": "str", "choices": [FTPS, TLS], "default": FTPS},
        "host": {"type": "str", "required": True},
        "port": {"type": "int"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "tls_mode": {"type": "str", "choices": list(TLS_MODES), "default": EXPLICIT},
        "ca_file": {"type": "path"},
        "tls_pins": {"type": "list", "elements": "str", "no_log": False},
        "client_cert_file": {"type": "path"},
        "client_key_file": {"type": "path", "no_log": False},
        "client_key_passphrase": {"type": "str", "no_log": True},
        "connect_timeout": {"type": "float", "default": 10.0},
    }


def check_request(params: Params, *, check_mode: bool = False) -> CheckRequest:
    """Return the request, in check mode without a mark. Raises InvalidRequest."""
    target = _target(params["endpoint"], _pause(params["pause"]))
    policy = Policy(
        profile=profile(params["profile"]),
        host=target.endpoint.host,
        client_certificate=params["require_client_cert"],
        session_reuse=params["require_session_reuse"],
        pins=frozenset(target.tls.pins),
    )
    if params["marked_login"] and not target.ftp:
        raise InvalidRequest("marked_login: has no meaning with protocol tls", cure="Leave it out.")
    mark = f"tls_probe-{secrets.token_hex(8)}" if params["marked_login"] and not check_mode else ""
    return CheckRequest(target, policy, params["fail_on"], mark)


def _target(given: Params, pause: float) -> Target:
    ftp = given["protocol"] == FTPS
    _require_fitting(given, ftp=ftp)
    timeout = quantities.seconds("connect_timeout", given["connect_timeout"])
    port = login_words.port("port", given["port"])
    return Target(
        endpoint=Endpoint(
            protocol=FTPS,
            host=login_words.host("host", given["host"]),
            port=port or login_words.ftps_port(given["tls_mode"]),
            username=login_words.account("username", given["username"]),
            connect_timeout=timeout,
            stall_timeout=timeout,
        ),
        credentials=Credentials(password=given["password"], client_key_passphrase=given["client_key_passphrase"]),
        tls=TlsTrust(
            # With TLS alone nothing is sent before it, as with implicit FTPS.
            mode=given["tls_mode"] if ftp else IMPLICIT,
            ca_file=tls_words.file("ca_file", given["ca_file"]),
            client_cert_file=tls_words.file("client_cert_file", given["client_cert_file"]),
            client_key_file=tls_words.file("client_key_file", given["client_key_file"]),
            pins=tuple(tls_words.pin("tls_pins", each) for each in given["tls_pins"] or ()),
        ),
        ftp=ftp,
        pause=pause,
    )


def _require_fitting(given: Params, *, ftp: bool) -> None:
    if not ftp and given["port"] is None:
        raise InvalidRequest("port: is required for protocol tls", cure="Set it, for example to 443.")
    if not ftp and (given["username"] is not None or given["password"] is not None):
        raise InvalidRequest("username, password: have no meaning with protocol tls", cure="Leave them out.")
    if (given["username"] is None) != (given["password"] is None):
        raise InvalidRequest("username, password: only one of them is set", cure="Set both, or neither.")
    if given["client_cert_file"] is None and (given["client_key_file"] or given["client_key_passphrase"]):
        raise InvalidRequest("client_key_file: needs a client certificate", cure="Set client_cert_file too.")


def _pause(value: float) -> float:
    if not 0 <= value <= MOST_PAUSE:
        raise InvalidRequest(f"pause: {value} is not a valid pause", cure=f"Write seconds, from 0 to {MOST_PAUSE}.")
    return value

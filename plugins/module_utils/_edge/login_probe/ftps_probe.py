# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ftps_probe, and one run of it: parameters in, the result out."""

from __future__ import annotations

import os
from typing import Any, Dict

from ..._engine.ftps_service.live import LiveService, try_service
from ..._engine.model.display import plain
from ..._engine.model.endpoint import EXPLICIT, IMPLICIT, TLS_MODES, PeerIdentity
from .. import login_words, quantities, tls_words
from ..argspec import Spec
from ..contract import Result, Task


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    """A service of this host, and the account that tries it."""
    return {
        "port": {"type": "int"},
        "tls_mode": {"type": "str", "choices": list(TLS_MODES), "default": EXPLICIT},
        "certificate_file": {"type": "path", "required": True},
        "username": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "directory": {"type": "str"},
        "client_cert_file": {"type": "path"},
        "client_key_file": {"type": "path", "no_log": False},
        "timeout": {"type": "float", "default": 20.0},
    }


def request(task: Task) -> LiveService:
    given = task.params
    return LiveService(
        port=login_words.port("port", given["port"]) or login_words.ftps_port(given["tls_mode"]),
        implicit=given["tls_mode"] == IMPLICIT,
        certificate_file=str(tls_words.file("certificate_file", given["certificate_file"])),
        username=str(login_words.account("username", given["username"])),
        password=given["password"],
        directory=None if given["directory"] is None else os.fsencode(given["directory"]),
        seconds=quantities.seconds("timeout", given["timeout"]),
        client_cert_file=tls_words.file("client_cert_file", given["client_cert_file"]),
        client_key_file=tls_words.file("client_key_file", given["client_key_file"]),
    )


def run(task: Task) -> Result:
    service = request(task)
    if task.check_mode:
        return {"changed": False, "msg": "not tried in check mode"}
    return result(try_service(service), service)


def result(peer: PeerIdentity, service: LiveService) -> Result:
    done = "logged in" if service.directory is None else "stored, listed and retrieved a file"
    return {
        "changed": False,
        "protocol": peer.protocol,
        "cipher": peer.cipher,
        "data_channel_resumed": peer.data_channel_resumed,
        "msg": plain(f"{service.username} {done} over {peer.protocol}"),
    }


def blank() -> Result:
    return {"changed": False}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process behind `scripted_ftps.ScriptedFtps`: a thread for each session, settings as JSON."""

from __future__ import annotations

__all__ = ["main"]

import json
import os
import socket
import ssl
import sys
import threading
from typing import Any

from ..servers.ports import LOOPBACK
from .ftps_behaviours import parse
from .ftps_session import Service, Session


def _contexts(settings: dict[str, Any], behaviours: list) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts for control and data connections: one and the same, so that sessions can be resumed."""
    context = _fresh_context(settings)
    control = data = context
    for each in behaviours:
        control, data = each.context(control, data=False), each.context(data, data=True)
    return control, data


def _fresh_context(settings: dict[str, Any]) -> ssl.SSLContext:
    """Return a context that has no sessions yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["certificate"])
    if settings["tls"]:
        version = ssl.TLSVersion[f"TLSv{settings['tls'].replace('.', '_')}"]
        context.minimum_version = context.maximum_version = version
    return context


def main(settings: dict[str, Any], transcript: str) -> None:
    """Serve for ever; the first line out names the port."""
    os.umask(0)  # Each session has one of its own.
    behaviours = [parse(each) for each in settings["behaviours"]]
    with open(transcript, "ab", buffering=0) as record, socket.create_server((LOOPBACK, 0), backlog=64) as listener:
        service = Service(
            os.fsencode(settings["root"]),
            behaviours,
            *_contexts(settings, behaviours),
            record,
            implicit=settings["implicit"],
            fresh_context=lambda: _fresh_context(settings),
        )
        print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
        while True:
            connection, _address = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Session(service, connection).serve, daemon=True).start()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2])

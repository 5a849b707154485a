# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_key_pin_info: the stored pins, read and reported."""

from __future__ import annotations

import time
from typing import Any, Dict, NamedTuple, Optional, Sequence

from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.endpoint import FTPS, PROTOCOLS
from ..._engine.model.utc import utc
from ..._engine.pins.pin_lines import KNOWN_HOSTS_FORM, TLS_FORM, PinLine, lines_about, pin_lines, tls_name
from ..._engine.pins.plan import split_lines
from ..._engine.pins.store import read_store
from ..._engine.trust.fingerprint import PublicKey
from ..._engine.trust.known_hosts import CERT_AUTHORITY, REVOKED, Validity, host_name, in_comment
from .. import login_words
from ..contract import Result, Task

DEFAULT_STORE = "~/.ssh/known_hosts"
_KINDS = {"": "key", CERT_AUTHORITY: "authority", REVOKED: "revoked"}
_REVOKED = "revoked"


class InfoRequest(NamedTuple):
    """The request of host_key_pin_info.

    name: of one server in the file; None for all its lines
    over_tls: whether they are of FTPS servers
    """

    path: str
    name: Optional[str]
    over_tls: bool = False


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "protocol": {"type": "str", "choices": list(PROTOCOLS), "default": "sftp"},
            "host": {"type": "str"},
            "port": {"type": "int"},
            "path": {"type": "path", "aliases": ["known_hosts_file"]},
        }
    }


def request(task: Task) -> InfoRequest:
    given = task.params
    port = login_words.port("port", given["port"])
    over_tls = given["protocol"] == FTPS
    host = None if given["host"] is None else login_words.host("host", given["host"])
    name = host and (tls_name(host, port or 21) if over_tls else host_name(host, port))
    if name is None and port is not None:
        raise InvalidRequest("port: needs host", cure="Set host too, or leave port out.")
    return InfoRequest(pins_file(given["path"], must_be_given=over_tls), name, over_tls)


def run(task: Task) -> Result:
    asked = request(task)
    lines = split_lines(read_store(asked.path))
    form = TLS_FORM if asked.over_tls else KNOWN_HOSTS_FORM
    return result(pin_lines(lines, form) if asked.name is None else lines_about(lines, asked.name, form), asked.path)


def result(lines: Sequence[PinLine], path: str) -> Result:
    now = time.time()
    return {"changed": False, "time": utc(now), "path": plain(path), "pins": [stored_pin(line, now) for line in lines]}


def blank() -> Result:
    return {"changed": False, "pins": []}


def pins_file(path: Optional[str], *, must_be_given: bool) -> str:
    """Return the file of pins. Raises InvalidRequest."""
    if path is None and must_be_given:
        raise InvalidRequest("path: is required for pins of FTPS", cure="Set path, and tls_pins_file to the same file.")
    if path is not None and (not path or any(char in path for char in '\0\r\n"')):
        raise InvalidRequest(f"path: {path!r} is not a file name that ssh can read", cure="Use a plain path.")
    return path or DEFAULT_STORE


def stored_pin(line: PinLine, now: float) -> Result:
    entry, validity = line.entry, line.validity
    return {
        "line": line.place + 1,
        "hosts": plain(entry.hosts),
        "hashed": entry.hosts.startswith("|"),
        "pattern": not line.own or any(char in entry.hosts for char in "*?!"),
        **key_words(entry.key, entry.marker),
        "comment": plain(in_comment(entry.comment, Validity())),
        "state": _REVOKED if entry.marker == REVOKED else validity.phase(now),
        "valid_from": _moment(validity.valid_from),
        "valid_until": _moment(validity.valid_until),
    }


def key_words(key: PublicKey, marker: str) -> Result:
    return {"kind": _KINDS[marker], "key_type": plain(key.key_type), "fingerprint": key.fingerprint}


def _moment(moment: Optional[int]) -> Optional[str]:
    return None if moment is None else utc(moment)

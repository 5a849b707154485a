# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of certificate_rotation, and one run of it: parameters in, the result out."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional, Sequence

from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.local_path import local_path
from ..._engine.model.utc import utc
from ..._engine.rotation.certificates.openssl_keys import CLIENT, SERVER, Subject
from ..._engine.rotation.certificates.phases import Schedule
from ..._engine.rotation.certificates.steps import STEPS, Exchange, Report, Request, Wanted, begin, certify, step_of
from ..._engine.rotation.certificates.store import Generation, Place
from .. import login_words, tls_words
from ..argspec import Spec
from ..contract import Params, Result, Task
from ..quantities import seconds_of_days

_CERTIFIED, _BEGUN = "certified", "begun"
_TIMES = ("max_age", "renew_before", "announce", "overlap")


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    return {
        "state": {"type": "str", "choices": [*STEPS, _CERTIFIED, _BEGUN], "default": "observed"},
        "certificate_file": {"type": "path", "required": True},
        "private_key_file": {"type": "path", "required": True, "no_log": False},
        "names": {"type": "list", "elements": "str", "required": True},
        "purpose": {"type": "str", "choices": [SERVER, CLIENT], "default": SERVER},
        "passphrase": {"type": "str", "no_log": True},
        "max_age": {"type": "float", "default": 365.0},
        "renew_before": {"type": "float", "default": 30.0},
        "announce": {"type": "float", "default": 14.0},
        "overlap": {"type": "float", "default": 14.0},
        "hold": {"type": "bool", "default": False},
        "certificate": {"type": "str"},
    }


def request(task: Task) -> Request:
    given = task.params
    if not given["names"]:
        raise InvalidRequest("names: must not be empty", cure="List the host names that clients use.")
    place = Place(*(_file(given, option) for option in ("certificate_file", "private_key_file")))
    names = [login_words.host("names", name) for name in given["names"]]
    schedule = Schedule(*(seconds_of_days(name, given[name]) for name in _TIMES))
    return Request(place, Subject(names, given["purpose"]), schedule, given["hold"], given["passphrase"] or "")


def run(task: Task) -> Result:
    asked, state, now = request(task), task.params["state"], time.time()
    if state == _BEGUN:
        return _changed(begin(asked, now, check_mode=task.check_mode))
    if state != _CERTIFIED:
        return result(step_of(state, asked, now, check_mode=task.check_mode))
    if not task.params["certificate"]:
        raise InvalidRequest("certificate: is required for state certified", cure="Set certificate to the PEM text.")
    return result(certify(asked, task.params["certificate"], now, check_mode=task.check_mode))


def result(report: Report) -> Result:
    rotation = report.rotation
    return {
        **_changed(report.changes),
        "phase": rotation.phase,
        "next": utc(report.next_at),
        "renewal": utc(report.renew_at),
        "current": _key(rotation.current),
        "successor": _key(rotation.successor),
        "former": _key(rotation.former),
        "wanted": [_wanted(each) for each in report.wanted],
        "exchange": _exchange(report.exchange),
        "late": report.late,
        "unproven": report.unproven,
        "retiring": report.retiring,
        "msg": "; ".join([*report.changes, _sentence(report)]),
    }


def blank() -> Result:
    return {"changed": False, "changes": []}


def _file(params: Params, option: str) -> str:
    return local_path(str(tls_words.file(option, params[option])))


def _changed(changes: Sequence[str]) -> Result:
    return {
        "changed": bool(changes),
        "changes": list(changes),
        "diff": [{"before": "", "after": f"{change}\n"} for change in changes],
        "msg": "; ".join(changes) or "nothing to do",
    }


def _key(generation: Optional[Generation]) -> Optional[Result]:
    if generation is None:
        return None
    served = generation.served
    return {
        "pin": generation.pin or None,
        "made": utc(generation.made),
        "not_after": None if served is None else utc(served.not_after),
        "issuer": None if served is None else plain(served.issuer),
    }


def _wanted(wanted: Wanted) -> Result:
    generation = wanted.generation
    with open(generation.request_file, encoding="ascii") as file:
        request = file.read()
    return {"pin": generation.pin, "request": request, "place": generation.issued_file, "why": wanted.why}


def _exchange(exchange: Optional[Exchange]) -> Optional[Result]:
    if exchange is None:
        return None
    generation = exchange.generation
    return {
        "kind": exchange.kind,
        "pin": generation.pin,
        "certificate_file": generation.issued_file,
        "private_key_file": generation.key_file,
    }


def _sentence(report: Report) -> str:
    words = ["the key is", report.rotation.phase, "until", utc(report.next_at)]
    return " ".join([*words, "at least, the certificate must be renewed from", utc(report.renew_at), "on"])

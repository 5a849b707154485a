# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module audit_observe: one host, observed and not judged."""

from __future__ import annotations

import ipaddress
import re
import time
from typing import Any, Dict, Sequence

from ..._engine.audit.observing.observe import Question, observe
from ..._engine.audit.observing.observed import Observed
from ..._engine.errors import InvalidRequest
from ..._engine.model.utc import utc
from ..contract import Result, Task
from ..names import account_name
from .answers import clean

_MARK = re.compile(r"(?:jail_|tls_)?probe-[0-9a-f]{16}\Z")


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "accounts": {"type": "list", "elements": "str", "default": []},
            "address": {"type": "str", "default": "192.0.2.1"},
            "marks": {"type": "list", "elements": "str", "default": []},
            "directories": {"type": "list", "elements": "str", "default": []},
        }
    }


def request(task: Task) -> Question:
    names = tuple(account_name("accounts", name) for name in task.params["accounts"])
    try:
        address = str(ipaddress.ip_address(task.params["address"]))
    except ValueError:
        raise InvalidRequest(
            f"address: {task.params['address']!r} is not an address", cure="Set address to one like 192.0.2.1."
        ) from None
    marks = tuple(map(_mark, filter(None, task.params["marks"])))
    return Question(names, address, marks, tuple(task.params["directories"]))


def _mark(text: str) -> str:
    if not _MARK.match(text):
        raise InvalidRequest(
            f"marks: {text!r} is not a mark", cure="Set marks to values of ssh_probe, jail_probe and tls_policy."
        )
    return text


def run(task: Task) -> Result:
    return result(observe(request(task)))


def result(report: Sequence[Observed]) -> Result:
    missing = [each.what for each in report if each.value is None]
    msg = f"{len(report) - len(missing)} observations"
    return {
        "changed": False,
        "observations": [{**clean(each._asdict()), "time": utc(time.time())} for each in report],
        "msg": f"{msg}; without a value: {', '.join(missing)}" if missing else msg,
    }


def blank() -> Result:
    return {"changed": False, "observations": []}

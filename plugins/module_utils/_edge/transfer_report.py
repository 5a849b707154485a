# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""transfer_report: a period and files in, a report out."""

from __future__ import annotations

import os
import platform
import time
from typing import Any, Dict, Optional

from .._engine.errors import InvalidRequest
from .._engine.events.event_log import Period
from .._engine.model.display import plain
from .._engine.model.human import counted, human_size
from .._engine.transfer_report.data import report_data
from .._engine.transfer_report.making import Made, ReportRequest, make_report
from . import paths, quantities
from .contract import Params, Result, Task

_DAY = 86400
_MOST_DAYS = 400


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "path": {"type": "path", "default": "/var/log/secure_ftp_synchronize/events.jsonl"},
            "dest": {"type": "path"},
            "json_dest": {"type": "path"},
            "mode": {"type": "str", "default": "0640"},
            "days": {"type": "int", "default": 28},
            "last_day": {"type": "str"},
            "accounts": {"type": "list", "elements": "str", "default": []},
            "title": {"type": "str", "default": ""},
            "max_listed": {"type": "int", "default": 100},
        },
    }


def request(task: Task) -> ReportRequest:
    given = task.params
    return ReportRequest(
        log=paths.local("path", given["path"]),
        period=_period(given),
        host=platform.node(),
        accounts=tuple(given["accounts"]),
        title=given["title"],
        most=quantities.count("max_listed", given["max_listed"]),
        html=_file("dest", given["dest"]),
        json=_file("json_dest", given["json_dest"]),
        mode=_mode(given["mode"]),
        check_mode=task.check_mode,
    )


def run(task: Task) -> Result:
    return result(make_report(request(task)))


def result(made: Made) -> Result:
    report = report_data(made.report)
    totals = report["totals"]
    numbers = human_size(totals["bytes_uploaded"]), human_size(totals["bytes_downloaded"])
    msg = "%s uploaded %s and downloaded %s; %s, %s" % (
        counted(totals["accounts"], "account"),
        *numbers,
        counted(totals["alerts"], "alert"),
        counted(totals["failed_logins"], "failed login", "failed logins"),
    )
    return {
        "changed": bool(made.written),
        "msg": msg,
        "report": report,
        "written": [plain(each) for each in made.written],
    }


def blank() -> Result:
    return {"changed": False, "report": None, "written": []}


def _period(given: Params) -> Period:
    days = quantities.count("days", given["days"], most=_MOST_DAYS)
    if not days:
        raise InvalidRequest("days: 0 is no period", cure="Set days to 1 for the last day alone.")
    last = int(time.time()) if given["last_day"] is None else quantities.day("last_day", given["last_day"])
    until = (last // _DAY + 1) * _DAY
    return Period(until - days * _DAY, until)


def _file(option: str, path: Optional[str]) -> Optional[str]:
    return None if path is None else os.fsdecode(paths.local(option, path))


def _mode(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        raise InvalidRequest(f"mode: {text!r} is not octal", cure="Set mode like 0640.") from None

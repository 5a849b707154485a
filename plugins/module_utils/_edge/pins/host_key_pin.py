# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_key_pin: pins of servers, proven and then stored."""

from __future__ import annotations

import time
from typing import Any, Dict

from ..._engine.pins.pin_host import PinReport, PinRequest, pin_host
from .. import argspec
from ..contract import Result, Task
from .params import host_key_pin, pin_request
from .results import blank_pins, pin_result


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {**argspec.endpoint(), **argspec.tls(), **host_key_pin()},
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> PinRequest:
    return pin_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    asked = request(task)
    return result(pin_host(asked), asked, task)


def result(report: PinReport, asked: PinRequest, task: Task) -> Result:
    return pin_result(report, path=asked.path, now=time.time(), check_mode=task.check_mode, diff=task.diff)


def blank() -> Result:
    return blank_pins()

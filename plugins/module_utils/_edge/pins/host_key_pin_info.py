# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_key_pin_info: the stored pins, read and reported."""

from __future__ import annotations

import time
from typing import Any, Dict, Sequence

from ..._engine.pins.pin_lines import KNOWN_HOSTS_FORM, PinLine, lines_about, pin_lines
from ..._engine.pins.plan import split_lines
from ..._engine.pins.store import read_store
from ..._engine.pins.tls_pins import TLS_FORM
from ..contract import Result, Task
from .params import InfoRequest, host_key_pin_info, info_request
from .results import blank_info, info_result


def spec() -> Dict[str, Any]:
    return {"argument_spec": host_key_pin_info()}


def request(task: Task) -> InfoRequest:
    return info_request(task.params)


def run(task: Task) -> Result:
    asked = request(task)
    lines = split_lines(read_store(asked.path))
    form = TLS_FORM if asked.over_tls else KNOWN_HOSTS_FORM
    return result(pin_lines(lines, form) if asked.name is None else lines_about(lines, asked.name, form), asked)


def result(lines: Sequence[PinLine], asked: InfoRequest) -> Result:
    return info_result(lines, path=asked.path, now=time.time())


def blank() -> Result:
    return blank_info()

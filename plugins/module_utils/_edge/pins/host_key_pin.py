# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of host_key_pin or host_key_pin_info: parameters in, one call of the engine, the result out."""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping

from ..._engine.pins.pin_host import pin_host
from ..._engine.pins.pin_lines import KNOWN_HOSTS_FORM, lines_about, pin_lines
from ..._engine.pins.plan import split_lines
from ..._engine.pins.store import read_store
from ..._engine.pins.tls_pins import TLS_FORM
from .params import info_request, pin_request
from .results import info_result, pin_result

__all__ = ["list_pins", "pin"]


def pin(params: Mapping[str, Any], *, check_mode: bool, diff: bool) -> Dict[str, Any]:
    """The whole result of host_key_pin with the module's `params`. Raises SyncError."""
    request = pin_request(params, check_mode=check_mode)
    report = pin_host(request)
    return pin_result(report, path=request.path, now=time.time(), check_mode=check_mode, diff=diff)


def list_pins(params: Mapping[str, Any]) -> Dict[str, Any]:
    """The whole result of host_key_pin_info with the module's `params`. Raises SyncError."""
    request = info_request(params)
    lines = split_lines(read_store(request.path))
    form = TLS_FORM if request.over_tls else KNOWN_HOSTS_FORM
    found = pin_lines(lines, form) if request.name is None else lines_about(lines, request.name, form)
    return info_result(found, path=request.path, now=time.time())

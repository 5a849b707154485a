# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between the options of the role at_rest, checked on the controller before any program is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..module_utils._edge.at_rest_vault import request
from ..module_utils._edge.contract import Task

_PREFIX = "at_rest_"


def require_at_rest(options: Mapping[str, Any], path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest if the module at_rest_vault refuses the options on every host. path_of: not used."""
    request(Task({name.removeprefix(_PREFIX): value for name, value in options.items()}))

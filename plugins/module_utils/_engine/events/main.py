# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program `events`: one pass of the collector, with the settings of a JSON file.

Exit status: 0 if the pass is complete, 75 if another collector is running, 1 after an error, which is the only line of
standard error.
"""

from __future__ import annotations

import os
import pwd
import sys
import time
from typing import Any, Callable, Dict, Optional, Sequence

from ..errors import SyncError
from ..model.relpath import display_text
from ..system.boot_id import boot_id
from ..system.durable_files import put
from .collecting import Passed, collect
from .members import members, require_groups
from .metrics import metrics_text
from .rules.limits import RuleLimits
from .rules.parsing import parse_limits
from .rules.watch import Watch
from .settings import Settings, parse_settings
from .ssh_sessions import Accounts
from .state import StateLocked, StateUnusable

__all__ = ["main"]

_METRICS_MODE = 0o644
_BUSY = 75


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run one pass. arguments: the path of the settings."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        return _refuse("usage: events SETTINGS")
    try:
        with open(given[0], "rb") as file:
            settings = parse_settings(file.read())
        passed = collect(settings, _accounts(), _rules(settings), time.time)
        _write_metrics(settings, passed)
        # At the end: without the group, the events are collected nevertheless.
        require_groups("mfa_accounts", settings.mfa_accounts)
        require_groups("break_glass_accounts", settings.break_glass_accounts)
    except StateLocked as error:
        _refuse(error.message)
        return _BUSY
    except SyncError as error:
        return _refuse("%s. %s" % (error.message, error.cure) if error.cure else error.message)
    except OSError as error:
        return _refuse("%s: %s" % (error.filename or "events", error.strerror or error))
    return 0


def _rules(settings: Settings) -> Callable[[Optional[Dict[str, Any]]], Watch]:
    """Return the maker of the rules, which takes their saved state and raises StateUnusable. Raises InvalidRequest."""
    limits = parse_limits(settings.rules)._replace(
        mfa_accounts=members(settings.mfa_accounts), break_glass_accounts=members(settings.break_glass_accounts)
    )
    return lambda saved: _read_watch(saved, limits) if saved else Watch(limits, began=time.time())


def _read_watch(saved: Dict[str, Any], limits: RuleLimits) -> Watch:
    try:
        return Watch.read(saved, limits)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateUnusable.by("rules: %r" % error) from None


def _refuse(words: str) -> int:
    sys.stderr.write(display_text(words) + "\n")
    return 1


def _write_metrics(settings: Settings, passed: Passed) -> None:
    if not settings.metrics:
        return
    now = time.time()
    gauges = {"sessions": float(passed.sessions), "events_last_run_timestamp_seconds": now}
    if passed.newest:
        gauges["events_lag_seconds"] = max(0.0, now - passed.newest)
    put(settings.metrics, metrics_text(passed.counters, gauges).encode("utf-8"), _METRICS_MODE)


def _accounts() -> Accounts:
    return Accounts(_uid_of, _name_of, _is_alive, boot_id().decode("ascii"))


def _uid_of(account: str) -> Optional[int]:
    try:
        return pwd.getpwnam(account).pw_uid
    except (KeyError, ValueError):
        return None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return ""


def _is_alive(pid: int) -> bool:
    return os.path.exists("/proc/%d" % pid)

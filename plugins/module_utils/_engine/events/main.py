# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program `events`: one pass of the collector, with the settings of a JSON file.

Exit status: 0 if the pass is complete, 75 if another collector is running, 1 after an error, which is the only line of
standard error.

In a list of accounts, %name is a group of this host, as in sudoers; !name and !%name are exceptions, wherever they are
in the list.
"""

from __future__ import annotations

import os
import pwd
import sys
import time
from typing import Any, Callable, Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Set

from ..errors import InvalidRequest, SyncError
from ..model.display import display_text
from ..system.accounts import group_named
from ..system.boot_id import boot_id
from ..system.durable_files import put
from .collecting import Passed, collect
from .metrics import metrics_text
from .probe.answer import read_answer
from .rules.limits import RuleLimits, parse_limits
from .rules.tree_changes import Findings
from .rules.watch import Watch
from .settings import Settings, parse_settings
from .ssh_sessions import Accounts
from .state import StateLocked, StateUnusable
from .trees.report import read_reports

_METRICS_MODE = 0o644
_BUSY = 75
_GROUP, _EXCEPT = "%", "!"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run one pass. arguments: the path of the settings."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        return _refuse("usage: events SETTINGS")
    try:
        with open(given[0], "rb") as file:
            settings = parse_settings(file.read())
        findings = _findings(settings)
        passed = collect(settings, _accounts(), _rules(settings, findings), time.time)
        _write_metrics(settings, passed, findings)
        # At the end: without the group, the events are collected nevertheless.
        for option, names in _groups(settings).items():
            require_groups(option, names)
    except StateLocked as error:
        _refuse(error.message)
        return _BUSY
    except SyncError as error:
        return _refuse(f"{error.message}. {error.cure}" if error.cure else error.message)
    except OSError as error:
        return _refuse(f"{error.filename or 'events'}: {error.strerror or error}")
    return 0


def _groups(settings: Settings) -> Dict[str, Sequence[str]]:
    """Return the options whose names may be groups."""
    return {"mfa_accounts": settings.mfa_accounts, "break_glass_accounts": settings.break_glass_accounts}


def _findings(settings: Settings) -> Findings:
    reports = read_reports(settings.manifests, settings.trees)
    return Findings(settings.trees, reports, read_answer(settings.probe) if settings.probe else None)


def _rules(settings: Settings, findings: Findings) -> Callable[[Optional[Dict[str, Any]]], Watch]:
    """Return the maker of the rules, which takes their saved state and raises StateUnusable. Raises InvalidRequest."""
    limits = parse_limits(settings.rules)._replace(
        mfa_accounts=members(settings.mfa_accounts), break_glass_accounts=members(settings.break_glass_accounts)
    )
    return lambda saved: _read_watch(saved, limits, findings) if saved else Watch(limits, time.time(), findings)


def _read_watch(saved: Dict[str, Any], limits: RuleLimits, findings: Findings) -> Watch:
    try:
        return Watch.read(saved, limits, findings)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateUnusable.by(f"rules: {error!r}") from None


def _refuse(words: str) -> int:
    sys.stderr.write(display_text(words) + "\n")
    return 1


def _write_metrics(settings: Settings, passed: Passed, findings: Findings) -> None:
    if not settings.metrics:
        return
    now = time.time()
    gauges = {"sessions": float(passed.sessions), "events_last_run_timestamp_seconds": now}
    if passed.newest:
        gauges["events_lag_seconds"] = max(0.0, now - passed.newest)
    if any(map(has_groups, _groups(settings).values())):
        gauges["groups_missing"] = float(sum(len(missing_groups(names)) for names in _groups(settings).values()))
    if findings.trees:
        gauges["trees_without_manifest"] = float(len(findings.trees) - len(findings.reports))
    if findings.reports:
        gauges["trees_compared_timestamp_seconds"] = min(report.moment for report in findings.reports)
    if findings.answer:
        gauges["log_probe_timestamp_seconds"] = findings.answer.moment
        gauges["log_silent"] = float(not findings.answer.is_logged)
    if passed.configuration:
        gauges["configuration_differences"] = float(passed.configuration.differences)
        gauges["configuration_check_timestamp_seconds"] = passed.configuration.checked
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
    return os.path.exists(f"/proc/{pid}")


def members(names: Iterable[str]) -> FrozenSet[str]:
    """Return the accounts of these names and of these groups, primary groups too. A missing group has no account."""
    listed: Set[str] = set()
    excepted: Set[str] = set()
    for name in names:
        if name.startswith(_EXCEPT):
            excepted.update(_members_of(name[len(_EXCEPT) :]))
        else:
            listed.update(_members_of(name))
    return frozenset(listed - excepted)


def has_groups(names: Iterable[str]) -> bool:
    return any(_is_group(name) for name in names)


def missing_groups(names: Iterable[str]) -> List[str]:
    """Return the groups of these names that do not exist."""
    groups = (name.partition(_GROUP)[2] for name in names if _is_group(name))
    return [name for name in groups if group_named(name) is None]


def require_groups(option: str, names: Iterable[str]) -> None:
    """Raises InvalidRequest if a group of these names is missing."""
    for name in missing_groups(names):
        raise InvalidRequest(
            f"{option}: the group {name} does not exist",
            cure=f"Correct transfer_monitoring_{option}, or create the group.",
        )


def _is_group(name: str) -> bool:
    return name.startswith((_GROUP, _EXCEPT + _GROUP))


def _members_of(name: str) -> Iterator[str]:
    if not name.startswith(_GROUP):
        yield name
        return
    group = group_named(name[len(_GROUP) :])
    if group is not None:
        yield from group.gr_mem
        yield from (each.pw_name for each in pwd.getpwall() if each.pw_gid == group.gr_gid)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records on the controller which servers have a list of revoked keys, and names the others; no host is contacted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..module_utils._edge.quantities import duration
from ..module_utils._engine.model.display import plain
from ..modules.revocation_spread import DOCUMENTATION
from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.revocation_spread import (
    Spread,
    format_spread,
    only_run,
    parse_spread,
    read_record,
    spread_after,
    write_record,
)
from ..plugin_utils.revocation_times import Limits, Times, measured, over_limits
from ..plugin_utils.step_results import is_set, registered


class ActionModule(ControllerAction):
    """Pair the servers with the results of the installation, by name."""

    documentation = DOCUMENTATION

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return `missed`, `reached` and the times."""
        with only_run(wanted["path"], check_mode=self._task.check_mode):
            return self._recorded(wanted, _answers(wanted, task_vars))

    def _recorded(self, wanted: dict[str, Any], pairs: Mapping[str, Any]) -> dict[str, Any]:
        text = read_record(wanted["path"])
        known = {name: each for name, each in parse_spread(text).items() if name not in wanted["retired"]}
        servers = [name for name in wanted["servers"] if name not in wanted["retired"]]
        finished = wanted["finished"]
        after = spread_after(known, wanted["version"], pairs.items(), time.time(), servers, finished=finished)
        new = format_spread(after)
        if new != text and not self._task.check_mode:
            write_record(wanted["path"], new)
        missed = [_missed(name, each) for name, each in sorted(after.items()) if each.since]
        reached = sorted(name for name, each in after.items() if not each.since)
        return {
            "changed": new != text,
            "missed": missed,
            "reached": reached,
            "msg": _words(wanted["version"], missed),
            **_times(measured(wanted["made"], pairs, set(reached), complete=not missed), _limits(wanted["limits"])),
        }


def _answers(wanted: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results by the servers of the run; None for a server that was lost, then or at a later task."""
    found = registered(wanted["results"], task_vars)
    later = [registered(name, task_vars) for name in wanted["later"]]
    lost = {host for each in later for host, result in each.items() if is_set(result, "unreachable")}
    return {host: None if host in lost else found.get(host) for host in task_vars["ansible_play_hosts_all"]}


def _limits(given: Mapping[str, str]) -> Limits:
    return Limits(*(duration(f"limits.{name}", given[name], shortest=1) for name in Limits._fields))


def _times(times: Times | None, limits: Limits) -> dict[str, Any]:
    return {} if times is None else {"times": times.shown(), "over": over_limits(times, limits)}


def _missed(name: str, spread: Spread) -> dict[str, Any]:
    return {"host": plain(name), **spread._asdict(), "reason": plain(spread.reason)}


def _words(version: int, missed: list[dict[str, Any]]) -> str:
    if not missed:
        return f"every server has version {version} of the list"
    named = ", ".join(f"{each['host']} ({each['reason']}, since {each['since']})" for each in missed)
    return f"version {version} of the list is not on {named}. Run this again until no server is named."

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of a revocation, all by the clock of the controller, and the limits that they exceed.

The controller notes when it begins a task and when it has the answer. By then the list is in place, and the sessions
are ended. Times in the answer of a host are replaced.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..module_utils._engine.model.display import plain
from ..module_utils._engine.model.utc import utc


class Limits(NamedTuple):
    """Seconds. refused: for making the list, then installing it on one server. all_hosts: for all servers."""

    refused: int
    all_hosts: int


class Times(NamedTuple):
    """began: of the run. servers: begin and end of the installation on each, as seconds since 1970.

    making: seconds for the list
    complete: whether every server has the list
    """

    began: float
    making: float
    servers: Mapping[str, tuple[float, float]]
    complete: bool

    def refused(self, name: str) -> float:
        """Return the seconds that a run on this server alone would take."""
        began, ended = self.servers[name]
        return self.making + ended - began

    @property
    def all_hosts(self) -> float | None:
        """Return the seconds until the last server; None if a server was missed."""
        ends = [ended for _began, ended in self.servers.values()]
        return max(ends) - self.began if self.complete and ends else None

    def shown(self) -> dict[str, Any]:
        """Return plain data, with times in UTC."""
        longest = max(map(self.refused, self.servers), default=None)
        whole = self.all_hosts
        return {
            "began": utc(self.began),
            "hosts": [self._row(name) for name in sorted(self.servers)],
            "refused": None if longest is None else round(longest, 2),
            "all_hosts": None if whole is None else round(whole, 2),
        }

    def _row(self, name: str) -> dict[str, Any]:
        began, ended = self.servers[name]
        seconds = round(self.refused(name), 2)
        return {"host": plain(name), "began": utc(began), "ended": utc(ended), "seconds": seconds}


def timed(answer_of: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    began = time.time()
    answer = answer_of()
    return {**answer, "times": {"began": began, "ended": time.time()}}


def measured(made: Mapping[str, Any], results: Mapping[str, Any], reached: set[str], *, complete: bool) -> Times | None:
    """Return the times of a run; None if no list was made. made, results: with the times of `timed`.

    reached, complete: the servers that have the list, and whether no other server must have it
    """
    making = _times_of(made)
    if making is None:
        return None
    found = {name: _times_of(result) for name, result in results.items() if name in reached}
    servers = {name: each for name, each in found.items() if each is not None}
    return Times(making[0], making[1] - making[0], servers, complete)


def _times_of(result: Any) -> tuple[float, float] | None:
    times = result.get("times") if isinstance(result, Mapping) else None
    if not isinstance(times, Mapping):
        return None
    began, ended = times.get("began"), times.get("ended")
    return (began, ended) if isinstance(began, float) and isinstance(ended, float) else None


def over_limits(times: Times, limits: Limits) -> list[str]:
    """Return, in words, each limit that was exceeded."""
    found = [
        f"{plain(name)} refused after {times.refused(name):.0f} s, limit {limits.refused} s"
        for name in sorted(times.servers)
        if times.refused(name) > limits.refused
    ]
    whole = times.all_hosts
    if whole is not None and whole > limits.all_hosts:
        found.append(f"all servers refused after {whole:.0f} s, limit {limits.all_hosts} s")
    return found

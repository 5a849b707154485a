# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw results of tasks: of a loop over items of the controller, and of the hosts of a play.

Of a result of a loop only failure, unreachability and message count. Its item is found by its position and never read
from the result: a host can write any item into its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ..module_utils._engine.errors import Refused
from ..module_utils._engine.model.display import plain

Item = TypeVar("Item")


_LONGEST_REASON = 300


class ResultsIncomplete(Refused):
    """A step has another number of results than of items."""

    code = "results_incomplete"


def paired(step: str, items: Sequence[Item], results: Sequence[Any]) -> Iterator[tuple[Item, Any]]:
    """Return each item with its result. Raise ResultsIncomplete."""
    if len(results) != len(items):
        raise ResultsIncomplete(f"{step}: items: {len(items)}, results: {len(results)}")
    return zip(items, results, strict=True)


def registered(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the registered result of this name of each host that is still in the play.

    The result of a task wins over a fact of this name. A host that failed before the task may have only the fact.
    """
    hosts = variables["hostvars"]
    return {host: hosts[host].get(name) for host in variables["ansible_play_hosts"]}


def failed(result: Any) -> bool:
    """Return whether a host failed, was unreachable, or gave no result."""
    return not isinstance(result, Mapping) or is_set(result, "failed") or is_set(result, "unreachable")


def is_set(result: Any, name: str) -> bool:
    """Return whether a result has a true value of this name."""
    return isinstance(result, Mapping) and bool(result.get(name))


def reason(result: Any) -> str:
    """Return the message of a result, printable. It is cut: it goes into the ledgers and options of other hosts."""
    message = result.get("msg") if isinstance(result, Mapping) else None
    if not message:
        return "no reason given"
    text = plain(str(message)[: _LONGEST_REASON + 1])
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " ..."

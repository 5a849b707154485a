# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which peers of a server took part in a step of its rotation, decided on the controller; no host is contacted.

Peers are listed by the controller, and a step is a task that loops over their positions. A result is data about its
peer: it counts by its position, and names no other peer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..module_utils._engine.model.display import plain
from .step_results import failed, is_set, paired, reason

Peer = Mapping[str, Any]

_SHOWN = ("host", "path")
_TRUSTED = ("active", "retiring")  # states of a pin that a client accepts


@dataclass(frozen=True)
class Step:
    """The results of one task.

    asked: positions of the peers over which the task looped
    required: fingerprints that each client must have pinned
    unreachable_passes: a peer out of reach is not behind, and takes no further part
    check_mode: a peer whose pins would change cannot log in with them
    """

    asked: Sequence[int]
    results: Sequence[Any]
    required: frozenset[str] = frozenset()
    unreachable_passes: bool = False
    check_mode: bool = False


def peers_after(peers: Sequence[Peer], step: Step, behind: Iterable[Peer] = ()) -> dict[str, Any]:
    """Return the positions that are `ready` for the next step, and the peers that are `behind`, each named once.

    behind: the peers from earlier steps.
    """
    pairs = list(paired("results", step.asked, step.results))
    late = [_behind(peers[asked], why) for asked, result in pairs if (why := _reason(result, step))]
    return {
        "ready": [asked for asked, result in pairs if _is_ready(result, step)],
        "behind": list({_identity(peer): peer for peer in [*late, *behind]}.values()),
    }


def _is_ready(result: Any, step: Step) -> bool:
    waits = step.check_mode and is_set(result, "changed")
    return not (failed(result) or waits or _lacking(result, step))


def _reason(result: Any, step: Step) -> str:
    """Return the reason why a peer is behind; empty if it is not."""
    if step.unreachable_passes and is_set(result, "unreachable"):
        return ""
    if failed(result):
        return reason(result)
    lacking = _lacking(result, step)
    return f"the server did not prove {', '.join(lacking)}" if lacking else ""


def _lacking(result: Any, step: Step) -> list[str]:
    return sorted(step.required.difference(_pinned(result)))


def _pinned(result: Any) -> Iterator[str]:
    """Yield the fingerprints of the keys that a client answers to have pinned."""
    pins = result.get("pins") if isinstance(result, Mapping) else None
    for pin in pins if isinstance(pins, list) else []:
        if isinstance(pin, Mapping) and pin.get("kind") == "key" and pin.get("state") in _TRUSTED:
            yield str(pin.get("fingerprint"))


def _behind(peer: Peer, why: str) -> dict[str, str]:
    return {**{name: plain(str(peer[name])) for name in _SHOWN if peer.get(name)}, "reason": why}


def _identity(peer: Peer) -> tuple[Any, ...]:
    return tuple(peer.get(name) for name in _SHOWN)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far each server came in a rotation: the legs of the controller, paired by position with the results of steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..module_utils._engine.rotation.client_keys.plan import PUBLISH, RETIRE
from .step_results import failed, is_set, paired, reason

STEPS = ("publish", "revoke", "prove", "retire")

Leg = Mapping[str, Any]
Results = Mapping[str, Sequence[Any]]

_NAME_THEM = (
    " may still be accepted. Set client_key_rotation_mode: compromise, and name it in client_key_rotation_compromised."
)
_MOST_NAMED = 5


def progress(jobs: Iterable[str], legs: Sequence[Leg], results: Results) -> dict[str, Any]:
    """Return the legs of each step, as far as the steps before them succeeded, and a summary of each job.

    results: of the completed steps, by name.
    """
    todo: dict[str, list[Leg]] = {}
    ready = [leg for leg in legs if leg["phase"] == PUBLISH and leg["public_key"]]
    todo["publish"] = [leg for leg in ready if leg["managed"]]
    away = _servers_with("unreachable", todo, results)
    todo["revoke"] = [leg for leg in legs if leg["managed"] and leg["revoked_keys"] and leg["server"] not in away]
    silent = _servers_with("timedout", todo, results)
    todo["revoke"].sort(key=lambda leg: leg["server"] in silent)  # no other server waits for it again
    todo["prove"] = [*_done("publish", todo, results), *(leg for leg in ready if not leg["managed"])]
    proven = _done("prove", todo, results)
    promoted = [*proven, *(leg for leg in legs if leg["phase"] == RETIRE)]
    todo["retire"] = [leg for leg in promoted if leg["managed"]]
    finished = [*_done("retire", todo, results), *(leg for leg in promoted if not leg["managed"])]
    troubles = [*_failures(todo, results), *_left(legs)]
    return {
        **{"to_" + step: todo[step] for step in STEPS},
        "proven": proven,
        "troubles": troubles,
        "jobs": [_summary(job, proven, finished, troubles) for job in jobs],
    }


def _summary(job: str, proven: list[Leg], finished: list[Leg], troubles: list[dict[str, str]]) -> dict[str, Any]:
    behind = [{name: each[name] for name in ("server", "phase", "reason")} for each in troubles if each["job"] == job]
    late = {each["server"] for each in behind}
    return {
        "name": job,
        "proven": [leg["server"] for leg in proven if leg["job"] == job],
        "cleared": [leg["server"] for leg in finished if leg["job"] == job and leg["server"] not in late],
        "behind": behind,
    }


def _pairs(step: str, todo: Mapping[str, list[Leg]], results: Results) -> Iterator[tuple[Leg, Any]]:
    found = results.get(step)
    return iter(()) if found is None else paired(step, todo[step], found)


def _servers_with(word: str, todo: Mapping[str, list[Leg]], results: Results) -> set[str]:
    """Return the servers whose result of publishing has a true value of this name."""
    return {leg["server"] for leg, result in _pairs("publish", todo, results) if is_set(result, word)}


def _done(step: str, todo: Mapping[str, list[Leg]], results: Results) -> list[Leg]:
    return [leg for leg, result in _pairs(step, todo, results) if not failed(result)]


def _failures(todo: Mapping[str, list[Leg]], results: Results) -> Iterator[dict[str, str]]:
    for step in STEPS:
        for leg, result in _pairs(step, todo, results):
            if failed(result):
                hand_over = "" if leg["managed"] else f" Its operator needs {leg['private_key_file']}.pub."
                yield _trouble(leg, step, reason(result) + hand_over)


def _left(legs: Iterable[Leg]) -> Iterator[dict[str, str]]:
    """Keys are revoked if the controller names them, and not otherwise."""
    for leg in legs:
        if leg["left_to_revoke"]:
            yield _trouble(leg, "revoke", ", ".join(leg["left_to_revoke"][:_MOST_NAMED]) + _NAME_THEM)


def _trouble(leg: Leg, step: str, reason: str) -> dict[str, str]:
    return {"job": leg["job"], "server": leg["server"], "phase": step, "reason": reason}

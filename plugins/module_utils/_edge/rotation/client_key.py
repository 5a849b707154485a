# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module client_key: the key of a sync job on its client, one step of a rotation at a time."""

from __future__ import annotations

from typing import Any, Dict, Sequence, Union

from ..._engine.rotation.client_keys import job
from ..._engine.rotation.client_keys.plan import Leg
from ..._engine.rotation.client_keys.store import Place
from ..._engine.system.changes import Change
from ..contract import Params, Result, Task
from . import key_params as params
from .changes import changed

Step = Union[job.Preparation, job.Settlement, Sequence[str]]
"""The request: a preparation, a settlement, or the servers at which the new key is proven."""


def spec() -> Dict[str, Any]:
    return {"argument_spec": params.client_key(), "required_if": params.CLIENT_KEY_REQUIRED}


def request(task: Task) -> Step:
    if task.params["state"] == params.PREPARED:
        return params.preparation(task.params)
    if task.params["state"] == params.PROMOTED:
        return [params.server_name(each) for each in task.params["proven"]]
    return params.settlement(task.params)


def run(task: Task) -> Result:
    place, asked = Place(params.plain_path(task.params["path"])), request(task)
    if isinstance(asked, job.Preparation):
        return result(job.prepare(place, asked, check_mode=task.check_mode), task)
    if isinstance(asked, job.Settlement):
        return result(job.settle(place, asked, check_mode=task.check_mode), task)
    return result(job.promote(place, params.job_name(task.params["job"]), asked, check_mode=task.check_mode), task)


def result(report: job.Prepared | Sequence[Change], task: Task) -> Result:
    return _prepared(report, task.params) if isinstance(report, job.Prepared) else changed(report)


def blank() -> Result:
    return {"changed": False, "changes": []}


def _prepared(found: job.Prepared, given: Params) -> Result:
    wanted = found.public_keys.get(found.wanted)
    fingerprints = {generation: text for text, generation in found.known.items()}
    return {
        **changed(found.changes),
        "generation": found.wanted.name,
        "new_because": found.why,
        "private_key_file": found.private_key_file,
        "public_key": wanted,
        "fingerprint": fingerprints.get(found.wanted),
        "public_keys": sorted({*found.public_keys.values(), *found.revoked.values()}),
        "known": {text: generation.name for text, generation in sorted(found.known.items())},
        "legs": [_leg(each, found, given["job"]) for each in found.legs],
        "behind": [{"server": name, **entry._asdict()} for name, entry in found.behind.items()],
        "strangers": list(found.strangers),
    }


def _leg(leg: Leg, found: job.Prepared, name: str) -> Result:
    """Return the data for the tasks of one server. A key that check mode did not make is missing."""
    keys = [found.public_keys[each] for each in leg.published if each in found.public_keys]
    wanted = found.public_keys.get(found.wanted)
    return {
        "job": name,
        "server": leg.server.name,
        "managed": leg.server.managed,
        "phase": leg.phase,
        "private_key_file": found.private_key_file,
        "public_key": wanted,
        "published_keys": keys if wanted is not None else [],
        "revoked_keys": [found.revoked[each] for each in leg.server.to_revoke],
    }

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a client, the work at their servers and its progress; and the peers that took part in a step of a
rotation: decided on the controller, no host is contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._engine.errors import InvalidRequest
from ..modules.rotation_legs import DOCUMENTATION
from ..plugin_utils.answer_guard import AnswerRefused
from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.core_private import without_facts
from ..plugin_utils.fact_guard import FactsRefused, require_no_own_names
from ..plugin_utils.rotation_answers import Policy, compromised_keys_of, judged, keys_of
from ..plugin_utils.rotation_everywhere import everywhere, places_of
from ..plugin_utils.rotation_jobs import Job, jobs_of, managed_hosts
from ..plugin_utils.rotation_peers import Step, peers_after
from ..plugin_utils.rotation_progress import STEPS, progress


class ActionModule(ControllerAction):
    """Check the jobs and judge the answers of their client, or pair legs or peers with the results of steps, by
    position."""

    documentation = DOCUMENTATION

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return `jobs`, `hosts` and `places` and, with `prepared`, `legs`, `to_publish`, `known` and
        `compromised_keys`. With `legs`: the legs, the legs of each step and a summary of each job. With `peers`: those
        that are `ready` and `behind`."""
        if wanted["peers"] is not None:
            return {"changed": False, **_peers(wanted, check_mode=self._task.check_mode)}
        if wanted["jobs"] is None:
            raise InvalidRequest("jobs, peers: are not set", cure="Set one of them.")
        if wanted["legs"] is not None:
            return {"changed": False, **_progress(wanted, task_vars)}
        jobs = jobs_of(wanted["jobs"], _reach(wanted["jobs"], task_vars))
        found: dict[str, Any] = {
            "jobs": [_brief(job) for job in jobs],
            "hosts": managed_hosts(jobs),
            "places": places_of(jobs, wanted["revoked_keys_file"]),
        }
        if wanted["prepared"] is not None:
            require_no_own_names(task_vars["inventory_hostname"], task_vars.get("ansible_facts") or {})
            found |= _judgement(jobs, wanted, task_vars["inventory_hostname"])
        return {"changed": False, **found}


def _peers(wanted: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Return `ready` and `behind`; of the peers only host and path."""
    peers, everyone = wanted["peers"], range(len(wanted["peers"]))
    if wanted["results"] is None:
        return {"ready": list(everyone), "behind": wanted["behind"]}
    step = Step(
        everyone if wanted["asked"] is None else wanted["asked"],
        wanted["results"],
        frozenset(wanted["required"]),
        wanted["unreachable_passes"],
        check_mode,
    )
    return peers_after(peers, step, wanted["behind"])


def _reach(jobs: list[dict[str, Any]], variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the address of each server that is a host of the inventory."""
    named = {server["host"] for job in jobs for server in job["servers"]}
    known = named.intersection(variables["groups"]["all"])
    hosts = without_facts(variables["hostvars"])
    return {name: hosts[name].get("ansible_host") or name for name in known}


def _brief(job: Job) -> dict[str, Any]:
    """Return the job for the client: the options of client_key."""
    servers = [{"name": server.name, "managed": server.managed} for server in job.servers]
    return {"name": job.name, "servers": servers}


def _judgement(jobs: tuple[Job, ...], wanted: dict[str, Any], client: str) -> dict[str, Any]:
    answers = wanted["prepared"]
    if len(answers) != len(jobs):
        raise AnswerRefused(f"prepared: has {len(answers)} answers for {len(jobs)} jobs")
    policy = Policy(
        client=client,
        key_type=wanted["key_type"],
        directory=wanted["directory"],
        keys_directory=wanted["keys_directory"],
        revoked_keys_file=wanted["revoked_keys_file"],
        compromised=frozenset(wanted["compromised"]),
    )
    pairs = list(zip(jobs, answers, strict=True))
    legs = [leg for job, answer in pairs for leg in judged(job, answer, policy)]
    named = [key for job, answer in pairs for key in compromised_keys_of(job, answer, policy)]
    return {
        "legs": legs,
        "to_publish": progress([], legs, {})["to_publish"],
        "known": {job.name: keys_of(job, answer) for job, answer in pairs},
        "compromised_keys": list(dict.fromkeys(named)),
    }


def _progress(wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    taken = {step: wanted[step] for step in STEPS if wanted[step] is not None}
    legs = wanted["legs"]
    if wanted["compromised_keys"]:
        keys, places = (_trusted(wanted[name], task_vars) for name in ("compromised_keys", "places"))
        legs = everywhere(task_vars["inventory_hostname"], legs, keys, places)
    return {"legs": legs, **progress([job["name"] for job in wanted["jobs"]], legs, taken)}


def _trusted(by_client: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out clients whose facts have our names: such a fact may stand for a result that the controller lacks."""
    return {name: value for name, value in by_client.items() if _has_no_own_names(name, task_vars["hostvars"])}


def _has_no_own_names(name: str, hostvars: Mapping[str, Any]) -> bool:
    try:
        require_no_own_names(name, hostvars[name].get("ansible_facts") or {})
    except FactsRefused:
        return False
    return True

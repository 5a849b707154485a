# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers: options of secure_sync under a name, for exchange.yml, deploy_exchange.yml and the jobs of sync_job.

The specification of secure_sync is the only list of these options. The first source with a value for an option wins:
the transfer, exchange_defaults, a credential of AWX (exchange_credential_OPTION), exchange_OPTION. A null in one of the
first two leaves the option out. The last three serve partners of both protocols, so their options of the other protocol
are left out.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..module_utils._edge import argspec, paths
from ..module_utils._edge.argspec import SECRETS_FROM
from ..module_utils._edge.contract import Task
from ..module_utils._edge.jobs.job_options import secret_names
from ..module_utils._edge.login_words import foreign_options
from ..module_utils._edge.sync import secure_sync
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.jobs.job_file import job_name
from ..module_utils._engine.model.endpoint import FTPS
from .inventory_endpoint import INVENTORY_NAME, NAMES, applies, endpoint
from .role_spec import about, as_on_the_controller, validated

_SPEC = secure_sync.spec()["argument_spec"]
_RULES = {"mutually_exclusive": secure_sync.spec()["mutually_exclusive"]}
_DIRECTION, _NAME, _SCHEDULE, _SPREAD = "direction", "name", "schedule", "start_spread"
_CURE = "Correct it. ansible-doc secure.ftp_synchronize.secure_sync lists the options."
_SAME_DEST = "dest, or one inside another. Use inventory_hostname in dest"
Options = Mapping[str, Any]


def exchange_values(options: Options, own: Callable[[str], Options], *, as_jobs: bool = False) -> dict[str, Any]:
    """Return the checked transfers of a partner, and values that follow from them. Raises SyncError.

    options: of the playbook. own: returns a variable with its value, or nothing. as_jobs: for deploy_exchange.yml

    transfers: the options of each by its name; only here and in jobs are secrets. columns: for the table, by the same
    names. selected: names of the transfers in the direction of this run. jobs: for sync_job. claims: things that each
    transfer of all partners needs for itself, with the same `of` if they are the same
    """
    inventory = {key: value for name in (*NAMES, INVENTORY_NAME) for key, value in own(name).items()}
    with about("exchange_defaults"):
        shared = [_by_option(options["defaults"] or {}), _of_credential(options), _of_variables(options)]
    if as_jobs and not options["job_host"]:
        raise InvalidRequest("exchange_job_host: is not set", cure="Set it to a host of the group job_hosts.")
    found: dict[str, Any] = {"transfers": {}, "columns": {}, "selected": [], "jobs": [], "claims": []}
    places: dict[Any, str] = {}
    for number, given in enumerate(options["transfers"], 1):
        with about(f"exchange_transfers: transfer {str(given.get(_NAME) or number)[:40]}"):
            name = None if given.get(_NAME) is None else _transfer_name(given[_NAME])
            merged = _merged(_by_option(_without_words(given)), shared)
            whole = _with_endpoint(merged, inventory)
            direction, path, *server = _destination(whole)
            label = name or f"{direction} {merged['src']} to {merged['dest']}"
            for key, fact, cure in (
                (label, "name", "Give each transfer a name of its own."),
                ((direction, path, *server), "destination", "Set dest to a directory of its own."),
            ):
                if key in places:
                    raise InvalidRequest(f"has the {fact} of transfer {places[key]}", cure=cure)
                places[key] = name or str(number)
            job = _job(f"{inventory[INVENTORY_NAME]}-{name}" if name else "", given, whole, options) if as_jobs else {}
        found["transfers"][label] = merged
        found["columns"][label] = {"name": name or direction, "direction": direction}
        found["selected"] += [label] if options[_DIRECTION] in (None, "both", direction) else []
        by = f"{inventory[INVENTORY_NAME]}: {label}"
        claims = {path: _SAME_DEST} if not server else {}
        if as_jobs:
            found["jobs"].append(job)
            claims = claims if os.path.isabs(merged["dest"]) else {}  # each job has a home of its own
            claims[job[_NAME] + " "] = f"job {job[_NAME]}. Give one of them another name"
        place = f"{options['job_host']} " if as_jobs else ""
        found["claims"] += [{"of": place + of, "by": by, "same": claims[of]} for of in claims]
    return found


def job_of_transfer(job: Options) -> dict[str, Any]:
    """Return a job of which `options` may be a transfer in the form that the module demands: of the types in the
    specification, without aliases and nulls, and with the secrets among `secrets`. Raises InvalidRequest.
    """
    if job.get("state") == "absent":
        return {key: value for key, value in job.items() if key not in ("options", "secrets")}
    options, secrets = job.get("options"), job.get("secrets") or {}
    if not isinstance(options, dict) or not isinstance(secrets, dict):
        return dict(job)
    with about(f"{job.get(_NAME)}: options"):
        given = _by_option(_without_words(options))
    with suppress(InvalidRequest):  # the module shows the type that the job file needs
        given = _converted(given, validated(as_on_the_controller(_SPEC), given, ""))
    kept, found = _apart(given)
    twice = sorted(found.keys() & secrets.keys())
    if twice:
        raise InvalidRequest(f"{job.get(_NAME)}: {twice[0]}: is in options and in secrets", cure="Remove one of them.")
    return {**job, "options": kept, "secrets": {**secrets, **found}}


def _transfer_name(name: Any) -> str:
    try:
        return job_name(name)
    except InvalidRequest as error:
        raise InvalidRequest("name: is not the name of a transfer", cure=error.cure) from None


def _by_option(given: Options) -> dict[str, Any]:
    """Return the values by the names of options in place of aliases. Raises InvalidRequest for other names."""
    argspec.require_known_names("secure_sync", _SPEC, given)
    argspec.check_aliases(_SPEC, given)
    names = {alias: option for option, rules in _SPEC.items() for alias in rules.get("aliases", ())}
    return {names.get(name, name): value for name, value in given.items()}


def _of_credential(options: Options) -> dict[str, Any]:
    """Return the fields that are not empty. The text of a list has a line for each element."""
    found: dict[str, Any] = {}
    for name, rules in _SPEC.items():
        text = options.get(f"credential_{name}") or ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        found.update({name: lines if rules["type"] == "list" else text} if lines else {})
    return found


def _of_variables(options: Options) -> dict[str, Any]:
    """Return the values of exchange_OPTION. A survey of AWX passes an empty text for no bandwidth_limit."""
    given = {**options, "bandwidth_limit": options["bandwidth_limit"] or None}
    return {name: given[name] for name in _SPEC if given.get(name) is not None and name != _DIRECTION}


def _merged(transfer: Options, shared: Sequence[Options]) -> dict[str, Any]:
    """Return the values of the first source that has them. An option also rules out its rivals in later sources."""
    protocols = [each["protocol"] for each in (transfer, *shared) if each.get("protocol")]
    foreign, merged, sources = foreign_options(*protocols[:1]), dict(transfer), dict(_sources(transfer))
    for source in shared:
        before = {name for name, value in {**merged, **sources}.items() if value is not None}
        rivals = {name for group in _RULES["mutually_exclusive"] if before.intersection(group) for name in group}
        left_out = rivals.union(foreign)
        more = {name: each for name, each in _sources(source).items() if name not in left_out.union(merged)}
        merged = {**{name: source[name] for name in source if name not in left_out.union(before)}, **merged}
        sources = {**more, **sources} if merged.get(SECRETS_FROM, sources) is not None else {}
    merged[SECRETS_FROM] = {name: each for name, each in sources.items() if each is not None} or None
    return {name: value for name, value in merged.items() if value is not None}


def _sources(options: Options) -> Options:
    """Return the sources of secrets, each of which is a value of its own. Raises InvalidRequest."""
    sources = options.get(SECRETS_FROM) or {}
    if not isinstance(sources, Mapping):
        raise InvalidRequest(f"{SECRETS_FROM}: is no dictionary", cure=_CURE)
    return sources


def _without_words(transfer: Options) -> dict[str, Any]:
    """Return a transfer without the words that are no options of the module."""
    return {name: value for name, value in transfer.items() if name not in (_NAME, _SCHEDULE)}


def _job(name: str, transfer: Options, whole: Options, options: Options) -> dict[str, Any]:
    """Return the job of a transfer. Raises InvalidRequest. whole: its options, with the endpoint"""
    try:
        job_name(name)
    except InvalidRequest:
        cure = "Set a name. The name of the job is PARTNER-NAME: at most 27 small letters, digits, - and _."
        raise InvalidRequest(f"name: {name or 'none'} is not the name of a job", cure=cure) from None
    schedule = transfer.get(_SCHEDULE) or options[_SCHEDULE]
    if not isinstance(schedule, str):
        raise InvalidRequest("schedule: is not set", cure="Set exchange_schedule, or schedule in the transfer.")
    params = validated(as_on_the_controller(_SPEC), whole, _CURE)
    if params["protocol"] != FTPS and not (params["host_keys"] or params["known_hosts_file"]):
        cure = "Set exchange_host_keys, or exchange_known_hosts_file to a file of the job host."
        raise InvalidRequest("has no pins of the server", cure=cure)
    pull = params[_DIRECTION] == "pull"
    tree, written = params["dest" if pull else "src"], [(params["receipts"] or {}).get("path"), params["state_dir"]]
    both = pull or params["after_transfer"] != "keep"
    return {
        _NAME: name,
        _SCHEDULE: schedule,
        "random_delay": math.ceil(params[_SPREAD]),
        "notify": options["notify"] is not False,
        "options": {option: value for option, value in whole.items() if option != _SPREAD},
        "read": _absolute(() if both else (tree,)),  # systemd would make a path read-only that is in both lists
        "write": _absolute((tree, *written) if both else written),
    }


def _absolute(paths_of_job: Sequence[Any]) -> list[str]:
    """Return the paths outside the home of the account, which needs no right of its own."""
    return [path for path in paths_of_job if path and os.path.isabs(path)]


def _with_endpoint(options: Options, inventory: Options) -> dict[str, Any]:
    host, given = inventory[INVENTORY_NAME], dict(options)
    if applies(given, host=host, transport="local"):
        given.update({name: each.value for name, each in endpoint(given, host=host, values=inventory).items()})
    return given


def _destination(options: Options) -> tuple[Any, ...]:
    """Check a transfer as its module will. Return direction, path and, on a push, the server. Raises SyncError."""
    params = validated(_SPEC, options, _CURE, **_RULES)
    secure_sync.request(Task(params))
    if params[_DIRECTION] == "pull":
        return "pull", os.path.join(os.path.normpath(os.fsdecode(paths.local("dest", params["dest"]))), "")
    return "push", os.path.normpath(params["dest"]), params["host"], params["port"], params["username"]


def _converted(given: Any, values: Any) -> Any:
    """Return the given options alone, with their converted values; whole numbers stay whole."""
    if isinstance(given, dict) and isinstance(values, dict):
        return {name: _converted(each, values[name]) for name, each in given.items() if each is not None}
    return given if isinstance(values, float) and isinstance(given, int) and not isinstance(given, bool) else values


def _apart(options: Options) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options without secrets, and the secrets. A list of secrets becomes one text, a line for each."""
    kept = {name: dict(value) if isinstance(value, dict) else value for name, value in options.items()}
    secrets: dict[str, Any] = {}
    for path in secret_names(_SPEC):
        outer, _dot, inner = path.rpartition(".")
        place = kept.get(outer) if outer else kept
        secret = place.pop(inner, None) if isinstance(place, dict) else None
        if secret is not None:
            secrets[path] = "\n".join(map(str, secret)) if isinstance(secret, list) else secret
    return kept, secrets

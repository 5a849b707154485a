# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers: options of secure_sync under a name, for playbooks/exchange.yml and for the jobs of sync_job.

The specification of secure_sync is the only list of these options. The first source with a value for an option wins:
the transfer, exchange_defaults, a credential of AWX (exchange_credential_OPTION), exchange_OPTION. A null in one of the
first two leaves the option out. The last three serve partners of both protocols, so their options of the other protocol
are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..module_utils._edge import option_names, paths
from ..module_utils._edge.argspec import SECRETS_FROM
from ..module_utils._edge.contract import Task
from ..module_utils._edge.jobs.job_options import secret_names
from ..module_utils._edge.protocols import foreign_options
from ..module_utils._edge.sync import secure_sync
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.jobs.job_file import job_name
from .inventory_endpoint import INVENTORY_NAME, NAMES, applies, endpoint
from .role_spec import about, as_on_the_controller, validated

_SPEC = secure_sync.spec()["argument_spec"]
_RULES = {"mutually_exclusive": secure_sync.spec()["mutually_exclusive"]}
_DIRECTION, _NAME = "direction", "name"
_CURE = "Correct it. ansible-doc secure.ftp_synchronize.secure_sync lists the options."
Options = Mapping[str, Any]


def exchange_values(options: Options, own: Callable[[str], Options]) -> dict[str, Any]:
    """Return the checked transfers of a partner, and values that follow from them. Raises SyncError.

    options: of the playbook. own: returns a variable with its value, or nothing

    transfers: the options of each by its name; only here are secrets. columns: for the table, by the same names.
    selected: names of the transfers in the direction of this run. fetched: directories on the controller
    """
    inventory = {key: value for name in (*NAMES, INVENTORY_NAME) for key, value in own(name).items()}
    with about("exchange_defaults"):
        shared = [_by_option(options["defaults"] or {}), _of_credential(options), _of_variables(options)]
    found: dict[str, Any] = {"transfers": {}, "columns": {}, "selected": [], "fetched": []}
    places: dict[Any, str] = {}
    for number, given in enumerate(options["transfers"], 1):
        with about(f"exchange_transfers: transfer {str(given.get(_NAME) or number)[:40]}"):
            name = None if given.get(_NAME) is None else _transfer_name(given[_NAME])
            merged = _merged(_by_option({key: each for key, each in given.items() if key != _NAME}), shared)
            direction, path, *server = _destination(merged, inventory)
            label = name or f"{direction} {merged['src']} to {merged['dest']}"
            for key, fact, cure in (
                (label, "name", "Give each transfer a name of its own."),
                ((direction, path, *server), "destination", "Set dest to a directory of its own."),
            ):
                if key in places:
                    raise InvalidRequest(f"has the {fact} of transfer {places[key]}", cure=cure)
                places[key] = name or str(number)
        found["transfers"][label] = merged
        found["columns"][label] = {"name": name or direction, "direction": direction}
        found["selected"] += [label] if options[_DIRECTION] in (None, "both", direction) else []
        found["fetched"] += [{"dest": path, "by": f"{inventory[INVENTORY_NAME]}: {label}"}] if not server else []
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
        given = _by_option({name: value for name, value in options.items() if name != _NAME})
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
    option_names.require_known_names("secure_sync", _SPEC, given)
    option_names.check_aliases(_SPEC, given)
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


def _destination(options: Options, inventory: Options) -> tuple[Any, ...]:
    """Check a transfer as its module will. Return direction, path and, on a push, the server. Raises SyncError."""
    host, given = inventory[INVENTORY_NAME], dict(options)
    if applies(given, host=host, transport="local"):
        given.update({name: each.value for name, each in endpoint(given, host=host, values=inventory).items()})
    params = validated(_SPEC, given, _CURE, **_RULES)
    secure_sync.request(Task(params))
    if params[_DIRECTION] == "pull":
        return "pull", os.path.normpath(os.fsdecode(paths.local("dest", params["dest"])))
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

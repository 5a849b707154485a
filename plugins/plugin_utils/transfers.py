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
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..module_utils._edge import argspec, paths
from ..module_utils._edge.argspec import SECRETS_FROM
from ..module_utils._edge.contract import Task
from ..module_utils._edge.jobs import sync_job
from ..module_utils._edge.jobs.job_options import secret_names
from ..module_utils._edge.login_words import foreign_options, is_pem
from ..module_utils._edge.pins.host_key_pin_info import DEFAULT_STORE
from ..module_utils._edge.sync import secure_sync, tree_verify
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.jobs.deployment.places import expanded
from ..module_utils._engine.jobs.job_file import DEFAULT_LATE_AFTER, job_name
from ..module_utils._engine.model.display import display, display_text
from ..module_utils._engine.model.endpoint import FTPS, Endpoint
from ..module_utils._engine.model.request import SyncRequest
from ..module_utils._engine.model.utc import utc
from .inventory_endpoint import INVENTORY_NAME, NAMES, applies, endpoint
from .role_spec import about, as_on_the_controller, validated

_SPEC = secure_sync.spec()["argument_spec"]
_RULES = {"mutually_exclusive": secure_sync.spec()["mutually_exclusive"]}
_OF_JOBS = sync_job.spec()["argument_spec"]["jobs"]["options"]
_JOB_WORDS = {
    name: _OF_JOBS[name]
    for name in "schedule timeout late_after certificate ping_url notify read write egress".split()  # noqa: SIM905
}
"""Options of a job that a transfer takes, too. secure_sync itself has a certificate, which is a text."""
_DIRECTION, _NAME, _SCHEDULE, _SPREAD = "direction", "name", "schedule", "start_spread"
_CERTIFICATE, _SSH_PORT = "certificate", 22
_CURE = "Correct it. ansible-doc secure.ftp_synchronize.secure_sync lists the options."
_JOB_CURE = "Correct it. ansible-doc secure.ftp_synchronize.sync_job lists the options of jobs."
_MARKS = {"signed": "sign", "verified": "verify", "encrypted": "encrypt", "decrypted": "decrypt"}
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
        words = _job_words(options["defaults"] or {})
        kept = {name: value for name, value in (options["defaults"] or {}).items() if name not in words}
        shared = [_by_option(kept), _of_credential(options), _of_variables(options)]
    if as_jobs and not options["job_host"]:
        raise InvalidRequest("exchange_job_host: is not set", cure="Set it to a host of the group job_hosts.")
    found: dict[str, Any] = {"transfers": {}, "columns": {}, "selected": [], "jobs": [], "claims": []}
    places: dict[Any, str] = {}
    for number, given in enumerate(options["transfers"], 1):
        with about(f"exchange_transfers: transfer {str(given.get(_NAME) or number)[:40]}"):
            name = None if given.get(_NAME) is None else _transfer_name(given[_NAME])
            of_transfer, of_job = _by_option(_without_words(given)), {**words, **_job_words(given)}
            if _CERTIFICATE in of_transfer or of_transfer.get("certificate_file"):
                of_job.pop(_CERTIFICATE, None)
            merged, of_job = _merged(of_transfer, shared), _of_job(of_job)
            if _CERTIFICATE in of_job:
                _require_job(as_jobs)
                merged.pop(_CERTIFICATE, None)
            whole = _with_endpoint(merged, inventory)
            direction, path, *server = _destination(whole, as_jobs=as_jobs)
            label = name or f"{direction} {merged['src']} to {merged['dest']}"
            for key, fact, cure in (
                (label, "name", "Give each transfer a name of its own."),
                ((direction, path, *server), "destination", "Set dest to a directory of its own."),
            ):
                if key in places:
                    raise InvalidRequest(f"has the {fact} of transfer {places[key]}", cure=cure)
                places[key] = name or str(number)
            job = _job(f"{inventory[INVENTORY_NAME]}-{name}" if name else "", of_job, whole, options) if as_jobs else {}
        found["transfers"][label] = merged
        late_after = of_job.get("late_after", DEFAULT_LATE_AFTER)
        found["columns"][label] = {"name": name or direction, "direction": direction, "late_after": late_after}
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
    for name in _job_words(options):
        if name != _SCHEDULE:
            raise InvalidRequest(
                f"{job.get(_NAME)}: options.{name}: is an option of the job", cure="Write it next to options."
            )
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
    argspec.require_known_names("secure_sync", {**_JOB_WORDS, **_SPEC}, given)
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
    foreign, merged, sources = set(foreign_options(*protocols[:1])), dict(transfer), dict(_sources(transfer))
    certificates = [each[_CERTIFICATE] for each in (transfer, *shared) if each.get(_CERTIFICATE)]
    if is_pem(str(*certificates[:1])):
        foreign -= {_CERTIFICATE, "private_key"}
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
    words = _job_words(transfer)
    return {name: value for name, value in transfer.items() if name != _NAME and name not in words}


def _job_words(given: Options) -> dict[str, Any]:
    return {
        name: given[name]
        for name in _JOB_WORDS
        if name in given and (name != _CERTIFICATE or isinstance(given[name], Mapping))
    }


def _of_job(words: Options) -> dict[str, Any]:
    """Return the options of a job that have a value, converted. Raises InvalidRequest."""
    given = {name: value for name, value in words.items() if value is not None}
    argspec.require_known_names("sync_job", _JOB_WORDS, given)
    values = {**validated(as_on_the_controller(_JOB_WORDS), given, _JOB_CURE), _SCHEDULE: given.get(_SCHEDULE)}
    return {name: values[name] for name in given}


def _require_job(as_jobs: bool) -> None:
    if not as_jobs:
        raise InvalidRequest(
            "certificate: is issued for jobs, and this run has none",
            cure="Run deploy_exchange, or set certificate to the text of a certificate.",
        )


def _job(name: str, own: Options, whole: Options, options: Options) -> dict[str, Any]:
    """Return the job of a transfer. Raises InvalidRequest. own: its options of a job. whole: those of secure_sync"""
    try:
        job_name(name)
    except InvalidRequest:
        cure = "Set a name. The name of the job is PARTNER-NAME: at most 27 small letters, digits, - and _."
        raise InvalidRequest(f"name: {name or 'none'} is not the name of a job", cure=cure) from None
    schedule = own.get(_SCHEDULE) or options[_SCHEDULE]
    if not isinstance(schedule, str):
        raise InvalidRequest("schedule: is not set", cure="Set exchange_schedule, or schedule in the transfer.")
    params = validated(as_on_the_controller(_SPEC), whole, _CURE)
    if params["protocol"] != FTPS and not (params["host_keys"] or params["known_hosts_file"]):
        cure = "Set exchange_host_keys, or exchange_known_hosts_file to a file of the job host."
        raise InvalidRequest("has no pins of the server", cure=cure)
    pull = params[_DIRECTION] == "pull"
    tree, quarantine = params["dest" if pull else "src"], (params["content_check"] or {}).get("quarantine")
    written = [(params["receipts"] or {}).get("path"), params["state_dir"], quarantine if pull else None]
    both = pull or params["after_transfer"] != "keep"
    return {
        "notify": options["notify"] is not False,
        **own,
        _NAME: name,
        _SCHEDULE: schedule,
        "random_delay": math.ceil(params[_SPREAD]),
        "options": {option: value for option, value in whole.items() if option != _SPREAD},
        # systemd would make a path read-only that is in both lists
        "read": _absolute(() if both else (tree,)) + own.get("read", []),
        "write": _absolute((tree, *written) if both else written) + own.get("write", []),
    }


def _absolute(paths_of_job: Sequence[Any]) -> list[str]:
    """Return the paths outside the home of the account, which needs no right of its own."""
    return [path for path in paths_of_job if path and os.path.isabs(path)]


def _with_endpoint(options: Options, inventory: Options) -> dict[str, Any]:
    host, given = inventory[INVENTORY_NAME], dict(options)
    if applies(given, host=host, transport="local"):
        given.update({name: each.value for name, each in endpoint(given, host=host, values=inventory).items()})
    return given


def _request(params: Options, *, as_jobs: bool) -> SyncRequest:
    """Check a transfer as its module will. Raises SyncError. The host of a job checks the files that it reads."""
    signers = params["verify"] or {}
    read = [
        "tls_pins_file",
        *(["verify"] if signers.get("allowed_signers_file") or signers.get("revoked_keys_file") else []),
    ]
    return secure_sync.request(Task({**params, **dict.fromkeys(read)} if as_jobs else params))


def _destination(options: Options, *, as_jobs: bool) -> tuple[Any, ...]:
    """Check a transfer. Return direction, path and, on a push, the server. Raises SyncError."""
    params = validated(_SPEC, options, _CURE, **_RULES)
    _request(params, as_jobs=as_jobs)
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


def exchange_flows(options: Options, own: Callable[[str], Options]) -> dict[str, Any]:
    """Return the values of exchange_values, and everything that a report and an audit ask about a partner: of jobs, if
    it has a job host, else of runs of exchange.yml. Raises SyncError. options, own: see exchange_values

    at: host that carries out the transfers. flows: each transfer by its name, without secrets
    pins, receipts: options of host_key_pin_info and receipt_verify, by a name of each question
    pinned: a result of host_key_pin_info for pins of the inventory. sets: options of tree_verify, with secrets
    """
    host, partner = options["job_host"] or "localhost", own(INVENTORY_NAME)[INVENTORY_NAME]
    found = exchange_values(options, own, as_jobs=bool(options["job_host"]))
    found.update(at=host, flows={}, pins={}, pinned={}, receipts={}, sets={})
    inventory = {key: value for name in (*NAMES, INVENTORY_NAME) for key, value in own(name).items()}
    for number, (label, merged) in enumerate(found["transfers"].items()):
        whole, job = _with_endpoint(merged, inventory), found["jobs"][number] if found["jobs"] else {}
        params = validated(_SPEC, whole, _CURE)
        request = _request(params, as_jobs=bool(job))
        flow = found["flows"][label] = {"at": host, **_flow(whole, params, request, job)}
        flow["late_after"] = found["columns"][label]["late_after"]
        pins = _pins_of(whole, request.endpoint, job)
        name = f"{partner}: {flow['host']} port {request.endpoint.port or _SSH_PORT}"
        found["pins" if "path" in pins else "pinned"].update({name: pins} if pins else {})
        if flow["receipts"]:
            blank: dict[str, Any] = {"path": flow["receipts"], "transfers": []}
            asked = {key: flow[key] for key in ("direction", "host", "local_root", "remote_root")}
            chain = found["receipts"].setdefault(f"{partner}: {flow['receipts']}", blank)
            chain["transfers"].append({"name": f"{partner}: {label}", **asked})
            if not options["receipts_verify"]:
                cure = "Set it to the signer of the receipts, as verify of receipt_verify."
                raise InvalidRequest("exchange_receipts_verify: is not set, and transfers leave receipts", cure=cure)
        if flow["direction"] == "pull" and whole.get("verify"):
            spec = tree_verify.spec()["argument_spec"]
            checked = {key: value for key, value in whole.items() if key in spec.keys() - {"receipts"}}
            checked = _paths_at(checked, spec, job) if job else checked
            found["sets"][f"{partner}: {label}"] = {**checked, "content": "whole", "fail_on": "none"}
    return found


def _flow(whole: Options, params: Options, request: SyncRequest, job: Options) -> dict[str, Any]:
    """Return a transfer for people and for judgements. Roots and host are those of its receipts."""
    pull, receipts = params[_DIRECTION] == "pull", (whole.get("receipts") or {}).get("path")
    near = whole["dest" if pull else "src"]
    secrets = [f"{option} ({next(iter(source), '')})" for option, source in (whole.get(SECRETS_FROM) or {}).items()]
    secrets += [*_apart(whole)[1], *(name for name in (_CERTIFICATE, "ping_url") if name in job)]
    return {
        "direction": params[_DIRECTION],
        "protocol": params["protocol"],
        "host": display_text(request.endpoint.host),
        "tls_mode": params["tls_mode"] if params["protocol"] == FTPS else "",
        "proof": params["proof"],
        "job": job.get(_NAME, ""),
        "schedule": job.get(_SCHEDULE, ""),
        "marks": [word for word, option in _MARKS.items() if params[option]],
        "secrets": sorted(secrets),
        "local_root": display(os.fsencode(_at(near, job))) if job else display(request.local_root),
        "remote_root": display(request.remote_root),
        "receipts": _at(receipts, job) if receipts else "",
    }


def _at(path: str, job: Options) -> str:
    return expanded(path, job[_NAME]) if job else path


def _paths_at(options: Options, spec: Options, job: Options) -> dict[str, Any]:
    """Return options with the paths on this host as the job has them."""
    found = dict(options)
    for name, value in options.items():
        if spec[name]["type"] == "path" and value not in (None, "none"):  # ssh_config_file: none is no path
            found[name] = _at(value, job)
        elif isinstance(value, dict):
            found[name] = _paths_at(value, spec[name]["options"], job)
    return found


def _pins_of(whole: Options, endpoint: Endpoint, job: Options) -> dict[str, Any]:
    """Return how to read the pins of a server, or the pins in the inventory as a result; nothing if authorities alone
    prove it."""
    over_tls = endpoint.protocol == FTPS
    path = whole.get("tls_pins_file" if over_tls else "known_hosts_file") or ("" if over_tls else DEFAULT_STORE)
    if whole.get("tls_pins" if over_tls else "host_keys"):
        pin = {"hosts": display_text(endpoint.host), "kind": "key", "pattern": False, "state": "active"}
        return {"time": utc(time.time()), "pins": [pin]}
    about_server = {"protocol": endpoint.protocol, "host": endpoint.host, "port": endpoint.port or _SSH_PORT}
    return {**about_server, "path": _at(path, job)} if path else {}

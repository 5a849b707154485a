# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module audit_report: observations of all hosts in, a report out."""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ..._engine.audit.audit import Audited, AuditRequest, audit
from ..._engine.audit.control import CLIENT, CONTROLLER, EXCHANGE, FTPS_SERVER, SFTP_SERVER, TITLES, Named
from ..._engine.audit.controls.policies import MEASURED_BY
from ..._engine.audit.exports import report_data
from ..._engine.audit.judging import Host, Site
from ..._engine.audit.policy import AGES, Policy
from ..._engine.audit.report import FAIL, Exemption, Observation, counts
from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.utc import utc
from .. import argspec, paths, quantities
from ..contract import Params, Result, Task
from ..findings import FAIL_ON_SETS, not_met
from ..login_words import signing_key
from ..receipting import VERSION
from . import module_results
from .answers import host_observations, problem, tls_observation, without

_DAY = 86400
_MOST_EXPOSURE = 10
_LONGEST_EXEMPTION = 366
"""Days."""

_KINDS = {"sftp_servers": SFTP_SERVER, "ftps_servers": FTPS_SERVER, "clients": CLIENT}
"""Suboptions of the scope, and the kinds of their hosts."""
_FACTS_REFUSED = "facts_refused"
_CONTROLLER = "localhost"
_NAMES = ("accounts", "people", "encrypted")
"""Options that name parts of hosts, as lists by host."""
_OUTSIDE = ("tls", "attacks", "ssh_attacks")
"""Options with results about hosts that were measured from outside, by host."""
_FILES = ("pins", "sets", "receipts")
"""Suboptions of the controller that have results by name."""
_ROW = ("control", "title", "state", "severity", "reason", "cure", "hosts", "findings", "missing", "exemptions")


class _Open(NamedTuple):
    """A finding that no exemption covers, for the failure of the task."""

    severity: str
    observed: str


def spec() -> Dict[str, Any]:
    scope = {option: {"type": "list", "elements": "str", "default": []} for option in _KINDS}
    return {
        "argument_spec": {
            "scope": {"type": "dict", "required": True, "options": scope},
            **{name: {"type": "dict", "default": {}} for name in (*_NAMES, "observed", *_OUTSIDE)},
            "controller": {"type": "dict", "options": _controller_spec(), "apply_defaults": True},
            "policies": {"type": "dict", "options": documents_spec(), "apply_defaults": True},
            "path": {"type": "path"},
            "title": {"type": "str", "default": "Audit of secure FTP"},
            "policy": {"type": "dict", "options": policy_spec(), "apply_defaults": True},
            "exemptions": {"type": "list", "elements": "dict", "options": exemption_spec(), "default": []},
            "sign": {"type": "dict", "options": argspec.signing_key(), **argspec.SIGN_RULES},
            "fail_on": {"type": "str", "choices": list(FAIL_ON_SETS), "default": "high"},
        },
    }


def _controller_spec() -> Dict[str, Any]:
    # The result of a scan holds no secret; its name sounds so.
    dicts = {name: {"type": "dict"} for name in (*_FILES, "transfers")}
    return {"secret_scan": {"type": "dict", "no_log": False}, **dicts}


def request(task: Task) -> AuditRequest:
    given, now = task.params, float(int(time.time()))
    names = dict.fromkeys([*(name for option in _KINDS for name in given["scope"][option]), _CONTROLLER])
    hosts = tuple(_host(name, given) for name in names)
    exemptions = tuple(exemption(each, now, task.warn) for each in given["exemptions"])
    return AuditRequest(
        site=Site(hosts, policy(given["policy"]), exemptions, now),
        title=plain(given["title"]),
        version=VERSION,
        path=None if given["path"] is None else os.fsdecode(paths.local("path", given["path"])),
        key=None if given["sign"] is None else signing_key("sign", given["sign"]),
        check_mode=task.check_mode,
    )


def _host(name: str, given: Params) -> Host:
    shown = plain(name)
    kinds = [kind for option, kind in _KINDS.items() if name in given["scope"][option]]
    observations = _of_controller(shown, given) if name == _CONTROLLER else {}
    if kinds:
        observations.update(host_observations(shown, _answer("observed", given, name)))
        observations.update(_from_outside(shown, given, name))
    if name == _CONTROLLER:
        kinds += [CONTROLLER, EXCHANGE] if given["controller"]["transfers"] else [CONTROLLER]
    named = Named(*(_names(option, given[option].get(name)) for option in _NAMES))
    return Host(shown, tuple(kinds), named, observations)


def _from_outside(shown: str, given: Params, name: str) -> Dict[str, Observation]:
    """Return the observations from outside of a host; no values if its facts could have chosen the values."""
    attacks, observed = _attacks(given, name), _answer("observed", given, name)
    error = observed.get("error")
    if isinstance(error, Mapping) and error.get("code") == _FACTS_REFUSED:
        return {what: without(shown, what, problem(observed)) for what in _OUTSIDE}
    return {
        "tls": tls_observation(shown, _answer("tls", given, name)),
        "attacks": module_results.attacks(shown, attacks),
        "ssh_attacks": module_results.ssh_attacks(shown, _answer("ssh_attacks", given, name)),
    }


def _of_controller(shown: str, given: Params) -> Dict[str, Observation]:
    results = given["controller"]
    flows, chains = results["transfers"] or {}, results["receipts"] or {}
    return {
        "transfers": module_results.transfers(shown, flows, chains, lambda name: _jobs(given, name)),
        "secret_scan": module_results.secret_scan(shown, results["secret_scan"]),
        **{name: getattr(module_results, name)(shown, results[name] or {}) for name in _FILES},
        "policies": module_results.policies(shown, documents(given["policies"])),
    }


def _jobs(given: Params, name: str) -> List[str]:
    """Return the names of the jobs that a host has."""
    found = host_observations(name, _answer("observed", given, name))["jobs"].value
    return [str(each.get("job")) for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _attacks(given: Params, name: str) -> Sequence[Any]:
    """Return the results about a host. Raises InvalidRequest."""
    answers = given["attacks"].get(name) or []
    if not isinstance(answers, (list, tuple)) or not all(isinstance(each, Mapping) for each in answers):
        raise InvalidRequest(
            f"attacks: the value of {plain(name)} is not a list of results",
            cure="Set attacks to a dict of lists of results of jail_probe, by host.",
        )
    return answers


def _answer(option: str, given: Params, name: str) -> Mapping[str, Any]:
    """Return the answer about a host; empty if there is none. Raises InvalidRequest."""
    answer = given[option].get(name) or {}
    if not isinstance(answer, Mapping):
        raise InvalidRequest(
            f"{option}: the value of {plain(name)} is not a result",
            cure=f"Set {option} to a dict of results, by the name of the host.",
        )
    return answer


def _names(option: str, names: Any) -> Tuple[str, ...]:
    if names is not None and not isinstance(names, (list, tuple)):
        raise InvalidRequest(
            f"{option}: {plain(str(names))} is not a list", cure=f"Set {option} to a dict of lists, by host."
        )
    return tuple(plain(str(name)) for name in names or ())


def run(task: Task) -> Result:
    return result(audit(request(task)), task)


def result(done: Audited, task: Task) -> Result:
    data, number = report_data(done.report), counts(done.report)
    return {
        "changed": task.params["path"] is not None,
        "report": done.path,
        "counts": dict(number),
        "changes": data["changes"],
        "rows": [{name: row[name] for name in _ROW} for row in data["rows"]],
        "msg": ", ".join(f"{each} {state.replace('_', ' ')}" for state, each in number.items()),
        **not_met(_open(done), task.params["fail_on"], task.params["title"], "the controls"),
    }


def _open(done: Audited) -> List[_Open]:
    return [_Open(row.severity, f"{row.control} {row.title}: {row.reason}") for row in done.report.in_state(FAIL)]


def blank() -> Result:
    return {"changed": False, "report": None, "counts": {}, "changes": [], "rows": []}


def policy_spec() -> Dict[str, Any]:
    return {
        # No secret is in them; some of their names sound so.
        **{name: {"type": "str", "default": default, "no_log": False} for name, default in AGES.items()},
        "key_types": {"type": "list", "elements": "str", "default": list(Policy().key_types), "no_log": False},
        "rsa_bits": {"type": "int", "default": Policy().rsa_bits},
        "exposure_max": {"type": "float", "default": Policy().exposure_max},
        "ftps_only": {"type": "list", "elements": "str", "default": []},
    }


def policy(given: Mapping[str, Any]) -> Policy:
    """Return the limits. Raises InvalidRequest."""
    ages = {name: quantities.duration(f"policy.{name}", given[name]) for name in AGES}
    types = tuple(given["key_types"])
    if not types:
        raise InvalidRequest("policy.key_types: must not be empty", cure="Name the allowed types in policy.key_types.")
    if not 0 <= given["exposure_max"] <= _MOST_EXPOSURE:
        raise InvalidRequest(
            f"policy.exposure_max: {given['exposure_max']} is no exposure",
            cure=f"Set policy.exposure_max to a number from 0 to {_MOST_EXPOSURE}.",
        )
    return Policy(
        **ages,
        key_types=types,
        rsa_bits=given["rsa_bits"],
        exposure_max=given["exposure_max"],
        ftps_only=_hosts(given["ftps_only"]),
    )


def documents_spec() -> Dict[str, Any]:
    """Return the suboptions of the policies that people write."""
    statement = {
        "text": {"type": "str", "required": True},
        "controls": {"type": "list", "elements": "str", "choices": list(TITLES), "default": []},
    }
    document = {
        **{name: {"type": "str", "required": True} for name in ("text", "approved_by", "approved")},
        "statements": {"type": "list", "elements": "dict", "options": statement, "default": []},
    }
    return {name: {"type": "dict", "options": document} for name in MEASURED_BY}


def documents(given: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """Return the policies that are declared. Raises InvalidRequest."""
    return [_document(name, given[name]) for name in MEASURED_BY if given[name]]


def _document(name: str, given: Mapping[str, Any]) -> Dict[str, Any]:
    option = f"policies.{name}"
    return {
        "name": name,
        "text": _words(f"{option}.text", given["text"]),
        "approved_by": _words(f"{option}.approved_by", given["approved_by"]),
        "approved": utc(quantities.day(f"{option}.approved", given["approved"])),
        "statements": [
            {"text": _words(f"{option}.statements.text", each["text"]), "controls": list(each["controls"])}
            for each in given["statements"] or ()
        ],
    }


def exemption_spec() -> Dict[str, Any]:
    return {
        "control": {"type": "str", "required": True, "choices": list(TITLES)},
        "hosts": {"type": "list", "elements": "str", "default": []},
        **{name: {"type": "str", "required": True} for name in ("who", "why", "until")},
    }


def exemption(given: Mapping[str, Any], now: float, warn: Callable[[str], None]) -> Exemption:
    """Return one exemption; warn of one that has ended. Raises InvalidRequest."""
    who, why = (_words(f"exemptions.{name}", given[name]) for name in ("who", "why"))
    ends = quantities.day("exemptions.until", given["until"]) + _DAY
    if ends > now + (_LONGEST_EXEMPTION + 1) * _DAY:
        raise InvalidRequest(
            f"exemptions.until: {given['until']} is more than a year from now",
            cure=f"Set exemptions.until to a day within {_LONGEST_EXEMPTION} days, and decide again then.",
        )
    if ends <= now:
        warn(f"The exemption of control {given['control']} by {who} ended on {given['until']}.")
    return Exemption(given["control"], who, why, given["until"], ends, _hosts(given["hosts"]))


def _hosts(names: Any) -> Tuple[str, ...]:
    return tuple(plain(name) for name in names)


def _words(name: str, text: str) -> str:
    if not text.strip():
        raise InvalidRequest(f"{name}: must not be empty", cure=f"Set {name} for the readers of the report.")
    return plain(text.strip())

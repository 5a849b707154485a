# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module tls_policy: a server checked against a policy, or the policy written into its configuration."""

from __future__ import annotations

import difflib
import time
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.ftps_service.apply import ApplyReport, ApplyRequest, apply_policy
from ..._engine.ftps_service.settings import Further
from ..._engine.model.display import plain
from ..._engine.model.findings import Finding
from ..._engine.model.local_path import local_path
from ..._engine.model.utc import utc
from ..._engine.tls.certificate import read_certificate
from ..._engine.tls.checks import Policy, judge
from ..._engine.tls.survey import DataFacts, NotChecked, Survey, VersionFacts
from ..._engine.tls_probe.probe import MARKED, survey_server
from .. import tls_words
from ..contract import Result, Task
from ..findings import blank_findings, counts, finding_words, findings_result, not_met
from ..words import failure
from .params import CheckRequest, check_request, profile, tls_policy, tls_policy_rules


def spec() -> Dict[str, Any]:
    return {"argument_spec": tls_policy(), **tls_policy_rules()}


def request(task: Task) -> CheckRequest | ApplyRequest:
    if task.params["service"] is None:
        return check_request(task.params, check_mode=task.check_mode)
    if task.params["marked_login"]:
        raise InvalidRequest("marked_login: is for a check of endpoint", cure="Leave it out with service.")
    return apply_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    asked = request(task)
    if isinstance(asked, ApplyRequest):
        return apply_result(apply_policy(asked), check_mode=task.check_mode)
    survey = survey_server(asked.target, asked.mark)
    if task.params["marked_login"] and task.check_mode:
        left_out = NotChecked(MARKED, "it is not tried in check mode")
        survey = replace(survey, not_checked=(*survey.not_checked, left_out))
    return result(survey, asked)


def result(survey: Survey, asked: CheckRequest) -> Result:
    findings = judge(survey, asked.policy, time.time())
    return check_result(survey, findings, policy=asked.policy, fail_on=asked.fail_on)


def blank() -> Result:
    return {"changed": False, **blank_findings(), "not_checked": []}


def apply_request(params: Mapping[str, Any], *, check_mode: bool) -> ApplyRequest:
    """Return the options of a policy that is written. Raises InvalidRequest."""
    return ApplyRequest(
        service=params["service"],
        profile=profile(params["profile"]),
        certificate_file=str(_path(params, "certificate_file")),
        private_key_file=str(_path(params, "private_key_file")),
        config_file=_path(params, "config_file"),
        client_ca_file=_path(params, "client_ca_file"),
        require_client_cert=params["require_client_cert"],
        require_session_reuse=params["require_session_reuse"],
        further=_further(params["settings"] or {}),
        check_mode=check_mode,
    )


def _further(settings: Mapping[Any, Any]) -> Further:
    for name, value in settings.items():
        if not isinstance(value, (bool, int, str)):
            raise InvalidRequest(
                f"settings: {name} is neither a string, a number nor a boolean", cure="Write its value on one line."
            )
    return {str(name): value for name, value in settings.items()}


def _path(params: Mapping[str, Any], option: str) -> Optional[str]:
    """Return an absolute path; it becomes a word of the configuration, where a blank, quote or # would mean something
    else."""
    path = tls_words.file(option, params[option])
    if path is None:
        return None
    if any(char in path for char in " \"'#\\%<>"):
        raise InvalidRequest(f"{option}: {path!r} cannot be part of a server's configuration", cure="Rename it.")
    return local_path(path)


def apply_result(report: ApplyReport, *, check_mode: bool) -> Result:
    return {
        "changed": report.changed,
        "profile": report.profile.name,
        "service": report.service,
        "service_version": report.version,
        "config_file": plain(report.config_file),
        "options": [{"name": name, "value": plain(value)} for name, value in report.options],
        "block": report.block,
        "findings": [finding_words(each) for each in report.findings],
        "counts": counts(report.findings),
        "tried": _tried(report),
        "msg": _summary(report, check_mode=check_mode),
        "diff": {"prepared": _changes(report)},
    }


def _tried(report: ApplyReport) -> Optional[Result]:
    peer = report.peer
    if peer is None:
        return None
    return {"protocol": peer.protocol, "cipher": peer.cipher, "data_channel_resumed": peer.data_channel_resumed}


def _summary(report: ApplyReport, *, check_mode: bool) -> str:
    if not report.changed:
        return "nothing to do"
    done = "would be" if check_mode else "was"
    return "%s %s written; %s %s served with it on loopback" % (
        *(plain(report.config_file), done, report.service, report.version),
    )


def _changes(report: ApplyReport) -> str:
    """Return only the changed lines: the rest of the file may be secret."""
    before, after = report.before.splitlines(), report.after.splitlines()
    name = plain(report.config_file)
    lines = difflib.unified_diff(before, after, name, name, lineterm="", n=0)
    return "".join(plain(line) + "\n" for line in lines)


def check_result(survey: Survey, findings: Sequence[Finding], *, policy: Policy, fail_on: str) -> Result:
    """Return the result of a check. It has every finding even if the check failed."""
    result: Result = {
        "changed": False,
        "time": utc(time.time()),
        "profile": policy.profile.name,
        **findings_result(findings),
        "observed": _observed(survey),
        "not_checked": [{"what": each.what, "why": plain(each.why)} for each in survey.not_checked],
        "mark": "" if survey.marked is None else survey.marked.mark,
    }
    if survey.error is not None:
        result.update(failure(survey.error))
    else:
        result.update(not_met(findings, fail_on, policy.host, policy.profile.name))
    return result


def _observed(survey: Survey) -> Result:
    control, identity = survey.control, survey.identity
    return {
        "versions": [_version(facts) for facts in survey.versions],
        "certificates": [_certificate(chain) for chain in identity.chains],
        "chain_trusted": None if identity.untrusted is None else not identity.untrusted,
        "client_certificate": identity.client_certificate,
        "clear_login": None if control is None or control.clear_login_unknown else bool(control.clear_login),
        "clear_anonymous": None if control is None else control.clear_anonymous,
        "command_injection": None if control is None else control.pipelined,
        "data": _data(survey.data),
        "connections": survey.connections,
    }


def _version(facts: VersionFacts) -> Result:
    return {
        **facts._asdict(),
        "suites": list(facts.suites),
        "groups": list(facts.groups),
    }


def _certificate(chain: Tuple[bytes, ...]) -> Result:
    try:
        facts = read_certificate(chain[0])
    except (ValueError, IndexError) as error:
        return {"error": plain(str(error))}
    return {
        "subject": plain(facts.subject),
        "issuer": plain(facts.issuer),
        "names": list(facts.names),
        "not_before": utc(facts.not_before),
        "not_after": utc(facts.not_after),
        "key_type": facts.curve or facts.key_type,
        "key_bits": facts.key_bits,
        "signature": facts.signature,
        "ocsp": list(facts.ocsp),
        "crl": list(facts.crl),
        "fingerprint": facts.fingerprint,
        "pin": facts.pin,
        "chain_length": len(chain),
    }


def _data(facts: Optional[DataFacts]) -> Optional[Result]:
    if facts is None:
        return None
    parts: List[Tuple[str, Any]] = list(facts._asdict().items())
    return {name: plain(value) if isinstance(value, str) else value for name, value in parts}

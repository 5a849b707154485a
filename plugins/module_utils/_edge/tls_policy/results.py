# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn observations and findings into a result: plain data for reports."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..._engine.model.display import plain
from ..._engine.model.findings import Finding
from ..._engine.model.utc import utc
from ..._engine.tls.certificate import read_certificate
from ..._engine.tls.checks import Policy
from ..._engine.tls.survey import DataFacts, Survey, VersionFacts
from ..failure import failure
from ..findings import blank_findings, findings_result, not_met

Result = Dict[str, Any]


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


def blank_check() -> Result:
    """Return the parts of every result of a check."""
    return {"changed": False, **blank_findings(), "not_checked": []}


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

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit: observations of hosts and declarations in, a directory with one report in five forms out.

    hosts x observations -> judging (rows) -> report -> audit.json, .html, .sarif, .junit.xml, .oscal.json
                                         policies -> policies.html, policies.md
                                                     -> SHA256SUMS, its signature -> directory

- Hosts report values; the controller alone judges, and chooses the hosts in scope.
- A row is a pass only if every host in scope was measured and none has a finding. There is no score.
- `controls/` has a file for each chapter: the observations that its controls need, and their judgement.
- `observing/` runs on a host and reads.
- The files follow from the report alone: the same report makes the same bytes.
- In check mode everything is judged and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from typing import Any, Dict, Mapping, NamedTuple, Optional

from ..model.request import Signing
from ..signing.purpose import AUDITS
from ..signing.signer import Signer
from .controls.every import CONTROLS
from .exports import junit_text, oscal_data, read_states, report_data, sarif_data
from .judging import Site, judge_all
from .policy_documents import policy_documents
from .policy_pages import policies_html, policies_markdown
from .report import Report
from .report_directory import DATA, latest_data, opened
from .report_html import report_html

_SUMS, _SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"


class AuditRequest(NamedTuple):
    """path: directory of the reports; None to write none
    key: signs the report; None for no signature
    """

    site: Site
    title: str
    version: str
    path: Optional[str]
    key: Optional[Signing] = None
    check_mode: bool = False


class Audited(NamedTuple):
    """path: of the written report; None if none was written."""

    report: Report
    path: Optional[str]


def audit(asked: AuditRequest) -> Audited:
    """Judge, and write the report. Raises Locked, OperationFailed, SigningFailed, UnsafePath."""
    if asked.path is None or asked.check_mode:
        return Audited(_report(asked), None)
    with opened(asked.path) as directory:
        report = _report(asked)
        return Audited(report, directory.write(report.made, _signed(_files(report), asked.key)))


def _report(asked: AuditRequest) -> Report:
    rows = judge_all(CONTROLS, asked.site)
    hosts = tuple(host.name for host in asked.site.hosts)
    report = Report(asked.title, asked.site.now, hosts, asked.site.policy, rows, asked.version)
    return report._replace(**_before(asked.path))


def _before(path: Optional[str]) -> Dict[str, Any]:
    """Return the fields of a report about the report before."""
    try:
        states, made = read_states(latest_data(path).decode("utf-8")) if path else (None, "")
        return {"before": states, "before_made": made}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        return {"before_problem": f"The report before cannot be read: {error}"}


def _files(report: Report) -> Dict[str, bytes]:
    documents = policy_documents(report)
    policies = {
        "policies.html": policies_html(report, documents).encode("utf-8"),
        "policies.md": policies_markdown(report, documents).encode("utf-8"),
    }
    return {
        **(policies if documents else {}),
        DATA: _json(report_data(report)),
        "audit.html": report_html(report).encode("utf-8"),
        "audit.sarif": _json(sarif_data(report)),
        "audit.junit.xml": junit_text(report).encode("utf-8"),
        "audit.oscal.json": _json(oscal_data(report)),
    }


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=2) + "\n").encode("ascii")


def _signed(files: Mapping[str, bytes], key: Optional[Signing]) -> Dict[str, bytes]:
    """Return the files with their digests and the signature of these. Raises SigningFailed."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    sums = "".join(lines).encode("ascii")
    whole = {**files, _SUMS: sums}
    if key is not None:
        with closing(Signer(key)) as signer:
            whole[_SIGNATURE] = signer.sign(sums, AUDITS)
    return whole

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other job of tls_policy, from parameters to a result: one policy, written into one server."""

from __future__ import annotations

import difflib
from typing import Any, Dict, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.ftps_service.apply import ApplyReport, ApplyRequest
from ..._engine.ftps_service.settings import Further
from ..._engine.model.display import plain
from ..._engine.model.local_path import local_path
from .. import tls_words
from ..findings import counts, finding_words
from .params import profile

Result = Dict[str, Any]


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
    """Return the result of a policy that was written."""
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
    """Return one line for people."""
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

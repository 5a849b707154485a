# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certificate_request: the steps of a host towards a certificate that the controller signs."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from .._engine.ftps_service.own_certificate import Asked, ask, install
from .._engine.system.changes import ChangeReport
from .argspec import Spec
from .contract import Result, Task
from .jail.results import changes_result

_REQUESTED, _INSTALLED = "requested", "installed"


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options(), "required_if": [("state", _INSTALLED, ["certificate"])]}


def _options() -> Spec:
    """Return the options."""
    return {
        "state": {"type": "str", "choices": [_REQUESTED, _INSTALLED], "default": _REQUESTED},
        "private_key_file": {"type": "path", "required": True, "no_log": False},
        "certificate_file": {"type": "path", "required": True},
        "certificate": {"type": "str"},
    }


def request(task: Task) -> Tuple[str, str, str]:
    """See `task`. The key file, the certificate file, and the certificate to install, empty if none."""
    given = task.params
    return given["private_key_file"], given["certificate_file"], given["certificate"] or ""


def run(task: Task) -> Result:
    key, path, certificate = request(task)
    if task.params["state"] == _INSTALLED:
        return result(Asked(install(path, certificate, check_mode=task.check_mode), "", certificate), task)
    return result(ask(key, path, check_mode=task.check_mode), task)


def result(asked: Asked, task: Task) -> Result:
    return {
        **changes_result(ChangeReport(asked.changes), check_mode=task.check_mode),
        "request": asked.request,
        "certificate": asked.certificate,
    }


def blank() -> Result:
    return {"changed": False, "changes": []}

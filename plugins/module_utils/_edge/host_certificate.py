# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_certificate: the options of the task, and the steps of the host.

The action signs between the two steps. It sends only the options of a step: the passphrase of the authority stays on
the controller.
"""

from __future__ import annotations

from typing import Any, Dict, Tuple

from .._engine.errors import InvalidRequest
from .._engine.ftps_service.own_certificate import Asked, ask, install
from .._engine.system.changes import ChangeReport
from .changes import changes_result
from .contract import Result, Task

SIGNED, ISSUED, REQUESTED, INSTALLED = "signed", "issued", "requested", "installed"
_FILES, _AUTHORITY = ["private_key_file", "certificate_file"], ["directory", "passphrase"]


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "state": {"type": "str", "choices": [SIGNED, ISSUED, REQUESTED, INSTALLED], "default": SIGNED},
            "private_key_file": {"type": "path", "no_log": False},
            "certificate_file": {"type": "path"},
            "request": {"type": "str"},
            "certificate": {"type": "str"},
            "directory": {"type": "str"},
            "passphrase": {"type": "str", "no_log": True},
            "option": {"type": "str", "default": "ca"},
            "authority": {"type": "str", "default": "Private authority"},
            "domains": {"type": "list", "elements": "str", "default": []},
            "names": {"type": "list", "elements": "str"},
            "usage": {"type": "str", "choices": ["server", "client"], "default": "server"},
            "days": {"type": "int", "default": 90},
        },
        "required_if": [
            ("state", SIGNED, [*_FILES, *_AUTHORITY, "names"]),
            ("state", ISSUED, _AUTHORITY),
            ("state", REQUESTED, _FILES),
            ("state", INSTALLED, [*_FILES, "certificate"]),
        ],
    }


def request(task: Task) -> Tuple[str, str, str]:
    """Return the key file, the certificate file, and the certificate to install, empty if none."""
    given = task.params
    if given["state"] in (SIGNED, ISSUED):
        raise InvalidRequest("state: a host signs nothing", cure="Run the module by its action.")
    return given["private_key_file"], given["certificate_file"], given["certificate"] or ""


def run(task: Task) -> Result:
    key, path, certificate = request(task)
    if task.params["state"] == INSTALLED:
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

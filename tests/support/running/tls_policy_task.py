# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of tls_policy in this process: parameters by Ansible's own validator, the result as the module has it."""

from __future__ import annotations

__all__ = ["ids", "policy_params", "policy_task"]

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.tls_policy import tls_policy

from .tasks import params_of, run_task


def policy_params(endpoint: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return the parameters of a valid task."""
    return params_of(tls_policy, {"endpoint": endpoint, **options})


def policy_task(server: Any, *, endpoint: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return the result of a check of `server`, trusted by its authority or by itself; endpoint: more options."""
    trusted = server.authority.file if hasattr(server, "authority") else server.certificate.chain
    given = {"host": server.host, "port": server.port, "ca_file": str(trusted)}
    if hasattr(server, "user"):
        given |= {"username": server.user, "password": server.password}
        given |= {"tls_mode": "implicit" if server.options.implicit else "explicit"}
    else:
        given |= {"protocol": "tls"}
    wanted = {name: value for name, value in {**given, **(endpoint or {})}.items() if value is not None}
    return run_task(tls_policy, **{"endpoint": wanted, "pause": 0.0, "fail_on": "none", **options})


def ids(result: dict[str, Any], *severities: str) -> set[str]:
    """Return the ids of the findings, or only of `severities`."""
    return {each["id"] for each in result["findings"] if not severities or each["severity"] in severities}

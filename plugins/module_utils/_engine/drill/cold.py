# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cold drill: only the options of the task are used, as on a host that has nothing but the runbook.

No record of earlier runs, no ssh-agent, no known_hosts, keys or configuration of the user.
"""

from __future__ import annotations

from ..errors import InvalidRequest
from ..model.endpoint import FTPS
from ..model.request import SyncRequest


def cold(pull: SyncRequest) -> SyncRequest:
    """Return the request without all that earlier runs or the user's account could add. Raises InvalidRequest."""
    credentials, endpoint, trust = pull.credentials, pull.endpoint, pull.trust
    if endpoint.protocol == FTPS:
        return pull
    if trust.known_hosts_file is None and not trust.host_keys:
        raise InvalidRequest(
            "cold: the user's known_hosts is not used, and the task names no host key",
            cure="Set host_keys or known_hosts_file as your runbook does, or set cold to false.",
        )
    if credentials.password is None and credentials.private_key is None and credentials.private_key_file is None:
        raise InvalidRequest(
            "cold: the user's keys and ssh-agent are not used, and the task has no key and no password",
            cure="Set private_key_file, private_key or password as your runbook does, or set cold to false.",
        )
    return pull._replace(
        credentials=credentials._replace(ssh_agent=False),
        endpoint=endpoint._replace(ssh_config_file=endpoint.ssh_config_file or "none"),
    )

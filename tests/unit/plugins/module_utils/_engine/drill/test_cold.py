# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cold drill: nothing of the user's account is used, and the task must give all that is needed instead."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.drill import cold
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials, SshTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import SyncRequest
from support.scenes.sync_pair import SyncPair

TRUST = SshTrust(known_hosts_file="/etc/pins")
CREDENTIALS = Credentials(private_key_file="/etc/key")


def request(trust: SshTrust = TRUST, credentials: Credentials = CREDENTIALS) -> SyncRequest:
    return SyncPair({}, {}, push=False).request(trust=trust, credentials=credentials)


def test_no_agent_and_no_configuration() -> None:
    asked = cold(request())
    assert (asked.credentials.ssh_agent, asked.endpoint.ssh_config_file) == (False, "none")
    assert (asked.credentials.private_key_file, asked.trust) == ("/etc/key", TRUST)


def test_a_configuration_of_the_task_is_kept() -> None:
    asked = request()
    asked = asked._replace(endpoint=asked.endpoint._replace(ssh_config_file="/etc/runbook_config"))
    assert cold(asked).endpoint.ssh_config_file == "/etc/runbook_config"


@pytest.mark.parametrize(
    "credentials",
    [Credentials(password="p"), Credentials(private_key="k")],
)
def test_each_kind_of_credential_is_enough(credentials: Credentials) -> None:
    assert not cold(request(credentials=credentials)).credentials.ssh_agent


def test_missing_pins_and_credentials_are_named() -> None:
    for asked, option in ((request(trust=SshTrust()), "host_keys"), (request(credentials=Credentials()), "password")):
        with pytest.raises(InvalidRequest, match=r"cold: ") as caught:
            cold(asked)
        assert option in caught.value.cure


def test_over_tls_there_is_nothing_to_leave_out() -> None:
    asked = request(trust=SshTrust(), credentials=Credentials())
    asked = asked._replace(endpoint=asked.endpoint._replace(protocol="ftps"))
    assert cold(asked) == asked

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of tls_policy, as sslyze (by the levels of Mozilla) and testssl.sh see it: no complaint without a
reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hosts.policy_hosts import HOSTS
from support.judges.tls_judges import complaints_of_sslyze, complaints_of_testssl
from support.running.tls_policy_task import ids, policy_task
from support.servers.tls_authority import Validity, authority

REASONS = {"cert_revocation": "a private authority has no address of a CRL; clients pin the key"}
THREE_MONTHS = Validity(-1, 24 * 90)


@pytest.mark.parametrize("kind", HOSTS)
def test_nobody_complains(kind: str, tmp_path: Path) -> None:
    # FEAT of vsftpd does not name AUTH TLS, without which testssl.sh does not begin: so all have implicit TLS.
    with HOSTS[kind](tmp_path, implicit=True, certificate=authority().server(validity=THREE_MONTHS)) as host:
        host.authority = authority()
        before = complaints_of_sslyze(host, "intermediate")
        assert host.apply(profile="intermediate")["changed"] is True
        host.restart()
        ours = ids(policy_task(host), "critical", "high", "medium")
        sslyze, testssl = complaints_of_sslyze(host, "intermediate"), complaints_of_testssl(host)
    print(f"{kind}: before {sorted(before)}, after {sorted([*sslyze, *testssl])}")
    assert before, "there was nothing to mend"
    assert ours == set()
    assert {name: why for name, why in {**sslyze, **testssl}.items() if name not in REASONS} == {}

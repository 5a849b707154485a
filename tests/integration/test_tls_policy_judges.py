# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tls_policy next to sslyze and testssl.sh on the same servers: the same observations, or a reason in the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.judges.tls_judges import by_sslyze, by_testssl, by_us, differences
from support.servers.openssl_server import OldTlsServer, OpensslServer
from support.servers.pure_ftpd import PureFtpd
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd

GROUPS = "X25519MLKEM768:X25519:P-256:P-384"
OLD = {"minVersion": [3, 0], "maxVersion": [3, 3], "cipherNames": ["aes128", "rc4", "3des", "null"]}


def known(kind: type, *arguments: str, key: str = "ecdsa", **settings: Any) -> Any:
    """Return a server with a certificate of the authority that the judges trust."""
    server = kind(*arguments, certificate=authority().server(kind=key), **settings)
    server.authority = authority()
    return server


SERVERS: dict[str, Callable[[], Any]] = {
    "intermediate": lambda: known(OpensslServer, "-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20", "-groups", GROUPS),
    "old": lambda: known(OldTlsServer, key="rsa", **OLD),
    # FEAT of vsftpd does not name AUTH TLS, without which testssl.sh does not begin: so both ask with implicit TLS.
    "vsftpd": lambda: Vsftpd(implicit=True),
    "pure-ftpd": PureFtpd,
}
JUDGES = {"sslyze": by_sslyze, "testssl.sh": by_testssl}

WHY: dict[tuple[str, str], dict[str, str]] = {
    ("intermediate", "sslyze"): {"groups": "its OpenSSL is older than X25519MLKEM768"},
}
# Of this server testssl.sh finds SSLv3 alone, for a reason that is not known: sslyze judges it.
UNHEARD = {("old", "testssl.sh")}


@pytest.mark.parametrize("name", SERVERS)
def test_they_see_what_we_see(name: str) -> None:
    with SERVERS[name]() as server:
        ours = by_us(server)
        seen = {
            judge: differences(ours, look(server)) for judge, look in JUDGES.items() if (name, judge) not in UNHEARD
        }
    print(
        f"{name}: {sum(map(len, ours.suites.values()))} suites, differences explained: {sum(map(len, seen.values()))}"
    )
    unexplained = {
        (judge, part): values
        for judge, parts in seen.items()
        for part, values in parts.items()
        if part not in WHY.get((name, judge), {})
    }
    assert unexplained == {}
    idle = {(judge, part) for judge in seen for part in WHY.get((name, judge), {}) if part not in seen[judge]}
    assert idle == set(), "what is explained is no difference any more"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For which host a certificate is: RFC 9525's rules, and certificates of authorities that came along."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.checks import (
    certificate_findings,
    is_for,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import Identity
from support.servers.openssl_server import made_by_openssl

MATCHES = [
    ("ftp.example.com", ("ftp.example.com",)),
    ("FTP.example.com.", ("ftp.EXAMPLE.com",)),
    ("ftp.example.com", ("other.example.com", "*.example.com")),
    ("192.0.2.1", ("192.0.2.1",)),
    ("2001:DB8:0::1", ("2001:db8::1",)),
    ("localhost", ("localhost",)),
]
OTHERS = [
    ("ftp.example.com", ()),
    ("ftp.example.com", ("example.com",)),
    ("a.b.example.com", ("*.example.com",)),
    ("example.com", ("*.example.com",)),
    ("ftp.example.com", ("f*.example.com", "*")),
    ("192.0.2.1", ("*.0.2.1", "192.0.2.10")),
    ("localhost", ("*",)),
    ("localhost", ("*.",)),
]


@pytest.mark.parametrize(("host", "names"), MATCHES)
def test_a_name_that_is_meant(host: str, names: tuple[str, ...]) -> None:
    assert is_for(host, names)


@pytest.mark.parametrize(("host", "names"), OTHERS)
def test_a_name_that_is_not(host: str, names: tuple[str, ...]) -> None:
    assert not is_for(host, names)


def test_the_signature_of_a_root_over_itself_does_not_count() -> None:
    good, old = made_by_openssl(), made_by_openssl(digest="sha1")
    for chain, expected in (((good.der, old.der), []), ((old.der, good.der), ["certificate_signature"])):
        told = certificate_findings(Identity((chain,)), profile_named("intermediate"), "127.0.0.1", NOW)
        assert [each.id for each in told if each.id == "certificate_signature"] == expected


NOW = 1_800_000_000.0

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of OpenSSL for the suites and groups of IANA."""

from __future__ import annotations

import ssl

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import PROFILES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.suites import (
    cipher_list,
    group_names,
)


def test_the_suites_of_the_profile_are_known_to_openssl() -> None:
    suites = {name for name in PROFILES["intermediate-2026"].suites if "_WITH_" in name}
    listed = cipher_list(suites)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(listed)
    chosen = [each["name"] for each in context.get_ciphers() if each["protocol"] == "TLSv1.2"]
    assert sorted(chosen) == sorted(listed.split(":"))
    assert len(chosen) == len(suites) == 6


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "DHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "ECDHE-ECDSA-AES128-CCM8"),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"),
    ],
)
def test_each_kind(suite: str, name: str) -> None:
    assert cipher_list({suite}) == name


def test_what_has_no_name() -> None:
    with pytest.raises(InvalidRequest, match="CAMELLIA"):
        cipher_list({"TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"})


def test_groups_the_best_first() -> None:
    groups = PROFILES["modern-2026"].groups
    assert group_names(groups) == ("X25519MLKEM768", "X25519", "P-256", "P-384")
    assert group_names(["ffdhe3072"]) == ("ffdhe3072",)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("keyword", "weak"),
    [
        ("ciphers", "aes128-cbc"),
        ("kexalgorithms", "diffie-hellman-group14-sha1"),
        ("macs", "hmac-sha1"),
        ("hostkeyalgorithms", "ssh-rsa"),
        ("pubkeyacceptedalgorithms", "ssh-dss"),
        ("casignaturealgorithms", "ssh-rsa"),
    ],
)
def test_weak_algorithms_of_one_account(keyword: str, weak: str) -> None:
    site = good_site()
    site.settings("partner")[keyword][0] += f",{weak}"
    row = site.row("6.2")
    assert row.state == "fail"
    assert row.findings[0].observed.startswith("partner: ")
    assert row.findings[0].observed.endswith(f" has {weak}")


def test_the_least_length_of_rsa_keys() -> None:
    site = good_site()
    site.settings("owner")["requiredrsasize"] = ["2048"]
    assert site.row("6.2").findings[0].observed == "owner: RequiredRSASize 2048"
    site.settings("owner")["requiredrsasize"] = ["many"]
    assert site.row("6.2").state == "not_measured"
    del site.settings("owner")["requiredrsasize"]
    assert site.row("6.2").findings[0].observed == "owner: RequiredRSASize not set"


def test_an_empty_list_of_algorithms_decides_nothing() -> None:
    site = good_site()
    site.settings("owner")["ciphers"] = [""]
    row = site.row("6.2")
    assert (row.state, row.missing[0].reason) == ("not_measured", "sshd_settings: ciphers is empty")


@pytest.mark.parametrize(
    ("kind", "bits", "state"),
    [("RSA", 3072, "pass"), ("RSA", 2048, "fail"), ("ECDSA", 256, "fail"), ("DSA", 1024, "fail")],
)
def test_host_keys(kind: str, bits: int, state: str) -> None:
    site = good_site()
    site.values()["host_keys"][1].update(type=kind, bits=bits)
    assert site.row("6.2").state == state


def test_an_sshd_without_host_keys() -> None:
    site = good_site()
    site.values()["host_keys"].clear()
    assert site.row("6.2").missing[0].reason == "host_keys: sshd names no host key"

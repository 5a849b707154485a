# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An authority that is limited to domains; `openssl verify` judges certificates that its key signed for any names."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils import issuing
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.authority import (
    Authority,
    AuthorityRefused,
    Place,
    open_authority,
)
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.issuing import Subject, issued
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

KEY = ec.generate_private_key(ec.SECP256R1()).public_key()


def opened(directory: Path, *domains: str) -> Authority:
    place = Place(str(directory / "ca"), "of the authority", "ftps_server_ca", domains)
    return open_authority(place, "FTPS servers", make=True)


def verified(directory: Path, pem: str) -> bool:
    """Return whether OpenSSL believes a certificate of the authority."""
    (directory / "certificate.pem").write_text(pem)
    words = ["openssl", "verify", "-x509_strict", "-CAfile", "ca/ca.pem", "certificate.pem"]
    return not subprocess.run(words, cwd=directory, capture_output=True, check=False).returncode


CASES = [
    (["example.com"], ["example.com"], True),
    (["example.com"], ["files.example.com", "*.example.com", "FILES.Example.COM"], True),
    (["example.com"], ["files.example.com", "files.example.org"], False),
    (["example.com"], ["badexample.com"], False),
    (["example.com"], ["com"], False),
    (["example.com"], ["files.example.com", "192.0.2.7"], False),
    (["example.com"], ["files.example.com", "2001:db8::7"], False),
    (["example.com", "192.0.2.0/24"], ["files.example.com", "192.0.2.7"], True),
    (["example.com", "192.0.2.0/24"], ["files.example.com", "192.0.3.7"], False),
    (["example.com", "192.0.2.0/24"], ["files.example.com", "2001:db8::7"], False),
    ([".example.com", "example.org", "2001:db8::/32"], ["a.example.org", "2001:db8::7"], True),
    ([], ["files.example.org", "192.0.2.7"], True),
]


@pytest.mark.parametrize(("domains", "names", "good"), CASES)
def test_openssl_and_the_authority_agree(
    domains: Sequence[str], names: Sequence[str], good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, subject = opened(tmp_path, *domains), Subject(names, "server", 90)
    if not good:
        with pytest.raises(InvalidRequest, match="is outside the name constraints of the authority"):
            issued(authority, KEY, subject)
        monkeypatch.setattr(issuing, "require_permitted", lambda *_words: None)
    assert verified(tmp_path, issued(authority, KEY, subject)) == good


def test_the_constraints_of_an_authority_that_is_there_must_be_the_same(tmp_path: Path) -> None:
    opened(tmp_path, "example.com")
    assert not opened(tmp_path).made
    assert not opened(tmp_path, "example.com").made
    for others in (["example.org"], ["example.com", "example.org"]):
        with pytest.raises(AuthorityRefused, match="does not have the name constraints that domains asks for"):
            opened(tmp_path, *others)


@pytest.mark.parametrize(
    ("domains", "message"),
    [(["192.0.2.0/24"], "no domain is given"), (["exämple.com"], "is neither a domain nor a network")],
)
def test_domains_that_limit_nothing_are_refused(domains: Sequence[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=message):
        opened(tmp_path, *domains)
    assert not (tmp_path / "ca").exists()


def test_a_client_that_does_not_know_constraints_refuses_the_authority(tmp_path: Path) -> None:
    """They are critical (RFC 5280 section 4.2.1.10)."""
    found = opened(tmp_path, "example.com").certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical

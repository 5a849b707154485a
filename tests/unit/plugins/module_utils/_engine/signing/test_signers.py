# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of allowed signers; some are refused though ssh-keygen takes them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import MANIFESTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import (
    parse_signers,
    signers_text,
)
from support.servers.ssh_keys import certify_user, key

KEY = key("release").public
PURPOSE = f'namespaces="{MANIFESTS.namespace}"'


def test_a_line_is_read_and_written_from_its_parts() -> None:
    limits = 'valid-after="20260101",valid-before="202701010000Z"'
    line = f"release@example.com,*@example.org cert-authority,{PURPOSE},{limits} {KEY}"
    (signer,) = parse_signers(["# the release team", "", line + " a comment"], "allowed_signers")
    assert signer.cert_authority
    assert (signer.valid_after, signer.valid_before) == ("20260101", "202701010000Z")
    assert signers_text([signer]) == line + "\n"
    assert signers_text([signer], timed=False) == f"release@example.com,*@example.org cert-authority,{PURPOSE} {KEY}\n"


def test_a_line_may_have_several_purposes() -> None:
    (signer,) = parse_signers([f'a namespaces="{MANIFESTS.namespace},receipt@ftp-synchronize" {KEY}\r\n'], "x")
    assert signer.namespaces == f"{MANIFESTS.namespace},receipt@ftp-synchronize"
    assert signer.principals == "a"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("a <key>", "has no namespaces="),
        ("a cert-authority <key>", "has no namespaces="),
        ('a valid-after="20260101" <key>', "has no namespaces="),
        ('a namespaces="*" <key>', "has a pattern"),
        ('a namespaces="*@ftp-synchronize" <key>', "has a pattern"),
        ('a namespaces="" <key>', "has a pattern, or nothing"),
        ("a namespaces <key>", "is not an option"),
        (f"a {PURPOSE},{PURPOSE} <key>", "twice"),
        (f'a {PURPOSE},cert-authority="yes" <key>', "is not an option"),
        (f"a {PURPOSE},verify-required <key>", "is not an option"),
        (f"a {PURPOSE}, <key>", "cannot be read"),
        (f'a {PURPOSE},valid-before="tomorrow" <key>', "is not a time"),
        (f'a {PURPOSE},valid-before="20261332" <key>', "is not a time"),
        (f'a {PURPOSE},valid-before="" <key>', ""),
        (f"a {PURPOSE} ssh-ed25519 AAAA", "not usable"),
        (f"a {PURPOSE} ssh-rsa <blob>", "not usable"),
        (f"a {PURPOSE}", "is not a line"),
        ("a", "is not a line"),
        ("<key>", "is not a line"),
        ("a\xa0b c d", "is not a line"),
        (f"a {PURPOSE} <certificate>", "holds a certificate"),
    ],
)
def test_other_lines_are_refused_by_number(line: str, complaint: str) -> None:
    certified = certify_user(key("release"), key("authority"), principals="a").certificate_text
    line = line.replace("<certificate>", " ".join(certified.split()[:2]))
    line = line.replace("<key>", KEY).replace("<blob>", KEY.split()[1])
    if not complaint:  # an empty limit is none, as for ssh-keygen
        parse_signers([line], "allowed_signers")
        return
    with pytest.raises(InvalidRequest, match="allowed_signers: line 2") as refused:
        parse_signers(["# one", line], "allowed_signers")
    assert complaint in refused.value.message
    assert refused.value.cure


def test_no_signer_at_all_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="names no signer"):
        parse_signers(["", "# nobody"], "allowed_signers")

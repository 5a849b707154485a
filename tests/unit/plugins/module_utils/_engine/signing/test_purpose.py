# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signature for one purpose counts for no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SignatureInvalid
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import (
    ARCHIVES,
    BAGS,
    MANIFESTS,
    RECEIPTS,
    Purpose,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
    SignatureVerifier,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL, signed

ALL = (MANIFESTS, RECEIPTS, ARCHIVES, BAGS)
TEXT = b"#mtree\n"


@pytest.mark.parametrize("purpose", ALL, ids=[purpose.namespace for purpose in ALL])
def test_it_counts_for_its_own_purpose_alone(purpose: Purpose, tmp_path: Path) -> None:
    names = ",".join(each.namespace for each in ALL)
    signers = parse_signers([f'{PRINCIPAL} namespaces="{names}" {key("release").public}'], "allowed_signers")
    text, signature = tmp_path / "text", tmp_path / "text.sig"
    text.write_bytes(TEXT)
    signature.write_bytes(signed(TEXT, key("release"), purpose.namespace))
    for wanted in ALL:
        verifier = SignatureVerifier(SignaturePolicy(PRINCIPAL, signers, None, wanted), str(tmp_path))
        if wanted == purpose:
            assert verifier.verify(str(text), str(signature)) == key("release").fingerprint
            continue
        with pytest.raises(SignatureInvalid, match=f"not a signature of this {wanted.subject}, made for"):
            verifier.verify(str(text), str(signature))

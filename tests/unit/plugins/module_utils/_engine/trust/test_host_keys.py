# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option host_keys."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import parse_host_keys
from support.servers import ssh_keys

KEY, OTHER = ssh_keys.key("unit"), ssh_keys.key("unit-other")


def test_every_form() -> None:
    parsed = parse_host_keys(
        (KEY.public + " comment", OTHER.fingerprint, f"@cert-authority {OTHER.public}", f"@revoked {OTHER.public}")
    )
    assert [(entry.marker, entry.key.text) for entry in parsed.entries] == [
        ("", KEY.public),
        ("@cert-authority", OTHER.public),
        ("@revoked", OTHER.public),
    ]
    assert parsed.fingerprints == {OTHER.fingerprint}
    assert parsed.known_hosts_text == (f"* {KEY.public}\n@cert-authority * {OTHER.public}\n@revoked * {OTHER.public}\n")


FORMS = {
    "key": KEY.public,
    "fingerprint": KEY.fingerprint,
    "cut": KEY.public[:-4],
    "certificate": ssh_keys.certify_host(KEY, OTHER, principals="a").certificate_text,
}


@pytest.mark.parametrize(
    "line",
    ["", "x", "SHA256:short", "host {key}", "@revoked {fingerprint}", "ssh-rsa \x1b", "{cut}", "{certificate}"],
)
def test_other_lines_are_refused_and_shown_escaped(line: str) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        parse_host_keys((KEY.public, line.format(**FORMS)))
    assert caught.value.message.isprintable()
    assert "@cert-authority" in caught.value.cure

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The factors that settings of sshd mean."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.info import factors_of

TOKENS = "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com"
CODE = {
    "authenticationmethods": "publickey,keyboard-interactive:pam",
}
TOKEN = {
    "authenticationmethods": "publickey",
    "pubkeyauthoptions": "verify-required",
    "pubkeyacceptedalgorithms": TOKENS,
}


@pytest.mark.parametrize(
    ("settings", "factors"),
    [
        ({}, ()),
        ({"authenticationmethods": "any"}, ()),
        (CODE, ("totp",)),
        (TOKEN, ("fido2",)),
        ({**TOKEN, **CODE}, ("fido2", "totp")),
        ({**CODE, "authenticationmethods": "publickey,keyboard-interactive:pam publickey"}, ()),
        ({**TOKEN, "pubkeyauthoptions": "touch-required"}, ()),
        ({**TOKEN, "pubkeyacceptedalgorithms": f"{TOKENS},ssh-ed25519"}, ()),
        ({**TOKEN, "authenticationmethods": "publickey password"}, ()),
        ({**TOKEN, "pubkeyacceptedalgorithms": ""}, ()),
    ],
)
def test_the_factors_of_settings(settings: dict[str, str], factors: tuple[str, ...]) -> None:
    assert factors_of({keyword: (value,) for keyword, value in settings.items()}, by_pam=True) == factors


def test_without_a_question_for_codes() -> None:
    assert factors_of({keyword: (value,) for keyword, value in CODE.items()}, by_pam=False) == ()

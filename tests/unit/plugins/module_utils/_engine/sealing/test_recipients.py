# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipients: one spelling each, and a digest that does not depend on their order."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import RecipientInvalid
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import (
    age_recipients,
    recipients_digest,
)
from support.servers import ssh_keys

X25519 = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
ED25519 = ssh_keys.key("unit").public.split()[:2]


def test_comments_case_and_repetitions_do_not_count() -> None:
    line = " ".join(ED25519)
    given = [X25519, f"{line} alice@example.org", X25519.upper(), f" {line}\n"]
    assert age_recipients(given) == (X25519, line)


def test_the_digest_has_16_digits_for_each_recipient_in_any_order() -> None:
    one, two = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in ("one", "two"))
    assert recipients_digest("age", ["one", "two"]) == "age " + ",".join(sorted([one, two]))
    assert recipients_digest("age", ["two", "one"]) == recipients_digest("age", ["one", "two"])


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "is not a public key"),
        (X25519[:-1], "is not a public key"),
        (X25519 + "q", "is not a public key"),
        ("age1pq1" + X25519[5:], "post-quantum"),
        ("age1tag1" + X25519[5:], "hardware key"),
        ("ssh-rsa AAAAB3NzaC1yc2E", "RSA"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI short", "is not a public key"),
        ("github:alice", "is not a public key"),
        (f"{X25519} {X25519}", "is not a public key"),
    ],
)
def test_every_other_text_is_refused(text: str, fact: str) -> None:
    with pytest.raises(RecipientInvalid, match=rf"encrypt\.recipients: item 2 .*{fact}"):
        age_recipients([X25519, text])


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY-1CANARY", "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY"])
def test_a_private_key_in_its_place_is_not_shown(secret: str) -> None:
    with pytest.raises(RecipientInvalid) as caught:
        age_recipients([secret])
    assert "CANARY" not in caught.value.message + caught.value.cure


def test_nobody_is_refused() -> None:
    with pytest.raises(RecipientInvalid, match="is empty"):
        age_recipients([])

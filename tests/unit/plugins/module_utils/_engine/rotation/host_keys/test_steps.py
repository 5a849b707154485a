# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drop-ins of a rotation record the served keys and their times, and are read back unchanged."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.host_key_file import (
    HostKey,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.steps import (
    ANNOUNCED,
    FIRST,
    IDLE,
    LAST,
    MADE,
    PROMOTED,
    RETIRED,
    Note,
    Rotation,
    drop_ins,
    notes,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey

KEY = HostKey("/etc/ssh/ssh_host_rsa_key", PublicKey("ssh-rsa", b"key"), 1000.0)


def rotation(phase: str, kind: str = "rsa", since: float = 1796011200.0) -> Rotation:
    return Rotation(kind, KEY.path, KEY, KEY, phase, since)


def lines(text: str | None) -> list[str]:
    return [line for line in (text or "").splitlines() if not line.startswith("#")]


def test_their_notes_are_read_back() -> None:
    texts = drop_ins([rotation(ANNOUNCED), rotation(PROMOTED, "ed25519", 1796011260.0)], ())
    noted = notes("".join(filter(None, texts.values())))
    assert noted == {"rsa": Note(ANNOUNCED, 1796011200.0), "ed25519": Note(PROMOTED, 1796011260.0)}


def test_a_key_is_named_once() -> None:
    """Keys that other files name come between the two; keys that no file names would be lost, and go into the first."""
    rotations = [rotation(ANNOUNCED), rotation(PROMOTED, "ed25519")]
    line = f"HostKey {KEY.path}"
    texts = drop_ins(rotations, ())
    assert (lines(texts[FIRST]), lines(texts[LAST])) == ([line], [line])
    texts = drop_ins(rotations[:1], ["/a", "/b"])
    assert (lines(texts[FIRST]), lines(texts[LAST])) == (["HostKey /a", "HostKey /b"], [line])


@pytest.mark.parametrize("phase", [IDLE, MADE, RETIRED])
def test_there_is_none_without_a_second_key(phase: str) -> None:
    assert drop_ins([rotation(phase)], ["/a"]) == {FIRST: None, LAST: None}


@pytest.mark.parametrize(
    "text", ["", "# rsa announced yesterday\n", "# rsa retired 2026-12-01T00:00:00Z\n", "# rsa announced 2026-13-01T\n"]
)
def test_what_they_did_not_write_says_nothing(text: str) -> None:
    assert notes(text) == {}

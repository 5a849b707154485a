# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a rotation follows from the files; it continues only when the time has come and clients are ready."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.host_key_file import (
    HostKey,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.steps import (
    ANNOUNCED,
    IDLE,
    MADE,
    PROMOTED,
    RETIRED,
    Note,
    Rotation,
    Schedule,
    Seen,
    advanced,
    due_at,
    host_keys,
    standing_at,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey

PATH, NEW = "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key_20261201T040000Z"
RSA = "/etc/ssh/ssh_host_rsa_key"
OLD_KEY = HostKey(PATH, PublicKey("ssh-ed25519", b"old"), 1000.0)
NEW_KEY = HostKey(NEW, PublicKey("ssh-ed25519", b"new"), 5000.0)
IN_PLACE = NEW_KEY._replace(path=PATH)
SCHEDULE = Schedule(max_age=100.0, announce=10.0, overlap=20.0)
NOW = 6000.0


def seen(standing: HostKey | None, successor: HostKey | None, *served: str, note: Note | None = None) -> Seen:
    return Seen("ed25519", PATH, standing, successor, served, note)


def standing(phase: str, *, key: HostKey | None = OLD_KEY, since: float = NOW) -> Rotation:
    return Rotation("ed25519", PATH, key, None if phase == IDLE else NEW_KEY, phase, since)


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        (seen(OLD_KEY, None, PATH), IDLE),
        (seen(None, None, PATH), IDLE),
        (seen(OLD_KEY, NEW_KEY, PATH), MADE),
        (seen(OLD_KEY, NEW_KEY, PATH, NEW), ANNOUNCED),
        (seen(OLD_KEY, NEW_KEY, NEW, PATH), PROMOTED),
        (seen(None, NEW_KEY, PATH, NEW), PROMOTED),
        (seen(None, NEW_KEY, PATH), MADE),
        (seen(IN_PLACE, NEW_KEY, NEW, PATH), RETIRED),
        (seen(IN_PLACE, NEW_KEY, PATH), RETIRED),
    ],
)
def test_the_phase_is_what_is_there(state: Seen, phase: str) -> None:
    assert standing_at(state, NOW).phase == phase


@pytest.mark.parametrize(
    ("note", "since"),
    [
        (Note(ANNOUNCED, 5990.0), 5990.0),
        (Note(PROMOTED, 5990.0), NOW),
        (Note(ANNOUNCED, NOW + 1), NOW),
        (None, NOW),
    ],
)
def test_a_time_counts_if_it_is_of_this_phase_and_past(note: Note | None, since: float) -> None:
    assert standing_at(seen(OLD_KEY, NEW_KEY, PATH, NEW, note=note), NOW).since == since


@pytest.mark.parametrize(
    ("rotation", "due"),
    [
        (standing(IDLE), 1100.0),
        (standing(IDLE, key=None), 0.0),
        (standing(MADE), 0.0),
        (standing(ANNOUNCED), NOW + 10),
        (standing(PROMOTED), NOW + 20),
        (standing(PROMOTED, key=None), 0.0),
        (standing(RETIRED), None),
    ],
)
def test_when_it_goes_on(rotation: Rotation, due: float | None) -> None:
    assert due_at(rotation, SCHEDULE) == due


@pytest.mark.parametrize(
    ("phase", "now", "held", "following"),
    [
        (IDLE, 1099.0, False, IDLE),
        (IDLE, 1100.0, True, ANNOUNCED),
        (MADE, 1.0, True, ANNOUNCED),
        (ANNOUNCED, NOW + 9, False, ANNOUNCED),
        (ANNOUNCED, NOW + 10, True, ANNOUNCED),
        (ANNOUNCED, NOW + 10, False, PROMOTED),
        (PROMOTED, NOW + 19, False, PROMOTED),
        (PROMOTED, NOW + 20, True, PROMOTED),
        (PROMOTED, NOW + 20, False, RETIRED),
        (RETIRED, NOW * 2, False, RETIRED),
    ],
)
def test_one_step_at_most_and_none_that_a_client_cannot_follow(
    phase: str, now: float, held: bool, following: str
) -> None:
    before = standing(phase)
    after = advanced(before, SCHEDULE, now, held=held)
    assert after.phase == following
    assert after.since == (before.since if following == phase else now)


@pytest.mark.parametrize(
    ("phase", "lines"),
    [
        (IDLE, [RSA, PATH]),
        (MADE, [RSA, PATH]),
        (ANNOUNCED, [RSA, PATH, NEW]),
        (PROMOTED, [NEW, RSA, PATH]),
        (RETIRED, [RSA, PATH]),
    ],
)
def test_what_sshd_serves(phase: str, lines: list[str]) -> None:
    assert host_keys([RSA, PATH], [standing(phase)]) == lines

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next key of a job and the next phase of each of its servers, by tables."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.plan import (
    DONE,
    PUBLISH,
    RETIRE,
    Generation,
    JobState,
    Policy,
    ServerState,
    leg_of,
    unused,
    why_new,
)

DAY = 86400
OLD, NEW = Generation(1000 * DAY, "ed25519"), Generation(1090 * DAY, "ed25519")
POLICY = Policy("ed25519", 90)


@pytest.mark.parametrize(
    ("state", "now", "reason"),
    [
        (JobState(), 0, "there is no key yet"),
        (JobState((OLD,)), 1089, ""),
        (JobState((OLD,)), 1090, "the key is 90 days old"),
        (JobState((OLD, NEW)), 1100, ""),
        (JobState((NEW, OLD)), 1100, ""),
        (JobState((OLD,), frozenset({OLD})), 1001, "the key is compromised"),
        (JobState((OLD, NEW), frozenset({OLD})), 1100, ""),
        (JobState((Generation(OLD.made, "rsa"),)), 1001, "the key is of the type rsa"),
    ],
)
def test_a_new_key_is_due_for_a_reason(state: JobState, now: int, reason: str) -> None:
    assert why_new(state, POLICY, now * DAY) == reason


@pytest.mark.parametrize(
    ("current", "uncleared", "compromised", "phase", "published"),
    [
        (None, False, frozenset(), PUBLISH, (NEW,)),
        (OLD, False, frozenset(), PUBLISH, (OLD, NEW)),
        (OLD, True, frozenset(), PUBLISH, (OLD, NEW)),
        (OLD, False, frozenset({OLD}), PUBLISH, (NEW,)),
        (NEW, True, frozenset(), RETIRE, (NEW,)),
        (NEW, True, frozenset({OLD}), RETIRE, (NEW,)),
        (NEW, False, frozenset(), DONE, (NEW,)),
    ],
)
def test_a_server_keeps_the_key_in_use_until_the_new_key_is_proven(
    current: Generation | None,
    uncleared: bool,
    compromised: frozenset[Generation],
    phase: str,
    published: tuple[Generation, ...],
) -> None:
    leg = leg_of(ServerState("alpha", current=current, uncleared=uncleared), NEW, compromised)
    assert (leg.phase, leg.published) == (phase, published)


def test_only_generations_that_no_link_names_are_unused_and_never_the_newest() -> None:
    older = Generation(900 * DAY, "ed25519")
    state = JobState((older, OLD, NEW))
    assert unused(state, frozenset({OLD})) == (older,)
    assert unused(state, frozenset()) == (older, OLD)
    assert unused(JobState(), frozenset()) == ()

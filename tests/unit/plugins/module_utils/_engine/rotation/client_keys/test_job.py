# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation: after any failure or kill, the job can log in with its key."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    public_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scenes.rotation_model import STRANGER, Fate, Killed, RotationModel

NAMES = ["alpha", "beta", "gamma"]
STEPS = 9
SOME = st.frozensets(st.sampled_from(NAMES))
FATES = st.builds(
    Fate,
    unreachable=SOME,
    rejecting=SOME,
    killed_at=st.none() | st.integers(0, STEPS),
    days=st.sampled_from([0, 50, 91]),
)


@pytest.fixture
def model(tmp_path: Path) -> RotationModel:
    return RotationModel(tmp_path, NAMES)


def files(model: RotationModel) -> list[str]:
    return sorted(path.name for path in (model.job / "keys").iterdir())


def ledger(model: RotationModel) -> dict[str, dict[str, str]]:
    return json.loads((model.job / "ledger.json").read_text())["servers"]


def fingerprint_of(model: RotationModel, name: str) -> str:
    return public_key(model.current(name) or "").fingerprint


def exactly_one_key(model: RotationModel) -> bool:
    keys = [public_key(model.current(name) or "").text for name in NAMES]
    return all(server.keys == {key} for server, key in zip(model.servers.values(), keys, strict=True))


def test_the_link_that_a_killed_run_left_is_replaced(model: RotationModel) -> None:
    assert model.run()
    (model.job / "to/.alpha").symlink_to("../keys/lost")
    before = fingerprint_of(model, "alpha")
    assert model.run(Fate(days=91))
    assert (fingerprint_of(model, "alpha") != before, model.broken()) == (True, [])
    assert sorted(path.name for path in (model.job / "to").iterdir()) == NAMES


@settings(max_examples=60, deadline=None)
@given(st.lists(FATES, max_size=6), st.data())
def test_no_sequence_of_failures_and_kills_locks_the_job_out(fates: list[Fate], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        model = RotationModel(Path(directory), NAMES)
        for fate in fates:
            with contextlib.suppress(Killed):
                model.run(fate)
            assert model.broken() == []
        assert model.run()
        assert model.broken() == []
        assert exactly_one_key(model)
        assert len(files(model)) == 2
        assert ledger(model) == {}
        assert all(server.text.startswith(STRANGER) for server in model.servers.values())


@settings(max_examples=40, deadline=None)
@given(st.lists(FATES, max_size=3), st.lists(FATES, max_size=4))
def test_a_compromised_key_is_refused_everywhere_in_the_end_and_the_new_one_is_not(
    before: list[Fate], after: list[Fate]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        model = RotationModel(Path(directory), NAMES)
        model.run()
        for fate in before:
            with contextlib.suppress(Killed):
                model.run(fate)
        lost = model.current("alpha") or ""
        bad = frozenset({public_key(lost).fingerprint})
        with contextlib.suppress(Killed):
            model.run(Fate(compromised=bad, killed_at=after[0].killed_at if after else None))
        for fate in after:
            with contextlib.suppress(Killed):
                model.run(Fate(fate.unreachable, fate.rejecting, fate.killed_at, bad))
        assert model.run(Fate(compromised=bad))
        assert [name for name, server in model.servers.items() if server.takes(lost)] == []
        assert all(public_key(lost).text in server.revoked for server in model.servers.values())
        assert model.broken() == []
        assert exactly_one_key(model)


@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("compromised", [False, True])
def test_a_run_that_is_killed_before_a_step_is_taken_up(model: RotationModel, step: int, compromised: bool) -> None:
    model.run()
    before = model.current("alpha")
    lost = frozenset({fingerprint_of(model, "alpha")}) if compromised else frozenset()
    with pytest.raises(Killed):
        model.run(Fate(days=91, killed_at=step, compromised=lost))
    assert compromised or model.broken() == []
    assert model.run(Fate(compromised=lost))
    assert model.current("alpha") != before
    assert model.broken() == []
    assert exactly_one_key(model)


def test_a_first_run_makes_a_key_and_a_second_nothing(model: RotationModel) -> None:
    assert model.run()
    first = files(model)
    assert len(first) == 2
    assert model.run()
    found = model.prepare()
    assert (files(model), found.changes, found.why) == (first, (), "")


def test_a_key_is_replaced_when_it_is_old(model: RotationModel) -> None:
    model.run()
    before = model.current("alpha")
    model.run(Fate(days=89))
    assert model.current("alpha") == before
    model.run(Fate(days=1))
    assert model.current("alpha") != before


def test_a_server_that_is_down_stays_on_its_key_and_in_the_ledger(model: RotationModel) -> None:
    model.run()
    before = model.current("beta")
    assert not model.run(Fate(unreachable=frozenset({"beta"}), days=91))
    assert model.current("beta") == before != model.current("alpha")
    since = ledger(model)["beta"]["since"]
    assert list(ledger(model)) == ["beta"]
    assert len(files(model)) == 4
    assert not model.run(Fate(unreachable=frozenset({"beta"})))
    assert ledger(model)["beta"]["since"] == since
    assert model.run()
    assert (ledger(model), len(files(model))) == ({}, 2)
    assert model.current("beta") == model.current("alpha")


def test_the_ledger_is_true_before_any_server_was_asked(model: RotationModel) -> None:
    with pytest.raises(Killed):
        model.run(Fate(killed_at=1))
    assert {name: entry["phase"] for name, entry in ledger(model).items()} == dict.fromkeys(NAMES, "publish")


def test_the_same_compromise_again_changes_nothing(model: RotationModel) -> None:
    model.run()
    lost = frozenset({fingerprint_of(model, "alpha")})
    assert model.run(Fate(compromised=lost))
    after = files(model)
    assert model.run(Fate(compromised=lost))
    assert files(model) == after
    assert model.prepare(lost).changes == ()


def test_a_compromised_key_that_was_replaced_already_is_revoked_too(model: RotationModel) -> None:
    """alpha has moved on, and its sessions may still use the old key."""
    model.run()
    lost = fingerprint_of(model, "beta")
    model.run(Fate(unreachable=frozenset({"beta"}), days=91))
    kept = model.current("alpha")
    assert model.run(Fate(compromised=frozenset({lost})))
    assert model.current("alpha") == kept
    assert len(model.servers["alpha"].revoked) == 1


def test_what_a_server_may_not_refuse_yet_is_known_until_it_was_cleared(model: RotationModel) -> None:
    def left() -> dict[str, int]:
        return {leg.server.name: len(leg.server.to_revoke) for leg in model.prepare().legs}

    model.run()
    lost = frozenset({fingerprint_of(model, "alpha")})
    assert not model.run(Fate(compromised=lost, unreachable=frozenset({"beta"})))
    assert left() == {"alpha": 0, "beta": 1, "gamma": 0}
    assert not model.run(Fate(days=91, unreachable=frozenset({"beta"})))
    assert left() == {"alpha": 0, "beta": 1, "gamma": 0}, "a new key later"
    assert model.run(Fate(compromised=lost))
    assert left() == {"alpha": 0, "beta": 0, "gamma": 0}
    with pytest.raises(Killed):
        model.run(Fate(days=91, killed_at=1))
    assert left() == {"alpha": 0, "beta": 0, "gamma": 0}, "a compromise that is over is not asked for again"


def test_check_mode_makes_nothing_on_a_bare_host(model: RotationModel, tmp_path: Path) -> None:
    found = model.prepare(check_mode=True)
    assert found.why == "there is no key yet"
    assert [leg.phase for leg in found.legs] == ["publish"] * 3
    assert found.changes != ()
    assert [path.name for path in tmp_path.iterdir()] == ["servers"]


def test_a_clock_that_was_set_back_makes_no_older_key(model: RotationModel) -> None:
    model.run()
    lost = frozenset({fingerprint_of(model, "alpha")})
    model.now -= 1_000_000
    assert model.run(Fate(compromised=lost))
    assert fingerprint_of(model, "alpha") not in lost
    assert len(files(model)) == 2


def test_what_is_no_link_is_refused(model: RotationModel) -> None:
    model.run()
    (model.job / "to/alpha").unlink()
    (model.job / "to/alpha").write_text("")
    with pytest.raises(UnsafePath, match="to/alpha is not a link"):
        model.run()


def test_directories_of_others_are_refused(model: RotationModel) -> None:
    model.run()
    model.job.chmod(0o777)
    with pytest.raises(UnsafePath, match="may be written by others"):
        model.run()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rotation is killed at each system call that changes a file, on the client and on its servers: the job gets in then,
and the next run comes to the end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    public_key,
)
from support.running.slices import slice_of
from support.scenes.crash_points import KILL, record, tamper
from support.scenes.rotation_model import DAY, Fate, RotationModel

NAMES = ["alpha", "beta"]


def model_in(root: Path) -> RotationModel:
    return RotationModel(root, NAMES)


def key_of(model: RotationModel, name: str) -> str:
    return public_key(model.current(name) or "").text


@pytest.mark.parametrize("compromised", [False, True], ids=["scheduled", "compromise"])
def test_killed_at_each_call(tmp_path: Path, compromised: bool, long_run: bool) -> None:
    """A short run takes a quarter of the calls."""
    first = model_in(tmp_path / "first")
    assert first.run()
    lost = first.current("alpha") or ""
    bad = frozenset({public_key(lost).fingerprint}) if compromised else frozenset()
    fate = Fate(days=91, compromised=bad)
    shutil.copytree(tmp_path / "first", tmp_path / "recorded", symlinks=True)
    recorded = model_in(tmp_path / "recorded")
    points = record(lambda: recorded.run(fate), tmp_path / "log").calls
    assert len(points) > 50
    for number in slice_of(range(len(points)), 4, long_run=long_run):
        point = points[number]
        place = tmp_path / str(number)
        shutil.copytree(tmp_path / "first", place, symlinks=True)
        model = model_in(place)
        ended = tamper(lambda model=model: model.run(fate), tmp_path / "log", point.injection(KILL))
        assert ended.killed, point
        assert compromised or model.broken() == [], point
        model.now += 91 * DAY  # the child's clock
        assert model.run(Fate(compromised=bad)), point
        assert model.broken() == [], point
        assert [name for name in NAMES if model.servers[name].keys != {key_of(model, name)}] == [], point
        assert [name for name in NAMES if model.servers[name].takes(lost)] == [], point
        assert len(list((model.job / "keys").iterdir())) == 2, point
        shutil.rmtree(place)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.tests.benchmark.contender import OURS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.kept_results import KeptResults
from ansible_collections.secure.ftp_synchronize.tests.benchmark.table import Measured
from ansible_collections.secure.ftp_synchronize.tests.benchmark.workloads import PULL, PUSH, WORKLOADS, scaled

WORK = WORKLOADS[0]
RUNS = [
    Measured("secure_sync", OURS, (1.5, 2.5), files=5, of=10, cpu=(1.0, 2.0), peak_kib=77),
    Measured("lftp", "peer", (), failure="no answer", found=False),
]


def test_a_measurement_goes_on_after_its_last_work(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    KeptResults(path, version="abc", rounds=5).add(WORK, PUSH, RUNS)
    again = KeptResults(path, version="abc", rounds=5)
    assert again.find(WORK, PUSH) == RUNS
    assert again.find(WORK, PULL) is None
    assert again.find(scaled(WORK, 10), PUSH) is None, "a part of the work is another work"


@pytest.mark.parametrize(("version", "rounds"), [("def", 5), ("abc", 3)])
def test_other_code_or_other_rounds(version: str, rounds: int, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    KeptResults(path, version="abc", rounds=5).add(WORK, PUSH, RUNS)
    with pytest.raises(SystemExit, match="figures of abc, 5 rounds, not of"):
        KeptResults(path, version=version, rounds=rounds)


def test_nothing_is_kept_without_a_file() -> None:
    kept = KeptResults(None, version="abc", rounds=5)
    assert kept.find(WORK, PUSH) is None
    kept.add(WORK, PUSH, RUNS)
    assert kept.find(WORK, PUSH) == RUNS

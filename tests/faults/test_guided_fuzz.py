# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers again, under Atheris, which sees which branches an input reaches. Only of the long run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.fuzz.targets import TARGETS

pytestmark = pytest.mark.long
SECONDS = 60
FEWEST = 1000


@pytest.mark.parametrize("name", TARGETS)
def test_guided_by_coverage(name: str, tmp_path: Path, seed: int) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, example in enumerate(TARGETS[name].examples):
        (corpus / f"{number}").write_bytes(example)
    limits = [f"-max_total_time={SECONDS}", f"-max_len={TARGETS[name].limit}", "-rss_limit_mb=1024", "-timeout=5"]
    done = subprocess.run(
        [sys.executable, "-m", "support.fuzz.guided", name, str(corpus), *limits, f"-seed={seed}"],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS + 120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    runs = int(re.search(r"Done ([0-9]+) runs", done.stderr).group(1))
    assert runs >= FEWEST, done.stderr[-4000:]
    print(f"{runs} executions, {len(list(corpus.iterdir()))} inputs that reach something new")

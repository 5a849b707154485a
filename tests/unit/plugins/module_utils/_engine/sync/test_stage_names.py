# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary names: short, never twice, known again by the next run on the same destination only."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames

RUN = "0123456789abcdef"


def test_in_the_same_directory_short_and_never_twice() -> None:
    names = StageNames(b"/srv/data", RUN)
    given = [names.beside(RelPath(b"d/" + b"n" * 255)) for _number in range(2000)]
    assert len(set(given)) == 2000
    assert {path.parent for path in given} == {b"d"}
    assert max(len(path.name) for path in given) <= 64
    assert names.open == set(given)
    names.release(given[0])
    assert given[0] not in names.open
    assert names.in_root().parent == b""


def test_a_name_that_outlives_the_run() -> None:
    names = StageNames(b"/srv/data", RUN)
    short = names.beside(RelPath(b"d/x"))
    lasting = names.lasting(short)
    assert names.open == {lasting}
    assert lasting == short[:-3] + b"part"
    assert names.lasts(lasting)
    assert not names.lasts(short)
    for end in (b"", b".open", b".order"):
        assert names.is_litter(RelPath(lasting + end))
    assert not StageNames(b"/srv/other", RUN).is_litter(lasting)


def test_known_again_by_the_tree() -> None:
    stage = StageNames(b"/srv/data", RUN).beside(RelPath(b"d/x"))
    assert StageNames(b"/srv/data", "f" * 16).is_litter(stage)
    assert not StageNames(b"/srv/other", RUN).is_litter(stage)
    assert not StageNames(b"/srv/data", RUN).is_litter(RelPath(stage + b"x"))
    assert not StageNames(b"/srv/data", RUN).is_litter(RelPath(stage + b"/below"))
    assert not StageNames(b"/srv/data", RUN).is_litter(RelPath(stage + b".old"))

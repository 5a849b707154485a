# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which link targets can only lead to places below the root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.link_targets import stays_inside
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("link", "target", "inside"),
    [
        (b"l", b"a", True),
        (b"l", b"./a//b/.", True),
        (b"l", b"..", False),
        (b"l", b"../a", False),
        (b"l", b"/a", False),
        (b"l", b"", False),
        (b"d/l", b"..", True),
        (b"d/l", b"../a", True),
        (b"d/l", b"./../a", True),
        (b"d/l", b"../../a", False),
        (b"d/e/l", b"../../a", True),
        (b"d/l", b"a/../b", False),
        (b"l", b"..a/b..", True),
        (b"l", b"...", True),
    ],
)
def test_stays_inside(link: bytes, target: bytes, inside: bool) -> None:
    assert stays_inside(RelPath(link), target) is inside


TARGETS = st.lists(st.sampled_from(["..", ".", "d", "e", "x", "y", "z", ""]), min_size=1, max_size=6).map("/".join)
PLACES = ["x", "d/x", "d/e/x", "y", "d/y", "d/e/y", "z"]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(targets=st.lists(TARGETS, min_size=len(PLACES), max_size=len(PLACES)))
def test_no_chain_of_accepted_links_leads_out(tmp_path_factory: pytest.TempPathFactory, targets: list[str]) -> None:
    root = tmp_path_factory.mktemp("root").resolve()
    (root / "d/e").mkdir(parents=True)
    for place, target in zip(PLACES, targets, strict=True):
        if stays_inside(RelPath(place.encode()), target.encode()):
            (root / place).symlink_to(target)
    for place in PLACES:
        # The system's own resolution; a loop ends in an error, never outside.
        try:
            real = Path(os.path.realpath(root / place, strict=True))
        except OSError:
            continue
        assert real == root or root in real.parents

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which link targets can only lead to places below the root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK, Entry, Tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import (
    restate_links,
    states_resolved_links,
    stays_inside,
)
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


def link(target: bytes) -> Entry:
    return Entry(LINK, 0, 0, 0o777, target)


@pytest.mark.parametrize(
    ("stated", "local", "wanted"),
    [
        (b"/root/d/x", b"x", b"x"),
        (b"/root/d/x", b"./x", b"./x"),
        (b"/root/x", b"../x", b"../x"),
        (b"/root/x", None, b"../x"),
        (b"/root/d/x", b"y", b"x"),
        (b"/root", None, b".."),
        (b"/rootless/x", None, b"/rootless/x"),
        (b"/etc/passwd", b"/etc/passwd", b"/etc/passwd"),
        (b"x", b"y", b"x"),
    ],
)
def test_a_target_is_restated(stated: bytes, local: bytes | None, wanted: bytes) -> None:
    path = RelPath(b"d/link")
    peer: Tree = {path: link(stated), RelPath(b"d/file"): Entry(FILE, 1, 1, 0o644)}
    restate_links(peer, {} if local is None else {path: link(local)}, b"/root")
    assert peer[path].target == wanted


def test_at_the_root_of_the_file_system() -> None:
    path = RelPath(b"link")
    peer: Tree = {path: link(b"/a/b")}
    restate_links(peer, {}, b"/")
    assert peer[path].target == b"a/b"


@pytest.mark.parametrize(("software", "said"), [("mod_sftp", True), ("OpenSSH_10.0p2", False), ("", False)])
def test_the_server_is_known_by_its_name(software: str, said: bool) -> None:
    assert states_resolved_links(PeerIdentity("SSH-2.0", software=software)) is said

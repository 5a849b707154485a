# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that a server resolved become comparable again."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK, Entry, Tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.resolved_links import (
    restate_links,
    states_resolved_links,
)


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

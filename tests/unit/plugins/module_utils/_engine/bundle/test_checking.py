# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification: the signature counts before anything is read, and a good signature is not enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle import checking
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.request import BundleReport
from support.scenes.bundle_scene import BAGS, FILES, BundleScene, file, packed
from support.servers.ssh_keys import key

LAYOUTS = pytest.mark.parametrize("layout", ["plain", "bagit"])


@LAYOUTS
def test_a_good_archive(tmp_path: Path, layout: str) -> None:
    scene = BundleScene(tmp_path)
    made, found = scene.make(layout=layout), scene.check(layout)
    assert isinstance(found, BundleReport)
    assert (found.changed, found.key, found.digest, found.size) == (False, made.key, made.digest, made.size)
    assert [each.path for each in found.members] == [each.path for each in made.members]
    assert sum(each.entry.size for each in found.members) == sum(map(len, FILES.values()))


@LAYOUTS
def test_every_changed_byte_is_refused_before_it_is_read(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = BundleScene(tmp_path)
    scene.make(layout=layout)
    monkeypatch.setattr(checking, "read_archive", None)
    whole = scene.archive.read_bytes()
    for at in (0, 100, 600, len(whole) // 2, len(whole) - 1):
        scene.archive.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert scene.check(layout) == "signature_invalid"
    for other in (whole[:-512], whole + b"\0", b""):
        scene.archive.write_bytes(other)
        assert scene.check(layout) == "signature_invalid"


def test_signatures_that_do_not_count(tmp_path: Path) -> None:
    scene = BundleScene(tmp_path)
    scene.make()
    content = scene.archive.read_bytes()
    assert scene.check(signer=key("stranger")) == "signer_unknown"
    assert scene.put(content, namespace=BAGS).check() == "signature_invalid"
    assert scene.put(content, namespace="manifest@ftp-synchronize").check() == "signature_invalid"
    scene.signature.write_bytes(b"x" * 70_000)
    assert scene.check() == "not_found"
    scene.signature.unlink()
    assert scene.check() == "not_found"
    scene.archive.unlink()
    assert scene.check() == "not_found"


def test_a_good_signature_of_something_else_is_not_enough(tmp_path: Path) -> None:
    scene = BundleScene(tmp_path)
    assert scene.put(packed(file("../escaped"))).check() == "unsafe_name"
    assert scene.put(b"no archive").check() == "protocol_violation"
    scene.make()
    assert scene.check("bagit") == "protocol_violation"


def test_an_archive_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = BundleScene(tmp_path)
    scene.make()
    read = checking.read_archive

    def then_changed(archive: object) -> object:
        found = read(archive)  # type: ignore[arg-type]
        with scene.archive.open("ab") as more:
            more.write(b"x")
        return found

    monkeypatch.setattr(checking, "read_archive", then_changed)
    assert scene.check() == "source_changed"

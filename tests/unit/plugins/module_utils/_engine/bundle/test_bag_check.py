# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bag is held against its manifests, in archives whose own signature is good."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from support.scenes.bundle_scene import ARCHIVES, BAGS, FILES, BundleScene, directory, file, packed, repacked, special
from support.servers.ssh_keys import key
from support.trees.signed_tree import signed

BASE = "release"
SUMS, TAGS, SEAL = (
    f"{BASE}/{name}" for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig")
)


@pytest.fixture
def scene(tmp_path: Path) -> BundleScene:
    made = BundleScene(tmp_path)
    made.make(layout="bagit")
    return made


def sealed(scene: BundleScene, members: dict[str, bytes], **how: Any) -> str:
    """Sign the tag manifest of these members and the archive; return the code of the check."""
    tags = {name: members[f"{BASE}/{name}"] for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")}
    text = "".join(f"{hashlib.sha256(each).hexdigest()}  {name}\n" for name, each in tags.items()).encode()
    seal = signed(text, how.get("signer", scene.signer), how.get("namespace", BAGS))
    return outcome(scene, {**members, TAGS: text, SEAL: seal})


def outcome(scene: BundleScene, members: dict[str, bytes]) -> str:
    found = scene.put(repacked(members.items())).check("bagit")
    return found if isinstance(found, str) else "good"


def test_the_second_implementation_is_a_good_bag(scene: BundleScene) -> None:
    members = scene.members()
    assert {name: members[f"{BASE}/data/{name}"] for name in FILES} == FILES
    assert members[f"{BASE}/bag-info.txt"] == b"Payload-Oxum: %d.4\n" % sum(map(len, FILES.values()))
    assert sealed(scene, members) == "good"


def test_files_that_are_not_as_listed(scene: BundleScene) -> None:
    members = scene.members()
    assert sealed(scene, {**members, f"{BASE}/data/a": b"ALPHA"}) == "digest_mismatch"
    assert sealed(scene, {**members, f"{BASE}/data/planted": b"x"}) == "set_incomplete"
    assert sealed(scene, {name: each for name, each in members.items() if not name.endswith("/a")}) == "set_incomplete"
    assert outcome(scene, {**members, f"{BASE}/bag-info.txt": b"Payload-Oxum: 1.1\n"}) == "digest_mismatch"
    assert outcome(scene, {**members, SUMS: b""}) == "digest_mismatch"


def test_the_tag_manifest_needs_its_own_signature(scene: BundleScene) -> None:
    members = scene.members()
    assert sealed(scene, members, signer=key("stranger")) == "signer_unknown"
    assert sealed(scene, members, namespace=ARCHIVES) == "signature_invalid"
    assert outcome(scene, {**members, TAGS: members[TAGS] + b"\n"}) == "signature_invalid"
    assert outcome(scene, {name: each for name, each in members.items() if name != SEAL}) == "set_incomplete"


@pytest.mark.parametrize("text", [b"x", b"0" * 64 + b"  data/a", b"0" * 64 + b" data/a\n", b"\n"])
def test_manifests_that_cannot_be_read(scene: BundleScene, text: bytes) -> None:
    assert sealed(scene, {**scene.members(), SUMS: text}) == "protocol_violation"


def test_members_outside_the_bag(scene: BundleScene) -> None:
    members = scene.members()
    assert sealed(scene, {**members, f"{BASE}/more.txt": b"x"}) == "protocol_violation"
    assert sealed(scene, {**members, "releasf": b"x"}) == "protocol_violation"
    assert scene.put(packed(directory("release"), directory("release/x"))).check("bagit") == "protocol_violation"
    link = special("release/data", b"2", linkname="x")
    assert scene.put(packed(directory("release"), link)).check("bagit") == "set_incomplete"
    assert scene.put(packed(file("release"))).check("bagit") == "set_incomplete"
    assert sealed(scene, {**members, f"{BASE}/bagit.txt": b"BagIt-Version: 9.9\n"}) == "protocol_violation"

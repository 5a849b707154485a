# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module bundle: options that do not fit, results, and the diff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import bundle
from support.running.tasks import refusals_of, run_task
from support.scenes.bundle_scene import ARCHIVES, BAGS, FILES, BundleScene
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL

SIGN = {"private_key_file": str(key("release").path)}


def verify(namespaces: str = f"{ARCHIVES},{BAGS}") -> dict[str, Any]:
    return {
        "principal": PRINCIPAL,
        "allowed_signers": [f'{PRINCIPAL} namespaces="{namespaces}" {key("release").public}'],
    }


def present(scene: BundleScene, **options: Any) -> dict[str, Any]:
    return run_task(bundle, **{"src": str(scene.tree), "dest": str(scene.archive), "sign": SIGN, **options})


def verified(scene: BundleScene, **options: Any) -> dict[str, Any]:
    return run_task(bundle, **{"dest": str(scene.archive), "state": "verified", "verify": verify(), **options})


@pytest.mark.parametrize("layout", ["plain", "bagit"])
def test_made_verified_and_made_again(tmp_path: Path, layout: str) -> None:
    scene = BundleScene(tmp_path)
    planned = present(scene, layout=layout, check=True)
    assert (planned["changed"], planned["msg"]) == (True, "archive to be made")
    assert "sha256" not in planned["archive"]
    made, found, again = (act(scene, layout=layout) for act in (present, verified, present))
    assert [each["msg"] for each in (made, found, again)] == [
        "archive made", f"the archive is signed by {PRINCIPAL} and whole", "nothing to do",
    ]  # fmt: skip
    assert [each["changed"] for each in (made, found, again)] == [True, False, False]
    assert made["archive"] == again["archive"] == {**found["archive"], "principal": None}
    assert made["archive"]["files"] == len(FILES)
    assert made["archive"]["bytes"] == sum(map(len, FILES.values()))
    assert made["archive"]["signature"] == str(scene.signature)
    assert found["archive"]["principal"] == PRINCIPAL


def test_labels_of_a_bag(tmp_path: Path) -> None:
    scene = BundleScene(tmp_path)
    options = {"layout": "bagit", "bag_info": {"Source-Organization": "Example", "Bag-Count": 1}}
    assert present(scene, **options)["changed"]
    assert not present(scene, **options)["changed"]
    assert scene.members()["release/bag-info.txt"].splitlines()[::2] == [
        b"Bag-Count: 1",
        b"Source-Organization: Example",
    ]
    assert "failed" not in verified(scene, layout="bagit")
    assert present(scene, layout="bagit")["changed"]


def test_the_diff_lists_the_entries_that_differ(tmp_path: Path) -> None:
    scene = BundleScene(tmp_path)
    present(scene)
    scene.write("a", b"longer")
    scene.write("new\x1b[31m", b"")
    (scene.tree / "sub/b").unlink()
    for check in (True, False):
        diff = present(scene, check=check, diff=True)["diff"]
        assert diff["before"].splitlines() == [
            "a: file, 5 B, 0644, 2020-09-13T12:26:40Z", "sub/b: file, 3.9 KiB, 0644, 2020-09-13T12:26:40Z",
        ]  # fmt: skip
        assert diff["after"].splitlines() == [
            "a: file, 6 B, 0644, 2020-09-13T12:26:40Z", "new\\x1b[31m: file, 0 B, 0644, 2020-09-13T12:26:40Z",
        ]  # fmt: skip
    assert present(scene, diff=True)["diff"] == {
        "before": "", "after": "", "before_header": str(scene.archive), "after_header": str(scene.archive),
    }  # fmt: skip


def test_lists_are_bounded(tmp_path: Path) -> None:
    scene = BundleScene(tmp_path)
    for number in range(3):
        (scene.tree / f"link{number}").symlink_to("a")
    made = present(scene, max_listed=2)
    assert [each["path"] for each in made["skipped_items"]] == ["link0", "link1"]
    assert made["diff"]["after"].splitlines()[2] == "(4 more)"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"verify": verify()}, "verify: has no meaning with state: present"),
        ({"state": "verified", "verify": verify()}, "src: has no meaning with state: verified"),
        ({"dest": "/"}, "dest: '/' is not the path of a file"),
        ({"dest": "/x/.."}, "dest: '/x/..' is not the path of a file"),
        ({"bag_info": {"A": "b"}}, "bag_info: has no meaning with layout: plain"),
        ({"layout": "bagit", "bag_info": {"payload-oxum": "1.1"}}, "bag_info: 'payload-oxum' is not a label"),
        ({"layout": "bagit", "bag_info": {"A: b": "c"}}, "bag_info: 'A: b' is not a label"),
        ({"layout": "bagit", "bag_info": {"A": "b\nPayload-Oxum: 1.1"}}, "bag_info: the value of A is empty or has"),
        ({"layout": "bagit", "bag_info": {"A": " "}}, "bag_info: the value of A is empty or has"),
        ({"max_listed": -1}, "max_listed: -1 is out of range"),
        ({"sign": {"private_key": "rubbish"}}, "sign.private_key: is not the text of a private key"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    result = present(BundleScene(tmp_path), **options)
    assert result["error"]["code"] == "invalid_request"
    assert result["msg"].startswith(words)


def test_a_line_must_be_for_archives(tmp_path: Path) -> None:
    scene = BundleScene(tmp_path)
    present(scene, layout="bagit")
    for namespaces, layout, missing in (("manifest@ftp-synchronize", "plain", ARCHIVES), (ARCHIVES, "bagit", BAGS)):
        result = verified(scene, layout=layout, verify=verify(namespaces))
        assert f"no line of allowed signers is for {missing}" in result["msg"]
        assert f'{missing}"' in result["msg"]


def test_required_options() -> None:
    assert "sign, src" in refusals_of(bundle, {"dest": "/x"})[0].replace("src, sign", "sign, src")
    assert "verify" in refusals_of(bundle, {"dest": "/x", "state": "verified"})[0]
    assert refusals_of(bundle, {"dest": "/x", "src": "/y", "sign": {}})

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives and bags before stock programs: GNU tar, bsdtar, ssh-keygen, sha256sum and bagit.py.

The commands of docs/bundles.md are run as they are written.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judges.judge_programs import judge
from support.running.examples import ROOT
from support.running.play import Play
from support.scenes.bundle_scene import ARCHIVES, BAGS, FILES, PAST, BundleScene
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL

PAGE = (ROOT / "docs/bundles.md").read_text()
HOSTILE = [b"-rf", b"--checkpoint-action=exec=touch x", b"new\nline", b"\xff\xfe", "\u00e4".encode(), b"n" * 255,
           b"d" * 200 + b"/" + b"e" * 200, b"back\\slash", b" blank ", b"x=1\n12 path=/etc/x", b"tab\t"]  # fmt: skip


def block(name: str) -> str:
    (text,) = re.findall(rf"^<!-- run: {name} -->\n```bash\n(.*?)^```$", PAGE, re.M | re.S)
    return str(text)


def run(place: Path, *blocks: str) -> subprocess.CompletedProcess[str]:
    """Run commands of the page. bagit.py is on the path."""
    environment = {**os.environ, "PATH": f"{Path(judge('bagit.py')).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-c", "set -eu\n" + "\n".join(blocks)], cwd=place, capture_output=True, text=True, check=False,
        env=environment,
    )  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> BundleScene:
    made = BundleScene(tmp_path)
    line = re.findall(r"^release@example\.com namespaces=\"bundle@.*$", PAGE, re.M)[0]
    allowed = re.sub(r"ssh-ed25519 AAAA\S*", key("release").public, line)
    assert allowed.startswith(f'{PRINCIPAL} namespaces="{ARCHIVES},{BAGS}" ssh-ed25519 AAAA')
    (made.archive.parent / "allowed_signers").write_text(allowed + "\n")
    return made


def same(one: Path, other: Path) -> bool:
    """Return whether two trees have the same names, contents, links, modes, and times of files."""
    return _seen(one) == _seen(other)


def _seen(root: Path) -> dict[bytes, tuple[Any, ...]]:
    found: dict[bytes, tuple[Any, ...]] = {}
    for place, directories, files in os.walk(os.fsencode(root)):
        for name in directories + files:
            path = os.path.join(place, name)
            status = os.lstat(path)
            link = os.readlink(path) if os.path.islink(path) else b""
            content = Path(os.fsdecode(path)).read_bytes() if os.path.isfile(path) and not link else b""
            mtime = int(status.st_mtime) if content else 0
            found[os.path.relpath(path, os.fsencode(root))] = (status.st_mode, link, content, mtime)
    return found


@pytest.mark.parametrize("program", ["tar", "bsdtar"])
def test_the_receivers_commands_unpack_the_tree(scene: BundleScene, program: str) -> None:
    (scene.tree / "link").symlink_to("sub/b")
    for name in HOSTILE:
        path = os.path.join(os.fsencode(scene.tree), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(os.fsdecode(path)).write_bytes(name)
        os.utime(path, (PAST, PAST))
    (scene.tree / "empty").mkdir(mode=0o700)
    (scene.tree / "a").chmod(0o640)
    scene.make(links="copy")
    done = run(scene.archive.parent, block("archive").replace("tar -xf", f"{program} -xpf"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f'Good "{ARCHIVES}" signature for {PRINCIPAL} with ED25519 key')
    assert same(scene.tree, scene.archive.parent / "release")


def test_the_receivers_commands_find_a_change(scene: BundleScene) -> None:
    scene.make()
    content = bytearray(scene.archive.read_bytes())
    content[700] ^= 1
    scene.archive.write_bytes(content)
    assert run(scene.archive.parent, block("archive")).returncode
    assert not (scene.archive.parent / "release").exists()


def test_a_bag_is_valid_and_stays_so_without_its_archive(scene: BundleScene) -> None:
    (scene.tree / "\u00e4 b").write_bytes(b"umlaut")
    (scene.tree / "empty").mkdir()
    scene.make(layout="bagit", labels=(("Source-Organization", "Example: \u00e4"), ("Bagging-Date", "2026-11-27")))
    out = scene.archive.parent
    done = run(out, block("bag"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f'Good "{BAGS}" signature for {PRINCIPAL}')
    assert "release is valid" in done.stderr
    assert not filecmp.dircmp(scene.tree, out / "release/data").diff_files
    assert same(scene.tree, out / "release/data")
    sums = run(out, block("sums of a bag"))
    assert (sums.returncode, sums.stdout) == (0, ""), sums.stderr


@pytest.mark.parametrize("change", ["content", "added", "missing", "manifest", "tag manifest"])
def test_the_judges_find_a_change_of_a_bag(scene: BundleScene, change: str) -> None:
    scene.make(layout="bagit")
    out = scene.archive.parent
    unpack, rest = block("bag").split("\n", 1)
    assert run(out, unpack).returncode == 0
    if change == "missing":
        (out / "release/data/a").unlink()
    else:
        places = {"content": "data/a", "added": "data/planted", "manifest": "manifest-sha256.txt"}
        with (out / "release" / places.get(change, "tagmanifest-sha256.txt")).open("a") as file:
            file.write("x\n")
    assert run(out, rest).returncode


@pytest.mark.parametrize(("name", "listed"), [("100%", "100%25"), ("blank ", "blank "), ("a\u2028b", "a\u2028b")])
def test_a_name_that_is_refused_is_a_name_that_bagit_does_not_find(scene: BundleScene, name: str, listed: str) -> None:
    scene.write(name, b"x")
    assert scene.refusal(layout="bagit") == "not_supported"
    bag = scene.directory / "by_hand"
    (bag / "data").mkdir(parents=True)
    (bag / "data" / name).write_bytes(b"x")
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (bag / "manifest-sha256.txt").write_text(f"{hashlib.sha256(b'x').hexdigest()}  data/{listed}\n")  # RFC 8493
    judged = subprocess.run([judge("bagit.py"), "--validate", str(bag)], capture_output=True, check=False)
    assert judged.returncode


def tasks_of_the_page(scene: BundleScene) -> list[dict[str, Any]]:
    """Give the tasks of the guide about archives, with keys and paths of this machine."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
    tasks = [task for text in blocks for task in yaml.safe_load(text) if "secure.ftp_synchronize.bundle" in task]
    places = {
        "/srv/release": scene.tree,
        "/srv/out": scene.archive.parent,
        "/srv/in": scene.archive.parent,
        "/etc/ssh/release_signing_ed25519": key("release").path,
        "/etc/ssh/release_signers": scene.archive.parent / "allowed_signers",
    }
    text = yaml.safe_dump(tasks)
    for old, new in sorted(places.items(), key=lambda each: -len(each[0])):
        text = text.replace(old, str(new))
    return list(yaml.safe_load(text))


def test_a_play_makes_an_archive_once_and_verifies_it(scene: BundleScene, tmp_path: Path) -> None:
    make, verify = tasks_of_the_page(scene)
    played = Play(tmp_path / "play").run([make, make, verify])
    made, again, verified = played.results
    assert [each["changed"] for each in played.results] == [True, False, False]
    assert made["archive"]["sha256"] == again["archive"]["sha256"] == verified["archive"]["sha256"]
    assert verified["archive"]["files"] == len(FILES)

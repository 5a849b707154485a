# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The past of a publication: servers that lie about it, and a state that is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import past_manifests
from support.scenes.former_state import ACCOUNT, make_former
from support.scenes.set_sender import FIRST, SECOND, SetSender
from support.scenes.sync_pair import done
from support.servers.ssh_keys import key


def test_an_older_manifest_is_refused() -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.good()
    sender.remove(SECOND)
    report = sender.run()
    assert report.error.code == "manifest_rollback"
    assert report.error.message == "the server shows manifest 1 as the newest, and this host has published 2"
    assert sender.run(check_mode=True).error.code == "manifest_rollback"


def test_other_bytes_under_a_known_number_are_refused() -> None:
    sender = SetSender()
    sender.good()
    changed = sender.content(FIRST).replace(b"alpha", b"ALPHA") + b"#"
    sender.remove(FIRST)
    sender.pair.destination.fill({FIRST: changed})
    assert sender.run().error.code == "manifest_fork"


def test_the_same_bytes_with_another_time_are_recognized() -> None:
    sender = SetSender()
    sender.good()
    content = sender.content(FIRST)
    sender.remove(FIRST)
    sender.pair.destination.fill({FIRST: content})
    assert done(sender.good()) == []
    moved = sender.pair.content_moved()
    assert done(sender.good()) == []
    assert sender.pair.content_moved() == moved


def lost() -> tuple[SetSender, str]:
    """Give a sender that published two sets and lost its state, and the id of its tree."""
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    tree = sender.good().signed_set.tree
    sender.state_file().unlink()
    return sender, tree


@pytest.mark.parametrize("adopt", [None, ("f" * 32, 2), ("", 1), ("", 3)])
def test_without_a_state_nothing_is_published_over_manifests(adopt: tuple[str, int] | None) -> None:
    sender, tree = lost()
    sender.write(b"a", b"third")
    before = sender.there
    wanted = adopt and (adopt[0] or tree, adopt[1])
    for check_mode in (True, False):
        report = sender.run(sign={"adopt": wanted}, check_mode=check_mode)
        assert (report.error.code, report.error.path) == ("manifest_unknown", SECOND)
        assert f"manifest 2 of tree {tree}" in report.error.message
        assert sender.there == before
    assert list((Path(os.fsdecode(sender.pair.state_dir)) / "published").iterdir()) == []


def test_a_set_that_is_adopted_by_tree_and_number_is_continued() -> None:
    sender, tree = lost()
    adopt = {"adopt": (tree, 2)}
    report = sender.good(sign=adopt)
    assert done(report) == []
    assert "sign.adopt continues the set" in "; ".join(report.notes)
    sender.write(b"a", b"third")
    report = sender.good(sign=adopt)
    assert (report.signed_set.tree, report.signed_set.sequence) == (tree, 3)
    assert not any("adopt" in note for note in report.notes), "the state counts"


def test_no_other_path_makes_the_sender_sign_a_fork() -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.good()
    sender.write(b"a", b"third")
    for names in ([SECOND, SECOND + b".sig"], [FIRST, FIRST + b".sig"]):
        for name in names:
            sender.remove(name)
        sender.pair.destination.answered_root = b"/answer"
        assert sender.run().error.code == "manifest_rollback"


@pytest.mark.parametrize("killed_before_the_manifest", [True, False])
def test_a_first_publication_that_was_killed_is_continued(killed_before_the_manifest: bool) -> None:
    sender = SetSender()
    first = sender.good().signed_set
    state = json.loads(sender.state_file().read_text())
    sender.state_file().write_text(json.dumps({**state, "sequence": 0, "digest": "", "size": -1, "mtime": 0}))
    if killed_before_the_manifest:
        sender.remove(FIRST)
        assert (SECOND, "publish") in done(sender.good()), "the orphan keeps its number"
    else:
        report = sender.good()
        assert (done(report), report.signed_set.digest) == ([], first.digest)


def former(sender: SetSender, root: bytes = b"/memory/tree") -> Path:
    """Give the state the form of a former version. root: as the server answered."""
    return make_former(sender.pair.state_dir, "published", *ACCOUNT, root, b"MANIFEST")


def test_a_former_state_is_continued_once() -> None:
    sender = SetSender()
    tree = sender.good().signed_set.tree
    file = former(sender)
    state = json.loads(file.read_text())
    sender.write(b"a", b"other")
    assert sender.run(check_mode=True).error is None
    assert file.exists()
    report = sender.good()
    assert (report.signed_set.tree, report.signed_set.sequence) == (tree, 2)
    assert (sender.state_file() != file, file.exists()) == (True, False)
    file.write_text(json.dumps({**state, "sequence": 9}))
    assert sender.good().signed_set.sequence == 2
    assert file.exists(), "it may be the state of another task"


@pytest.mark.parametrize(
    ("dest", "answered", "sign", "code"),
    [
        (b"/memory/tree", b"/archive/tree", {}, "manifest_unknown"),
        (b"/memory/tree", b"/memory/tree", {}, ""),
        (b"tree", b"/memory/tree", {}, "manifest_unknown"),
        (b"tree", b"tree", {}, "manifest_unknown"),
        (b"./tree", b"/other", {}, "manifest_unknown"),
        (b"ree", b"/memory/tree", {}, "manifest_unknown"),
        (b".", b"/memory/tree", {}, "manifest_unknown"),
        (b"tree", b"/memory/tree", {"private_key_file": str(key("other").path)}, "manifest_foreign"),
    ],
)
def test_a_server_chooses_no_former_state(
    monkeypatch: pytest.MonkeyPatch, dest: bytes, answered: bytes, sign: dict[str, str], code: str
) -> None:
    """The former state is kept under the root that the server answers."""
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    former(sender, answered)
    sender.pair.destination.answered_root = answered
    monkeypatch.setattr(sender.pair, "_open_peer", lambda _request: sender.pair.peer)
    error = sender.run(remote_root=dest, sign=sign).error
    assert ("" if error is None else error.code) == code


def test_a_manifest_of_another_key_is_refused_without_a_state() -> None:
    sender = SetSender()
    sender.good()
    sender.state_file().unlink()
    other = sender.run(sign={"private_key_file": str(key("other").path)})
    assert other.error.code == "manifest_foreign"


def test_a_key_is_changed_with_the_state() -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    report = sender.good(sign={"private_key_file": str(key("other").path)})
    assert report.signed_set.key_fingerprint == key("other").fingerprint


def test_a_renamed_manifest_is_refused() -> None:
    sender = SetSender()
    sender.good()
    text, signature = sender.content(FIRST), sender.content(FIRST + b".sig")
    sender.pair.destination.fill({b"MANIFEST/000007.mtree": text, b"MANIFEST/000007.mtree.sig": signature})
    assert sender.run().error.code == "manifest_misnamed"


def test_a_higher_pair_of_another_tree_is_refused() -> None:
    other, sender = SetSender(), SetSender()
    for number in range(3):
        other.write(b"a", b"%d" % number)
        other.good()
    sender.good()
    third = b"MANIFEST/000003.mtree"
    sender.pair.destination.fill({third: other.content(third), third + b".sig": other.content(third + b".sig")})
    assert sender.run().error.code == "manifest_foreign"


def test_an_orphan_is_stepped_over_and_removed() -> None:
    sender = SetSender(there={b"MANIFEST/000001.mtree.sig": b"of a killed run", b"MANIFEST/000002.mtree": b"x"})
    assert (b"MANIFEST/000003.mtree", "publish") in done(sender.good())
    assert sender.names == [b"000003.mtree", b"000003.mtree.sig"]


def test_a_hostile_listing_is_only_names() -> None:
    junk = {b"MANIFEST/%s" % name: b"" for name in (b"999999999999.mtree.sig", b"0.mtree", b"-1.mtree.sig", b"\xff")}
    sender = SetSender(there={**junk, **{b"MANIFEST/d%06d" % number: b"" for number in range(2000)}})
    assert (FIRST, "publish") in done(sender.good())


def test_a_listing_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = SetSender(there={b"MANIFEST/%06d.mtree" % number: b"" for number in range(1, 31)})
    monkeypatch.setattr(past_manifests, "MOST_FILES", 29)
    before = sender.there
    report = sender.run()
    assert (report.error.code, report.error.path) == ("manifest_too_large", b"MANIFEST")
    assert sender.there == before
    monkeypatch.undo()
    sender.good()
    assert sender.names == [b"000031.mtree", b"000031.mtree.sig"]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The past of a publication: servers that lie about it, and a state that is lost."""

from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import past_manifests
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


def test_a_lost_state_is_taken_from_a_manifest_that_this_key_signed() -> None:
    sender = SetSender()
    sender.good()
    sender.state_file().unlink()
    report = sender.good()
    assert done(report) == []
    assert "the tree's id and the last number are from the server" in "; ".join(report.notes)
    assert json.loads(sender.state_file().read_text())["sequence"] == 1


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

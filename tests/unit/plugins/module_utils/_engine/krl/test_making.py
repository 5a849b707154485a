# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of a directory: versions, dates, signatures, and a source that is lost or damaged."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl import history as histories
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl import making
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import KrlHeader, read_header
from support.scenes.revocation_desk import RevocationDesk
from support.servers.ssh_keys import key

LOCK = ".revoked.krl.lock"
LOST, MORE, GOOD = key("lost"), key("more"), key("good")


@pytest.fixture
def desk(tmp_path: Path) -> RevocationDesk:
    return RevocationDesk(tmp_path / "desk")


def header(desk: RevocationDesk) -> KrlHeader:
    return read_header(desk.list.read_bytes(), "list")


def files(desk: RevocationDesk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in desk.directory.iterdir() if path.name not in {"allowed", LOCK}}


def test_a_list_by_fingerprint_and_key(desk: RevocationDesk) -> None:
    first = desk.good(fingerprints=[LOST.fingerprint], keys=[MORE.public])
    assert (first["version"], first["entries"], first["changed"]) == (1, 2, True)
    assert desk.refuses(LOST, MORE, GOOD) == [True, True, False]
    assert desk.is_signed()
    assert "alice" in desk.source.read_text()
    assert sorted(files(desk)) == ["revoked.krl", "revoked.krl.history", "revoked.krl.sig", "revoked.yml"]


def test_a_second_run_changes_nothing(desk: RevocationDesk) -> None:
    desk.good(keys=[LOST.public])
    before = files(desk)
    for options in ({}, {"keys": [LOST.public]}, {"fingerprints": [LOST.fingerprint], "reason": "another"}):
        again = desk.good(**options)
        assert (again["changed"], again["msg"], again["version"]) == (False, "nothing to do", 1)
    assert files(desk) == before


def test_the_version_rises_and_entries_stay(desk: RevocationDesk) -> None:
    for version, lost in enumerate((LOST, MORE, GOOD), 1):
        assert desk.good(fingerprints=[lost.fingerprint])["version"] == version
    assert desk.refuses(LOST, MORE, GOOD) == [True, True, True]
    assert desk.good(min_version=40)["version"] == 40
    assert desk.good(state="absent", keys=[GOOD.public])["version"] == 41
    assert desk.refuses(LOST, MORE, GOOD) == [True, True, False]
    assert desk.good(state="absent", keys=[GOOD.public])["changed"] is False


def test_half_of_the_greatest_age(desk: RevocationDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.good(keys=[LOST.public])
    now, made = time.time, header(desk).date
    monkeypatch.setattr(making.time, "time", lambda: made + 3590)
    assert desk.good(max_age="2h")["changed"] is False
    monkeypatch.setattr(making.time, "time", lambda: made + 3600)
    assert desk.good(max_age="2h", reason=None)["msg"] == "version 2 with 1 entry: half of max_age is over"
    monkeypatch.setattr(making.time, "time", lambda: made - 7200)
    assert desk.good()["version"] == 3, "a date in the future never becomes old"
    monkeypatch.setattr(making.time, "time", now)
    assert desk.refuses(LOST) == [True]


def test_check_mode(desk: RevocationDesk) -> None:
    planned = desk.revoke(check=True, keys=[LOST.public])
    assert (planned["changed"], planned["version"], planned["sha256"]) == (True, 1, "")
    assert LOST.public.split()[1] in planned["diff"]["after"]
    assert files(desk) == {}
    desk.good(keys=[LOST.public])
    before = files(desk)
    assert desk.revoke(check=True)["changed"] is False
    assert desk.revoke(check=True, keys=[MORE.public])["version"] == 2
    assert files(desk) == before


def test_a_new_entry_needs_a_reason(desk: RevocationDesk) -> None:
    refused = desk.revoke(keys=[LOST.public], reason=None)
    assert refused["error"]["code"] == "invalid_request"
    assert files(desk) == {}


@pytest.mark.parametrize("content", [None, "", "# nothing\n", "---\n[]\n"])
def test_a_lost_source_makes_no_key_good(desk: RevocationDesk, content: str | None) -> None:
    desk.good(keys=[LOST.public])
    desk.source.unlink() if content is None else desk.source.write_text(content)
    before = files(desk)
    for options in ({}, {"keys": [MORE.public]}, {"keys": [MORE.public], "state": "absent"}):
        refused = desk.revoke(**options)
        assert refused["error"]["code"] == "krl_incomplete"
        assert LOST.fingerprint in refused["msg"]
    assert files(desk) == before


def test_entries_added_by_hand(desk: RevocationDesk) -> None:
    desk.good(keys=[LOST.public])
    line = f"- {{fingerprint: {MORE.fingerprint}, by: bob, at: today, reason: found it}}\n"
    edited = desk.source.read_text() + line
    desk.source.write_text(edited)
    assert desk.good(reason=None)["version"] == 2
    assert desk.refuses(LOST, MORE) == [True, True]
    assert desk.source.read_text() == edited, "as people wrote it"


def test_a_signature_of_another_key_or_list(desk: RevocationDesk) -> None:
    desk.good(keys=[LOST.public])
    desk.signature.write_bytes(desk.sign(b"another list"))
    assert desk.good()["msg"] == "version 2 with 1 entry: the signature is not of this list and this key"
    desk.signature.unlink()
    assert desk.good()["version"] == 3
    desk.signer = key("incident-2")
    assert desk.good()["version"] == 4
    assert desk.is_signed()


def test_a_damaged_list_ends_the_run(desk: RevocationDesk) -> None:
    """Its version cannot be read, and a version that servers have already would be refused there."""
    desk.good(keys=[LOST.public])
    desk.list.write_bytes(desk.list.read_bytes()[:-1])
    before = files(desk)
    assert desk.revoke()["error"]["code"] == "krl_damaged"
    assert files(desk) == before


def test_a_key_that_does_not_sign(desk: RevocationDesk) -> None:
    desk.good(keys=[LOST.public])
    before, locked = files(desk), key("locked", passphrase="a passphrase")
    refused = desk.revoke(keys=[MORE.public], sign={"private_key_file": str(locked.path)})
    assert refused["error"]["code"] == "signing_failed"
    assert files(desk) == before


@pytest.mark.long
def test_a_hundred_thousand_entries(desk: RevocationDesk) -> None:
    prints = [
        "SHA256:" + base64.b64encode(hashlib.sha256(b"%d" % number).digest()).decode().rstrip("=")
        for number in range(100_000)
    ]
    assert desk.good(fingerprints=[*prints, LOST.fingerprint])["entries"] == 100_001
    assert desk.refuses(LOST, GOOD) == [True, False]
    assert desk.good()["changed"] is False


def history(desk: RevocationDesk) -> list[str]:
    return [line.partition(" ")[0] for line in desk.history.read_text().splitlines()]


def test_the_history_has_each_earlier_list(desk: RevocationDesk) -> None:
    for lost in (LOST, MORE, GOOD):
        desk.good(keys=[lost.public])
    assert history(desk) == ["1", "2"]
    assert desk.good()["changed"] is False
    desk.good(state="absent", keys=[GOOD.public], min_version=9)
    assert history(desk) == ["1", "2", "3"]
    assert header(desk).version == 9


@pytest.mark.parametrize("content", [None, b"", b"1 x\n", b"\xff"])
def test_a_history_that_is_lost_or_edited(desk: RevocationDesk, content: bytes | None) -> None:
    """It begins again at the present list: no other list is signed for, and no entry is lost."""
    for lost in (LOST, MORE):
        desk.good(keys=[lost.public])
    desk.history.unlink() if content is None else desk.history.write_bytes(content)
    assert desk.good(reason=None)["msg"] == "version 3 with 2 entries: the history is not of this list"
    assert history(desk) == ["2"]
    assert desk.good()["changed"] is False


def test_a_killed_run_loses_no_history(desk: RevocationDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run wrote the history, which has forgotten its oldest list, and not the list."""
    monkeypatch.setattr(histories, "_MOST", 3)
    for version in range(1, 7):
        desk.good(keys=[LOST.public], min_version=version)
    before = desk.list.read_bytes()
    desk.good(min_version=7)
    desk.list.write_bytes(before)
    assert desk.good(min_version=7)["version"] == 7
    assert history(desk)[-3:] == ["4", "5", "6"]


@pytest.mark.parametrize(("mode", "code"), [(None, "operation_failed"), (0, "operation_failed")])
def test_no_directory(desk: RevocationDesk, mode: int | None, code: str) -> None:
    desk.directory.rmdir()
    if mode == 0:
        os.symlink(desk.directory, desk.directory)
    assert desk.revoke(keys=[LOST.public])["error"]["code"] == code
    desk.directory.unlink(missing_ok=True)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conclusions from the refusals of a server; real servers are in the integration tests."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    FX_BAD_MESSAGE,
    FX_PERMISSION_DENIED,
    attributes_field,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.setting import Setting
from support.scripted.sftp_table import sftp_table
from support.scripted.sftp_wire import EXTENDED, FAILURE, FSETSTAT, PERMISSION_DENIED, SETSTAT, status

NO = FX_PERMISSION_DENIED
BOTH = Attributes(0o640, 5)


@pytest.mark.parametrize(
    ("opened", "closed", "able", "words"),
    [
        ((0, 0), (0, 0), (True, True, True, True), []),
        ((NO, NO), (0, 0), (False, True, True, True), []),
        ((FX_BAD_MESSAGE, 0), (0, 0), (False, True, True, True), []),
        ((0, 0), (NO, NO), (True, False, True, True), ["of existing entries (SSH_FXP_SETSTAT)"]),
        ((NO, 0), (NO, 0), (True, True, False, True), ["to set modes (SSH_FXP_FSETSTAT, SSH_FXP_SETSTAT)"]),
        ((0, NO), (0, NO), (True, True, True, False), ["to set times (SSH_FXP_FSETSTAT, SSH_FXP_SETSTAT)"]),
        ((NO, NO), (NO, NO), (False, False, False, False), ["to set modes and times ("]),
    ],
)
def test_the_abilities_of_a_server(
    opened: tuple[int, int], closed: tuple[int, int], able: tuple[bool, ...], words: list[str]
) -> None:
    noted: list[str] = []
    setting = Setting(noted.extend)
    setting.judge(SimpleNamespace(extensions={}), opened, closed)
    assert (setting.by_handle, setting.by_path, setting.modes, setting.times) == able
    assert setting.tested
    assert [word in note for word, note in zip(words, noted, strict=True)] == [True] * len(words)


@pytest.mark.parametrize(
    ("modes", "times", "possible"),
    [
        (True, True, BOTH),
        (True, False, Attributes(0o640, None)),
        (False, True, Attributes(None, 5)),
        (False, False, None),
    ],
)
def test_only_possible_attributes_are_asked_for(modes: bool, times: bool, possible: Attributes | None) -> None:
    setting = Setting()
    setting.modes, setting.times = modes, times
    assert setting.possible(BOTH) == possible


@pytest.mark.parametrize(
    ("modes", "mode", "first"), [(True, 0o644, 0o600), (False, 0o644, 0o644), (False, None, 0o600)]
)
def test_a_new_file_is_private_if_its_mode_can_be_set_later(modes: bool, mode: int | None, first: int) -> None:
    setting = Setting()
    setting.modes = modes
    assert setting.opening(mode) == attributes_field(Attributes(first))


LSETSTAT = b"lsetstat@openssh.com"


@pytest.mark.parametrize(
    ("by_handle", "extensions", "kind"),
    [(True, (LSETSTAT, b"1"), FSETSTAT), (False, (), SETSTAT), (False, (LSETSTAT, b"1"), EXTENDED)],
)
def test_an_open_file_is_set_in_the_way_that_the_server_admits(
    by_handle: bool, extensions: tuple[bytes, ...], kind: int
) -> None:
    setting = Setting()
    replies: list[object] = []
    setting.by_handle = by_handle
    with sftp_table({kind: status(FAILURE)}, *extensions) as session:
        client = session.pool.clients[0]
        assert setting.set_open(client, b"h", b"/f", BOTH, replies.append)
        session.pool.wait(lambda: bool(replies))
        assert (replies, session.asked[-1]) == ([FAILURE], kind)
        setting.modes = setting.times = False
        asked = len(session.asked)
        assert not setting.set_open(client, b"h", b"/f", BOTH, replies.append)
        assert len(session.asked) == asked


@pytest.mark.parametrize(
    ("refused", "able"),
    [
        ((), (True, True, True, True)),
        ((FSETSTAT,), (False, True, True, True)),
        ((SETSTAT,), (True, False, True, True)),
        ((FSETSTAT, SETSTAT), (False, False, False, False)),
    ],
)
def test_a_server_is_tested_once(refused: tuple[int, ...], able: tuple[bool, ...]) -> None:
    setting = Setting()
    with sftp_table(dict.fromkeys(refused, status(PERMISSION_DENIED))) as session:
        client = session.pool.clients[0]
        setting.begin(client, b"h", b"/")
        setting.finish(partial(session.pool.call, client), session.pool.wait, client, b"/f")
        counts = [session.asked.count(kind) for kind in (FSETSTAT, SETSTAT)]
    assert (setting.tested, setting.by_handle, setting.by_path, setting.modes, setting.times) == (True, *able)
    assert counts == [2, 3 if refused else 1], "the ways by path are tried only after a refusal"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes above this process, and the session of sshd among them."""

from __future__ import annotations

import os
import subprocess

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotOverSsh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import session


def test_ancestors_begin_here_and_end_below_the_first() -> None:
    found = list(session.ancestors())
    assert found[:2] == [os.getpid(), os.getppid()]
    assert 1 not in found


def test_in_a_container_sshd_may_be_the_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parent is the first."""
    parents = {os.getpid(): ["R", "7"], 7: ["S", "2"], 2: ["S", "1"]}
    monkeypatch.setattr(session.process_tree, "stat_of", parents.__getitem__)
    assert list(session.ancestors()) == [os.getpid(), 7, 2]


def test_the_nearest_process_of_sshd_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    here, above = os.getpid(), os.getppid()
    monkeypatch.setattr(session, "ancestors", lambda: iter([here, above]))
    monkeypatch.setattr(session, "_stat_name", {here: "python3", above: "sshd-session"}.__getitem__)
    monkeypatch.setattr(session, "_client_address", {here: "192.0.2.1", above: "192.0.2.2"}.get)
    assert session.owner().address == "192.0.2.1"
    assert 0 < session.began() <= session.now()


def test_without_sshd_there_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_stat_name", lambda _pid: "bash")
    with pytest.raises(NotOverSsh) as caught:
        session.owner()
    assert caught.value.cure


def test_the_address_comes_from_the_environment() -> None:
    environment = {"SSH_CONNECTION": "192.0.2.7 5000 192.0.2.1 22"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(["/bin/cat"], env=environment, bufsize=0, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        assert process.stdout.read(1) == b"\n", "its environment is there as soon as it answers"
        assert session._stat_name(process.pid) == "cat"
        assert session._client_address(process.pid) == "192.0.2.7"
    assert session._client_address(process.pid) is None

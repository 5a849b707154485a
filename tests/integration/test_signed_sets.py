# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed sets, published on real servers and judged by stock programs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.scenes.signed_runs import SignedScene
from support.servers.proftpd import Proftpd
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served_by_each
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

server = served_by_each(Sshd, Proftpd, Vsftpd, ProftpdFtps)
FIRST = ["000001.mtree", "000001.mtree.sig"]
SECOND = ["000002.mtree", "000002.mtree.sig"]
ODD = {"two words": "1", "grün #x": "2", "deep/er/file": "3", "back\\slash": "4", "=a*[b]?": "5"}


@pytest.fixture
def scene(server: Sshd, tmp_path: Path) -> SignedScene:
    return SignedScene(server, tmp_path)


def test_a_set_is_published_checked_and_published_again(scene: SignedScene) -> None:
    scene.write({"a": "one", "b": "two", **ODD})
    (scene.near / "hollow").mkdir()
    first = scene.good(delete=True)
    assert (b"MANIFEST/000001.mtree", "publish", "changed") in first.done
    assert scene.published == FIRST
    assert scene.judge.complaints() == []
    # Nothing to do: no action, no byte, no new signature.
    again = scene.good(delete=True)
    assert (again.done, again.moved) == ([], 0)
    assert again.report.signed_set == first.report.signed_set
    # A change, an addition and a removal: the next number.
    scene.write({"a": "another", "c": "new"})
    (scene.near / "b").unlink()
    scene.good(delete=True)
    assert scene.published == FIRST + SECOND
    assert scene.judge.complaints() == []
    assert not (scene.far / "b").exists()
    assert scene.judge.signature(1) == "", "the old pair is as it was"
    assert scene.good(delete=True).done == []


def test_sums(scene: SignedScene) -> None:
    scene.write({"a": "one", **ODD})
    scene.good(sign={"sums": True})
    assert scene.judge.complaints() == []
    assert b"SHA256SUMS" in scene.judge.manifest(1).read_bytes()
    again = scene.good(sign={"sums": True}, delete=True)
    assert (again.done, again.moved) == ([], 0)


@pytest.mark.parametrize("options", [{"ssh_client": "paramiko"}, {"durable": True}, {"trash": b".trash"}], ids=str)
def test_other_ways_of_a_push(options: dict[str, Any], tmp_path: Path) -> None:
    with Sshd() as plain:
        scene = SignedScene(plain, tmp_path, sign={"attributes": True}, delete=True, **options)
        scene.write({"a": "one", "b": "two", **ODD})
        scene.good()
        scene.write({"a": "another"})
        (scene.near / "b").unlink()
        scene.good()
        shutil.rmtree(scene.far / ".trash", ignore_errors=True)
        assert scene.judge.complaints() == [], "modes and times are as listed too"
        assert b" mode=0644 time=" in scene.judge.manifest(2).read_bytes()
        again = scene.good()
        assert (again.done, again.moved) == ([], 0)

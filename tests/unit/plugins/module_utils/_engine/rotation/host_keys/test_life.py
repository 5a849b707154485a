# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole rotation on files of the test. A script stands for `sshd -T`: a unit test cannot configure the host's sshd.

Real hosts: tests/hosts/test_host_key_rotation_role.py.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotRotatable, SshdMissing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys import steps
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.steps import (
    ANNOUNCED,
    IDLE,
    PROMOTED,
    RETIRED,
    Report,
    Request,
    Schedule,
    advance,
    finish,
    observe,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import daemon, stage
from support.scripted.programs import Programs

MADE = 1_796_000_000.0
REQUEST = Request(["ed25519"], Schedule(max_age=100.0, announce=10.0, overlap=20.0), held=False)
SSHD = """
config=$3; test "$config" = /etc/ssh/sshd_config && config={etc}/sshd_config
cat "${{config%/*}}"/sshd_config.d/*.conf "$config" 2>/dev/null |
    sed -n 's/^Host\\(Key\\|KeyAgent\\|Certificate\\) /host\\L\\1 /p'
"""


class Life:
    """A host with one key of sshd, and the drop-ins that the role writes."""

    def __init__(self, etc: Path) -> None:
        self.etc, self.key = etc, etc / "ssh_host_ed25519_key"
        (etc / "sshd_config.d").mkdir(parents=True)
        (etc / "sshd_config").write_text("Port 22\n")
        self.own = etc / "sshd_config.d/50-own.conf"
        self.own.write_text(f"HostKey {self.key}\n")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        os.utime(self.key, (MADE, MADE))

    def names(self) -> list[str]:
        return sorted(path.name for path in self.etc.iterdir() if path.name.startswith("ssh_host"))

    def step(self, now: float, *, held: bool = False) -> Report:
        """Take the step, first in check mode, and write the drop-ins."""
        before = {path: path.read_bytes() for path in self.etc.rglob("*") if path.is_file()}
        request = REQUEST._replace(held=held)
        planned = advance(request, MADE + now, check_mode=True)
        assert {path: path.read_bytes() for path in self.etc.rglob("*") if path.is_file()} == before
        done = advance(request, MADE + now, check_mode=False)
        assert (done.changes, done.drop_ins) == (planned.changes, planned.drop_ins)
        for path, text in done.drop_ins.items():
            if text is None:
                Path(path).unlink(missing_ok=True)
            else:
                Path(path).write_text(text)
        return done

    def phase(self, now: float) -> tuple[str, bool]:
        found = observe(REQUEST, MADE + now)
        assert found.changes == []
        return found.rotations[0].phase, found.serving


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    etc = tmp_path / "ssh"
    monkeypatch.setattr(daemon, "SSHD", Programs(tmp_path, monkeypatch).put("sshd", SSHD.format(etc=etc)))
    monkeypatch.setattr(stage, "CONFIG", str(etc / "sshd_config"))
    monkeypatch.setattr(stage, "DROP_INS", str(etc / "sshd_config.d"))
    for name in ("FIRST", "LAST"):
        monkeypatch.setattr(steps, name, getattr(steps, name).replace("/etc/ssh", str(etc)))
    return Life(etc)


def test_a_whole_rotation(life: Life) -> None:
    before = life.key.read_bytes()
    assert (life.phase(99), life.step(99).changes) == ((IDLE, True), [])
    (made,) = life.step(100).changes
    successor = Path(made.removeprefix("made: "))
    assert (life.phase(101), successor.exists(), life.key.read_bytes()) == ((ANNOUNCED, True), True, before)
    assert life.step(109).changes == life.step(110, held=True).changes == []
    assert (life.step(110).changes, life.phase(111)) == ([], (PROMOTED, True))
    assert life.step(129).changes == life.step(130, held=True).changes == []
    assert finish(REQUEST, MADE + 129, check_mode=False).changes == []
    done = life.step(130)
    assert (done.changes, life.phase(131)) == ([f"put in place: {life.key}"], (RETIRED, True))
    assert (life.key.read_bytes(), life.key.stat().st_mtime) == (successor.read_bytes(), MADE + 100)
    assert Path(f"{life.key}.pub").read_text().split()[1] == Path(f"{successor}.pub").read_text().split()[1]
    planned = finish(REQUEST, MADE + 132, check_mode=True)
    assert (planned.changes, successor.exists()) == ([f"removed: {successor}"], True)
    assert finish(REQUEST, MADE + 132, check_mode=False).changes == planned.changes
    assert (life.names(), life.phase(133)) == (["ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"], (IDLE, True))
    assert life.phase(199) == (IDLE, True)
    assert len(life.step(200).changes) == 1


def test_a_drop_in_that_is_not_there_is_not_served(life: Life) -> None:
    done = advance(REQUEST, MADE + 100, check_mode=False)
    assert (done.serving, len(done.host_keys)) == (False, 2)
    assert done.host_keys[0] == str(life.key)


def test_keys_that_no_line_names_are_named_as_long_as_a_successor_is(life: Life, tmp_path: Path) -> None:
    named = f"cat {life.etc}/sshd_config.d/*.conf ${{config%/*}}/sshd_config.d/*.conf 2>/dev/null | grep -q ^HostKey"
    defaults = f"{SSHD.format(etc=life.etc)}{named}"
    (tmp_path / "programs/sshd").write_text(f"#!/bin/sh\n{defaults} || echo hostkey {life.key}\n")
    life.own.unlink()
    first, last = sorted(life.step(100).drop_ins.items())
    assert (first[1] or "").endswith(f"\nHostKey {life.key}\n")
    assert f"HostKey {life.key}_" in (last[1] or "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("HostCertificate /etc/ssh/x-cert.pub", "host certificates"),
        ("HostKeyAgent /run/agent", "in an agent"),
    ],
)
def test_keys_that_cannot_be_rotated(life: Life, line: str, words: str) -> None:
    life.own.write_text(life.own.read_text() + line + "\n")
    with pytest.raises(NotRotatable, match=words):
        observe(REQUEST, MADE)


def test_a_type_that_sshd_does_not_have(life: Life) -> None:
    with pytest.raises(NotRotatable, match="types: sshd is configured without a key of the type rsa"):
        observe(REQUEST._replace(kinds=["ed25519", "rsa"]), MADE)


def test_without_sshd(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "SSHD", str(life.etc / "none"))
    with pytest.raises(SshdMissing):
        observe(REQUEST, MADE)

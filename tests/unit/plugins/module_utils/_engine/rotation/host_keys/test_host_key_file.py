# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys as files: created completely, identified by content, installed, and never below a redirectable path."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.host_key_file import (
    check_place,
    install,
    look,
    make,
    remove,
    successor_path,
    successors,
)
from support.running.durable_calls import durable_calls

MADE_AT = 1796011200.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    tmp_path.chmod(0o755)
    return str(tmp_path / "ssh_host_ed25519_key")


def test_a_key_is_made_with_its_time(path: str) -> None:
    successor = successor_path(path, MADE_AT)
    assert successor == path + "_20261130T040000Z"
    key = make("ed25519", successor, MADE_AT)
    assert (key.made, key.public.key_type) == (MADE_AT, "ssh-ed25519")
    assert stat.S_IMODE(os.stat(successor).st_mode) == 0o600
    assert Path(successor + ".pub").read_text().startswith(key.public.text)
    assert sorted(os.listdir(os.path.dirname(path))) == [Path(successor).name, Path(successor).name + ".pub"]


def test_both_halves_are_on_the_disk_before_they_have_their_names(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = durable_calls(monkeypatch)
    make("ed25519", path, MADE_AT)
    name, directory = os.path.basename(path), os.path.basename(os.path.dirname(path))
    assert asked == [f"{name}.new.pub", "rename", directory, f"{name}.new", "rename", directory]


def test_what_a_killed_run_left_is_no_key_and_does_not_hinder(path: str) -> None:
    Path(path + ".new").write_text("half a key")
    Path(path + ".new.pub").write_text("")
    assert successors(path) == []
    make("ed25519", successor_path(path, MADE_AT), MADE_AT)
    assert not Path(path + ".new").exists()


def test_new_rsa_keys_are_long(path: str) -> None:
    make("rsa", path, MADE_AT)
    listed = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True)
    assert listed.stdout.startswith("4096 ")


def test_successors_come_newest_first_and_others_not_at_all(path: str) -> None:
    made = [make("ed25519", successor_path(path, MADE_AT + minute * 60), MADE_AT) for minute in (0, 1)]
    make("ed25519", path + "_backup", MADE_AT)
    make("ed25519", path, MADE_AT)
    assert successors(path) == made[::-1]


def test_a_key_takes_the_place_of_another(path: str) -> None:
    make("ed25519", path, MADE_AT)
    new = make("ed25519", successor_path(path, MADE_AT + 60), MADE_AT + 60)
    Path(path + ".new").write_text("left by a run that was killed")
    install(new, path)
    assert look(path) == new._replace(path=path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert Path(path + ".pub").read_text() == new.public.text + "\n"
    remove(new.path)
    assert sorted(os.listdir(os.path.dirname(path))) == ["ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"]


def test_the_public_half_of_another_key_is_not_believed(path: str) -> None:
    key = make("ed25519", path, MADE_AT)
    other = make("ed25519", path + "_backup", MADE_AT)
    Path(path + ".pub").write_text(other.public.text)
    assert look(path) == key


@pytest.mark.parametrize("text", ["", "no key\n"])
def test_what_sshd_could_not_load_is_no_key(path: str, text: str) -> None:
    assert look(path) is None
    Path(path).write_text(text)
    Path(path).chmod(0o600)
    assert look(path) is None


def test_a_key_with_a_passphrase_is_none_and_nobody_is_asked(path: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", path], check=True)
    assert look(path) is None


def test_a_link_is_not_replaced(path: str) -> None:
    check_place(path)
    os.symlink("/etc/passwd", path)
    with pytest.raises(UnsafePath, match="not a regular file"):
        check_place(path)


def test_a_directory_that_others_may_change_is_refused(path: str) -> None:
    os.chmod(os.path.dirname(path), 0o775)  # noqa: S103  # must be refused
    with pytest.raises(UnsafePath, match="writable by others"):
        check_place(path)

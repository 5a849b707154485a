# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.running import cache

KEPT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from support.running.cache import kept

def make(target):
    target.mkdir()
    time.sleep(0.5)
    print("made", flush=True)

kept("kind", ["x"], make)
"""
TESTS = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "secure_ftp_synchronize"


def made(*words: str, size: int = 0) -> Path:
    def make(target: Path) -> None:
        target.mkdir()
        (target / "file").write_bytes(b"x" * size)

    return cache.kept("kind", words, make)


def age(target: Path, seconds: float) -> None:
    os.utime(target.with_suffix(".whole"), (time.time() - seconds,) * 2)


def test_an_entry_is_made_once_for_the_same_ingredients(home: Path) -> None:
    first = made("a")
    (first / "mark").touch()
    assert (made("a") / "mark").exists()
    assert made("b") != first
    assert first.parents[1] == home


def test_only_a_whole_entry_is_found() -> None:
    assert cache.find("kind", ["a"]) is None
    assert made("a") == cache.find("kind", ["a"])


def test_an_entry_whose_making_failed_is_made_again() -> None:
    def fail(target: Path) -> None:
        target.mkdir()
        (target / "half").touch()
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError):
        cache.kept("kind", ["a"], fail)
    assert cache.find("kind", ["a"]) is None
    assert os.listdir(made("a")) == ["file"]


def test_two_processes_make_an_entry_once() -> None:
    command = [sys.executable, "-c", KEPT, str(TESTS)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _each in range(2)]
    assert sorted(each.communicate()[0] for each in both) == ["", "made\n"]
    assert [each.returncode for each in both] == [0, 0]


def test_the_oldest_entries_go_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT_BYTES", 250_000)
    for days, name in ((4, "oldest"), (3, "old"), (0, "new")):
        age(made(name, size=100_000), days * 86_400.0)
    made("newest", size=10)
    kept = {name for name in ("oldest", "old", "new", "newest") if cache.find("kind", [name])}
    assert kept == {"old", "new", "newest"}


def test_an_entry_of_today_stays_whatever_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT_BYTES", 1000)
    first = made("a", size=100_000)
    made("b", size=100_000)
    assert first.is_dir()


def test_use_keeps_an_entry_young() -> None:
    target = made("a")
    age(target, 1e6)
    made("a")
    assert target.with_suffix(".whole").stat().st_mtime > time.time() - 60


def test_a_directory_that_cannot_be_made_is_replaced_by_one_of_the_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(cache, "_OF_THE_CLONE", tmp_path / "clone")
    assert cache.root() == tmp_path / "clone"


def test_a_cache_of_another_user_is_not_used(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_OF_THE_CLONE", tmp_path / "clone")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert cache.root() == tmp_path / "clone"


def test_clean_removes_everything(home: Path) -> None:
    made("a")
    cache.clean()
    assert not home.exists()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths: from the operator's text to the resolved path."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import paths
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let the test live in a home and a working directory of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/srv/data", b"/srv/data"),
        ("/srv/data///", b"/srv/data"),
        ("/", b"/"),
        ("//", b"/"),
        ("/a/../b", b"/a/../b"),
        ("/$HOME", b"/$HOME"),
        ("/b\u00fccher", b"/b\xc3\xbccher"),
        ("/a\udcff", b"/a\xff"),
        ("/line\nbreak", b"/line\nbreak"),
        (" ", b"CWD/ "),
        ("data/", b"CWD/data"),
        (".", b"CWD/."),
        ("-rf", b"CWD/-rf"),
        ("~", b"CWD"),
        ("~/data", b"CWD/data"),
        ("./~data", b"CWD/./~data"),
    ],
)
def test_local(text: str, path: bytes, home: Path) -> None:
    assert paths.local("src", text) == path.replace(b"CWD", bytes(home))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/srv/data/", b"/srv/data"),
        ("data", b"data"),
        ("data/", b"data"),
        (".", b"."),
        ("./", b"."),
        ("/", b"/"),
        ("./~data", b"./~data"),
        ("$HOME", b"$HOME"),
        ("a\udcff", b"a\xff"),
    ],
)
def test_remote(text: str, path: bytes) -> None:
    assert paths.remote("dest", text) == path


@pytest.mark.parametrize("text", ["", "a\0b", "\0", "a\ud800"])
@pytest.mark.parametrize("parse", [paths.local, paths.remote, paths.trash])
def test_no_path(parse: object, text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^dest: .* is not a path$") as caught:
        parse("dest", text)
    assert caught.value.message.isprintable()


def test_a_home_that_is_not_known() -> None:
    with pytest.raises(InvalidRequest, match=r"^src: the home directory") as caught:
        paths.local("src", "~nobody-has-this-name/data")
    assert caught.value.cure == "For a name that begins with ~ write ./~."


@pytest.mark.parametrize("text", ["~", "~/data", "~other/data"])
def test_a_server_knows_no_home(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^dest: .* which a server does not expand") as caught:
        paths.remote("dest", text)
    assert "login directory" in caught.value.cure


@pytest.mark.parametrize("path", [b"/", b"//", b"/.", b"/a/..", b"///a/../"])
def test_root_is_recognised(path: bytes) -> None:
    assert paths.is_root(path)


@pytest.mark.parametrize("path", [b".", b"..", b"a", b"/a", b"/a/../b", b"a/.."])
def test_no_root(path: bytes) -> None:
    assert not paths.is_root(path)


def test_trash() -> None:
    assert paths.trash("trash", ".trash/old/") == b".trash/old"


@pytest.mark.parametrize("text", ["/", "/trash", "..", "../x", "a/../b", ".", "./a", "a//b"])
def test_bad_trash(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^trash: .* is not a path below the destination") as caught:
        paths.trash("trash", text)
    assert caught.value.path is None


def test_state(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    default = bytes(home) + b"/.local/state/secure.ftp_synchronize"
    assert paths.state("state_dir") == default
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert paths.state("state_dir") == b"/var/state/secure.ftp_synchronize"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert paths.state("state_dir") == default
    assert paths.state("state_dir", "/var/lib/sync/") == b"/var/lib/sync"


def test_state_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "nowhere")
    with pytest.raises(InvalidRequest, match=r"^state_dir: the home directory") as caught:
        paths.state("state_dir")
    assert "Set state_dir" in caught.value.cure

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets from files and from real programs, good and bad. Those in OpenBao: integration/test_secret_sources.py."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_run import forms, redacted
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SecretUnavailable
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing import secret_sources
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.secret_sources import (
    Source,
    read_secret,
)
from support.running.patience import HANG_SECONDS

OPTION = "secrets_from.password"
KEY = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"


def by(script: str, *words: str) -> Source:
    """Return the source for a script of the shell."""
    return Source(command=("/bin/sh", "-c", script, "sh", *words))


def kept(directory: Path, content: bytes = b"canary\n", mode: int = 0o600) -> Source:
    path = directory / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return Source(file=str(path))


def refused(source: Source, *, lines: bool = False) -> str:
    """Return the message of a source that has no usable secret."""
    with pytest.raises(SecretUnavailable) as caught:
        read_secret(OPTION, source, lambda _secret: None, lines=lines)
    assert caught.value.cure
    assert caught.value.message.startswith(OPTION)
    assert caught.value.message.isprintable()
    assert "canary" not in caught.value.message + caught.value.cure
    return caught.value.message


@pytest.mark.parametrize("printed", ["canary", "canary\n", "canary\r\n"])
def test_a_secret_of_one_line(printed: str, tmp_path: Path) -> None:
    hidden: list[str] = []
    assert read_secret(OPTION, kept(tmp_path, printed.encode()), hidden.append) == "canary"
    assert read_secret(OPTION, by('printf %s "$1"', printed), hidden.append) == "canary"
    assert hidden == ["canary", "canary"]


def test_a_key_is_the_whole_text(tmp_path: Path) -> None:
    for source in (kept(tmp_path, f"{KEY}\n".encode()), by('printf "%s\\n" "$1"', KEY)):
        assert read_secret(OPTION, source, lambda _secret: None, lines=True) == KEY
        assert refused(source) == f"{OPTION}: has more than one line"


def test_blanks_are_part_of_a_secret() -> None:
    assert read_secret(OPTION, by("echo ' canary '; echo canary >&2"), lambda _secret: None) == " canary "


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", ": is empty"),
        (b"\n", ": is empty"),
        (b" \r\n", ": is empty"),
        (b"canary\ncanary\n", ": has more than one line"),
        (b"canary\n\n", ": has more than one line"),
        (b"can\0ary", ": has more than one line"),
        (b"\xff", ": is not UTF-8"),
    ],
)
def test_an_unusable_text(content: bytes, fact: str, tmp_path: Path) -> None:
    source = kept(tmp_path, content)
    assert refused(source) == OPTION + fact
    assert refused(by('cat "$1"', str(source.file))) == OPTION + fact


@pytest.mark.parametrize("content", [b" \n", b"\n\n", b" \t "])
def test_blanks_alone_hide_no_blanks_of_messages(content: bytes, tmp_path: Path) -> None:
    hidden: list[str] = []
    with pytest.raises(SecretUnavailable) as caught:
        read_secret(OPTION, kept(tmp_path, content), hidden.append)
    assert redacted(caught.value.message, forms(hidden)) == f"{OPTION}: is empty"


def test_files_that_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "link").symlink_to(tmp_path / "none")
    for name, fact in {
        "none": "No such file or directory",
        "link": "No such file or directory",
        "fifo": "is not a regular file of at most 1 MiB",
        ".": "is not a regular file of at most 1 MiB",
    }.items():
        path = tmp_path / name
        assert refused(Source(file=str(path))) == f"{OPTION}.file: {path}: {fact}"
    for mode in (0o640, 0o604, 0o620):
        source = kept(tmp_path, mode=mode)
        assert refused(source).startswith(f"{OPTION}.file: other accounts can read {source.file}")
    large = kept(tmp_path, b"c" * ((1 << 20) + 1))
    assert refused(large).endswith("is not a regular file of at most 1 MiB")


def test_programs_that_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:.")
    monkeypatch.chdir(tmp_path)
    assert refused(Source(command=("none",))) == f"{OPTION}.command: 'none' is not in {tmp_path}:."
    assert refused(Source(command=("/none",))) == f"{OPTION}.command: '/none': No such file or directory"
    program = tmp_path / "program"
    program.write_text("#!/none\n")
    assert refused(Source(command=(str(program),))).endswith("Permission denied")
    program.chmod(0o700)
    assert refused(Source(command=("program",))) == f"{OPTION}.command: '{program}': No such file or directory"
    program.write_text("no program")
    assert refused(Source(command=("program",))).endswith("Exec format error")


def test_a_program_of_the_path_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative directory of PATH leads to no program."""
    (tmp_path / "program").write_text("#!/bin/sh\necho canary\n")
    (tmp_path / "program").chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert refused(Source(command=("program",))).endswith("is not in .")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_secret(OPTION, Source(command=("program",)), lambda _secret: None) == "canary"


def test_a_program_gets_no_input_and_no_shell() -> None:
    read, write = os.pipe()
    os.write(write, b"input of the run")
    own = os.dup(0)
    os.dup2(read, 0)
    try:
        os.close(write)
        assert read_secret(OPTION, by("cat; echo end"), lambda _secret: None) == "end"
        assert os.read(0, 99) == b"input of the run"
    finally:
        os.dup2(own, 0)
        os.close(own)
        os.close(read)
    assert read_secret(OPTION, Source(command=("/bin/echo", "$HOME;`id`")), lambda _secret: None) == "$HOME;`id`"


@pytest.mark.parametrize(
    ("script", "fact"),
    [
        ("exit 3", "ended with status 3"),
        ("kill -9 $$", "was ended by signal 9"),
        ("echo canary; exit 1", "ended with status 1"),
        ("echo 'token  expired' >&2; exit 1", "ended with status 1: token expired"),
        ("echo canary; echo 'for canary: \033[2J' >&2; exit 1", r"ended with status 1: for ********: \x1b[2J"),
        ("printf 'canary\\nc\\n'; echo canaryc >&2; exit 1", "ended with status 1: ****************"),
        ("echo canary canary; echo 'canary canary' >&2; exit 1", "ended with status 1: ********"),
        ("head -c 99999 /dev/zero >&2; exit 1", "ended with status 1, with more than 64 KiB on standard error"),
        ("head -c 10485760 /dev/zero", "printed more than 1 MiB"),
    ],
)
def test_a_program_that_fails(script: str, fact: str) -> None:
    assert refused(by(script), lines=True) == f"{OPTION}.command: '/bin/sh' {fact}"


def test_of_a_long_standard_error_whole_words_are_shown() -> None:
    fact = refused(by("for i in $(seq 99); do echo word$i; done >&2; echo ends >&2; exit 1"))
    assert fact.endswith(" word98 word99 ends")
    assert len(fact) < 400
    assert set(fact.partition("status 1: ")[2].split()) <= {"ends", *(f"word{number}" for number in range(100))}


def test_a_program_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_sources, "SECONDS", 1.0)
    pids = tmp_path / "pids"
    began = time.monotonic()
    fact = refused(by('sleep 600 & echo $$ $! >"$1"; echo canary; wait', str(pids)))
    assert fact == f"{OPTION}.command: '/bin/sh' did not end within 1 seconds"
    assert time.monotonic() - began < 10
    assert have_ended(pids.read_text())


def test_what_a_program_leaves_is_ended(tmp_path: Path) -> None:
    """A child that goes on holds the pipe, and is not waited for."""
    pids, began = tmp_path / "pids", time.monotonic()
    assert (
        read_secret(OPTION, by('sleep 600 & echo $! >"$1"; echo canary', str(pids)), lambda _secret: None) == "canary"
    )
    assert time.monotonic() - began < 10
    assert have_ended(pids.read_text())


def have_ended(pids: str) -> bool:
    """Wait for the end of processes. One that was ended may still wait for its new parent."""
    until = time.monotonic() + HANG_SECONDS
    while any(_runs(int(pid)) for pid in pids.split()) and time.monotonic() < until:
        time.sleep(0.01)
    return time.monotonic() < until


def _runs(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_program_that_closes_its_output_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_sources, "SECONDS", 0.5)
    assert refused(by("echo canary; exec >&- 2>&-; sleep 600")).endswith("did not end within 0.5 seconds")
    assert read_secret(OPTION, by("echo canary; exec >&- 2>&-; sleep 0.1"), lambda _secret: None) == "canary"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program with pipes: it ends on every path, and its secrets are in no argument, environment or file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.piped_program import (
    once,
    run_piped,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)

SECRETS = [b"first secret", b"y" * 300_000]
"""The second is larger than a pipe."""


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    guard = ChildProcesses()
    yield guard
    guard.close()


def shell(script: str) -> Callable[[Sequence[int], int], list[str]]:
    def words(given: Sequence[int], answers: int) -> list[str]:
        return ["/bin/sh", "-c", script, "sh", *(f"/dev/fd/{end}" for end in given), f"/dev/fd/{answers}"]

    return words


def test_all_streams_arrive(guard: ChildProcesses) -> None:
    script = 'cat "$1"; cat "$2" | wc -c >"$3"; tr a-z A-Z; echo complaint >&2; exit 3'
    written: list[bytes] = []
    ended = run_piped(guard, shell(script), once(b"abc" * 100_000), written.append, secrets=SECRETS)
    assert b"".join(written) == SECRETS[0] + b"ABC" * 100_000
    assert (ended.status, ended.messages, ended.answers.strip()) == (3, "complaint\n", "300000")
    assert ended.whole


def test_an_input_that_is_not_read_to_its_end_is_reported(guard: ChildProcesses) -> None:
    ended = run_piped(guard, shell("head -c 10"), lambda count: bytes(count), len)
    assert (ended.status, ended.whole) == (0, False)


def test_a_secret_that_is_not_read_does_no_harm(guard: ChildProcesses) -> None:
    ended = run_piped(guard, shell("cat >/dev/null"), once(b"x"), len, secrets=SECRETS)
    assert (ended.status, ended.whole) == (0, True)


@pytest.mark.parametrize("place", ["read", "write"])
def test_the_program_ends_with_an_error_of_the_caller(guard: ChildProcesses, place: str, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f'echo $$ >"{note}"; yes | head -c 100000; sleep 1000 & wait'

    def broken(_argument: object) -> bytes:
        while not note.exists() or not note.read_text():
            pass
        raise RuntimeError("mine")

    read, write = (broken, len) if place == "read" else (once(b""), broken)
    with pytest.raises(RuntimeError, match="mine"):
        run_piped(guard, shell(script), read, write)
    assert not Path("/proc", note.read_text().strip()).exists()


def test_no_descriptor_stays_open(guard: ChildProcesses) -> None:
    run_piped(guard, shell("cat"), once(b"x"), len)  # modules that are loaded on first use
    before = sorted(os.listdir("/proc/self/fd"))
    run_piped(guard, shell("cat"), once(b"x"), len, secrets=SECRETS)
    with pytest.raises(FileNotFoundError):
        run_piped(guard, lambda given, answers: ["/nonexistent"], once(b"x"), len, secrets=SECRETS)
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_secrets_are_not_in_argv_environment_or_files(guard: ChildProcesses) -> None:
    written: list[bytes] = []
    script = "tr '\\0' '\\n' </proc/$$/cmdline; env; cat >/dev/null"
    run_piped(guard, shell(script), once(b""), written.append, secrets=SECRETS)
    assert SECRETS[0] not in b"".join(written)
    assert os.listdir(guard.directory) == []

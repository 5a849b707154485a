# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program age: versions, its complaints, and a program that was killed.

A script has the name of the program, as an old version and a broken one cannot be installed here. The real program is
in tests/integration/test_sealing_providers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    OperationFailed,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.age import (
    AgeOpener,
    AgeSealer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.identities import AgeIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.piped_program import once

IDENTITY = AgeIdentity("AGE-SECRET-KEY-1CANARY", False, "decrypt.identities: item 1")
NO_MATCH = 'echo "age: error: no identity matched any of the recipients" >&2; exit 1'
GOOD = 'cat "$2" >/dev/null; cat'


Script = Callable[..., None]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    def write(body: str, version: str = "1.2.1") -> None:
        program = tmp_path / "age"
        program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "{version}"; exit; }}\n{body}\n')
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return write


def test_without_the_program_it_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SyncError, match="needs the Python library pyrage or the program age") as caught:
        AgeSealer(["age1x"])
    assert caught.value.code == "sealing_unavailable"


@pytest.mark.parametrize("version", ["1.0.0", "v1.0.9"])
def test_an_old_program_is_refused(script: Script, version: str) -> None:
    script(GOOD, version)
    with pytest.raises(SyncError, match=r"has the version v?1\.0") as caught:
        AgeSealer(["age1x"])
    assert caught.value.code == "sealing_unavailable"


@pytest.mark.parametrize("version", ["1.1.0", "v1.2.1", "(devel)"])
def test_newer_and_unknown_versions_are_tried(script: Script, version: str) -> None:
    script(GOOD, version)
    AgeSealer(["age1x"]).close()


def test_a_refused_recipient_is_named(script: Script) -> None:
    script('grep -q bad "$2" && { echo "age: error: malformed recipient" >&2; exit 1; }; cat')
    with pytest.raises(SyncError, match="item 2 is refused by age: malformed recipient") as caught:
        AgeSealer(["good", "bad"])
    assert caught.value.code == "recipient_invalid"


def test_a_refused_identity_is_named(script: Script) -> None:
    script('echo "age: error: malformed secret key" >&2; exit 1')
    with pytest.raises(InvalidRequest, match=r"decrypt\.identities: item 1 is refused by age: malformed secret key"):
        AgeOpener([IDENTITY])


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        (NO_MATCH, "identity_missing"),
        (
            'echo "age: error: file is passphrase-encrypted but identities were specified" >&2; exit 1',
            "identity_missing",
        ),
        ('cat; echo "age: error: unexpected EOF" >&2; exit 1', "sealed_damaged"),
        ("head -c 1 >/dev/null; exit 0", "sealed_damaged"),
        ("kill -9 $$", "operation_failed"),
        ("exit 2", "operation_failed"),
    ],
)
def test_each_end_but_the_good_one_is_an_error(script: Script, ending: str, error: str) -> None:
    script(NO_MATCH)
    opener = AgeOpener([IDENTITY])
    script(ending)
    with pytest.raises(SyncError) as caught:
        opener.open(once(bytes(1 << 20)), len)
    opener.close()
    assert caught.value.code == error


@pytest.mark.parametrize("ending", ["kill -9 $$", "head -c 1 >/dev/null", "cat; exit 1"])
def test_a_file_counts_as_sealed_only_after_a_good_end(script: Script, ending: str) -> None:
    script(GOOD)
    sealer = AgeSealer(["age1x"])
    script(ending)
    with pytest.raises(OperationFailed, match="age ended with status"):
        sealer.seal(once(bytes(1 << 20)), len)
    sealer.close()

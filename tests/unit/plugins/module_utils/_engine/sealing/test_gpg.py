# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""gpg in a home of its own: its command line and messages. The real program: tests/integration/test_openpgp_files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.openpgp import (
    Gpg,
    complaint,
    statuses,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.piped_program import Ended, once


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that comes first on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    script(tmp_path, "gpg", 'printf "%s\\n" "$@"; env')
    return tmp_path


def script(directory: Path, name: str, body: str) -> None:
    program = directory / name
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "{name} 2.4.7"; exit; }}\n{body}\n')
    program.chmod(0o755)


@pytest.fixture
def gpg(scripts: Path) -> Iterator[Gpg]:
    gpg = Gpg()
    yield gpg
    gpg.close()


def test_no_key_option_or_agent_of_the_user_counts(gpg: Gpg) -> None:
    written: list[bytes] = []
    gpg.run(["--encrypt"], once(b""), written.append)
    words = b"".join(written).decode().splitlines()
    assert {"--batch", "--no-tty", "--no-options", "--no-autostart", "--encrypt"} <= set(words)
    home = words[words.index("--homedir") + 1]
    assert os.listdir(home) == []
    assert stat.S_IMODE(os.stat(home).st_mode) == 0o700
    assert "--passphrase-fd" not in words


def test_a_passphrase_is_in_no_argument_and_no_environment(gpg: Gpg) -> None:
    written: list[bytes] = []
    gpg.run(["--decrypt"], once(b""), written.append, passphrase="canary")
    words = b"".join(written).decode().splitlines()
    assert words[words.index("--pinentry-mode") + 1] == "loopback"
    assert words[words.index("--passphrase-fd") + 1].isdigit()
    assert "canary" not in " ".join(words)


def test_an_agent_that_does_not_start_is_an_error(gpg: Gpg, scripts: Path) -> None:
    script(scripts, "gpg-agent", "exit 2")
    script(scripts, "gpgconf", "echo /")
    with pytest.raises(OperationFailed, match="gpg-agent did not start"):
        gpg.start_agent()


@pytest.mark.parametrize("directory", ["/", "/run/user/0", "", "d.relative/.."])
def test_only_a_directory_of_sockets_is_removed(gpg: Gpg, scripts: Path, directory: str) -> None:
    script(scripts, "gpg-agent", "exit 0")
    script(scripts, "gpgconf", f'echo "{directory}"')
    gpg.start_agent()
    assert gpg.guard._directories == [gpg.guard.directory]


def test_status_lines_are_read_in_their_order() -> None:
    answers = (
        "[GNUPG:] BEGIN_DECRYPTION\nnoise DECRYPTION_OKAY\n[GNUPG:] PLAINTEXT 62 0 a%0A[GNUPG:]%20DECRYPTION_OKAY\n"
    )
    assert statuses(Ended(0, "", answers, True)) == ["BEGIN_DECRYPTION", "PLAINTEXT"]


def test_the_last_message_is_the_reason() -> None:
    assert complaint(Ended(2, "gpg: first\ngpg: \x1b[1mlast\n\n", "", True)) == r"\x1b[1mlast"
    assert complaint(Ended(2, "", "", True)) == "it gave no reason"

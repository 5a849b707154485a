# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries of the installed program. The programs are scripts that answer like vsftpd, on standard input."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CandidateFailed,
    ServiceMissing,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.binary import (
    Binary,
    find_binary,
    last_words,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.vsftpd import Vsftpd

LIKE_VSFTPD = """
exec 4>&0
if [ "$1" = -v ]; then echo "vsftpd: version 3.0.9" >&4; exit; fi
while IFS='=' read -r name value; do
    [ "$name" = ssl_tlsv12 ] || { echo "500 OOPS: unrecognised variable in config file: $name" >&4; exit 2; }
done < "$1"
"""


def program(tmp_path: Path, script: str) -> str:
    """Return the path of a shell script."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    return str(path)


def test_version_and_names(tmp_path: Path) -> None:
    binary = Binary(Vsftpd(), program(tmp_path, LIKE_VSFTPD))
    assert binary.version == "3.0.9"
    assert (binary.takes("ssl_tlsv12", "NO"), binary.takes("ssl_tlsv1_2", "NO")) == (True, False)


@pytest.mark.parametrize(
    ("script", "words"),
    [("exit 1", "does not report its version: no output"), ("echo Illegal instruction", "Illegal instruction")],
)
def test_a_broken_program(script: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(CandidateFailed, match=words):
        Binary(Vsftpd(), program(tmp_path, script))


def test_one_that_says_nothing_of_names(tmp_path: Path) -> None:
    binary = Binary(Vsftpd(), program(tmp_path, '[ "$1" = -v ] && echo version 1'))
    with pytest.raises(CandidateFailed, match="does not report whether it knows ssl_tlsv12"):
        binary.takes("ssl_tlsv12", "NO")


def test_what_is_not_a_program(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(b"\x7fELF broken")
    path.chmod(0o755)
    with pytest.raises(CandidateFailed, match="cannot be started"):
        Binary(Vsftpd(), str(path))


def test_one_that_is_not_there() -> None:
    daemon = Vsftpd()
    daemon.program = "no-such-ftpd"
    with pytest.raises(ServiceMissing, match="not installed"):
        find_binary(daemon)


def test_last_words() -> None:
    assert last_words("a\n\nb\nc \nd\x1b\n") == "b / c / d\\x1b"
    assert last_words(" \n") == "no output"

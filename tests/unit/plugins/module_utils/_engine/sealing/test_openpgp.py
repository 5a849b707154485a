# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenPGP: the command line of gpg, and which ends of gpg count as good.

A script has the name of the program, for ends that the real program does not have on demand. The real program is in
tests/integration/test_openpgp_files.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    OPENPGP,
    Identities,
    Recipients,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.openpgp import (
    Gpg,
    OpenPgpOpener,
    OpenPgpSealer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.piped_program import once

CERTIFICATE = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
PRIVATE = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
STATUS = (
    'while [ $# -gt 0 ]; do [ "$1" = --status-fd ] && fd=/dev/fd/$2; shift; done\nsay() { echo "[GNUPG:] $*" >>$fd; }\n'
)
GOOD = "say BEGIN_DECRYPTION; say PLAINTEXT 62 0; cat; say DECRYPTION_OKAY; say END_DECRYPTION"


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in ("gpg-agent", "gpgconf"):
        script(tmp_path, name, "exit 0")
    script(
        tmp_path,
        "gpg",
        'case "$*" in *--show-keys*) echo pub:-:;; esac; cat >/dev/null; ' + STATUS + "say IMPORT_OK 17 F",
    )
    return tmp_path


def script(directory: Path, name: str, body: str) -> None:
    program = directory / name
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "{name} 2.4.7"; exit; }}\n{body}\n')
    program.chmod(0o755)


def opener() -> OpenPgpOpener:
    return OpenPgpOpener(Identities(OPENPGP, (PRIVATE,)))


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (GOOD, ""),
        (GOOD + "; exit 2", "sealed_damaged"),
        (GOOD.replace("cat;", ""), "sealed_damaged"),
        ("say PLAINTEXT 62 0; cat", "sealed_damaged"),
        (GOOD + ";" + GOOD, "sealed_damaged"),
        ("say PLAINTEXT 62 0;" + GOOD, "sealed_damaged"),
        ("say NO_SECKEY 1; cat >/dev/null; exit 2", "identity_missing"),
        ("echo 'gpg: decryption failed: No secret key' >&2; cat >/dev/null; exit 2", "identity_missing"),
        ("say NO_SECKEY 1; say DECRYPTION_KEY 2; cat >/dev/null; exit 2", "sealed_damaged"),
        ("cat >/dev/null; kill -9 $$", "operation_failed"),
        ("say NO_SECKEY 1; echo 'gpg: no gpg-agent running in this session' >&2; exit 2", "operation_failed"),
    ],
)
def test_a_message_counts_only_after_a_good_end(scripts: Path, ending: str, code: str) -> None:
    made = opener()
    script(scripts, "gpg", STATUS + ending)
    data = once(bytes(1 << 20))
    if code:
        with pytest.raises(SyncError) as caught:
            made.open(data, len)
        assert caught.value.code == code
    else:
        made.open(data, len)
    made.close()


@pytest.mark.parametrize(
    "ending", ["cat", "say END_ENCRYPTION; head -c 1", "cat; say END_ENCRYPTION; exit 2", "kill -9 $$"]
)
def test_a_file_counts_as_sealed_only_after_a_good_end(scripts: Path, ending: str) -> None:
    made = OpenPgpSealer(Recipients(OPENPGP, (CERTIFICATE,)))
    script(scripts, "gpg", STATUS + ending)
    with pytest.raises(OperationFailed, match="gpg ended with status"):
        made.seal(once(bytes(1 << 20)), len)
    script(scripts, "gpg", STATUS + "cat; say END_ENCRYPTION")
    made.seal(once(b"x"), len)
    made.close()


def test_the_form_that_partners_read_is_requested(scripts: Path) -> None:
    made = OpenPgpSealer(Recipients(OPENPGP, (CERTIFICATE, CERTIFICATE + "x")))
    script(scripts, "gpg", f'printf "%s\\n" "$@" >"{scripts}/words"; cat; ' + STATUS + "say END_ENCRYPTION")
    made.seal(once(b"x"), len)
    made.close()
    words = (scripts / "words").read_text().splitlines()
    assert words.count("--recipient-file") == 2
    assert {"--rfc4880", "-z", "--encrypt"} <= set(words)
    assert words[words.index("--cipher-algo") + 1] == "AES256"


def test_providers_close_after_a_refused_key(scripts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(
        Gpg,
        "close",
        lambda self: closed.append(self.guard.close() is None),
    )
    script(scripts, "gpg", "cat >/dev/null")
    with pytest.raises(SyncError, match=r"decrypt\.identities: item 1 is not a private key that gpg can read"):
        opener()
    with pytest.raises(SyncError, match=r"encrypt\.recipients: item 1 is not a certificate that gpg can read"):
        OpenPgpSealer(Recipients(OPENPGP, (CERTIFICATE,)))
    assert closed == [True, True]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenPGP files: the contract of sealing, forms that partners can read, and messages that must not pass.

Judges are gpg with a home of its own and sqop, which is another implementation (Sequoia).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    ItemError,
    RecipientInvalid,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    OPENPGP,
    Identities,
    Recipients,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.openpgp import (
    OpenPgpOpener,
    OpenPgpSealer,
)
from support.contracts.sealing_contract import SealingContract, content, opened, sealed
from support.judges.key_leftovers import leftovers, private_memory, wait_until_gone
from support.running.patience import HANG_SECONDS
from support.servers import openpgp_keys
from support.servers.openpgp_keys import gpg

ALICE = openpgp_keys.key("alice")
BOB = openpgp_keys.key("bob", "rsa2048", "encr,sign")
CAROL = openpgp_keys.key("carol")
LOCKED = openpgp_keys.key("locked", passphrase="phr ase")


def opener(*keys: str, passphrase: str | None = None) -> OpenPgpOpener:
    return OpenPgpOpener(Identities(OPENPGP, keys, passphrase=passphrase))


def sealer(*certificates: str) -> OpenPgpSealer:
    return OpenPgpSealer(Recipients(OPENPGP, certificates))


class TestOpenPgp(SealingContract):
    alice, bob, carol = ((each.certificate, each.private) for each in (ALICE, BOB, CAROL))

    def sealer(self, *recipients: str) -> Any:
        return sealer(*recipients)

    def opener(self, *identities: str) -> Any:
        return opener(*identities)


@pytest.fixture(scope="module")
def for_alice() -> Iterator[OpenPgpOpener]:
    with contextlib.closing(opener(ALICE.private)) as made:
        yield made


@pytest.fixture
def memory() -> Iterator[Path]:
    with private_memory() as made:
        yield made


def one_sealed(*certificates: str, data: bytes = b"for partners") -> bytes:
    with contextlib.closing(sealer(*certificates)) as made:
        return sealed(made, data)


def packets(message: bytes) -> str:
    """Return the packets of a message, also of one for others."""
    return gpg("--list-packets", given=message, check=False).decode("utf-8", "replace")


# Forms that partners can read


def test_judges_open_each_file(tmp_path: Path) -> None:
    data = content(200_000)
    for reader in (ALICE, BOB):
        message = one_sealed(ALICE.certificate, BOB.certificate, data=data)
        assert gpg("--decrypt", given=message) == data
        key = tmp_path / reader.fingerprint
        key.write_text(reader.private)
        judged = subprocess.run(["sqop", "decrypt", str(key)], input=message, capture_output=True, check=True)
        assert judged.stdout == data


def test_files_of_the_judges_are_opened(for_alice: OpenPgpOpener, tmp_path: Path) -> None:
    certificate = tmp_path / "cert"
    certificate.write_text(ALICE.certificate)
    words = ["sqop", "encrypt", str(certificate)]
    theirs = subprocess.run(words, input=b"by sequoia", capture_output=True, check=True).stdout
    assert opened(for_alice, theirs) == b"by sequoia"
    for options in ([], ["--armor"], ["--hidden-recipient", ALICE.fingerprint], ["-z", "9"]):
        theirs = gpg(*options, "--recipient", ALICE.fingerprint, "--encrypt", given=b"by gpg")
        assert opened(for_alice, theirs) == b"by gpg"


def test_the_form_is_that_of_rfc_4880() -> None:
    """No OCB (tag 20), which products of partners do not read; no compression; no signature; no armour.

    Debian's gpg never takes OCB on its own; elsewhere gpg takes it for such a certificate, without our option.
    """
    certificate = openpgp_keys.certificate_with_ocb()
    assert "tag=18" in packets(one_sealed(certificate))
    listed = packets(one_sealed(ALICE.certificate, certificate))
    assert "mdc_method: 2" in listed
    for other in ("tag=20", "aead", "signature", "compressed"):
        assert other not in listed


def test_the_cipher_is_aes_for_certificates_without_preferences() -> None:
    """RFC 4880 has 3DES for these."""
    bare = openpgp_keys.key("bare")
    gpg("--passphrase", "", "--command-fd", "0", "--edit-key", bare.fingerprint, given=b"setpref none\ny\nsave\n")
    certificate = gpg("--armor", "--export", bare.fingerprint).decode()
    assert "pref-sym-algos" not in packets(certificate.encode())
    message = one_sealed(ALICE.certificate, certificate)
    assert b"DECRYPTION_INFO 2 9 0" in gpg("--status-fd", "1", "--output", os.devnull, "--decrypt", given=message)


# Certificates that cannot be used


@pytest.mark.parametrize(
    ("certificate", "fact"),
    [
        (lambda: openpgp_keys.key("old", made="20200101T000000").certificate, "item 2 has expired"),
        (lambda: openpgp_keys.key("signer", "ed25519", "sign").certificate, "item 2 has no valid key for encryption"),
        (lambda: openpgp_keys.revoked(openpgp_keys.key("revoked")), "item 2 is revoked"),
        (lambda: gpg("--armor", "--export", "alice@", "bob@").decode(), "item 2 has 2 certificates"),
        (lambda: ALICE.certificate + BOB.certificate, "item 2 has 2 certificates"),
        (lambda: ALICE.certificate[:300], "item 2 is not a certificate that gpg can read"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_named(certificate: Any, fact: str) -> None:
    with pytest.raises(RecipientInvalid, match=fact) as caught:
        sealer(ALICE.certificate, certificate())
    assert caught.value.cure


# Messages that must not pass


def literal() -> bytes:
    return gpg("--store", given=b"in clear")


def signed() -> bytes:
    openpgp_keys.key("signer", "ed25519", "sign")
    return gpg("--local-user", "signer@", "--sign", given=b"in clear")


def encrypted(*options: str) -> bytes:
    return gpg(*options, "--recipient", ALICE.fingerprint, "--encrypt", given=b"hello")


BAD = {
    "literal": literal,
    "signed only": signed,
    "literal after": lambda: encrypted() + literal(),
    "literal before": lambda: literal() + encrypted(),
    "twice": lambda: encrypted() * 2,
    "twice in armour": lambda: encrypted("--armor") * 2,
    "without integrity protection": lambda: encrypted("--rfc2440", "--disable-mdc"),
    "with a passphrase": lambda: gpg("--s2k-count", "1024", "--passphrase", "x", "--symmetric", given=b"hello"),
    "cut armour": lambda: encrypted("--armor")[:-80],
}


@pytest.mark.parametrize("case", BAD)
def test_a_message_that_is_not_one_whole_encrypted_message_is_refused(for_alice: OpenPgpOpener, case: str) -> None:
    with pytest.raises(ItemError) as caught:
        opened(for_alice, BAD[case]())
    assert caught.value.code == "sealed_damaged"


def test_signed_and_ocb_messages_are_opened(for_alice: OpenPgpOpener) -> None:
    """Partners sign as a rule. This host has no certificate of theirs, so signatures are not checked."""
    openpgp_keys.key("signer", "ed25519", "sign")
    for options in (["--sign", "--local-user", "signer@"], ["--force-ocb"]):
        assert opened(for_alice, encrypted(*options)) == b"hello"


# Private keys and passphrases


def test_a_key_with_a_passphrase_opens_files(tmp_path: Path) -> None:
    message = one_sealed(LOCKED.certificate)
    with contextlib.closing(opener(ALICE.private, LOCKED.private, passphrase="phr ase")) as made:
        assert opened(made, message) == b"for partners"
    file = tmp_path / "key.asc"
    file.touch(0o600)
    file.write_text(LOCKED.private)
    with contextlib.closing(OpenPgpOpener(Identities(OPENPGP, (), str(file), "phr ase"))) as made:
        assert opened(made, message) == b"for partners"


@pytest.mark.parametrize(
    ("key", "passphrase", "fact"),
    [
        (LOCKED.private, "canary", "decrypt.passphrase: is wrong for the private key of decrypt.identities: item 1"),
        (LOCKED.private, None, "decrypt.passphrase: is missing for the private key of decrypt.identities: item 1"),
        (LOCKED.private, "two\nlines", "decrypt.passphrase: must not hold a line break"),
        (ALICE.certificate, None, "decrypt.identities: item 1 is a certificate"),
        (ALICE.private[:200], None, "decrypt.identities: item 1 is not a private key that gpg can read"),
        ("canary", None, "decrypt.identities: item 1 is not an armoured private key"),
    ],
)
def test_wrong_keys_and_passphrases_end_the_task(key: str, passphrase: str | None, fact: str, memory: Path) -> None:
    with pytest.raises(InvalidRequest, match=fact) as caught:
        opener(key, passphrase=passphrase)
    assert "canary" not in caught.value.message + caught.value.cure
    assert leftovers(memory) == set()


# Nothing is left


def test_the_agent_ends_with_the_opener(memory: Path) -> None:
    made = opener(ALICE.private)
    assert len(leftovers(memory)) == 2, "a directory and an agent"
    made.close()
    assert leftovers(memory) == set()


def test_the_private_key_is_in_memory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with contextlib.closing(opener(ALICE.private)) as made:
        kind = subprocess.run(
            ["stat", "--file-system", "--format=%T", made._gpg.guard.directory], capture_output=True, check=True
        )
        assert kind.stdout.strip() == b"tmpfs"
    assert os.listdir(tmp_path) == []


PROCESS = """
import sys
sys.path[:0] = {paths!r}
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import OPENPGP, Identities
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.openpgp import OpenPgpOpener
opener = OpenPgpOpener(Identities(OPENPGP, (sys.stdin.read(),)))
print("ready", opener._gpg.guard.directory, flush=True)
import time
if {inside}:
    opener.open(lambda count: print("reading", flush=True) or time.sleep({hang}), len)
time.sleep({hang})
"""


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_leaves_nothing(number: signal.Signals, inside: bool, memory: Path) -> None:
    paths = [path for path in sys.path if "collections" in path]
    text = PROCESS.format(paths=paths, inside=inside, hang=HANG_SECONDS)
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(ALICE.private.encode())
        process.stdin.close()
        assert process.stdout.readline().startswith(b"ready")
        if inside:
            assert process.stdout.readline() == b"reading\n"
        assert len(leftovers(memory)) == 2
        process.send_signal(number)
    wait_until_gone(memory)


IN_A_SESSION = textwrap.dedent(
    """
    mount -t tmpfs none /run
    mkdir -p -m 700 /run/user/0
    "$@"
    find /run/user/0/gnupg -mindepth 1
    """
)


def test_the_sockets_of_a_user_session_are_removed() -> None:
    """gpg puts them into /run/user, where the account is logged in. A mount namespace has such a directory here."""
    text = PROCESS.format(paths=[path for path in sys.path if "collections" in path], inside=False, hang=0)
    text += "import os; print(*os.listdir('/run/user/0/gnupg'))\nopener.close()\n"
    command = ["unshare", "--mount", "sh", "-ec", IN_A_SESSION, "sh", sys.executable, "-c", text]
    done = subprocess.run(command, input=ALICE.private, capture_output=True, text=True, check=True)
    _ready, during, *after = done.stdout.splitlines()
    assert during.startswith("d.")
    assert after == []

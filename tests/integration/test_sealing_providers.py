# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both providers of age files: the contract, C2SP's test vectors, and each as the judge of the other."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    ItemError,
    RecipientInvalid,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import AGE, Identities
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.age import (
    AgeOpener,
    AgeSealer,
    PyrageOpener,
    PyrageSealer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.identities import age_identities
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import age_recipients
from support.contracts.sealing_contract import CHUNK, SealingContract, content, opened, sealed, slow_stream
from support.foreign.age_js import opened_by_js, sealed_by_js
from support.servers import ssh_keys
from support.vectors.age_vectors import AgeVector, age_vectors

SSH = ssh_keys.key("sealing")
PROVIDERS = {"pyrage": (PyrageSealer, PyrageOpener), "age": (AgeSealer, AgeOpener)}


def x25519() -> tuple[str, str]:
    """Return a new recipient and its identity, made by age-keygen."""
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True)
    return made.stderr.split()[-1], made.stdout


ALICE, CAROL = x25519(), x25519()


class AgeContract(SealingContract):
    alice, bob, carol = ALICE, (SSH.public, SSH.text), CAROL
    provider: str

    def sealer(self, *recipients: str) -> Any:
        return PROVIDERS[self.provider][0](age_recipients(recipients))

    def opener(self, *identities: str) -> Any:
        return PROVIDERS[self.provider][1](age_identities(Identities(AGE, identities)))

    @pytest.mark.parametrize("chunks", [1, 2, 3])
    def test_chunks_are_bound_to_their_place(self, sealing: Any, opening: Any, chunks: int) -> None:
        """Cut at the edge of a chunk, swapped, dropped or doubled: each whole chunk is authentic in itself."""
        good = sealed(sealing, content(3 * CHUNK + 5))
        start, size = len(good) - (3 * (CHUNK + 16) + 5 + 16), CHUNK + 16
        head, parts = good[:start], [good[start + place * size :][:size] for place in range(4)]
        assert opened(opening, head + b"".join(parts)) == content(3 * CHUNK + 5)
        for order in (parts[:chunks], [*parts[chunks:], *parts[:chunks]], parts[chunks:], [*parts[:chunks], *parts]):
            assert self.refusal(opening, head + b"".join(order)) == "sealed_damaged"

    def test_the_header_is_written_before_much_is_read(self, sealing: Any) -> None:
        """The size of the result is computed from its header."""
        counts = {"read": 0}
        first: list[tuple[int, bytes]] = []
        stream = iter([content(CHUNK)] * 64)

        def read(count: int) -> bytes:
            data = next(stream, b"")[:count]
            counts["read"] += len(data)
            return data

        sealing.seal(read, lambda data: first.append((counts["read"], data)))
        assert first[0][0] <= 16 * CHUNK
        assert first[0][1].startswith(b"age-encryption.org/v1\n")

    @pytest.mark.parametrize("checksum", ["recipient", "identity"])
    def test_a_mistyped_key_is_refused_at_once(self, checksum: str) -> None:
        recipient, identity = ALICE[0], ALICE[1].splitlines()[-1]
        if checksum == "recipient":
            with pytest.raises(RecipientInvalid, match=r"encrypt\.recipients: item 2 is "):
                self.sealer(CAROL[0], mistyped(recipient))
        else:
            with pytest.raises(InvalidRequest, match=r"decrypt\.identities: item 2 is ") as caught:
                self.opener(CAROL[1], mistyped(identity))
            assert mistyped(identity) not in caught.value.message


def mistyped(text: str) -> str:
    return text[:-1] + ("q" if text[-1] not in "qQ" else "p")


class TestPyrage(AgeContract):
    provider = "pyrage"


class TestAgeProgram(AgeContract):
    provider = "age"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("reader", ["alice", "ssh"])
def test_the_stock_program_opens_each_file(provider: str, reader: str, tmp_path: Path) -> None:
    sealer = PROVIDERS[provider][0](age_recipients([ALICE[0], SSH.public]))
    result = sealed(sealer, content(200_000))
    sealer.close()
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text(ALICE[1] if reader == "alice" else SSH.text)
    judged = subprocess.run(["age", "-d", "-i", str(key)], input=result, capture_output=True, check=True)
    assert judged.stdout == content(200_000)


@pytest.mark.parametrize("opener", PROVIDERS)
@pytest.mark.parametrize("armour", [[], ["-a"]])
def test_files_of_the_stock_program_are_opened(opener: str, armour: list[str]) -> None:
    command = ["age", *armour, "-r", ALICE[0]]
    result = subprocess.run(command, input=content(200_000), capture_output=True, check=True).stdout
    with_alice = PROVIDERS[opener][1](age_identities(Identities(AGE, (ALICE[1],))))
    assert opened(with_alice, result) == content(200_000)
    with_alice.close()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_independent_implementation_in_both_directions(provider: str) -> None:
    identity = ALICE[1].splitlines()[-1]
    make_sealer, make_opener = PROVIDERS[provider]
    with (
        contextlib.closing(make_sealer(age_recipients([ALICE[0], SSH.public]))) as sealer,
        contextlib.closing(make_opener(age_identities(Identities(AGE, (identity,))))) as opener,
    ):
        for size in (0, CHUNK, 3 * CHUNK + 5):
            assert opened_by_js(sealed(sealer, content(size)), identity) == content(size)
            assert opened(opener, sealed_by_js(content(size), ALICE[0])) == content(size)


DEVIATIONS = {
    # The payload of these is authentic. rage reads two forms of a stanza that the specification forbids; age reads an
    # empty line at the end of an armoured text.
    ("pyrage", "stanza_missing_body"): "success",
    ("pyrage", "stanza_missing_final_line"): "success",
    ("age", "armor_empty_last_line"): "success",
    # A decoder of armour may accept white space around it. Both do not.
    ("pyrage", "armor_whitespace_outside"): "sealed_damaged",
    ("age", "armor_whitespace_outside"): "sealed_damaged",
}


def expected(vector: AgeVector) -> set[str]:
    """Return the acceptable results."""
    if any(text.startswith("AGE-SECRET-KEY-PQ-") for text in vector.identities):
        return {"invalid_request"}
    if vector.passphrase:
        return {"identity_missing", "sealed_damaged"}
    if vector.expect == "success":
        return {"success"}
    if vector.expect == "no match":
        return {"identity_missing"}
    if vector.expect == "header failure":
        return {"sealed_damaged", "identity_missing"}
    return {"sealed_damaged"}


def result_of(provider: str, vector: AgeVector) -> str:
    written: list[bytes] = []
    identities = vector.identities or (ALICE[1],)
    try:
        opener = PROVIDERS[provider][1](age_identities(Identities(AGE, identities)))
    except InvalidRequest as error:
        return error.code
    try:
        opener.open(slow_stream(vector.sealed), written.append)
    except ItemError as error:
        return error.code
    finally:
        opener.close()
    if vector.payload:
        assert hashlib.sha256(b"".join(written)).hexdigest() == vector.payload, vector.name
    return "success"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_vector(provider: str) -> None:
    vectors = age_vectors()
    assert len(vectors) == 143
    found = {name: result_of(provider, vector) for name, vector in vectors.items()}
    wrong = {name: result for name, result in found.items() if result not in expected(vectors[name])}
    assert wrong == {name: result for (which, name), result in DEVIATIONS.items() if which == provider}
    assert sum(result == "success" for result in found.values()) >= 18

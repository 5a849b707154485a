# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract suite of sealing, for each provider of each format.

class TestMyProvider(SealingContract):
    readers = Readers(...)
    def sealer(self, *recipients): ...
    def opener(self, *identities): ...
"""

from __future__ import annotations

__all__ = ["CHUNK", "SealingContract", "content", "opened", "sealed", "slow_stream"]

import contextlib
import hashlib
import io
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ItemError

CHUNK = 1 << 16
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 500_000]
LARGE = 24 << 20
HELD = 4 << 20
"""Bytes that a provider may hold at most: blocks of its own, and the pipes of a program."""


class Failed(Exception):
    """An exception of a caller."""


def content(size: int) -> bytes:
    """Return bytes that cannot be compressed."""
    return random.Random(size).randbytes(size)


def sealed(sealer: Any, data: bytes) -> bytes:
    """Return the sealed form of `data`."""
    return _run(sealer.seal, data)


def opened(opener: Any, data: bytes) -> bytes:
    """Return the content of a sealed file."""
    return _run(opener.open, data)


def _run(function: Callable[..., None], data: bytes) -> bytes:
    written: list[bytes] = []
    function(slow_stream(data), written.append)
    return b"".join(written)


def slow_stream(data: bytes) -> Callable[[int], bytes]:
    """Return a function that reads `data` in short pieces, as a network does."""
    stream = io.BytesIO(data)
    return lambda count: stream.read(min(count, 30_001))


class SealingContract:
    """alice, bob: a recipient and its identity each; carol: a third"""

    alice: tuple[str, str]
    bob: tuple[str, str]
    carol: tuple[str, str]

    def sealer(self, *recipients: str) -> Any:
        raise NotImplementedError

    def opener(self, *identities: str) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def sealing(self) -> Iterator[Any]:
        with contextlib.closing(self.sealer(self.alice[0], self.bob[0])) as sealer:
            yield sealer

    @pytest.fixture
    def opening(self) -> Iterator[Any]:
        with contextlib.closing(self.opener(self.alice[1])) as opener:
            yield opener

    @pytest.mark.parametrize("size", SIZES)
    def test_content_comes_back(self, sealing: Any, opening: Any, size: int) -> None:
        result = sealed(sealing, content(size))
        assert result[:64] not in content(size)[:64] or not size
        assert opened(opening, result) == content(size)

    def test_each_recipient_opens_it_and_others_do_not(self, sealing: Any) -> None:
        result = sealed(sealing, b"for two")
        for identities in ([self.bob[1]], [self.carol[1], self.alice[1]]):
            opener = self.opener(*identities)
            assert opened(opener, result) == b"for two"
            opener.close()
        stranger = self.opener(self.carol[1])
        assert self.refusal(stranger, result) == "identity_missing"
        stranger.close()

    def test_the_digest_of_recipients_has_no_order(self, sealing: Any) -> None:
        other = self.sealer(self.bob[0], self.alice[0])
        assert sealing.recipients_digest == other.recipients_digest
        other.close()
        only = self.sealer(self.alice[0])
        assert only.recipients_digest.split(" ")[1] in sealing.recipients_digest
        assert only.recipients_digest != sealing.recipients_digest
        only.close()

    @pytest.mark.parametrize("damage", ["empty", "first_byte", "half", "all_but_one", "flipped", "trailing"])
    def test_damage_is_found(self, sealing: Any, opening: Any, damage: str) -> None:
        good = sealed(sealing, content(200_000))
        bad = {
            "empty": b"",
            "first_byte": good[:1],
            "half": good[: len(good) // 2],
            "all_but_one": good[:-1],
            "flipped": good[:-1] + bytes([good[-1] ^ 1]),
            "trailing": good + b"x",
        }[damage]
        assert self.refusal(opening, bad) == "sealed_damaged"
        assert opened(opening, good) == content(200_000)

    def test_a_file_cut_anywhere_is_found(self, sealing: Any, opening: Any) -> None:
        good = sealed(sealing, content(300))
        for length in random.Random(0).sample(range(len(good)), 12):
            assert self.refusal(opening, good[:length]) == "sealed_damaged", length

    def test_other_files_are_refused(self, opening: Any) -> None:
        for text in (b"hello\n" * 1000, bytes(5000), content(5000)):
            assert self.refusal(opening, text) == "sealed_damaged"

    def refusal(self, opener: Any, data: bytes) -> str:
        """Return the code of the error."""
        with pytest.raises(ItemError) as caught:
            opened(opener, data)
        assert caught.value.cure
        return caught.value.code

    def test_memory_is_bounded(self, sealing: Any, opening: Any) -> None:
        def passed(function: Callable[..., None], read: Callable[[int], bytes], take: Callable[[bytes], None]) -> None:
            """Check after each write that the provider holds few bytes."""
            counts = {"read": 0, "written": 0}

            def counted_read(count: int) -> bytes:
                assert counts["read"] - counts["written"] <= HELD
                data = read(count)
                counts["read"] += len(data)
                return data

            def counted_write(data: bytes) -> None:
                counts["written"] += len(data)
                take(data)

            function(counted_read, counted_write)

        before, after, middle = hashlib.sha256(), hashlib.sha256(), io.BytesIO()
        stream = io.BytesIO(content(LARGE))
        before.update(stream.getbuffer())
        passed(sealing.seal, stream.read, middle.write)  # type: ignore[arg-type]
        middle.seek(0)
        passed(opening.open, middle.read, after.update)
        assert after.digest() == before.digest()

    @pytest.mark.parametrize("error", [Failed("mine"), OSError(28, "disk full"), KeyboardInterrupt("mine")])
    @pytest.mark.parametrize("place", ["read", "write"])
    def test_errors_of_the_caller_pass_through(
        self, sealing: Any, opening: Any, error: BaseException, place: str
    ) -> None:
        def broken(_argument: object) -> bytes:
            raise error

        data = content(300_000)
        for function, given in ((sealing.seal, data), (opening.open, sealed(sealing, data))):
            read = broken if place == "read" else slow_stream(given)
            with pytest.raises(type(error)) as caught:
                function(read, broken if place == "write" else len)
            assert caught.value is error

    def test_several_threads_use_it_at_once(self, sealing: Any, opening: Any) -> None:
        results: dict[int, bytes] = {}

        def work(number: int) -> None:
            results[number] = opened(opening, sealed(sealing, content(100_000 + number)))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == {number: content(100_000 + number) for number in range(4)}

    def test_it_can_be_closed_twice(self) -> None:
        for provider in (self.sealer(self.alice[0]), self.opener(self.alice[1])):
            provider.close()
            provider.close()

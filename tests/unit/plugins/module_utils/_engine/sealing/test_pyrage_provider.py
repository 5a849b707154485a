# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pyrage: signals during its work, and versions that cannot be used."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import time
import types
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OperationFailed,
    SealingUnavailable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing import age
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.age import PyrageSealer

RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"


class Signalled(KeyboardInterrupt):
    """Raised by the signal handler."""


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Python drops exceptions of finalizers and of the callbacks that other libraries have in a collection."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def alarm() -> Iterator[None]:
    def handle(_number: int, _frame: object) -> None:
        raise Signalled

    before = signal.signal(signal.SIGALRM, handle)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm", "no_collection")
def test_the_exception_of_a_signal_handler_is_not_lost() -> None:
    """A signal during the work of the library is handled in the first instruction of the next callback.

    The alarm takes the place of pytest-timeout's, so the content ends by itself.
    """
    sealer = PyrageSealer([RECIPIENT])

    def seal_until(seconds: float) -> None:
        end = time.monotonic() + 30
        signal.setitimer(signal.ITIMER_REAL, seconds)
        sealer.seal(lambda count: bytes(count if time.monotonic() < end else 0), len)

    for moment in range(1, 40):
        with pytest.raises(Signalled):
            seal_until(moment / 2000)


def _suspended() -> list[object]:
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, types.GeneratorType) and each.gi_frame and each.gi_code.co_filename == age.__file__
    ]


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("content", [b"content", None], ids=["sealed", "failed"])
def test_nothing_is_left_that_the_garbage_collector_would_close(content: bytes | None) -> None:
    """A signal that arrived then would be lost."""
    pieces = [content, b""]

    def read(_count: int) -> bytes:
        piece = pieces.pop(0)
        if piece is None:
            raise KeyError("failed")
        return piece

    with contextlib.nullcontext() if content else pytest.raises(KeyError, match="failed"):
        PyrageSealer([RECIPIENT]).seal(read, len)
    assert _suspended() == []


@pytest.fixture
def forgotten() -> Iterator[None]:
    age._pyrage.cache_clear()
    yield
    age._pyrage.cache_clear()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("module", [None, types.ModuleType("pyrage")])
def test_without_a_usable_library_it_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, module: types.ModuleType | None
) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", module)
    assert not age.has_pyrage()
    with pytest.raises(SealingUnavailable, match="pyrage"):
        PyrageSealer([RECIPIENT])


def test_an_error_of_the_library_is_not_taken_for_the_callers() -> None:
    sealer = PyrageSealer([RECIPIENT])
    sealer._recipients = []
    with pytest.raises(OperationFailed, match="pyrage: "):
        sealer.seal(lambda count: b"", len)

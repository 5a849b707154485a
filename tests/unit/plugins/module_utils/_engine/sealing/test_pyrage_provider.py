# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pyrage: signals during its work, and versions that cannot be used."""

from __future__ import annotations

import signal
import sys
import types
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing import pyrage_provider
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pyrage_provider import PyrageSealer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.refusals import SealingUnavailable

RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"


class Signalled(KeyboardInterrupt):
    """Raised by the signal handler."""


@pytest.fixture
def alarm() -> Iterator[None]:
    def handle(_number: int, _frame: object) -> None:
        raise Signalled

    before = signal.signal(signal.SIGALRM, handle)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
def test_the_exception_of_a_signal_handler_is_not_lost() -> None:
    """A signal during the work of the library is handled in the first instruction of the next callback."""
    sealer = PyrageSealer([RECIPIENT])

    def seal_until(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        sealer.seal(bytes, len)

    for moment in range(1, 40):
        with pytest.raises(Signalled):
            seal_until(moment / 2000)


@pytest.fixture
def forgotten() -> Iterator[None]:
    pyrage_provider._pyrage.cache_clear()
    yield
    pyrage_provider._pyrage.cache_clear()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("module", [None, types.ModuleType("pyrage")])
def test_without_a_usable_library_it_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, module: types.ModuleType | None
) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", module)
    assert not pyrage_provider.has_pyrage()
    with pytest.raises(SealingUnavailable, match="pyrage"):
        PyrageSealer([RECIPIENT])


def test_an_error_of_the_library_is_not_taken_for_the_callers() -> None:
    sealer = PyrageSealer([RECIPIENT])
    sealer._recipients = []
    with pytest.raises(OperationFailed, match="pyrage: "):
        sealer.seal(lambda count: b"", len)

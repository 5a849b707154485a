# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thread that takes no signal: only the main thread can act on signals."""

from __future__ import annotations

import signal
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import background
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.background import in_background


def test_the_signals_stay_with_the_main_thread() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    masks: list[set[int]] = []
    thread = in_background(lambda: masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ())), name="t")
    thread.join()
    assert thread.daemon
    assert masks[0] >= {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert not before & {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def test_every_thread_of_the_collection_starts_here() -> None:
    plugins = Path(background.__file__).parents[3]
    starters = [path for path in plugins.rglob("*.py") if "Thread(" in path.read_text()]
    assert [path.name for path in starters] == ["background.py"]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thread in the background that takes no signal from the main thread.

The kernel gives a signal of the process to any thread. If it is not the main thread, Python's handler waits until the
main thread returns from its system call, which may take as long as the task.
"""

from __future__ import annotations

import signal
import threading
from typing import Callable

FOR_THE_MAIN_THREAD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def in_background(work: Callable[[], None], *, name: str) -> threading.Thread:
    """Start `work` in a daemon thread, which inherits the signal mask of its start."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_MAIN_THREAD)
    try:
        thread.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return thread

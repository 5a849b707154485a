# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ProgressWatch: shows lines about a task, from a thread, while its module runs on this host.

The thread reads one file and displays lines. It uses no templates and no connection.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Callable
from types import FrameType

from ..module_utils._edge.sync.progress_lines import line, pauses, read_state
from ..module_utils._engine.model.report import ProgressState
from ..module_utils._engine.system.background import in_background

LONGEST = 4096
"""Bytes of a progress file."""
PATIENCE = 1.0
"""Seconds for the thread to end, which may be in the middle of a line."""


class ProgressWatch:
    """name: at the beginning of each line
    most: seconds between two lines
    parent: directory for the progress file, in a directory of its own that only this user may enter
    show: displays one line
    shown: whether there was a line
    """

    def __init__(self, name: str, most: float, *, parent: str, show: Callable[[str], None]) -> None:
        self._name, self._most, self._show = name, most, show
        self._directory = tempfile.mkdtemp(prefix="progress-", dir=parent)
        self.path = os.path.join(self._directory, "state")
        self._before: ProgressState | None = None
        self.shown = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._whole_lines = _WholeLines()

    def __enter__(self) -> ProgressWatch:
        self._whole_lines.install()
        self._thread = in_background(self._watch, name="progress")
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
        self._whole_lines.remove()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _watch(self) -> None:
        for pause in pauses(self._most):
            if self._ended.wait(pause):
                return
            self._report()

    def _report(self) -> None:
        """Show one line, unless the state has not changed: its writer may be gone."""
        state = read_state(_content(self.path))
        if state not in (None, self._before) and not self._ended.is_set():
            self._whole_lines.run(lambda: self._show(line(self._name, self._before, state)))
            self._before, self.shown = state, True


class _WholeLines:
    """Delays the end of this worker until a line is displayed.

    Ansible ends a worker in its handlers of SIGINT and SIGTERM. A line goes through a queue that all workers share. A
    worker that ends while it holds the queue's lock would never release it, and ansible-playbook would wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handlers: dict[int, Callable[[int, FrameType | None], object] | int] = {}

    def install(self) -> None:
        """Put a handler before the handlers of Ansible."""
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._handlers[number] = signal.signal(number, self._delay) or signal.SIG_DFL
            except ValueError:  # another thread than the main thread, which gets no signals
                return

    def remove(self) -> None:
        """Restore the handlers of Ansible."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    def run(self, display: Callable[[], None]) -> None:
        """Display a line, unless a signal was received."""
        if self._lock.acquire(blocking=False):
            try:
                display()
            finally:
                self._lock.release()

    def _delay(self, number: int, frame: FrameType | None) -> None:
        self._lock.acquire(timeout=PATIENCE)  # and never released: no further line
        handler = self._handlers[number]
        signal.signal(number, handler)
        if callable(handler):
            handler(number, frame)
        else:
            os.kill(os.getpid(), number)


def _content(path: str) -> bytes:
    """Return the content of a small regular file; nothing if it is anything else."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(file, LONGEST) if stat.S_ISREG(os.fstat(file).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(file)

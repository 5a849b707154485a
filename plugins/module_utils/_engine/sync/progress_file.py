# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress file: the state of a run, written every second from a thread while the run goes on.

It holds numbers and a word, no names. A run never fails for its sake: the first error ends the writing.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from typing import Iterator

from ..model.report import VERSION, ProgressState
from ..system.background import in_background
from .progress import Progress

EVERY = 1.0
"""Seconds. A run that is shorter writes nothing."""


@contextmanager
def written(progress: Progress, path: str, *, every: float = EVERY) -> Iterator[None]:
    """Inside, the file `path` shows the state of `progress`."""
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(every):
            try:
                write_state(path, progress.state())
            except OSError:
                return

    thread = in_background(write, name="progress")
    try:
        yield
    finally:
        ended.set()
        thread.join()


def write_state(path: str, state: ProgressState) -> None:
    """Replace the file in one step. Raises OSError, also if something has the temporary name."""
    temporary = f"{path}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(temporary, flags, 0o600), "w", encoding="ascii") as file:
        file.write(json.dumps({"v": VERSION, **state._asdict()}))
    os.rename(temporary, path)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about the progress of a job on a stream, from a thread, at the pauses of a task."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import IO, Iterator, Optional

from ..._engine.model.progress import ProgressState
from ..._engine.sync.progress import Progress
from ..._engine.system.background import in_background
from ..sync.progress_lines import line, pauses

PATIENCE = 1.0
"""Seconds for the thread to end: the reader of its lines may have stopped reading."""


@contextmanager
def shown(progress: Progress, name: str, most: float, stream: Optional[IO[str]]) -> Iterator[None]:
    """Inside, lines are written. most: seconds between two of them; 0: none."""
    if not most or stream is None:
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        before: Optional[ProgressState] = None
        for pause in pauses(most):
            if ended.wait(pause):
                return
            now = progress.state()
            try:
                stream.write(line(name, before, now) + "\n")
                stream.flush()
            except OSError:
                return
            before = now

    thread = in_background(watch, name="progress")
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENCE)

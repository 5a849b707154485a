# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An orderly end: a signal, or a reader of the result that has gone, becomes one exception in the main thread;
and any exception becomes a result."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, Mapping

from .._engine.errors import RunEnded, SyncError
from .._engine.system.background import in_background
from .words import failure

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STANDARD_OUTPUT = 1
FINALIZER_SECONDS = 0.05


class Interrupted(KeyboardInterrupt):
    """The run received a signal. As a KeyboardInterrupt it passes every `except Exception` and runs every `finally`."""


class _Once:
    """A signal handler that raises the first time only, so that a second signal cannot break the cleaning up."""

    def __init__(self) -> None:
        self.raised = False
        self.cause = ""
        self.number = signal.SIGTERM

    def __call__(self, number: int, _frame: object) -> None:
        if not self.raised:
            self.raised = True
            self.number = signal.Signals(number)
            self.cause = self.cause or f"it received {self.number.name}"
            raise Interrupted(self.cause)


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, SIGTERM, SIGINT and SIGHUP raise Interrupted, unless they are ignored as under nohup(1).

    A module on another host gets no signal when the connection to it breaks: that is detected by the pipe on standard
    output, which has lost its reader.
    """
    once = _Once()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, once)
    try:
        with _watched_reader(once), _raised_again(once):
            yield
    finally:
        # From here on the result is written: nothing may come between.
        once.raised = True
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def _raised_again(once: _Once) -> Iterator[None]:
    """Python drops an exception that is raised in a finalizer. It is raised again, after the finalizer."""
    before = sys.unraisablehook
    main = threading.get_ident()
    ended = threading.Event()
    threads: List[threading.Thread] = []

    def again() -> None:
        if not ended.wait(FINALIZER_SECONDS):
            once.raised = False
            signal.pthread_kill(main, once.number)

    def hook(dropped: Any) -> None:
        if isinstance(dropped.exc_value, Interrupted):
            threads.append(in_background(again, name="interrupt"))
        else:
            before(dropped)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
        ended.set()
        for thread in threads:
            thread.join()


@contextmanager
def _watched_reader(once: _Once) -> Iterator[None]:
    wake, waker = os.pipe()
    main = threading.get_ident()

    def watch() -> None:
        poll = select.poll()
        poll.register(STANDARD_OUTPUT, 0)
        poll.register(wake, 0)
        events = dict(poll.poll())
        if wake not in events and events.get(STANDARD_OUTPUT, 0) & (select.POLLERR | select.POLLHUP):
            once.cause = "the reader of its result is gone"
            signal.pthread_kill(main, signal.SIGTERM)

    thread = in_background(watch, name="reader")
    try:
        yield
    finally:
        os.close(waker)
        thread.join()
        os.close(wake)


class _Internal(SyncError):
    code = "internal"


def outcome(work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Do `work`, which a signal interrupts in an orderly way."""
    try:
        with interruptible():
            return work()
    except SyncError as error:
        return failure(error)
    except Interrupted as error:
        return failure(RunEnded.by(error))
    except Exception as error:
        return failure(_unexpected(error))


def _unexpected(error: Exception) -> SyncError:
    return _Internal(
        f"internal error: {type(error).__name__}: {error}",
        cure="This is a defect of the collection: please report it, with the traceback that Ansible shows under "
        "ANSIBLE_DISPLAY_TRACEBACK=always.",
    )

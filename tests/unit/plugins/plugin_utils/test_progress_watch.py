# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that reads a progress file and shows lines."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import ProgressState
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress_file import write_state
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils import progress_watch
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.progress_watch import ProgressWatch
from support.running.patience import HANG_SECONDS

HASHING = ProgressState(1.0, "hashing", 1, 2)


def until(condition: object, lines: list[str]) -> None:
    """Wait until there is a line."""
    deadline = time.monotonic() + HANG_SECONDS
    while not lines and time.monotonic() < deadline:
        time.sleep(0.005)
    assert lines, condition


def test_shows_what_the_module_writes_and_leaves_nothing(tmp_path: Path) -> None:
    lines: list[str] = []
    with ProgressWatch("h", 0.01, parent=str(tmp_path), show=lines.append) as watch:
        assert stat.S_IMODE(Path(watch.path).parent.stat().st_mode) == 0o700
        assert watch.shown is False
        write_state(watch.path, HASHING)
        until("a line", lines)
        time.sleep(0.1)  # several looks at the state
    assert watch.shown is True
    assert lines == ["h: hashing 1 of 2 files"], "a state is shown once"
    assert os.listdir(tmp_path) == []
    assert [thread.name for thread in threading.enumerate() if thread.name == "progress"] == []


def test_the_second_line_has_a_rate(tmp_path: Path) -> None:
    lines: list[str] = []
    with ProgressWatch("h", 0.01, parent=str(tmp_path), show=lines.append) as watch:
        write_state(watch.path, ProgressState(1.0, "moving", 0, 1, 0, 4096))
        until("the first", lines)
        lines.clear()
        write_state(watch.path, ProgressState(2.0, "moving", 0, 1, 1024, 4096))
        until("the second", lines)
        while not lines[-1].startswith("h: 0 of 1 file, 1.0 of 4.0 KiB"):
            time.sleep(0.005)
        assert any(text.endswith(", 1.0 KiB/s, about 0:03 left") for text in list(lines))


@pytest.mark.parametrize("kind", ["nothing", "torn", "link", "fifo", "directory", "huge"])
def test_shows_nothing_of_anything_else(tmp_path: Path, kind: str) -> None:
    lines: list[str] = []
    with ProgressWatch("h", 0.005, parent=str(tmp_path), show=lines.append) as watch:
        path = Path(watch.path)
        if kind == "torn":
            path.write_text('{"v": 1, "at"')
        elif kind == "link":
            write_state(str(path.parent / "other"), HASHING)
            path.symlink_to(path.parent / "other")
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "directory":
            path.mkdir()
        elif kind == "huge":
            write_state(watch.path, HASHING)
            path.write_text(path.read_text().rjust(5000))
        time.sleep(0.1)
    assert lines == []
    assert os.listdir(tmp_path) == []
    assert [thread.name for thread in threading.enumerate() if thread.name == "progress"] == [], "it waits"


def test_a_task_that_ends_early_waits_for_nothing(tmp_path: Path) -> None:
    started = time.monotonic()
    with ProgressWatch("h", 600, parent=str(tmp_path), show=print):
        pass
    assert time.monotonic() - started < HANG_SECONDS


def test_the_directory_goes_if_the_task_is_interrupted(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ProgressWatch("h", 600, parent=str(tmp_path), show=print):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_waits_for_the_end_of_a_line(tmp_path: Path, number: signal.Signals) -> None:
    """A worker that ends in the middle of a line never releases the lock of Ansible's queue: ansible-playbook hangs."""
    events: list[str] = []
    begun = threading.Event()

    def show(_text: str) -> None:
        begun.set()
        time.sleep(0.3)
        events.append("line")

    before = signal.signal(number, lambda *_arguments: events.append("handler of Ansible"))
    try:
        with ProgressWatch("h", 0.01, parent=str(tmp_path), show=show) as watch:
            write_state(watch.path, HASHING)
            assert begun.wait(HANG_SECONDS)
            os.kill(os.getpid(), number)
            while len(events) < 2:
                time.sleep(0.005)
            write_state(watch.path, HASHING._replace(files=2))
            time.sleep(0.1)
        assert events == ["line", "handler of Ansible"], "and no line after the signal"
        os.kill(os.getpid(), number)
        assert events[2:] == ["handler of Ansible"], "the handler is as before"
    finally:
        signal.signal(number, before)


def test_a_signal_does_not_wait_for_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_watch, "PATIENCE", 0.05)
    begun, end, received = threading.Event(), threading.Event(), threading.Event()

    def show(_text: str) -> None:
        begun.set()
        end.wait(HANG_SECONDS)

    before = signal.signal(signal.SIGTERM, lambda *_arguments: received.set())
    try:
        with ProgressWatch("h", 0.01, parent=str(tmp_path), show=show) as watch:
            write_state(watch.path, HASHING)
            assert begun.wait(HANG_SECONDS)
            os.kill(os.getpid(), signal.SIGTERM)
            assert received.wait(HANG_SECONDS)
            end.set()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_without_a_handler_ends_the_process(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            with ProgressWatch("h", 600, parent=str(tmp_path), show=print):
                os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM

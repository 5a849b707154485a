# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two jobs on one destination of a real sshd: the second waits until the first has ended, or was killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.interrupt import interruptible
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import Root
from support.running.patience import HANG_SECONDS
from support.running.tasks import run_task
from support.servers.served import served
from support.servers.sshd import Sshd
from support.trees.trees import tree_digest

LOGIN = "Accepted publickey"

server = served(Sshd, scope="function")


@pytest.fixture
def options(server: Sshd, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "tree").mkdir()
    for number in range(3):
        (tmp_path / f"tree/{number}").write_bytes(bytes(300_000))
    return {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "private_key_file": str(server.key.path),
        "known_hosts_file": str(server.known_hosts),
        "ssh_config_file": "none",
        "ssh_agent": False,
        "src": str(tmp_path / "tree"),
        "dest": f"{server.remote_root}/tree",
        "state_dir": str(tmp_path / "state"),
    }


@contextmanager
def first_job(server: Sshd, options: dict[str, Any], bandwidth: str) -> Iterator[ForkProcess]:
    """Run another job inside the context; it has the lock."""
    slow = {**options, "bandwidth_limit": bandwidth, "proof": "none"}
    job = multiprocessing.get_context("fork").Process(target=run_task, args=(secure_sync,), kwargs=slow)
    job.start()
    try:
        lock, deadline = server.root / "tree" / LOCK_NAME.decode(), time.monotonic() + 30
        while not lock.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert lock.exists()
        yield job
    finally:
        job.kill()
        job.join()


def test_a_job_makes_the_destination_while_another_is_about_to(
    options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Root.create

    def behind_another_job(root: Root) -> None:
        monkeypatch.undo()
        first = {**options, "state_dir": str(tmp_path / "another")}
        job = multiprocessing.get_context("fork").Process(target=run_task, args=(secure_sync,), kwargs=first)
        job.start()
        job.join(HANG_SECONDS)
        assert job.exitcode == 0
        create(root)

    monkeypatch.setattr(Root, "create", behind_another_job)
    second = run_task(secure_sync, **options)
    assert (second.get("failed"), second["changed"], second["changes"]) == (None, False, []), second


def test_a_job_makes_the_destination_and_waits_for_a_job_that_fills_it(
    server: Sshd, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Root.create
    with ExitStack() as stack:

        def ahead_of_another_job(root: Root) -> None:
            monkeypatch.undo()
            create(root)
            stack.enter_context(first_job(server, {**options, "state_dir": str(tmp_path / "another")}, "300K"))

        monkeypatch.setattr(Root, "create", ahead_of_another_job)
        second = run_task(secure_sync, **options, lock_wait=60)
    assert second.get("failed") is None, second
    assert [change["path"] for change in second["changes"]] == ["."], second
    assert (second["stats"]["destination_entries"], second["stats"]["files_stored"]) == (3, 0)


def test_the_second_job_finds_nothing_to_do(server: Sshd, options: dict[str, Any], tmp_path: Path) -> None:
    with first_job(server, options, "300K") as job:
        os.kill(job.pid, signal.SIGSTOP)
        at_once = run_task(secure_sync, **options)
        assert at_once["error"]["code"] == "locked"
        goes_on = threading.Timer(2, os.kill, (job.pid, signal.SIGCONT))
        goes_on.start()
        second = run_task(secure_sync, **options, lock_wait=60)
        job.join(HANG_SECONDS)
        assert job.exitcode == 0
    assert (second.get("failed"), second["changed"]) == (None, False), second
    assert second["elapsed"] >= 2
    assert tree_digest(server.root / "tree") == tree_digest(tmp_path / "tree")


def test_a_holder_that_is_killed_is_not_waited_for(server: Sshd, options: dict[str, Any], tmp_path: Path) -> None:
    with first_job(server, options, "10K") as job:
        killer = threading.Timer(0.5, lambda: (job.kill(), job.join()))
        killer.start()
        second = run_task(secure_sync, **options, lock_wait=60)
        killer.join()
    assert (second.get("failed"), second["changed"]) == (None, True), second
    assert second["elapsed"] < 30
    assert tree_digest(server.root / "tree") == tree_digest(tmp_path / "tree")


def wait_for_the_lock(**options: Any) -> None:
    with interruptible():
        result = run_task(secure_sync, **options, lock_wait=60)
    assert "it received SIGTERM" in result["msg"], result


def test_a_signal_ends_the_wait_and_leaves_the_lock_to_its_holder(server: Sshd, options: dict[str, Any]) -> None:
    with first_job(server, options, "10K"):
        lock = server.root / "tree" / LOCK_NAME.decode()
        content = lock.read_bytes()
        waiting = multiprocessing.get_context("fork").Process(target=wait_for_the_lock, kwargs=options)
        logins = server.log().count(LOGIN)
        waiting.start()
        deadline = time.monotonic() + HANG_SECONDS
        while server.log().count(LOGIN) == logins:
            assert time.monotonic() < deadline, "it does not log in"
            time.sleep(0.05)
        time.sleep(1)  # it has usually looked at the lock by now, and waits for the next look
        assert waiting.is_alive()
        waiting.terminate()
        waiting.join(HANG_SECONDS)
        assert waiting.exitcode == 0
        assert lock.read_bytes() == content


def test_the_error_has_the_time(server: Sshd, options: dict[str, Any]) -> None:
    with first_job(server, options, "10K"):
        second = run_task(secure_sync, **options, lock_wait=1.5)
    assert second["error"]["code"] == "locked"
    assert "waited 1.5 s for it" in second["msg"]

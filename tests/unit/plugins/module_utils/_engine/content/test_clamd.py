# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of content against scanners that lie, hang, close, and answer early.

The scanner is scripted: a real clamd does none of this when it is asked to. tests/integration has the real clamd.
"""

from __future__ import annotations

import os
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ContentRefused,
    ContentUnchecked,
    ScannerUnavailable,
    SignaturesOld,
)
from support.scenes.content_scene import BIG, QUICK, ContentScene, scripted_check
from support.servers.clamd import FORBIDDEN


def test_a_clean_file_is_sent_as_it_was_checked(tmp_path: Path) -> None:
    with scripted_check(tmp_path) as (scene, clamd):
        scene.check.begin()
        assert [scene.send(content) for content in (b"", b"1", BIG)] == [b"", b"1", BIG]
        assert clamd.contents == [b"", b"1", BIG]
        assert scene.check.stats == {"files_checked": 1, "files_refused": 0, "files_unchecked": 0}
        assert clamd.sessions == 1


@pytest.mark.parametrize("push", [True, False])
def test_a_refused_file_goes_nowhere(tmp_path: Path, push: bool) -> None:
    with scripted_check(tmp_path, push=push) as (scene, _clamd):
        scene.check.begin()
        if push:
            with pytest.raises(ContentRefused, match=r"Test\.Word\.1"):
                scene.send(BIG + FORBIDDEN)
        else:
            error = scene.receive(BIG + FORBIDDEN)
            assert isinstance(error, ContentRefused)
            assert not (scene.tree / "final").exists()
        assert scene.check.stats == {"files_checked": 1, "files_refused": 1, "files_unchecked": 0}


def test_words_of_a_finding_are_escaped(tmp_path: Path) -> None:
    with scripted_check(tmp_path, "control") as (scene, _clamd):
        scene.check.begin()
        with pytest.raises(ContentRefused) as caught:
            scene.send(b"1")
        assert caught.value.message.isprintable()


@pytest.mark.parametrize("behaviour", ["early", "number", "unknown", "closes", "nothing", "limits", "too_long"])
def test_no_clear_answer_is_no_verdict(tmp_path: Path, behaviour: str) -> None:
    with scripted_check(tmp_path, behaviour) as (scene, _clamd):
        scene.check.begin()
        with pytest.raises(ContentUnchecked):
            scene.send(BIG * 16)
        assert scene.check.stats == {"files_checked": 0, "files_refused": 0, "files_unchecked": 1}
        assert scene.check.unavailable is None


@pytest.mark.parametrize("behaviour", ["hangs", "endless"])
def test_a_scanner_without_an_answer_ends_in_time(tmp_path: Path, behaviour: str) -> None:
    with scripted_check(tmp_path, behaviour, timeout=QUICK) as (scene, _clamd):
        scene.check.begin()
        begun = time.monotonic()
        with pytest.raises(ContentUnchecked):
            scene.send(BIG)
        assert time.monotonic() - begun < 20 * QUICK


def test_descriptors_above_1023(tmp_path: Path) -> None:
    """A push has many files open."""
    with scripted_check(tmp_path) as (scene, _clamd), ExitStack() as stack:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, limits[1]), limits[1]))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        for _each in range(1100):
            stack.callback(os.close, os.open("/dev/null", os.O_RDONLY))
        scene.check.begin()
        assert scene.send(BIG) == BIG


def test_a_file_survives_one_lost_connection(tmp_path: Path) -> None:
    with scripted_check(tmp_path, "closes_once") as (scene, clamd):
        scene.check.begin()
        assert scene.send(BIG) == BIG
        assert clamd.contents == [BIG]


def test_checks_at_the_same_time_have_connections_of_their_own_and_leave_them_to_later_threads(tmp_path: Path) -> None:
    with scripted_check(tmp_path) as (scene, clamd):
        scene.check.begin()
        for number in range(25):
            both, met = threading.Barrier(2, timeout=30), threading.local()

            def meet(both: threading.Barrier = both, met: threading.local = met) -> None:
                if not hasattr(met, "already"):
                    met.already = True
                    both.wait()

            scene.check.call_meanwhile(meet)
            contents = [BIG + b"%d %d" % (number, each) for each in range(2)]
            with ThreadPoolExecutor(2) as threads:  # New threads each time, within a file of each at once.
                assert list(threads.map(scene.send, contents, ("a", "b"))) == contents
            assert sorted(clamd.contents[-2:]) == contents
        assert clamd.sessions == 2


def test_a_check_within_a_check_has_a_connection_of_its_own(tmp_path: Path) -> None:
    with scripted_check(tmp_path) as (scene, clamd):
        scene.check.begin()
        inner: list[bytes] = []

        def check_another() -> None:
            if not inner:
                inner.append(b"begun")
                inner.append(scene.send(b"inner", "b"))

        scene.check.call_meanwhile(check_another)
        assert scene.send(BIG) == BIG
        assert inner[1:] == [b"inner"]
        assert (clamd.contents, clamd.sessions) == ([b"inner", BIG], 2)


def test_a_scanner_that_goes_on_losing_files_ends_the_run(tmp_path: Path) -> None:
    with scripted_check(tmp_path, "nothing") as (scene, _clamd):
        scene.check.begin()
        for _each in range(3):
            with pytest.raises(ContentUnchecked):
                scene.send(b"1")
        assert isinstance(scene.check.unavailable, ScannerUnavailable)
        with pytest.raises(ContentUnchecked, match="there is no scanner"):
            scene.send(b"1")


def test_a_verdict_between_lost_files_shows_that_the_scanner_works(tmp_path: Path) -> None:
    with scripted_check(tmp_path, "nothing") as (scene, clamd):
        scene.check.begin()
        for behaviour, error in (("nothing", ContentUnchecked), ("honest", ContentRefused)) * 3:
            clamd.behaviour = behaviour
            with pytest.raises(error):
                scene.send(FORBIDDEN)
        assert scene.check.unavailable is None


def test_a_scanner_that_dies_ends_the_run(tmp_path: Path) -> None:
    with scripted_check(tmp_path, "closes_once", push=False) as (scene, clamd):
        scene.check.begin()
        clamd.behaviour = "closes"
        clamd.version = "gone"
        assert isinstance(scene.receive(BIG), ContentUnchecked)
        assert isinstance(scene.check.unavailable, ScannerUnavailable)
        assert not (scene.tree / "final").exists()


@pytest.mark.parametrize("behaviour", ["clean", "silent"])
def test_a_scanner_that_does_not_pass_its_test_is_refused(tmp_path: Path, behaviour: str) -> None:
    with scripted_check(tmp_path, behaviour, timeout=QUICK) as (scene, _clamd), pytest.raises(ScannerUnavailable):
        scene.check.begin()


def test_no_scanner_at_all(tmp_path: Path) -> None:
    for path in (b"/nonexistent/clamd.ctl", os.fsencode(__file__)):
        with pytest.raises(ScannerUnavailable):
            ContentScene(tmp_path, socket=path).check.begin()


def test_a_socket_that_others_can_replace_is_refused(tmp_path: Path) -> None:
    with scripted_check(tmp_path) as (scene, _clamd):
        tmp_path.chmod(0o777)
        with pytest.raises(ScannerUnavailable, match="others can write"):
            scene.check.begin()


def when(offset: float) -> str:
    return time.strftime("ClamAV 1.4.6/27001/%a %b %d %H:%M:%S %Y", time.localtime(time.time() + offset))


@pytest.mark.parametrize(
    ("version", "known"),
    [
        (when(-5 * 86400), True),
        (when(2 * 86400), True),
        ("ClamAV 1.4.6", False),
        ("ClamAV 1.4.6/27001/Thu Foo 26 13:01:39 2026", False),
        ("ClamAV 1.4.6/27001/Thu Nov 26 13:01:39 99999", False),
    ],
    ids=["old", "ahead", "none", "month", "year"],
)
def test_signatures_of_a_wrong_or_unknown_age(tmp_path: Path, version: str, known: bool) -> None:
    words = "are of" if known else "not known"
    with scripted_check(tmp_path, version=version) as (scene, _clamd), pytest.raises(SignaturesOld, match=words):
        scene.check.begin()


def test_a_file_above_max_size_is_not_checked(tmp_path: Path) -> None:
    with scripted_check(tmp_path, max_size=10) as (scene, clamd):
        scene.check.begin()
        with pytest.raises(ContentUnchecked, match="max_size is 10"):
            scene.send(b"x" * 11)
        assert scene.send(b"x" * 10) == b"x" * 10
        assert clamd.contents == [b"x" * 10]

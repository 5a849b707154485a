# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing by the account's own sha256sum: with the real programs where they can be had, and with a far end that says
what no real one would."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionLost,
    OperationFailed,
    Stalled,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Digested
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.remote_sha256sum import (
    COMMAND,
    RemoteSha256sum,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp_digest import SLOWEST_HASH
from support.pipe_stream import PipeStream

EMPTY = hashlib.sha256(b"").hexdigest().encode()
PROOF = EMPTY + b" */dev/null\0"
ODD_NAMES = (b"plain", b"with\nnewline", b"back\\slash\n", b" *star", b"-b", b"$(id)`id`", b"\xff\x01")
Open = Callable[[PipeStream], RemoteSha256sum]


class ShellStream(PipeStream):
    """The far end is /bin/sh, as it is for sshd."""

    def __init__(self, command: str) -> None:
        super().__init__()
        os.set_blocking(self._far_read, True)
        self.shell = subprocess.Popen(
            ["/bin/sh", "-c", command], stdin=self._far_read, stdout=self._far_write, stderr=subprocess.DEVNULL
        )
        self.hang_up()

    def close(self) -> None:
        super().close()
        self.shell.wait()


class Answering(PipeStream):
    """Begins well; when the names have been sent, gives the answers and ends."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__()
        self.answers = answers
        self.sent = b""
        self.say(PROOF)

    def end_input(self) -> None:
        super().end_input()
        if self._far_read >= 0:
            self.sent = self.raw()
        for answer in self.answers:
            self.say(answer)
        self.hang_up()


def by_shell(prefix: str = "") -> RemoteSha256sum:
    return RemoteSha256sum(lambda command: ShellStream(prefix + command), stall_timeout=10.0)


@pytest.fixture(name="far")
def _far() -> Iterator[Open]:
    """What a given stream says, with little patience; at the end no descriptor of it may be open."""
    streams: list[PipeStream] = []

    def make(*given: PipeStream) -> RemoteSha256sum:
        streams.extend(given)
        left = iter(given)
        return RemoteSha256sum(lambda command: next(left), stall_timeout=0.2)

    yield make
    for stream in streams:
        assert (stream.read_fd, stream.write_fd) == (-1, -1)


def saying(*texts: bytes, hang_up: bool = True) -> PipeStream:
    stream = PipeStream()
    for text in texts:
        stream.say(text)
    if hang_up:
        stream.hang_up()
    return stream


def line(content: bytes, name: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b" *" + name + b"\0"


def test_real_files_of_every_name(tmp_path: Path) -> None:
    names = {}
    for number, name in enumerate(ODD_NAMES):
        path = os.path.join(os.fsencode(tmp_path), name)
        Path(os.fsdecode(path)).write_bytes(b"%d" % number)
        names[path] = RelPath(name)
    names[os.fsencode(tmp_path) + b"/missing"] = RelPath(b"missing")
    remote = by_shell()
    assert remote.available()
    found = {one.path: one for one in remote.digest(names)}
    for number, name in enumerate(ODD_NAMES):
        assert found.pop(RelPath(name)) == Digested(RelPath(name), hashlib.sha256(b"%d" % number).digest())
    (missing,) = found.values()
    assert (missing.path, missing.digest) == (b"missing", None)
    assert isinstance(missing.error, OperationFailed)


def test_more_names_than_a_pipe_holds(tmp_path: Path) -> None:
    names = {b"%s/%0200d" % (os.fsencode(tmp_path), number): RelPath(b"%d" % number) for number in range(1000)}
    for path in names:
        Path(os.fsdecode(path)).touch()
    assert {one.digest for one in by_shell().digest(names)} == {bytes.fromhex(EMPTY.decode())}


@pytest.mark.parametrize(
    "noise", ["echo welcome; ", "printf 'no newline'; ", "printf 'nul\\0'; ", "echo on stderr >&2; "]
)
def test_what_start_up_files_print_is_passed_over(noise: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"content")
    remote = by_shell(noise)
    assert remote.available()
    (found,) = remote.digest({os.fsencode(tmp_path / "f"): RelPath(b"f")})
    assert found.digest == hashlib.sha256(b"content").digest()


@pytest.mark.parametrize(
    "prefix", ["exit 0; ", "echo 'This service allows sftp connections only.'; exit 1; ", "PATH=/nowhere; "]
)
def test_an_account_without_the_program(prefix: str) -> None:
    remote = by_shell(prefix)
    assert not remote.available()
    remote.close()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"sftp only\n",
        EMPTY + b"  /dev/null\n",
        EMPTY[:-1] + b"0 */dev/null\0",
        PROOF[:-1],
        PROOF + b"more",
        b"x" * 65000,
    ],
    ids=["nothing", "words", "another form", "another digest", "cut", "more than asked for", "much"],
)
def test_an_account_that_says_something_else(far: Open, text: bytes) -> None:
    assert not far(saying(text)).available()


def test_an_account_that_says_nothing_is_not_waited_for(far: Open) -> None:
    started = time.monotonic()
    remote = far(saying(hang_up=False))
    assert not remote.available()
    assert not remote.available()
    assert 0.1 < time.monotonic() - started < 5


def test_a_login_that_is_refused(far: Open) -> None:
    class Refused(PipeStream):
        def wait_ready(self) -> PeerIdentity:
            self.close()
            raise AuthenticationFailed("no")

    assert not far(Refused()).available()


def test_a_probed_process_is_used_once_and_closed(far: Open) -> None:
    remote = far(saying(PROOF, hang_up=False), Answering(line(b"x", b"/f")))
    assert remote.available()
    remote.close()
    (found,) = remote.digest({b"/f": RelPath(b"f")})
    assert found.digest == hashlib.sha256(b"x").digest()


def test_names_are_sent_apart_and_the_input_ends(far: Open) -> None:
    stream = Answering()
    list(far(stream).digest({b"/d/a\nb": RelPath(b"a\nb"), b"/d/c": RelPath(b"c")}))
    assert stream.sent == b"/d/a\nb\0/d/c\0"


def test_a_digest_that_is_missing_or_none(far: Open) -> None:
    names = {b"/%c" % letter: RelPath(b"%c" % letter) for letter in b"abcd"}
    answers = Answering(line(b"1", b"/a"), b"z" * 64 + b" */b\0", line(b"foreign", b"/x"))
    found = {bytes(one.path): one for one in far(answers).digest(names)}
    assert found[b"a"].error is None
    assert {path for path, one in found.items() if one.digest is None} == {b"b", b"c", b"d"}
    assert all(
        isinstance(found[path].error, OperationFailed) and found[path].error.path == path for path in (b"b", b"c")
    )


def test_a_name_that_is_answered_twice_counts_once(far: Open) -> None:
    names = {b"/a": RelPath(b"a"), b"/b": RelPath(b"b")}
    found = list(far(Answering(line(b"1", b"/a"), line(b"2", b"/a"))).digest(names))
    assert [bytes(one.path) for one in found] == [b"a", b"b"]
    assert [one.digest for one in found] == [hashlib.sha256(b"1").digest(), None]


def test_a_server_that_never_ends_is_left(far: Open) -> None:
    stream = saying(PROOF, hang_up=False)
    remote = far(stream)
    assert remote.available()
    stream.say(b"x" * 4096)
    (found,) = remote.digest({b"/a": RelPath(b"a")})
    assert isinstance(found.error, OperationFailed)


def test_silence_is_a_stall_whatever_is_said_on_the_side(far: Open) -> None:
    class Chatty(PipeStream):
        """Its side channel is always readable."""

        def __init__(self) -> None:
            super().__init__()
            self.message_fd, self._chat = os.pipe()
            os.write(self._chat, b"warning\n")

        def close(self) -> None:
            if self.read_fd >= 0:
                os.close(self.message_fd)
                os.close(self._chat)
            super().close()

    for stream in (PipeStream(), Chatty()):
        stream.say(PROOF)
        with pytest.raises(Stalled):
            list(far(stream).digest({b"/a": RelPath(b"a")}))


class Late(PipeStream):
    """Gives the answer after so many seconds, as a server does that hashes a large file."""

    def __init__(self, seconds: float, answer: bytes) -> None:
        super().__init__()
        self.say(PROOF)
        self._timer = threading.Timer(seconds, lambda: (self.say(answer), self.hang_up()))
        self._timer.start()

    def close(self) -> None:
        self._timer.cancel()
        self._timer.join()
        super().close()


def with_sizes(stream: PipeStream, size: int, *, meanwhile: Callable[[], None] = lambda: None) -> RemoteSha256sum:
    return RemoteSha256sum(
        lambda command: stream, stall_timeout=0.2, sizes=lambda paths: size * len(paths), meanwhile=meanwhile
    )


def test_a_large_file_takes_its_time() -> None:
    remote = with_sizes(Late(0.6, line(b"x", b"/f")), SLOWEST_HASH)
    (found,) = remote.digest({b"/f": RelPath(b"f")})
    assert found.digest == hashlib.sha256(b"x").digest()


def test_a_process_that_hangs_is_left_when_even_a_slow_one_had_ended() -> None:
    asked: list[None] = []
    remote = with_sizes(saying(PROOF, hang_up=False), SLOWEST_HASH // 4, meanwhile=lambda: asked.append(None))
    begun = time.monotonic()
    with pytest.raises(Stalled):
        list(remote.digest({b"/f": RelPath(b"f"), b"/g": RelPath(b"g")}))
    assert 0.7 <= time.monotonic() - begun < 2
    assert asked, "the session shows that it lives while it is waited for"


def test_a_session_that_is_dead_ends_the_wait() -> None:
    def dead(paths: Sequence[RelPath]) -> int:
        raise ConnectionLost("gone")

    remote = RemoteSha256sum(lambda command: saying(PROOF, hang_up=False), stall_timeout=0.2, sizes=dead)
    with pytest.raises(ConnectionLost):
        list(remote.digest({b"/f": RelPath(b"f")}))


def test_a_server_that_has_gone_leaves_the_rest_unknown(far: Open) -> None:
    stream = Answering(line(b"1", b"/a"))
    os.close(stream._far_read)
    stream._far_read = -1
    found = list(far(stream).digest({b"/a": RelPath(b"a"), b"/b": RelPath(b"b")}))
    assert [one.error is None for one in found] == [True, False]


def test_the_program_that_is_no_longer_there(far: Open) -> None:
    remote = far(saying(PROOF, hang_up=False), saying(b"no more processes\n"))
    assert remote.available()
    remote.close()
    (found,) = remote.digest({b"/a": RelPath(b"a")})
    assert "no longer" in found.error.message


def test_no_name_is_part_of_the_command() -> None:
    asked: list[str] = []

    def refuse(command: str) -> PipeStream:
        asked.append(command)
        return saying(b"")

    list(RemoteSha256sum(refuse, stall_timeout=0.2).digest({b"/; rm -rf": RelPath(b"f")}))
    assert asked == [COMMAND]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing by the account's own sha256sum: with the real programs if they are available, and with a far end that sends
other output than a real program."""

from __future__ import annotations

import contextlib
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
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp import remote_sha256sum
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.digest import SLOWEST_HASH
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.remote_sha256sum import (
    COMMAND,
    FILLERS,
    FIRST,
    TOGETHER,
    RemoteSha256sum,
)
from support.running.patience import HANG_SECONDS
from support.scripted.pipe_stream import PipeStream

EMPTY = hashlib.sha256(b"").hexdigest().encode()
PROOF = EMPTY + b" */dev/null\0"
ODD_NAMES = (b"plain", b"with\nnewline", b"back\\slash\n", b" *star", b"-b", b"$(id)`id`", b"\xff\x01")
Open = Callable[..., RemoteSha256sum]
ByShell = Callable[..., RemoteSha256sum]


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
    """Begins correctly.

    Answers each list in turn with the answers of a round; whole: and confirms each list, otherwise it ends.
    """

    def __init__(self, *rounds: tuple[bytes, ...], whole: bool = True) -> None:
        super().__init__()
        self.lists: list[bytes] = []
        self._rounds = list(rounds)
        self._whole = whole
        self.say(PROOF)
        os.set_blocking(self._far_read, True)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        data = b""
        while more := os.read(self._far_read, 65536):
            data += more
            filler = max(FILLERS, key=data.count)
            if data.count(filler + b"\0") < TOGETHER:
                continue
            names = data[: data.index(filler)]
            self.lists.append(names)
            data = b""
            for answer in self._rounds.pop(0) if self._rounds else ():
                self.say(answer)
            if not self._whole:
                self.hang_up()
                return
            self.say(line(b"", filler))

    def close(self) -> None:
        self.end_input()
        self._thread.join()
        super().close()


@pytest.fixture(name="by_shell")
def _by_shell() -> Iterator[Callable[..., RemoteSha256sum]]:
    """The output of the real programs, after `prefix`; `shells` are the started shells."""
    made: list[RemoteSha256sum] = []

    def make(prefix: str = "", shells: list[ShellStream] | None = None) -> RemoteSha256sum:
        def start(command: str) -> ShellStream:
            shell = ShellStream(prefix + command)
            if shells is not None:
                shells.append(shell)
            return shell

        made.append(RemoteSha256sum(start, stall_timeout=10.0))
        return made[-1]

    yield make
    for remote in made:
        remote.close()


@pytest.fixture(name="far")
def _far() -> Iterator[Open]:
    """The output of a given stream, with little patience; all its descriptors must be closed at the end."""
    streams: list[PipeStream] = []
    remotes: list[RemoteSha256sum] = []

    def make(*given: PipeStream) -> RemoteSha256sum:
        streams.extend(given)
        left = iter(given)
        remotes.append(RemoteSha256sum(lambda command: next(left), stall_timeout=0.2))
        return remotes[-1]

    yield make
    for remote in remotes:
        remote.close()
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


def test_real_files_of_every_name(by_shell: ByShell, tmp_path: Path) -> None:
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


def test_more_names_than_a_pipe_holds(by_shell: ByShell, tmp_path: Path) -> None:
    names = {b"%s/%0200d" % (os.fsencode(tmp_path), number): RelPath(b"%d" % number) for number in range(1000)}
    for path in names:
        Path(os.fsdecode(path)).touch()
    assert {one.digest for one in by_shell().digest(names)} == {bytes.fromhex(EMPTY.decode())}


@pytest.mark.parametrize(
    "noise", ["echo welcome; ", "printf 'no newline'; ", "printf 'nul\\0'; ", "echo on stderr >&2; "]
)
def test_what_start_up_files_print_is_passed_over(by_shell: ByShell, noise: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"content")
    remote = by_shell(noise)
    assert remote.available()
    (found,) = remote.digest({os.fsencode(tmp_path / "f"): RelPath(b"f")})
    assert found.digest == hashlib.sha256(b"content").digest()


@pytest.mark.parametrize(
    "prefix", ["exit 0; ", "echo 'This service allows sftp connections only.'; exit 1; ", "PATH=/nowhere; "]
)
def test_an_account_without_the_program(by_shell: ByShell, prefix: str) -> None:
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
    assert 0.1 < time.monotonic() - started < HANG_SECONDS


def test_an_account_that_gets_an_sftp_server_whatever_it_asks_for_is_found_out_at_once() -> None:
    """It reads the length of a request first, and ends where that is absurd."""
    remote = RemoteSha256sum(lambda command: ShellStream("head -c 4 >/dev/null"), stall_timeout=4 * HANG_SECONDS)
    started = time.monotonic()
    assert not remote.available()
    assert time.monotonic() - started < HANG_SECONDS
    remote.close()


def test_a_login_that_is_refused(far: Open) -> None:
    class Refused(PipeStream):
        def wait_ready(self) -> PeerIdentity:
            self.close()
            raise AuthenticationFailed("no")

    assert not far(Refused()).available()


def test_one_process_hashes_all_lists(by_shell: ByShell, tmp_path: Path) -> None:
    """Lists shorter and longer than the batch of xargs, with names that cannot be hashed in all places."""
    shells: list[ShellStream] = []
    remote = by_shell(shells=shells)
    folder, number = os.fsencode(tmp_path), 0
    for count in (1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3, 2 * TOGETHER + 7):
        names = {b"%s/%d" % (folder, number + each): RelPath(b"%d" % (number + each)) for each in range(count)}
        number += count
        lacking = {path for index, path in enumerate(names) if index % 5 == 4}
        for path in names.keys() - lacking:
            Path(os.fsdecode(path)).write_bytes(path)
        found = {one.path: one.digest for one in remote.digest(names)}
        assert found == {names[path]: None if path in lacking else hashlib.sha256(path).digest() for path in names}
    assert len(shells) == 1


def test_a_process_that_ended_meanwhile_is_started_anew_once(far: Open) -> None:
    gone, next_one = Answering((line(b"1", b"/a"),)), Answering((line(b"2", b"/b"),))
    remote = far(gone, next_one, saying(b"no more processes\n"))
    (first,) = remote.digest({b"/a": RelPath(b"a")})
    assert first.digest == hashlib.sha256(b"1").digest()
    gone.hang_up()
    (second,) = remote.digest({b"/b": RelPath(b"b")})
    assert second.digest == hashlib.sha256(b"2").digest()
    next_one.hang_up()
    (third,) = remote.digest({b"/c": RelPath(b"c")})
    assert "no longer" in third.error.message


def test_a_process_that_answered_all_and_ended_is_not_started_for_nothing(far: Open) -> None:
    remote = far(Answering((line(b"x", b"/f"),), whole=False))
    assert remote.available()
    (found,) = remote.digest({b"/f": RelPath(b"f")})
    assert found.digest == hashlib.sha256(b"x").digest()


def test_a_login_that_was_begun_is_the_one_that_is_used(far: Open) -> None:
    stream = Answering((line(b"x", b"/f"),))
    remote = far(stream)
    remote.begin()
    remote.begin()
    assert remote.available()
    remote.begin()
    (found,) = remote.digest({b"/f": RelPath(b"f")})
    assert found.digest == hashlib.sha256(b"x").digest()


def test_a_login_that_was_begun_and_not_used_is_ended(far: Open) -> None:
    stream = saying(PROOF, hang_up=False)
    remote = far(stream)
    remote.begin()
    assert stream.read_fd >= 0
    remote.close()
    assert (stream.read_fd, stream.write_fd) == (-1, -1)


@pytest.mark.parametrize("late", [True, False])
def test_a_login_that_the_server_gave_up_waiting_for_is_made_again(
    far: Open, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if late:
        monkeypatch.setattr(remote_sha256sum, "ANSWERED_IN_TIME", 0.0)
    remote = far(saying(b""), Answering()) if late else far(saying(b""))
    remote.begin()
    assert remote.available() is late


def test_a_login_that_cannot_begin_is_told_when_it_is_wanted() -> None:
    def refuse(command: str) -> PipeStream:
        raise AuthenticationFailed("no")

    remote = RemoteSha256sum(refuse, stall_timeout=0.2)
    remote.begin()
    with pytest.raises(AuthenticationFailed):
        remote.available()


def test_names_are_sent_apart(far: Open) -> None:
    stream = Answering()
    list(far(stream).digest({b"/d/a\nb": RelPath(b"a\nb"), b"/d/c": RelPath(b"c")}))
    assert stream.lists == [FIRST + b"\0/d/a\nb\0/d/c\0"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_digest_that_is_missing_or_none(far: Open, whole: bool) -> None:
    names = {b"/%c" % letter: RelPath(b"%c" % letter) for letter in b"abcd"}
    answers = (line(b"1", b"/a"), b"z" * 64 + b" */b\0", line(b"foreign", b"/x"))
    found = {bytes(one.path): one for one in far(Answering(answers, whole=whole)).digest(names)}
    assert found[b"a"].error is None
    assert {path for path, one in found.items() if one.digest is None} == {b"b", b"c", b"d"}
    assert all(
        isinstance(found[path].error, OperationFailed) and found[path].error.path == path for path in (b"b", b"c")
    )


def test_a_name_that_is_answered_twice_counts_once(far: Open) -> None:
    names = {b"/a": RelPath(b"a"), b"/b": RelPath(b"b")}
    found = list(far(Answering((line(b"1", b"/a"), line(b"2", b"/a")))).digest(names))
    assert [bytes(one.path) for one in found] == [b"a", b"b"]
    assert [one.digest for one in found] == [hashlib.sha256(b"1").digest(), None]


def test_a_server_that_never_ends_is_left(far: Open) -> None:
    class Endless(PipeStream):
        def __init__(self) -> None:
            super().__init__()
            self.say(PROOF)
            self.said = 0
            self._thread = threading.Thread(target=self._talk, daemon=True)

        def begin(self) -> None:
            self._thread.start()

        def _talk(self) -> None:
            with contextlib.suppress(BrokenPipeError):
                while True:
                    self.say(b"x" * 4096)
                    self.said += 4096

        def close(self) -> None:
            if self.read_fd >= 0:
                os.close(self.read_fd)
                self.read_fd = -1
            self._thread.join()
            super().close()

    stream = Endless()
    remote = far(stream, Answering((), whole=False))
    assert remote.available()
    stream.begin()
    (found,) = remote.digest({b"/a": RelPath(b"a")})
    assert isinstance(found.error, OperationFailed)
    assert stream.said < 1 << 20


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
    assert 0.7 <= time.monotonic() - begun < HANG_SECONDS
    assert asked, "the session shows that it lives while it is waited for"


def test_sizes_that_a_server_claims_grant_it_no_years_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_sha256sum, "LONGEST_SILENCE", 0.3)
    remote = with_sizes(saying(PROOF, hang_up=False), SLOWEST_HASH * HANG_SECONDS * 2)
    begun = time.monotonic()
    with pytest.raises(Stalled):
        list(remote.digest({b"/f": RelPath(b"f")}))
    assert time.monotonic() - begun < HANG_SECONDS


def test_a_session_that_is_dead_ends_the_wait() -> None:
    def dead(paths: Sequence[RelPath]) -> int:
        raise ConnectionLost("gone")

    remote = RemoteSha256sum(lambda command: saying(PROOF, hang_up=False), stall_timeout=0.2, sizes=dead)
    with pytest.raises(ConnectionLost):
        list(remote.digest({b"/f": RelPath(b"f")}))


def test_a_server_that_has_gone_leaves_the_rest_unknown(far: Open) -> None:
    stream = Answering((line(b"1", b"/a"),), whole=False)
    found = list(far(stream).digest({b"/a": RelPath(b"a"), b"/b": RelPath(b"b")}))
    assert [one.error is None for one in found] == [True, False]
    deaf = saying(PROOF, hang_up=False)
    remote = far(deaf, saying(b""))
    assert remote.available()
    os.close(deaf._far_read)
    deaf._far_read = -1
    deaf.say(line(b"1", b"/a"))
    deaf.hang_up()
    found = list(remote.digest({b"/a": RelPath(b"a"), b"/b": RelPath(b"b")}))
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

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripted SFTP server of the tests: right by default, wrong in the named ways only."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.scripted import sftp_wire as wire
from support.scripted.behaviours import BEHAVIOURS, parse
from support.scripted.scripted_sftp import scripted
from support.scripted.sftp_wire import Attributes, Reader, Reply, put_string
from support.servers.raw_sftp import RawSftp
from support.servers.sshd import Sshd
from support.trees.trees import differences, make_sample, tree_digest

CONTENT = bytes(range(256)) * 40
CREATE = wire.FLAG_WRITE | wire.FLAG_CREATE | wire.FLAG_TRUNCATE
Case = Callable[[Sshd, RawSftp], None]


# The behaviour of a client


def place(server: Sshd, name: str = "file") -> bytes:
    return f"{server.remote_root}/{name}".encode()


def code(reply: Reply) -> int:
    assert reply.kind == wire.STATUS, reply
    return Reader(reply.body).number()


def opened(raw: RawSftp, path: bytes, flags: int = wire.FLAG_READ) -> bytes:
    reply = raw.ask(wire.OPEN, put_string(path) + struct.pack(">II", flags, 0))
    assert reply.kind == wire.HANDLE, reply
    return put_string(Reader(reply.body).string())


def read(raw: RawSftp, path: bytes, length: int = 32_768, offset: int = 0) -> Reply:
    return raw.ask(wire.READ, opened(raw, path) + struct.pack(">QI", offset, length))


def content(reply: Reply) -> bytes:
    assert reply.kind == wire.DATA, reply
    return Reader(reply.body).string()


def write(raw: RawSftp, path: bytes, data: bytes = CONTENT) -> Reply:
    return raw.ask(wire.WRITE, opened(raw, path, CREATE) + struct.pack(">Q", 0) + put_string(data))


def listing(raw: RawSftp, path: bytes, *, replies: int = 1000) -> tuple[list[tuple[bytes, Attributes]], int]:
    """Return the entries and the status that ended them; -1 after so many replies without an end."""
    handle, found = raw.ask(wire.OPENDIR, put_string(path)).body, []
    for _number in range(replies):
        reply = raw.ask(wire.READDIR, handle)
        if reply.kind == wire.STATUS:
            return found, code(reply)
        fields = Reader(reply.body)
        for _entry in range(fields.number()):
            name, _long = fields.string(), fields.string()
            found.append((name, fields.attributes()))
    return found, -1


def names(raw: RawSftp, path: bytes) -> list[bytes]:
    return [name for name, _attributes in listing(raw, path)[0]]


def posix_rename(raw: RawSftp, old: bytes, new: bytes) -> int:
    return code(raw.ask(wire.EXTENDED, put_string(b"posix-rename@openssh.com") + put_string(old) + put_string(new)))


def set_mtime(raw: RawSftp, path: bytes, when: int) -> int:
    return code(raw.ask(wire.SETSTAT, put_string(path) + Attributes(times=(when, when)).pack()))


# One case for each behaviour


def no_posix_rename(server: Sshd, raw: RawSftp) -> None:
    assert b"posix-rename@openssh.com" not in raw.extensions
    assert b"fsync@openssh.com" in raw.extensions
    assert posix_rename(raw, place(server), place(server, "other")) == wire.OP_UNSUPPORTED
    write(raw, place(server, "other"))
    both = put_string(place(server)) + put_string(place(server, "other"))
    assert code(raw.ask(wire.RENAME, both)) == wire.FAILURE
    (server.root / "other").unlink()
    assert code(raw.ask(wire.RENAME, both)) == wire.OK


def no_extensions(server: Sshd, raw: RawSftp) -> None:
    assert raw.extensions == {}
    assert posix_rename(raw, place(server), place(server, "other")) == wire.OP_UNSUPPORTED


def small_limits(server: Sshd, raw: RawSftp) -> None:
    reply = raw.ask(wire.EXTENDED, put_string(b"limits@openssh.com"))
    assert struct.unpack(">4Q", reply.body) == (5120, 4096, 4096, 4)
    assert code(write(raw, place(server, "small"), b"x" * 4096)) == wire.OK
    for _number in range(3):
        opened(raw, place(server))
    assert code(raw.ask(wire.OPEN, put_string(place(server)) + struct.pack(">II", wire.FLAG_READ, 0))) == wire.FAILURE
    with pytest.raises(EOFError):
        raw.ask(wire.WRITE, put_string(b"h1") + struct.pack(">Q", 0) + put_string(b"x" * 8192))


def no_setstat(server: Sshd, raw: RawSftp) -> None:
    assert set_mtime(raw, place(server), 1) == wire.OP_UNSUPPORTED


def no_modes_by_handle(server: Sshd, raw: RawSftp) -> None:
    handle = opened(raw, place(server), wire.FLAG_WRITE)
    for attributes, status in (((wire.ATTR_MODE, 0o600), wire.BAD_MESSAGE), ((wire.ATTR_TIMES, 5, 5), wire.OK)):
        assert code(raw.ask(wire.FSETSTAT, handle + struct.pack(f">{len(attributes)}I", *attributes))) == status


def forgets_times(server: Sshd, raw: RawSftp) -> None:
    assert set_mtime(raw, place(server), 1) == wire.OK
    assert (server.root / "file").stat().st_mtime > 1


def forgets_modes(server: Sshd, raw: RawSftp) -> None:
    before = (server.root / "file").stat().st_mode
    attributes = struct.pack(">II", wire.ATTR_MODE, 0o600)
    assert code(raw.ask(wire.SETSTAT, put_string(place(server)) + attributes)) == wire.OK
    assert (server.root / "file").stat().st_mode == before != 0o100600


def symlink(server: Sshd, raw: RawSftp, first: str, second: str) -> int:
    return code(raw.ask(wire.SYMLINK, put_string(place(server, first)) + put_string(place(server, second))))


def rename_replaces(server: Sshd, raw: RawSftp) -> None:
    write(raw, place(server, "other"), b"other")
    both = put_string(place(server)) + put_string(place(server, "other"))
    assert code(raw.ask(wire.RENAME, both)) == wire.OK
    assert (server.root / "other").read_bytes() == CONTENT
    assert code(raw.ask(wire.RENAME, both)) == wire.NO_SUCH_FILE


def empty_hardlinks(server: Sshd, raw: RawSftp) -> None:
    body = put_string(b"hardlink@openssh.com") + put_string(place(server)) + put_string(place(server, "other"))
    assert code(raw.ask(wire.EXTENDED, body)) == wire.OK
    assert not (server.root / "other").exists()


def symlink_by_draft(server: Sshd, raw: RawSftp) -> None:
    assert b"symlink-order@rjk.greenend.org.uk" not in raw.extensions
    assert symlink(server, raw, "link", "file") == wire.OK
    assert os.fsencode((server.root / "link").readlink()) == place(server)


def symlink_by_draft_announced(server: Sshd, raw: RawSftp) -> None:
    assert raw.extensions[b"symlink-order@rjk.greenend.org.uk"] == b"linkpath-targetpath"
    assert symlink(server, raw, "link", "file") == wire.OK
    assert os.fsencode((server.root / "link").readlink()) == place(server)


def hidden_targets(server: Sshd, raw: RawSftp) -> None:
    (server.root / "link").symlink_to("/etc/motd")
    (server.root / "near").symlink_to("file")
    assert code(raw.ask(wire.READLINK, put_string(place(server, "link")))) == wire.NO_SUCH_FILE
    assert raw.ask(wire.READLINK, put_string(place(server, "near"))).kind == wire.NAME


def check_file(server: Sshd, raw: RawSftp) -> None:
    stated = Reader(raw.check_file(place(server)).body)
    assert (stated.string(), stated.rest()) == (b"sha256", hashlib.sha256(CONTENT).digest())
    assert code(raw.check_file(place(server), b"md5")) == wire.OP_UNSUPPORTED


def lying_check_file(server: Sshd, raw: RawSftp) -> None:
    stated = Reader(raw.check_file(place(server)).body)
    assert stated.string() == b"sha256"
    digest = stated.rest()
    assert len(digest) == 32
    assert digest != hashlib.sha256(CONTENT).digest()


def copy(server: Sshd, raw: RawSftp) -> tuple[int, bytes]:
    """Return the status of a copy of the file, and the copy."""
    source, target = opened(raw, place(server)), opened(raw, place(server, "copy"), CREATE)
    body = put_string(b"copy-data") + source + struct.pack(">QQ", 0, len(CONTENT)) + target + struct.pack(">Q", 0)
    return code(raw.ask(wire.EXTENDED, body)), (server.root / "copy").read_bytes()


def no_copy_data(server: Sshd, raw: RawSftp) -> None:
    assert b"copy-data" not in raw.extensions
    assert b"fsync@openssh.com" in raw.extensions
    assert copy(server, raw) == (wire.OP_UNSUPPORTED, b"")


def refuses_copies(server: Sshd, raw: RawSftp) -> None:
    assert copy(server, raw) == (wire.FAILURE, CONTENT[: len(CONTENT) // 2])


def copies_short(server: Sshd, raw: RawSftp) -> None:
    assert copy(server, raw) == (wire.OK, CONTENT[: len(CONTENT) // 2])


def copies_wrong(server: Sshd, raw: RawSftp) -> None:
    assert copy(server, raw) == (wire.OK, CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))


def copies_nothing(server: Sshd, raw: RawSftp) -> None:
    assert copy(server, raw) == (wire.OK, b"")


def dies_of_copies(server: Sshd, raw: RawSftp) -> None:
    with pytest.raises(EOFError):
        copy(server, raw)


def short_reads(server: Sshd, raw: RawSftp) -> None:
    assert content(read(raw, place(server))) == CONTENT[:1000]


def truncated_reads(server: Sshd, raw: RawSftp) -> None:
    assert content(read(raw, place(server))) == CONTENT[:1000]
    assert code(read(raw, place(server), offset=1000)) == wire.EOF


def endless_reads(server: Sshd, raw: RawSftp) -> None:
    told = raw.ask(wire.FSTAT, opened(raw, place(server)))
    assert Reader(told.body).attributes().size == 1 << 62
    assert content(read(raw, place(server), offset=1 << 40)) == bytes(32_768)


def lying_read(server: Sshd, raw: RawSftp) -> None:
    assert content(read(raw, place(server))) == b"\1" + CONTENT[1:]


def lying_read_of(server: Sshd, raw: RawSftp) -> None:
    (server.root / "other").write_bytes(CONTENT)
    assert content(read(raw, place(server))) == b"\1" + CONTENT[1:]
    assert content(read(raw, place(server, "other"))) == CONTENT


def failing_reads(server: Sshd, raw: RawSftp) -> None:
    assert code(read(raw, place(server))) == wire.FAILURE


def refuses_writes(server: Sshd, raw: RawSftp) -> None:
    assert code(write(raw, place(server, "new"))) == wire.FAILURE


def drops_writes(server: Sshd, raw: RawSftp) -> None:
    assert code(write(raw, place(server, "new"))) == wire.OK
    assert (server.root / "new").read_bytes() == bytes(len(CONTENT))


def damages_writes(server: Sshd, raw: RawSftp) -> None:
    assert code(write(raw, place(server, "new"))) == wire.OK
    assert (server.root / "new").read_bytes() == CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])


def no_space(server: Sshd, raw: RawSftp) -> None:
    reply = write(raw, place(server, "new"))
    assert code(reply) == wire.FAILURE
    assert b"No space left on device" in reply.body


def cut_listing(server: Sshd, raw: RawSftp) -> None:
    found, end = listing(raw, place(server, "directory"))
    assert (len(found), end) == (3, wire.FAILURE)


def closed_listing(server: Sshd, raw: RawSftp) -> None:
    with pytest.raises(EOFError):
        listing(raw, place(server, "directory"))


def endless_listing(server: Sshd, raw: RawSftp) -> None:
    found, end = listing(raw, place(server, "directory"), replies=50)
    assert end == -1
    assert len({name for name, _attributes in found}) == len(found) > 4000


def endless_depth(server: Sshd, raw: RawSftp) -> None:
    path = place(server)
    for _level in range(50):
        path += b"/again"
        assert names(raw, path) == [b"again"]
        assert raw.ask(wire.LSTAT, put_string(path)).kind == wire.ATTRS


def escaping_names(server: Sshd, raw: RawSftp) -> None:
    assert {b"../escaped", b"/etc/escaped", b"", b"nul\0name"} < set(names(raw, place(server, "directory")))


def long_names(server: Sshd, raw: RawSftp) -> None:
    assert sorted(map(len, names(raw, place(server, "directory"))))[-2:] == [60_002, 60_002]


def hidden_names(server: Sshd, raw: RawSftp) -> None:
    (server.root / "000002.mtree").touch()
    names = [name for name, _attributes in listing(raw, place(server, "."))[0]]
    assert b"file" in names
    assert b"000002.mtree" not in names


def many_manifests(server: Sshd, raw: RawSftp) -> None:
    (server.root / "MANIFEST").mkdir()
    names = [name for name, _attributes in listing(raw, place(server, "MANIFEST"))[0]]
    assert sum(name.endswith(b".mtree") for name in names) == 10


def duplicate_names(server: Sshd, raw: RawSftp) -> None:
    found = [(name, stat.S_IFMT(each.mode or 0)) for name, each in listing(raw, place(server, "directory"))[0]]
    assert found.count((b"inside", stat.S_IFREG)) == found.count((b"inside", stat.S_IFLNK)) == 1


def absurd_attributes(server: Sshd, raw: RawSftp) -> None:
    seen = dict(listing(raw, place(server, "directory"))[0])[b"inside"]
    assert (seen.size, seen.times, stat.S_IMODE(seen.mode or 0)) == (2**64 - 1, (2**32 - 1,) * 2, 0o7777)


def bare_attributes(server: Sshd, raw: RawSftp) -> None:
    assert dict(listing(raw, place(server, "directory"))[0])[b"inside"] == Attributes()


def denied(server: Sshd, raw: RawSftp) -> None:
    reply = raw.ask(wire.OPEN, put_string(place(server)) + struct.pack(">II", wire.FLAG_READ, 0))
    assert code(reply) == wire.PERMISSION_DENIED
    assert b"file" in names(raw, place(server, "."))
    assert content(read(raw, place(server, "directory/inside"))) == b"inside"


def vanishing(server: Sshd, raw: RawSftp) -> None:
    assert b"file" in names(raw, place(server, "."))
    reply = raw.ask(wire.OPEN, put_string(place(server)) + struct.pack(">II", wire.FLAG_READ, 0))
    assert code(reply) == wire.NO_SUCH_FILE


def link_swap(server: Sshd, raw: RawSftp) -> None:
    assert b"inside" in names(raw, place(server, "directory"))
    assert os.readlink(server.root / "directory") == "/elsewhere"
    assert (server.root / "directory.moved" / "inside").exists()


def wrong_ids(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    with pytest.raises(AssertionError, match="belongs to no request"):
        raw.ask(wire.LSTAT, put_string(place(server)))


def names_late(server: Sshd, raw: RawSftp) -> None:
    """Two requests with right answers; the fault that begins with the third has not begun."""
    for _number in range(2):
        assert raw.ask(wire.LSTAT, put_string(place(server))).kind == wire.ATTRS


def wrong_types(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    assert raw.ask(wire.LSTAT, put_string(place(server))).kind == wire.HANDLE


def twice_answered(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    assert raw.ask(wire.LSTAT, put_string(place(server))).kind == wire.ATTRS
    with pytest.raises(AssertionError, match="belongs to no request"):
        raw.ask(wire.LSTAT, put_string(place(server)))


def short_packets(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    assert len(raw.ask(wire.LSTAT, put_string(place(server))).body) == 3


def huge_packet(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    raw.send(wire.LSTAT, put_string(place(server)))
    assert raw.receive_exactly(4) == b"\x7f\xff\xff\xff"


def cut_packet(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    raw.send(wire.LSTAT, put_string(place(server)))
    assert raw.receive_exactly(5)[4] == wire.ATTRS
    with pytest.raises(EOFError):
        raw.receive_exactly(32)


def disconnect(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    with pytest.raises(EOFError):
        raw.ask(wire.LSTAT, put_string(place(server)))


def stall(server: Sshd, raw: RawSftp) -> None:
    names_late(server, raw)
    raw.send(wire.LSTAT, put_string(place(server)))
    assert not raw.answers(within=0.3)


def poison_cut(server: Sshd, raw: RawSftp) -> None:
    raw.ask(wire.LSTAT, put_string(place(server)))
    with pytest.raises(EOFError):
        raw.ask(wire.LSTAT, put_string(place(server, "poison")))


def poison_removal(server: Sshd, raw: RawSftp) -> None:
    with pytest.raises(EOFError):
        raw.ask(wire.REMOVE, put_string(place(server)))
    assert (server.root / "file").exists()


def poison_removal_once(server: Sshd, raw: RawSftp) -> None:
    inside = put_string(place(server, "directory/inside"))
    with pytest.raises(EOFError):
        raw.ask(wire.REMOVE, inside)
    with RawSftp(server) as again:
        assert code(again.ask(wire.REMOVE, inside)) == wire.OK


def poison_stall(server: Sshd, raw: RawSftp) -> None:
    raw.ask(wire.LSTAT, put_string(place(server)))
    raw.send(wire.LSTAT, put_string(place(server, "poison")))
    assert not raw.answers(within=0.3)


def slow(server: Sshd, raw: RawSftp) -> None:
    begin = time.monotonic()
    for _number in range(10):
        raw.ask(wire.LSTAT, put_string(place(server)))
    assert time.monotonic() - begin >= 0.05


def out_of_order(server: Sshd, raw: RawSftp) -> None:
    sent = raw.send_many([(wire.LSTAT, put_string(place(server)))] * 20)
    got = [raw.receive()[0] for _number in sent]
    assert sorted(got) == sent
    assert got != sent


def old_version(server: Sshd, raw: RawSftp) -> None:
    assert raw.version == 2


def many_extensions(server: Sshd, raw: RawSftp) -> None:
    assert len(raw.extensions) > 2000
    assert b"posix-rename@openssh.com" in raw.extensions


VALUES = {
    "breaks_off": "=1000",
    "loses_tail": "=1000",
    "denied": "=/file",
    "endless_reads": "=file",
    "vanishing": "=/file",
    "link_swap": "=directory:/elsewhere",
}


def status_text(server: Sshd, raw: RawSftp) -> None:
    missing = raw.ask(wire.LSTAT, put_string(place(server, "none")))
    assert code(missing) == wire.NO_SUCH_FILE
    assert missing.body[4:] == put_string(b"\x1b[2J{{ 6 * 7 }}") + put_string(b"\x1b")


def breaks_off(server: Sshd, raw: RawSftp) -> None:
    assert code(write(raw, place(server, "long"), bytes(1001))) == wire.OK
    with pytest.raises(EOFError):
        raw.ask(wire.STAT, put_string(place(server)))


def loses_tail(server: Sshd, raw: RawSftp) -> None:
    handle = opened(raw, place(server, "long"), CREATE)
    data = handle + struct.pack(">Q", 0) + put_string(b"x" * 1001)
    assert code(raw.ask(wire.WRITE, data)) == wire.OK
    with pytest.raises(EOFError):
        raw.ask(wire.WRITE, data)
    assert (server.root / "long").read_bytes() == bytes(1001)


def ends_at_reopening(server: Sshd, raw: RawSftp) -> None:
    assert code(write(raw, place(server, "new.tmp"))) == wire.OK
    opened(raw, place(server), wire.FLAG_WRITE)
    with pytest.raises(EOFError):
        opened(raw, place(server, "new.tmp"), wire.FLAG_WRITE)


CASES: dict[str, Case] = {name: globals()[name] for name in BEHAVIOURS if name != "greeting"}


@pytest.fixture(name="serve")
def _serve() -> Iterator[Callable[..., Sshd]]:
    running: list[Sshd] = []

    def serve(*behaviours: str) -> Sshd:
        server = Sshd(subsystem=scripted(*behaviours)).__enter__()
        running.append(server)
        (server.root / "file").write_bytes(CONTENT)
        (server.root / "directory").mkdir()
        for name in ("inside", "one", "two", "three"):
            (server.root / "directory" / name).write_bytes(name.encode())
        server.give(server.root)
        return server

    yield serve
    for each in running:
        each.__exit__()


@pytest.mark.parametrize("name", CASES)
def test_a_behaviour_is_seen(name: str, serve: Callable[..., Sshd]) -> None:
    server = serve(name + VALUES.get(name, ""))
    with RawSftp(server) as raw:
        CASES[name](server, raw)


def test_text_before_the_first_packet_is_seen(serve: Callable[..., Sshd]) -> None:
    server = serve("greeting")
    command = ["ssh", "-F", str(server.client_config), "-s", "server", "sftp"]
    version = struct.pack(">IBI", 5, wire.INIT, 3)
    done = subprocess.run(command, input=version, capture_output=True, timeout=30, check=False)
    assert done.stdout.startswith(b"Welcome to")


def test_a_behaviour_that_nobody_knows_is_an_error_of_the_test() -> None:
    with pytest.raises(KeyError):
        scripted("no_such_behaviour")
    assert parse("denied=%ff%0a").value == b"\xff\n"


def test_without_a_behaviour_a_tree_goes_there_and_comes_back(serve: Callable[..., Sshd], tmp_path: Path) -> None:
    server = serve()
    make_sample(tmp_path / "tree")
    for link in (each for each in (tmp_path / "tree").rglob("*") if each.is_symlink()):
        link.unlink()  # The sftp program follows links.
    command = ["sftp", "-rp", "-b", "-", "-F", str(server.client_config), "server"]
    lines = f"put -rp {tmp_path}/tree {server.remote_root}/\nget -rp {server.remote_root}/tree {tmp_path}/back\n"
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60, umask=0, check=False)
    assert done.returncode == 0, done.stderr
    sent = tree_digest(tmp_path / "tree")
    assert len(sent) > 80
    assert differences(sent, tree_digest(server.root / "tree")) == []
    assert differences(sent, tree_digest(tmp_path / "back")) == []


def test_without_a_behaviour_it_answers_as_openssh_does(serve: Callable[..., Sshd]) -> None:
    own = serve()
    with Sshd() as theirs:
        (theirs.root / "file").write_bytes(CONTENT)
        (theirs.root / "directory").mkdir()
        (theirs.root / "directory" / "inside").write_bytes(b"inside")
        theirs.give(theirs.root)
        with RawSftp(own) as left, RawSftp(theirs) as right:
            assert {**right.extensions, **left.extensions} == right.extensions
            for kind, payload in requests(place(own)):
                mine, other = left.ask(kind, payload), right.ask(kind, payload)
                assert mine.kind == other.kind, (kind, payload)
                if mine.kind == wire.STATUS:
                    assert code(mine) == code(other), (kind, payload)


def requests(path: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield requests that succeed and requests that fail; `path` is a file next to `directory`."""
    missing, other, directory = path + b"-no", path + b"-2", os.path.dirname(path) + b"/directory"
    nothing = struct.pack(">I", 0)
    for kind in (wire.STAT, wire.LSTAT, wire.REMOVE, wire.RMDIR, wire.OPENDIR, wire.READLINK):
        yield kind, put_string(missing)
    yield wire.OPEN, put_string(missing) + struct.pack(">I", wire.FLAG_READ) + nothing
    exclusive = wire.FLAG_WRITE | wire.FLAG_CREATE | wire.FLAG_EXCLUSIVE
    yield wire.OPEN, put_string(path) + struct.pack(">I", exclusive) + nothing
    yield wire.OPEN, put_string(b"/etc/shadow") + struct.pack(">I", wire.FLAG_READ) + nothing
    yield wire.MKDIR, put_string(directory) + nothing
    yield wire.MKDIR, put_string(b"/nowhere") + nothing
    yield wire.REMOVE, put_string(directory)
    yield wire.OPENDIR, put_string(path)
    yield wire.READ, put_string(b"no handle") + struct.pack(">QI", 0, 1)
    yield wire.CLOSE, put_string(b"no handle")
    yield wire.SYMLINK, put_string(b"target") + put_string(path)
    yield wire.SYMLINK, put_string(b"target") + put_string(other)
    yield wire.READLINK, put_string(other)
    yield wire.RENAME, put_string(path) + put_string(other)
    yield wire.EXTENDED, put_string(b"posix-rename@openssh.com") + put_string(path) + put_string(other)
    yield wire.EXTENDED, put_string(b"posix-rename@openssh.com") + put_string(other) + put_string(directory)
    yield wire.EXTENDED, put_string(b"unknown@example.org")
    yield wire.SETSTAT, put_string(other) + Attributes(mode=0o600, times=(1, 1)).pack()
    yield wire.RMDIR, put_string(directory)
    yield wire.REMOVE, put_string(other)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers of the engine as functions of bytes, each with honest examples to begin from.

A target returns for all bytes. Otherwise the parser has a fault: an exception that is not its own, a result that
breaks its promise, or a time that grows faster than the input. Neither pytest nor Hypothesis is needed here, so that
every fuzzer can run them.
"""

from __future__ import annotations

__all__ = ["SLOWEST", "TARGETS", "Target", "run_bounded"]

import base64
import gc
import hashlib
import struct
import time
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidPattern,
    InvalidRequest,
    ProtocolViolation,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.data_connection import port_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import (
    Listed,
    list_entry,
    mlsd_entry,
    mlst_entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import (
    Features,
    Reply,
    ReplyParser,
    item_error,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    UnusableManifest,
    read_manifest,
    write_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.tree_record import (
    TreeRecord,
    write_tree_record,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import (
    lines_about,
    pin_lines,
    rotation_report,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.pattern import compile_pattern
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import (
    SftpClient,
    data_of,
    entry_in,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    listed,
    parse_strings,
    special_bits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_failures import login_failure
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import SshLog
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.spki import (
    parse_pins,
    public_key_info,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import (
    matching,
    parse_host_keys,
    parse_known_hosts,
)

from ..scripted.pipe_stream import PipeStream, packet, version
from ..scripted.sftp_wire import ATTRS, DATA, EXTENDED_REPLY, HANDLE, NAME, STATUS, Attributes, names, put_string
from ..servers.tls_authority import authority

NOW = 1_790_000_000
SLOWEST = 1.0
"""Seconds of processor time that no input of a fuzzer's size may take."""
_KEY = "ssh-ed25519 " + base64.b64encode(put_string(b"ssh-ed25519") + put_string(b"k" * 32)).decode()


class Target(NamedTuple):
    """run: the function under test; examples: valid inputs; limit: bytes of an input."""

    run: Callable[[bytes], object]
    examples: tuple[bytes, ...]
    limit: int = 4096


def run_bounded(target: Target, data: bytes) -> None:
    """Try one input. Raise the target's exception, and AssertionError if it takes too long."""
    gc.disable()  # a full collection takes as long as all earlier tests of the process have left for it
    try:
        begun = time.process_time()
        target.run(data[: target.limit])
        taken = time.process_time() - begun
    finally:
        gc.enable()
        gc.collect(0)  # a fuzzer's loop allocates too little to start a collection; a client in a cycle holds 1 MiB
    assert taken < SLOWEST, f"{taken:.1f} s for {len(data)} bytes"


def _show(error: SyncError) -> None:
    """An error is shown to people: nothing in it may steer a terminal."""
    assert error.message.isprintable(), error.message


# SFTP


def sftp_replies(data: bytes) -> None:
    """Parse the bytes after the greeting as the answers to one request of each kind."""
    stream = PipeStream()
    try:
        client = SftpClient(stream)
        _ask(client)
        client.flush()
        stream.say(data)
        stream.hang_up()
        while True:
            client.receive()
    except SyncError as error:
        _show(error)
    finally:
        stream.close()


def _ask(client: SftpClient) -> None:
    def attributes(reply: object) -> None:
        if not isinstance(reply, int):
            assert special_bits(reply) & ~0o7000 == 0
        entry = entry_in(reply)
        assert entry is None or 0 <= entry.mode <= 0o777

    def words(reply: object) -> None:
        _unless_status(client, reply, lambda body: list(parse_strings(body)))

    client.on_version(lambda body: list(parse_strings(body[4:])))
    client.open(b"f", 1, b"\0\0\0\0", lambda reply: _unless_status(client, reply, bytes))
    client.read(b"h", 0, 1000, lambda reply: _unless_status(client, reply, lambda body: bytes(data_of(body))))
    client.request(12, NAME, put_string(b"h"), lambda reply: _unless_status(client, reply, _names))
    client.request(7, ATTRS, put_string(b"f"), attributes)
    client.extended(b"limits@openssh.com", b"", words, expected=EXTENDED_REPLY)
    client.close_handle(b"h", lambda reply: _unless_status(client, reply, bytes))


def _unless_status(client: SftpClient, reply: object, use: Callable[..., object]) -> None:
    if isinstance(reply, int):
        _show(client.error(reply, b"f"))
    else:
        use(reply)


def _names(body: memoryview) -> None:
    # Each name takes bytes of the reply, so that their number is bounded by its length.
    count = sum(1 for _each in listed(body))
    assert count <= len(body)


def _honest_replies() -> tuple[bytes, ...]:
    plain = Attributes(5, (0, 0), 0o100644, (1, 1))
    many = names([(b"name%d" % number, plain) for number in range(20)])
    good = [
        version(b"posix-rename@openssh.com", b"1", b"limits@openssh.com", b"1"),
        packet(HANDLE, 0, put_string(b"handle")),
        packet(DATA, 1, put_string(b"content" * 20)),
        packet(NAME, 2, many.body),
        packet(ATTRS, 3, plain.pack()),
        packet(EXTENDED_REPLY, 4, struct.pack(">4Q", 262144, 261120, 261120, 1000)),
        packet(STATUS, 5, struct.pack(">I", 0) + put_string(b"") + put_string(b"")),
    ]
    refused = [packet(STATUS, ident, struct.pack(">I", ident) + put_string(b"no") * 2) for ident in range(6)]
    extended = struct.pack(">II", 0x8000000F, 0) + bytes(28) + struct.pack(">I", 1) + put_string(b"a") * 2
    return (
        b"".join(good),
        b"".join(reversed(good)),
        b"".join(refused),
        *good,
        packet(ATTRS, 3, extended),
        packet(ATTRS, 3, b""),
    )


# FTP


def ftp_replies(data: bytes) -> None:
    """The control connection in two pieces: codes in range, text printable and short."""
    parser = ReplyParser()
    try:
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            parser.feed(piece)
            reply = parser.next()
            while reply is not None:
                _look(reply)
                reply = parser.next()
    except ProtocolViolation as error:
        _show(error)


def _look(reply: Reply) -> None:
    assert 100 <= reply.code <= 599
    assert reply.text.isprintable()
    assert len(reply.text) < 400
    assert item_error(reply, b"some/name").message.isprintable()
    Features(reply.lines)


def ftp_port(data: bytes) -> None:
    """A 227 and a 229 reply."""
    for code in (227, 229):
        try:
            assert 1 <= port_of(Reply(code, (data,))) <= 65535
        except ProtocolViolation as error:
            _show(error)


def _each_line(parse: Callable[[bytes], Listed | None], data: bytes) -> None:
    for line in data.split(b"\n"):
        try:
            found = parse(line)
        except (ProtocolViolation, UnsafeName) as error:
            _show(error)
            continue
        if found is not None:
            assert b"/" not in found.name
            assert found.name not in (b".", b"..")
            assert b"\0" not in found.name
            assert found.size is None or found.size >= 0
            assert found.mode is None or found.mode & ~0o777 == 0


def ftp_list(data: bytes) -> None:
    """Lines of LIST."""
    _each_line(lambda line: list_entry(line, now=NOW), data)


def ftp_mlsd(data: bytes) -> None:
    """Lines of MLSD and MLST."""
    _each_line(mlsd_entry, data)
    _each_line(mlst_entry, data)


# Trust


def known_hosts(data: bytes) -> None:
    """A known_hosts file, in all ways in which it is read."""
    text = data.decode("utf-8", "surrogateescape")
    for entry in matching(parse_known_hosts(text), "files.example.com", 2222):
        assert entry.key.fingerprint.startswith("SHA256:")
    lines = data.splitlines(keepends=True)
    pin_lines(lines)
    rotation_report(lines_about(lines, "[files.example.com]:2222"), NOW)


def host_keys(data: bytes) -> None:
    """The options host_keys and tls_pins."""
    text = data.decode("utf-8", "surrogateescape")
    for parse in (parse_host_keys, parse_pins):
        try:
            parse(text.split("\n"))
        except InvalidRequest as error:
            _show(error)


def certificate(data: bytes) -> None:
    """The way through a certificate to its key."""
    try:
        assert public_key_info(data) in data
    except ValueError:
        return


def ssh_messages(data: bytes) -> None:
    """Parse the messages of the ssh program and, through it, of a server's banner."""
    heard = SshLog()
    heard.feed(data[: len(data) // 3])
    heard.feed(data[len(data) // 3 :])
    error = login_failure(heard, "files.example.com", "somebody", pinned=True)
    if error is not None:
        _show(error)


# State and filters


def manifest(data: bytes) -> None:
    """Parse a manifest of any tool, and the same with a valid seal, as an attacker with access to the state could write
    it."""
    sealed = b"%s# sha256 %s\n" % (data, hashlib.sha256(data).hexdigest().encode())
    for content, options in ((data, {}), (data, {"sealed": False}), (sealed, {}), (sealed, {"sealed": False})):
        try:
            found = read_manifest(content, **options)
        except UnusableManifest:
            continue
        for path in found:
            assert b".." not in path.split(b"/")
            assert not path.startswith(b"/")


def tree_record(data: bytes) -> None:
    """The record of a tree, and the same with a valid digest, as an attacker with access to the state could write
    it."""
    for content in (data, data + hashlib.sha256(data).digest()):
        try:
            found = TreeRecord(BytesIO(content), _ABOUT, len(content))
        except UnusableManifest:
            continue
        for path, _file in found.files():
            found.digest(path)


def _recorded() -> bytes:
    file = BytesIO()
    write_tree_record(file, _ABOUT, _TREE, _DIGESTS, {RelPath(b"a"): bytes(15) + b"1"}.get)
    return file.getvalue()


def lock_file(data: bytes) -> None:
    """Parse another client's lock on the server."""
    LockHolder.parse(data)


def pattern(data: bytes) -> None:
    """Match a pattern against the paths that are hardest for it: the pattern is the part before the first NUL."""
    text = data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
    try:
        made = compile_pattern(text)
    except InvalidPattern as error:
        _show(error)
        return
    for path in (b"a" * 255, b"/".join([b"a"] * 500), b"/".join([b"ab" * 60] * 30), data[:1000].replace(b"\0", b"/")):
        made.expression.fullmatch(path)
        if made.leads is not None:
            made.leads.fullmatch(path)


_TREE = {RelPath(b"a"): Entry(FILE, 1, 10**9, 0o644), RelPath(b"d/b \xff"): Entry(FILE, 2, 10**9 + 1, 0o600)}
_DIGESTS = {path: bytes(32) for path in _TREE}
_ABOUT = b"0123-local"
_FOREIGN = b"#mtree\n./a type=file mode=0644 size=1 time=1.5 sha256=" + b"0" * 64 + b"\n./b\\040 type=dir\n"

TARGETS: dict[str, Target] = {
    "sftp_replies": Target(sftp_replies, _honest_replies(), 60_000),
    "ftp_replies": Target(
        ftp_replies,
        (
            b"220-Welcome\r\n a line\r\n220 Ready\r\n",
            b"211-Features:\r\n MLST type*;size*;UNIX.mode*;\r\n HASH SHA-256*;SHA-1\r\n REST STREAM\r\n211 End\r\n",
            b"150 Opening\r\n226 Done\r\n550 No such file\r\n421 Timeout\r\n",
            b"214-SITE\r\n CHMOD UTIME\r\n214 End\r\n",
        ),
    ),
    "ftp_port": Target(
        ftp_port,
        (b"Entering Passive Mode (127,0,0,1,200,10).", b"Entering Extended Passive Mode (|||6446|)", b"=1,2,3,4,5,6"),
    ),
    "ftp_list": Target(
        ftp_list,
        (
            b"total 8\n-rw-r--r--   1 user group    1234 Nov 20 12:00 name with blank\n",
            b"lrwxrwxrwx 1 0 0 6 Jan  1  2026 link -> target\ndrwxr-xr-x 2 0 0 4096 Feb 29 00:00 .\n",
            b"crw-rw-rw- 1 root root 1, 3 Jan  1  2026 null\n-rw-r--r-- 1 a b 5 2026-01-02 03:04 iso\n",
            b"01-02-26  03:04PM       <DIR>          dir\n01-02-2026  03:04AM  123 file\n",
        ),
    ),
    "ftp_mlsd": Target(
        ftp_mlsd,
        (
            b"type=file;size=12;modify=20260102030405.678;UNIX.mode=0644;unique=1U2; a name\n",
            b"type=cdir;modify=20260102030405; .\ntype=OS.unix=slink:/x;size=1; link\n",
            b" type=dir;perm=el;UNIX.mode=0755; /srv/dir\n",
        ),
    ),
    "known_hosts": Target(
        known_hosts,
        (
            f"[files.example.com]:2222 {_KEY} comment\n@revoked * {_KEY}\n# a comment\n".encode(),
            f"files.example.com,*.example.com,!b?d {_KEY} secure_sync:valid_until=2026-12-31\n".encode(),
            f"@cert-authority *.example.com {_KEY}\n|1|AAAA|BBBB {_KEY}\n".encode(),
        ),
        16_384,
    ),
    "host_keys": Target(
        host_keys,
        (_KEY.encode(), b"SHA256:" + b"A" * 43, f"@cert-authority {_KEY}".encode(), b"sha256//" + b"A" * 43 + b"="),
    ),
    "certificate": Target(certificate, tuple(authority().server(kind=kind).der for kind in ("rsa", "ecdsa"))),
    "ssh_messages": Target(
        ssh_messages,
        (
            b"debug1: Server host key: ssh-ed25519 SHA256:" + b"A" * 43 + b"\r\n",
            b"user@host: Permission denied (publickey,password).\r\nHost key verification failed.\r\n",
            b"debug1: Remote protocol version 2.0, remote software version OpenSSH_10.0\r\n",
            b"debug1: kex: algorithm: mlkem768x25519-sha256\r\ndebug2: host key algorithms: ssh-ed25519\r\n",
        ),
        16_384,
    ),
    "manifest": Target(manifest, (write_manifest(_TREE, _DIGESTS), _FOREIGN), 16_384),
    "tree_record": Target(tree_record, (_recorded(), _recorded()[:-32])),
    "lock_file": Target(lock_file, (LockHolder.here("0123456789abcdef").text(),)),
    "pattern": Target(
        pattern, (b"*.csv", b"/a/**/b*[!x-z]?/", b"!**/*a*b*c*/", b"[[:alpha:]]*\\*", b"**/**/a/**", b"a*" * 40), 500
    ),
}

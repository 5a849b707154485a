# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripted FTPS server of the tests: right by default, wrong in the named ways only."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

import pytest
from support.scripted.ftps_behaviours import BEHAVIOURS, parse
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.tls_authority import Authority
from support.trees.trees import make_sample, tree_digest

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest().encode()
MTIME = 1_600_000_000
RECORD = 16_384  # the longest record of TLS: the server gets it at once
STAMP = b"20200913122640"


class Moved(NamedTuple):
    """The data of a data connection; whole: close_notify ended it; reply: the final reply, or none."""

    content: bytes
    whole: bool
    reply: bytes


class RawFtps:
    """A client that does nothing by itself: it sends commands and gives replies as they come."""

    def __init__(self, server: ScriptedFtps, *, seconds: float = 60.0) -> None:
        self._server, self._seconds = server, seconds
        self._context = ssl.create_default_context(cafile=str(server.authority.file))
        self._context.check_hostname = False
        self._plain = socket.create_connection((server.host, server.port), timeout=seconds)
        self._file = self._plain.makefile("rb")
        self.control: ssl.SSLSocket | None = None

    def hurry(self) -> None:
        """From now on, bytes that do not come within half a second do not come."""
        self._seconds = 0.5
        (self.control or self._plain).settimeout(self._seconds)

    def reply(self) -> bytes:
        """Return the next whole reply, or b"" at the end."""
        lines = [self._file.readline(100_000)]
        while lines[0][3:4] == b"-" and lines[-1] and lines[-1][:4] != lines[0][:3] + b" ":
            lines.append(self._file.readline(100_000))
            if len(lines) > 2000:
                break
        return b"".join(lines)

    def ask(self, line: bytes) -> bytes:
        """Send one command and give the reply."""
        (self.control or self._plain).sendall(line + b"\r\n")
        return self.reply()

    def secure(self) -> None:
        """Begin TLS on the control connection."""
        self.control = self._context.wrap_socket(self._plain)
        self._file = self.control.makefile("rb")

    def login(self) -> Self:
        """Do all that comes before the first transfer."""
        assert self.reply()[:4] == b"220 "
        assert self.ask(b"AUTH TLS")[:4] == b"234 "
        self.secure()
        assert self.ask(b"USER " + self._server.user.encode())[:4] == b"331 "
        assert self.ask(b"PASS " + self._server.password.encode())[:4] == b"230 "
        assert self.ask(b"PBSZ 0")[:4] == b"200 "
        assert self.ask(b"PROT P")[:4] == b"200 "
        return self

    def data(self, line: bytes) -> tuple[bytes, ssl.SSLSocket]:
        """Begin a transfer and give the preliminary reply and the data connection."""
        port = int(self.ask(b"EPSV").split(b"|")[3])
        connection = socket.create_connection((self._server.host, port), timeout=self._seconds)
        begun = self.ask(line)
        return begun, self._context.wrap_socket(
            connection, session=self.control.session, suppress_ragged_eofs=False, server_hostname=None
        )

    def fetch(self, line: bytes, *, limit: int = 1 << 30) -> Moved:
        """Read the data of the command, at most `limit` bytes."""
        _begun, connection = self.data(line)
        with connection:
            content, whole = bytearray(), True
            try:
                while len(content) < limit:
                    block = connection.recv(65_536)
                    if not block:
                        break
                    content += block
            except (ssl.SSLError, TimeoutError):
                whole = False
            return Moved(bytes(content), whole, b"" if len(content) >= limit else self.reply())

    def send(self, line: bytes, content: bytes = CONTENT) -> bytes:
        """Send content and give the final reply."""
        begun, connection = self.data(line)
        if not begun.startswith(b"150"):
            return begun
        connection.sendall(content)
        connection.unwrap().close()
        return self.reply()

    def names(self) -> list[bytes]:
        """Return the names in the root."""
        return [line.partition(b"; ")[2] for line in self.fetch(b"MLSD /").content.split(b"\r\n")[:-1]]

    def close(self) -> None:
        """End the connection."""
        self._file.close()
        (self.control or self._plain).close()


class Scene(NamedTuple):
    """A running server and a client; the client of a case that begins before the login is not logged in."""

    server: ScriptedFtps
    raw: RawFtps


Case = Callable[[Scene], object]


def starts(line: bytes, *codes: bytes) -> Case:
    """The command is answered by one of the codes."""

    def case(scene: Scene) -> None:
        assert scene.raw.ask(line)[:3] in codes

    return case


def lacks(*lines: bytes, feature: bytes = b"") -> Case:
    """The commands are refused, and FEAT does not name the feature."""

    def case(scene: Scene) -> None:
        for line in lines:
            assert scene.raw.ask(line)[:1] in (b"5", b"4"), line
        if feature:
            assert feature not in scene.raw.ask(b"FEAT")

    return case


def listed(*wanted: bytes, line: bytes = b"MLSD /") -> Case:
    """The listing holds the texts."""

    def case(scene: Scene) -> None:
        found = scene.raw.fetch(line)
        assert found.whole
        for each in wanted:
            assert each in found.content

    return case


def moved(line: bytes, *, whole: bool, reply: bytes, length: int | None = None) -> Case:
    """The transfer ends so."""

    def case(scene: Scene) -> None:
        found = scene.raw.fetch(line)
        assert (found.whole, found.reply[:3]) == (whole, reply)
        assert length is None or len(found.content) == length

    return case


def stored(wanted: bytes, *, code: bytes = b"226") -> Case:
    """An upload is answered by the code, and this is the content."""

    def case(scene: Scene) -> None:
        assert scene.raw.send(b"STOR /new")[:3] == code
        new = scene.server.root / "new"
        assert (new.read_bytes() if new.exists() else b"") == wanted

    return case


def greeted(*begins: bytes) -> Case:
    """The first replies of the connection, before any command."""

    def case(scene: Scene) -> None:
        for begin in begins:
            assert scene.raw.reply().startswith(begin)

    return case


def after_auth(*begins: bytes) -> Case:
    """Bytes in cleartext after AUTH."""

    def case(scene: Scene) -> None:
        scene.raw.reply()
        assert scene.raw.ask(b"AUTH TLS").startswith(begins[0])
        for begin in begins[1:]:
            assert scene.raw.reply().startswith(begin)

    return case


def renamed(code: bytes, *, done: bool, target: bytes = b"/other") -> Case:
    def case(scene: Scene) -> None:
        scene.raw.ask(b"RNFR /file")
        assert scene.raw.ask(b"RNTO " + target)[:3] == code
        assert (scene.server.root / "file").exists() is not done

    return case


def silent(line: bytes) -> Case:
    """No reply comes, and the connection stays."""

    def case(scene: Scene) -> None:
        scene.raw.hurry()
        with pytest.raises(TimeoutError):
            scene.raw.ask(line)

    return case


def ended(line: bytes) -> Case:
    """The connection ends instead of a reply."""

    def case(scene: Scene) -> None:
        try:
            assert scene.raw.ask(line) == b""
        except (ConnectionError, ssl.SSLError):
            return

    return case


def no_login(scene: Scene) -> None:
    scene.raw.reply()
    scene.raw.ask(b"AUTH TLS")
    with pytest.raises(ssl.SSLError):
        scene.raw.secure()


def never_ends(line: bytes) -> Case:
    def case(scene: Scene) -> None:
        assert scene.raw.ask(line).count(b"\r\n") > 500

    return case


def endless_listing(scene: Scene) -> None:
    assert len(scene.raw.fetch(b"MLSD /", limit=3_000_000).content) >= 3_000_000


def endless_lines(scene: Scene) -> None:
    content = scene.raw.fetch(b"MLSD /", limit=1_000_000).content
    assert content.endswith(b"type=cdir; .\r\n" * 1000) or b"type=cdir; .\r\n" * 1000 in content


def stalled_data(scene: Scene) -> None:
    _begun, connection = scene.raw.data(b"RETR /file")
    assert connection.recv(100) == CONTENT[:100]
    connection.settimeout(0.2)
    with connection, pytest.raises(TimeoutError):
        sum(1 for _block in iter(lambda: connection.recv(65_536), b""))


def in_clear(scene: Scene) -> None:
    with pytest.raises(ssl.SSLError):
        scene.raw.data(b"MLSD /")


def resumed(*, wanted: bool) -> Case:
    def case(scene: Scene) -> None:
        _begun, connection = scene.raw.data(b"MLSD /")
        assert connection.session_reused is wanted
        connection.close()

    return case


def other_certificate(scene: Scene) -> None:
    _begun, connection = scene.raw.data(b"MLSD /")
    assert connection.getpeercert(binary_form=True) != scene.raw.control.getpeercert(binary_form=True)
    connection.close()


def demands_reuse(scene: Scene) -> None:
    assert scene.raw.fetch(b"MLSD /").whole
    assert scene.server.resumptions() == [True]
    port = int(scene.raw.ask(b"EPSV").split(b"|")[3])
    scene.raw.control.sendall(b"MLSD /\r\n")
    with socket.create_connection((scene.server.host, port), timeout=5) as plain:
        scene.raw.reply()
        with scene.raw._context.wrap_socket(plain) as fresh:
            assert not fresh.session_reused
            assert scene.raw.reply().startswith(b"425")


def dead_port(scene: Scene) -> None:
    port = int(scene.raw.ask(b"EPSV").split(b"|")[3])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((scene.server.host, port), timeout=5)


def refused_data(scene: Scene) -> None:
    port = int(scene.raw.ask(b"EPSV").split(b"|")[3])
    with socket.create_connection((scene.server.host, port), timeout=5):
        assert scene.raw.ask(b"STOR /new").startswith(b"150")
        assert scene.raw.reply().startswith(b"425")


def elsewhere(scene: Scene) -> None:
    assert b"(192,0,2,1," in scene.raw.ask(b"PASV")


def half(scene: Scene) -> None:
    stored(CONTENT[: len(CONTENT) // 2])(scene)


def lying_hash(scene: Scene) -> None:
    scene.raw.ask(b"OPTS HASH SHA-256")
    assert SHA256[::-1] in scene.raw.ask(b"HASH /file")


def malformed_hash(scene: Scene) -> None:
    assert scene.raw.ask(b"XSHA256 /file").strip() == b"250 no digest"


def lying_read(scene: Scene) -> None:
    assert scene.raw.fetch(b"RETR /file").content == bytes([CONTENT[0] ^ 1]) + CONTENT[1:]


def endless_reads(scene: Scene) -> None:
    found = scene.raw.fetch(b"RETR /file", limit=len(CONTENT) + 100_000).content
    assert found == CONTENT + bytes(len(found) - len(CONTENT))
    assert len(found) > len(CONTENT)


def endless_answers(scene: Scene) -> None:
    _begun, connection = scene.raw.data(b"STOR /new")
    with connection:
        connection.sendall(CONTENT)
        with pytest.raises(ssl.SSLError, match="APPLICATION_DATA_AFTER_CLOSE_NOTIFY"):
            connection.unwrap()
    assert scene.raw.reply().startswith(b"226")


def from_the_beginning(scene: Scene) -> None:
    assert scene.raw.ask(b"REST 10").startswith(b"350")
    assert scene.raw.fetch(b"RETR /file").content == CONTENT


def appended(scene: Scene) -> None:
    assert scene.raw.ask(b"REST 10").startswith(b"350")
    assert scene.raw.send(b"STOR /file", b"more").startswith(b"226")
    assert (scene.server.root / "file").read_bytes() == CONTENT + b"more"


def stage_size_is_a_lie(scene: Scene) -> None:
    (scene.server.root / "a.tmp").write_bytes(CONTENT)
    assert [scene.raw.ask(b"SIZE /a.tmp").strip() for _time in range(2)] == [
        b"213 %d" % size for size in (len(CONTENT) + 1000, len(CONTENT))
    ]


def emptied(scene: Scene) -> None:
    (scene.server.root / "a.tmp").write_bytes(CONTENT)
    found = scene.raw.fetch(b"RETR /a.tmp")
    assert (found.content, found.reply) == (CONTENT, b"")
    assert (scene.server.root / "a.tmp").read_bytes() == b""


def time_set(line: bytes, *, real: int, told: bytes) -> Case:
    def case(scene: Scene) -> None:
        assert scene.raw.ask(line)[:3] in (b"213", b"200")
        assert int((scene.server.root / "file").stat().st_mtime) == real
        assert scene.raw.ask(b"MDTM /file").strip() == b"213 " + told

    return case


def kept(line: bytes) -> Case:
    """The command is acknowledged, and nothing changes."""

    def case(scene: Scene) -> None:
        before = (scene.server.root / "file").stat().st_mtime_ns
        assert scene.raw.ask(line)[:1] == b"2"
        assert (scene.server.root / "file").stat().st_mtime_ns == before

    return case


def swapped(scene: Scene) -> None:
    scene.raw.fetch(b"MLSD /directory")
    assert os.readlink(scene.server.root / "directory") == "../outside"
    assert (scene.server.root / "directory.moved" / "inside").exists()


def slow(scene: Scene) -> None:
    assert scene.raw.fetch(b"RETR /file").content == CONTENT


def names_include(*wanted: bytes) -> Case:
    def case(scene: Scene) -> None:
        assert set(wanted) <= set(scene.raw.names())

    return case


def twice(scene: Scene) -> None:
    assert scene.raw.names().count(b"file") == 2


def depth(scene: Scene) -> None:
    assert b"again" in scene.raw.names()
    assert b"type=dir" in scene.raw.fetch(b"MLSD /again/again/again").content


BEFORE_LOGIN: dict[str, Case] = {
    "auth_refused": after_auth(b"502"),
    "auth_answered": after_auth(b"230"),
    "auth_then_plaintext": after_auth(b"234", b"220 Still in clear"),
    "auth_pipelined": after_auth(b"234", b"331", b"230"),
    "early_answer": greeted(b"220", b"234", b"331"),
    "endless_banner": never_ends(b"NOOP"),
    "huge_line": greeted(b"2222222222"),
    "silent": silent(b"NOOP"),
    "full": greeted(b"421"),
    "old_tls": no_login,
    "talkative": greeted(b"220-{{ 7 * 7 }} \x1b[31m"),
}
CASES: dict[str, Case] = {
    "prot_refused": starts(b"PROT P", b"536"),
    "login_refused": starts(b"PASS x", b"530"),
    "refuses_unknown": starts(b"USER x", b"530"),
    "pass_answered=230%20in%0D%0A": starts(b"PASS x", b"230"),
    "user_answered=331%20who%0D%0A": starts(b"USER x", b"331"),
    "talkative_errors": starts(b"CWD /no", b"550"),
    "extra_replies=6": lambda scene: [starts(b"NOOP", b"200")(scene), starts(b"MKD /x", b"200")(scene)],
    "wrong_codes=6": starts(b"NOOP", b"999"),
    "open_reply=6": silent(b"NOOP"),
    "endless_reply=6": never_ends(b"NOOP"),
    "endless_preliminary=6": lambda scene: [starts(b"NOOP", b"150")(scene) for _number in range(500)],
    "unavailable=6": lambda scene: [starts(b"NOOP", b"421")(scene), ended(b"NOOP")(scene)],
    "cut=6": ended(b"MKD /x"),
    "cut_done=6": lambda scene: [ended(b"MKD /x")(scene), (scene.server.root / "x").rmdir()],
    "stall=6": silent(b"NOOP"),
    "stall_final=NOOP": silent(b"NOOP"),
    "poison_cut=x": lambda scene: [starts(b"NOOP", b"200")(scene), ended(b"MKD /x")(scene)],
    "poison_stall": silent(b"MKD /poison"),
    "slow=1": slow,
    "no_mlsd": lacks(b"MLSD /", b"MLST /", feature=b"MLST"),
    "no_mfmt": lacks(b"MFMT %s /file" % STAMP, feature=b"MFMT"),
    "no_mdtm": lacks(b"MDTM /file", feature=b"MDTM"),
    "no_times": lacks(b"MFMT %s /file" % STAMP, b"MDTM %s /file" % STAMP, b"SITE UTIME %s /file" % STAMP),
    "no_epsv": lacks(b"EPSV", feature=b"EPSV"),
    "no_rest": lacks(b"REST 5", feature=b"REST"),
    "no_hash": lacks(b"HASH /file", b"XSHA256 /file", feature=b"HASH"),
    "no_feat": lacks(b"FEAT"),
    "no_site": lacks(b"SITE UMASK 077", b"SITE CHMOD 600 /file", feature=b"SITE"),
    "no_utf8": lacks(b"OPTS UTF8 ON", feature=b"UTF8"),
    "no_chmod": lacks(b"SITE CHMOD 600 /file"),
    "no_umask": lacks(b"SITE UMASK 077"),
    "dos_listing": listed(b"09-13-20  12:26PM               102400 file\r\n", line=b"LIST -a /"),
    "localized_listing": listed(b"13 sept.  2020 file\r\n", line=b"LIST -a /"),
    "ignores_times": kept(b"MFMT 20010203040506 /file"),
    "local_times": time_set(b"MFMT 20010203040506 /file", real=981_173_106 - 7200, told=b"20010203040506"),
    "strange_zone": time_set(b"MFMT 20010203040506 /file", real=981_173_106, told=b"20010203060506"),
    "demands_reuse": demands_reuse,
    "plaintext_data": in_clear,
    "unresumed_data": resumed(wanted=False),
    "passive_elsewhere": elsewhere,
    "passive_garbage": lambda scene: scene.raw.ask(b"EPSV").index(b"(|||0|)"),
    "dead_port": dead_port,
    "refused_data": refused_data,
    "ragged_end": moved(b"RETR /file", whole=False, reply=b"226", length=len(CONTENT)),
    "cut_listing=1": moved(b"MLSD /", whole=False, reply=b"226"),
    "lost_listing=1": moved(b"MLSD /", whole=False, reply=b""),
    "failed_listing=1": moved(b"MLSD /", whole=True, reply=b"451"),
    "cut_download": moved(b"RETR /file", whole=False, reply=b"226", length=1000),
    "no_final_reply": moved(b"MLSD /", whole=True, reply=b""),
    "whole_then_failed": moved(b"MLSD /", whole=True, reply=b"426"),
    "slow_data=1": slow,
    "drops_stores": stored(b""),
    "half_stores": half,
    "damages_stores": stored(bytes([CONTENT[0] ^ 1]) + CONTENT[1:]),
    "refuses_stores": starts(b"STOR /new", b"553"),
    "refuses_stores=552%2b:%00": stored(CONTENT[: RECORD // 2], code=b"552"),
    "refuses_downloads=file": starts(b"RETR /file", b"550"),
    "failing_downloads=10": moved(b"RETR /file", whole=True, reply=b"451", length=10),
    "ignores_offsets": from_the_beginning,
    "breaks_off=1000": moved(b"RETR /file", whole=False, reply=b"426", length=1000),
    "appends_offsets": appended,
    "lying_stage_size": stage_size_is_a_lie,
    "empties_proven": emptied,
    "truncated_reads": moved(b"RETR /file", whole=True, reply=b"226", length=1000),
    "lying_read": lying_read,
    "endless_reads=file": endless_reads,
    "endless_answers": endless_answers,
    "lying_size": lambda scene: scene.raw.ask(b"SIZE /file").index(b"213 %d" % (len(CONTENT) + 1)),
    "lying_hash": lying_hash,
    "malformed_hash": malformed_hash,
    "endless_lines": endless_lines,
    "endless_listing": endless_listing,
    "endless_depth": depth,
    "escaping_names": names_include(b"../escaped", b"nul\0name", b"a/b", b"/"),
    "empty_name": names_include(b""),
    "foreign_directories": listed(b"type=cdir;modify=19700101000000;UNIX.mode=0644; /etc\r\n"),
    "strange_names": listed(b"esc\x1b[31m\x07"),
    "duplicate_names": twice,
    "absurd_facts": listed(b"size=%d;modify=99991231235959;" % 2**80),
    "special_bits": listed(b"UNIX.mode=07777;"),
    "bare_facts": listed(b"type=file; file\r\n"),
    "odd_lines": listed(b"this is no entry\r\n"),
    "long_line": lambda scene: scene.raw.fetch(b"MLSD /").content.index(b"x" * 32 * 1024 * 1024),
    "vanishing=file": starts(b"SIZE /file", b"550"),
    "rename_done_untold": renamed(b"550", done=True),
    "lying_rename": renamed(b"250", done=False),
    "no_replace": renamed(b"550", done=False, target=b"/directory"),
    "lying_delete": kept(b"DELE /file"),
    "denied=file": starts(b"SIZE /file", b"550"),
    "link_swap=directory:../outside": swapped,
    "stall_data=RETR": stalled_data,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a tree to serve."""
    made = tmp_path / "root"
    (made / "directory").mkdir(parents=True)
    (made / "directory" / "inside").write_bytes(b"inside")
    (made / "file").write_bytes(CONTENT)
    os.utime(made / "file", (0, MTIME))
    return made


@pytest.mark.parametrize("name", BEFORE_LOGIN)
def test_what_goes_wrong_before_the_login(name: str, root: Path) -> None:
    with ScriptedFtps(root, name) as server:
        raw = RawFtps(server)
        BEFORE_LOGIN[name](Scene(server, raw))
        raw.close()
        assert server.writes() == []


@pytest.mark.parametrize("name", CASES)
def test_a_behaviour_is_seen(name: str, root: Path) -> None:
    with ScriptedFtps(root, name) as server:
        raw = RawFtps(server)
        if name.partition("=")[0] not in ("prot_refused", "login_refused", "user_answered"):
            raw.login()
        else:
            raw.reply()
        CASES[name](Scene(server, raw))
        raw.close()


def test_another_certificate_on_data_connections(root: Path) -> None:
    other = Authority("other").server()
    with ScriptedFtps(root, f"other_certificate={other.combined}") as server:
        raw = RawFtps(server)
        raw._context.verify_mode = ssl.CERT_NONE
        other_certificate(Scene(server, raw.login()))
        raw.close()


def test_every_behaviour_has_a_case() -> None:
    seen = {name.partition("=")[0] for name in (*BEFORE_LOGIN, *CASES)}
    assert seen | {"other_certificate"} == set(BEHAVIOURS)


def test_a_behaviour_that_nobody_knows_is_an_error_of_the_test(root: Path) -> None:
    with pytest.raises(KeyError):
        ScriptedFtps(root, "no_such_behaviour")
    assert parse("denied=%ff%0a").value == b"\xff\n"


@pytest.fixture(params=["explicit", "implicit"])
def good(request: pytest.FixtureRequest, root: Path) -> Iterator[ScriptedFtps]:
    """Yield a server that does nothing wrong but to insist on session reuse.

    Of TLS 1.2: with 1.3 lftp closes data connections without reading the tickets that are on their way to it, and the
    system resets them.
    """
    with ScriptedFtps(root, "demands_reuse", implicit=request.param == "implicit", tls="1.2") as server:
        yield server


def test_without_a_behaviour_a_tree_goes_there_and_comes_back(good: ScriptedFtps, tmp_path: Path) -> None:
    make_sample(tmp_path / "tree")
    for link in (each for each in (tmp_path / "tree").rglob("*") if each.is_symlink()):
        link.unlink()
    # Some of these cannot be expressed in FTP, and lftp has its own treatment of names that are not UTF-8.
    shutil.rmtree(tmp_path / "tree" / "odd")
    script = (
        f"set ssl:ca-file {good.authority.file}; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; "
        f"set net:timeout 10; set net:max-retries 1; set cmd:fail-exit yes; set ftp:charset utf-8; "
        f"open -u {good.user},'{good.password}' {'ftps' if good.options.implicit else 'ftp'}://{good.host}:{good.port};"
        f"mirror -R --no-umask {tmp_path}/tree /tree; mirror --no-umask /tree {tmp_path}/back; bye"
    )
    done = subprocess.run(["lftp", "--norc", "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    sent = tree_digest(tmp_path / "tree")
    contents = {name: (seen.content, seen.mode) for name, seen in sent.items()}
    for other in (good.root / "tree", tmp_path / "back"):
        assert {name: (seen.content, seen.mode) for name, seen in tree_digest(other).items()} == contents
    assert len(sent) > 30
    assert good.resumptions()
    assert all(good.resumptions())
    assert all(command.secure for command in good.commands() if command.verb not in (b"AUTH", b"FEAT"))


def test_plaintext_is_refused_and_the_transcript_tells_it(root: Path) -> None:
    with ScriptedFtps(root) as server:
        raw = RawFtps(server)
        raw.reply()
        assert raw.ask(b"USER mirror").startswith(b"530")
        raw.close()
        told = [(command.verb, command.argument, command.secure) for command in server.commands()]
        assert told == [(b"USER", b"mirror", False)]


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_curl_reads_and_writes(tls: str, root: Path, tmp_path: Path) -> None:
    with ScriptedFtps(root, "demands_reuse", tls=tls) as server:
        base = ["curl", "-sS", "--ssl-reqd", "--cacert", str(server.authority.file), "-m", "20"]
        login = ["-u", f"{server.user}:{server.password}"]
        place = f"ftp://{server.host}:{server.port}"
        subprocess.run([*base, *login, "-o", str(tmp_path / "got"), f"{place}/file"], check=True, timeout=30)
        subprocess.run([*base, *login, "-T", str(tmp_path / "got"), f"{place}/sent"], check=True, timeout=30)
        assert (root / "sent").read_bytes() == CONTENT
        assert [command.verb for command in server.writes()] == [b"STOR"]


def test_the_commands_that_write_are_known(root: Path) -> None:
    with ScriptedFtps(root) as server:
        raw = RawFtps(server).login()
        for line in (b"MKD /a", b"RMD /a", b"SITE CHMOD 600 /file", b"MFMT %s /file" % STAMP, b"MDTM %s /file" % STAMP):
            assert raw.ask(line)[:1] == b"2", line
        assert raw.send(b"STOR /x", b"abc")[:3] == b"226"
        assert raw.send(b"APPE /x", b"def")[:3] == b"226"
        raw.ask(b"REST 1")
        assert raw.send(b"STOR /x", b"X")[:3] == b"226"
        assert (root / "x").read_bytes() == b"aXcdef"
        for line in (b"RNFR /x", b"RNTO /y", b"DELE /y"):
            assert raw.ask(line)[:1] in b"23", line
        raw.ask(b"REST 5")
        assert raw.fetch(b"RETR /file").content == CONTENT[5:]
        for line in (
            b"SIZE /file",
            b"MDTM /file",
            b"PWD",
            b"CWD /directory",
            b"SITE UMASK 077",
            b"MLST /file",
            b"NOOP",
        ):
            assert raw.ask(line)[:1] == b"2", line
        raw.close()
        assert len(server.writes()) == 11

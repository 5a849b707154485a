# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks from inside a jail and at its edge, on a real host with stock sshd. Most are made by jail_probe. Each is
judged by its effect: nothing was read, written or run. Each prints that it was refused, and the line of the host's log
that shows it."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import Expected
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.commands import (
    ATTEMPTS,
    Attempt,
    attempt,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.forwards import forwards
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.login import (
    ProbeStream,
    converse,
    started,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.names import (
    links_made,
    links_present,
    names_that_lead_out,
    other_accounts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.rights import (
    directories_seen,
    root_and_neighbours,
    stored_and_read,
    writing_requests,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.sftp_session import (
    READ,
    SftpSession,
    opened,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from support.hosts.jail_host import JailHost
from support.scripted import sftp_wire as wire
from support.scripted.sftp_wire import Attributes, Reader, Reply, put_string
from support.servers import ssh_keys
from support.servers.raw_sftp import RawSftp

DISK = 16 << 20
EXPECTED = Expected(writable=(b"/data",), readable=(b"/data",))
SECRET = "what lies outside of the jail"
SESSION = r"Starting session: forced-command \(config\) 'internal-sftp .* for partner"


@pytest.fixture(scope="module")
def jails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JailHost]:
    """A host with four jails on a small file system of their own, and a secret outside of them."""
    with JailHost(tmp_path_factory.mktemp("jails")) as host:
        host.inside(
            f"mkdir -p /srv/jail && mount -t tmpfs -o size={DISK},mode=755,nosuid,nodev,noexec tmpfs /srv/jail"
            f" && echo '{SECRET}' > /srv/secret && chmod 644 /srv/secret"
            " && sshd -V 2>&1 | grep -q OpenSSH_9.2"
            " || echo PerSourcePenaltyExemptList 198.51.100.1 > /etc/ssh/sshd_config.d/50-tests.conf"
        )
        keys = [host.key.public]
        done = host.provision(
            [
                {"name": "partner", "authorized_keys": keys, "symlinks": False},
                {"name": "linker", "authorized_keys": keys, "symlinks": True},
                {"name": "collector", "access": "upload", "authorized_keys": keys},
                {"name": "reader", "access": "download", "authorized_keys": keys},
            ]
        )
        assert done.status == 0, done.output
        host.inside("echo theirs > /srv/jail/collector/data/theirs; echo for all > /srv/jail/reader/data/offer")
        yield host


@pytest.fixture
def mark(jails: JailHost) -> str:
    return jails.mark()


def refused(jails: JailHost, what: str, pattern: str, mark: str) -> None:
    """Print the log lines of an attack whose effect was checked before."""
    print(f"refused: {what}\n    log: {jails.logged(pattern, mark)}")


def account(jails: JailHost, user: str) -> SshAccount:
    endpoint = Endpoint("sftp", jails.host.address, username=user, ssh_config_file="none")
    credentials = Credentials(private_key_file=str(jails.key.path), ssh_agent=False)
    return SshAccount(endpoint, credentials, SshTrust(known_hosts_file=str(jails.host.known_hosts)))


@contextmanager
def session(jails: JailHost, user: str) -> Iterator[SftpSession]:
    """Log in as the probe does."""
    stream, pool = started(ProbeStream(account(jails, user))), SftpPool(stall_timeout=60)
    try:
        assert stream.refusal() is None
        sftp = opened(stream, pool)
        assert sftp is not None
        yield sftp
    finally:
        pool.close()
        stream.close()


def tree(jails: JailHost) -> str:
    """Return all that is in the jails, but the times of directories."""
    return jails.inside("find /srv/jail -printf '%p %y %U:%G %m %s %l\\n' | sort")


def path(name: str) -> bytes:
    return put_string(name.encode())


def code(reply: Reply) -> int:
    assert reply.kind == wire.STATUS, f"an answer with content: {reply}"
    return Reader(reply.body).number()


def opening(name: str, flags: int) -> bytes:
    return path(name) + struct.pack(">I", flags) + Attributes().pack()


def store(sftp: RawSftp, name: str, content: bytes) -> None:
    reply = sftp.ask(wire.OPEN, opening(name, wire.FLAG_WRITE | wire.FLAG_CREATE))
    handle = put_string(Reader(reply.body).string())
    assert code(sftp.ask(wire.WRITE, handle + struct.pack(">Q", 0) + put_string(content))) == wire.OK
    assert code(sftp.ask(wire.CLOSE, handle)) == wire.OK


# Requests outside SFTP


@pytest.mark.parametrize("each", ATTEMPTS, ids=[each.name for each in ATTEMPTS])
def test_requests_of_the_probe(jails: JailHost, mark: str, each: Attempt) -> None:
    before = tree(jails)
    assert list(attempt(each, partial(converse, account(jails, "partner")))) == []
    assert tree(jails) == before
    refused(jails, each.name, "subsystem request for netconf" if "netconf" in each.name else SESSION, mark)


def test_a_program_has_no_effect(jails: JailHost, mark: str) -> None:
    before = tree(jails)
    jails.client("partner").run("-T", "server", "touch /data/ran /tmp/ran; id", input="touch /data/ran /tmp/ran\n")
    assert tree(jails) == before
    assert jails.inside("ls /tmp/ran /data/ran 2>/dev/null || true") == ""
    refused(jails, "program", SESSION, mark)


def test_scp(jails: JailHost, mark: str, tmp_path: Path) -> None:
    client = jails.client("partner")
    client.run("-O", "server:/etc/passwd", str(tmp_path / "got"), program="scp")
    (tmp_path / "sent").write_text("sent")
    client.run("-O", str(tmp_path / "sent"), "server:/data/sent", program="scp")
    assert not (tmp_path / "got").exists()
    assert "/sent" not in tree(jails)
    refused(jails, "scp by its own protocol", SESSION, mark)


def test_rsync(jails: JailHost, mark: str, tmp_path: Path) -> None:
    client = jails.client("partner")
    (tmp_path / "got").mkdir()
    command = ["rsync", "-a", "-e", f"ssh -F {client.client_config}"]
    done = subprocess.run([*command, "server:/etc/", f"{tmp_path}/got/"], capture_output=True, timeout=120, check=False)
    assert done.returncode != 0
    assert list((tmp_path / "got").iterdir()) == []
    refused(jails, "rsync", SESSION, mark)


def test_environment_and_rc_files(jails: JailHost, mark: str) -> None:
    before = tree(jails)
    with RawSftp(jails.client("partner")) as sftp:
        assert code(sftp.ask(wire.MKDIR, path("/.ssh") + Attributes().pack())) == wire.PERMISSION_DENIED
        for name in ("/.ssh/rc", "/.ssh/environment", "/.profile", "/etc/environment"):
            reply = sftp.ask(wire.OPEN, opening(name, wire.FLAG_WRITE | wire.FLAG_CREATE))
            assert code(reply) in (wire.PERMISSION_DENIED, wire.NO_SUCH_FILE)
    assert tree(jails) == before
    refused(jails, "rc and environment files", "sent status Permission denied", mark)


def test_environment_of_the_session(jails: JailHost, mark: str) -> None:
    client = jails.client("partner")
    client.client_config.write_text(
        client.client_config.read_text() + " SetEnv LD_PRELOAD=/data/x.so BASH_ENV=/data/x\n"
    )
    with RawSftp(client) as sftp:
        assert code(sftp.ask(wire.MKDIR, path("/x") + Attributes().pack())) == wire.PERMISSION_DENIED
        seen = jails.inside("cat $(pgrep -u partner sshd | sed 's|.*|/proc/&/environ|') | tr '\\0' '\\n'")
    assert "LD_PRELOAD" not in seen
    assert "BASH_ENV" not in seen
    refused(jails, "environment by the protocol", SESSION, mark)


# Forwarding: data are read through it, or a socket is looked for


def test_forwarding_and_tunnel(jails: JailHost, mark: str) -> None:
    assert jails.host.run("exec 3<>/dev/tcp/127.0.0.1/22; head -c 4 <&3", user="admin").stdout == "SSH-"
    state = "ss -Hltn; ls -a /tmp /run/user; ip -o link | wc -l; find /srv/jail | sort"
    before, not_checked = jails.inside(state), []
    assert list(forwards(account(jails, "partner"), (b"/data",), not_checked)) == []
    assert jails.inside(state) == before
    print(f"not checked: {not_checked}")
    refused(jails, "forwarding to a port", "request to connect to host 127.0.0.1 port 22.*denied|refused", mark)
    refused(jails, "forwarding to a socket", "request to connect to path /run/dbus.*denied|refused", mark)


# Ways out, by names


def test_names_that_would_lead_out(jails: JailHost, mark: str) -> None:
    with session(jails, "partner") as sftp:
        assert list(names_that_lead_out(sftp, EXPECTED)) == []
        assert list(other_accounts(sftp, EXPECTED, (b"collector", b"linker", b"reader"))) == []
        for name in (b"/../../srv/secret", b"/srv/secret", b"/data/../../secret", b"/srv/jail/collector/data/theirs"):
            assert sftp.open(name, READ) == wire.NO_SUCH_FILE
    refused(jails, "names that lead out", "sent status No such file", mark)


def test_the_root_of_the_session_is_the_jail(jails: JailHost, mark: str) -> None:
    with RawSftp(jails.client("partner")) as sftp:
        shown = Reader(sftp.ask(wire.REALPATH, path("/data/../../..")).body)
        assert (shown.number(), shown.string()) == (1, b"/")
        roots = jails.inside("readlink $(pgrep -u partner sshd | sed 's|.*|/proc/&/root|')").split()
    assert set(roots) == {"/srv/jail/partner"}  # of an earlier session too, if it has not ended yet
    refused(jails, "a way above the root", "opendir|session opened for local user partner", mark)


def test_links_are_not_made(jails: JailHost, mark: str) -> None:
    before = tree(jails)
    with session(jails, "partner") as probe:
        assert list(links_made(probe, EXPECTED)) == []
        assert list(links_present(probe, EXPECTED, (b"/", b"/data"))) == []
    with RawSftp(jails.client("partner")) as sftp:
        hard = put_string(b"hardlink@openssh.com") + path("/dev/log") + path("/data/log")
        assert code(sftp.ask(wire.EXTENDED, hard)) == wire.PERMISSION_DENIED
    assert tree(jails) == before
    refused(jails, "symbolic link", "Refusing non-allowlisted symlink request", mark)
    refused(jails, "hard link", "Refusing non-allowlisted hardlink request", mark)


def test_a_link_that_is_allowed_leads_nowhere(jails: JailHost, mark: str) -> None:
    with session(jails, "linker") as probe:
        assert list(links_made(probe, EXPECTED._replace(symlinks=True))) == []
    with RawSftp(jails.client("linker")) as sftp:
        assert code(sftp.ask(wire.SYMLINK, path("/../../srv/secret") + path("/data/link"))) == wire.OK
        assert code(sftp.ask(wire.OPEN, opening("/data/link", wire.FLAG_READ))) == wire.NO_SUCH_FILE
        hard = put_string(b"hardlink@openssh.com") + path("/../../srv/secret") + path("/data/hard")
        assert code(sftp.ask(wire.EXTENDED, hard)) == wire.NO_SUCH_FILE
    refused(jails, "reading through a symbolic link", "sent status No such file", mark)


def test_the_jail_cannot_be_renamed_or_opened_up(jails: JailHost, mark: str) -> None:
    before = tree(jails)
    wide = Attributes(mode=0o777).pack()
    with session(jails, "partner") as probe:
        assert list(root_and_neighbours(probe, EXPECTED, directories_seen(probe, EXPECTED))) == []
    with RawSftp(jails.client("partner")) as sftp:
        for old, new in (("/data", "/other"), ("/", "/data/root"), ("/dev", "/data/dev"), ("/dev/log", "/data/log")):
            assert code(sftp.ask(wire.RENAME, path(old) + path(new))) != wire.OK
            posix = put_string(b"posix-rename@openssh.com") + path(old) + path(new)
            assert code(sftp.ask(wire.EXTENDED, posix)) != wire.OK
        for name in ("/", "/data", "/dev", "/dev/log"):
            assert code(sftp.ask(wire.SETSTAT, path(name) + wide)) == wire.PERMISSION_DENIED
            assert code(sftp.ask(wire.RMDIR, path(name))) != wire.OK
        for name in ("/new", "/dev/new"):
            assert code(sftp.ask(wire.MKDIR, path(name) + Attributes().pack())) == wire.PERMISSION_DENIED
    assert tree(jails) == before
    refused(jails, "renaming, removing and opening up the jail", "sent status Permission denied", mark)


# Stored files are only stored


def test_uploaded_keys_open_nothing(jails: JailHost, mark: str) -> None:
    other = ssh_keys.key("intruder")
    with RawSftp(jails.client("partner")) as sftp:
        assert code(sftp.ask(wire.MKDIR, path("/data/.ssh") + Attributes().pack())) == wire.OK
        store(sftp, "/data/.ssh/authorized_keys", other.public.encode() + b"\n")
    # Even where an administrator put it for them.
    jails.inside("install -d -o partner /srv/jail/partner/.ssh && cp /srv/jail/partner/data/.ssh/authorized_keys"
                 " /srv/jail/partner/.ssh/ && chown partner /srv/jail/partner/.ssh/authorized_keys")  # fmt: skip
    done = jails.client("partner", other).run("-s", "server", "sftp")
    jails.inside("rm -r /srv/jail/partner/.ssh /srv/jail/partner/data/.ssh")
    assert (done.returncode, done.stdout) == (255, "")
    assert "Permission denied (publickey)" in done.stderr
    refused(
        jails, "login by an uploaded key", "Failed publickey|Connection closed by authenticating user partner", mark
    )


def test_set_user_id_counts_for_nothing(jails: JailHost, mark: str) -> None:
    with session(jails, "partner") as probe:
        assert [each.id for each in stored_and_read(probe, EXPECTED)] == ["set_user_id"]
    program = Path(jails.host.directory / "true")
    program.write_bytes(b"#!/bin/sh\nid > /tmp/ran\n")
    with RawSftp(jails.client("partner")) as sftp:
        store(sftp, "/data/tool", program.read_bytes())
        assert code(sftp.ask(wire.SETSTAT, path("/data/tool") + Attributes(mode=0o6755).pack())) == wire.OK
    done = jails.host.enter("/srv/jail/partner/data/tool", check=False)
    assert done.returncode == 126 or "Permission denied" in done.stderr
    assert jails.inside("ls /tmp/ran 2>/dev/null || true") == ""
    assert {"nosuid", "nodev", "noexec"} <= set(
        jails.inside("findmnt -no OPTIONS -T /srv/jail/partner").strip().split(",")
    )
    refused(jails, "running an uploaded program, as root even", r'set "/data/tool" mode', mark)


def test_a_writable_root_stops_the_login(jails: JailHost, mark: str) -> None:
    jails.inside("chmod 0777 /srv/jail/partner")
    try:
        done = jails.client("partner").run("-s", "server", "sftp")
    finally:
        jails.inside("chmod 0750 /srv/jail/partner")
    assert done.stdout == ""
    refused(jails, "login with a writable root", "bad ownership or modes for chroot directory", mark)


def test_one_jail_does_not_reach_another(jails: JailHost, mark: str) -> None:
    script = "setpriv --reuid=partner --regid=partner --clear-groups cat /srv/jail/collector/data/theirs"
    done = jails.host.enter("sh", "-c", script, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    with RawSftp(jails.client("partner")) as sftp:
        reply = sftp.ask(wire.OPEN, opening("/../collector/data/theirs", wire.FLAG_READ))
        assert code(reply) == wire.NO_SUCH_FILE
    refused(jails, "reading another jail, without the chroot even", "sent status No such file", mark)


def test_a_full_jail_leaves_the_host_its_disk(jails: JailHost, mark: str) -> None:
    with RawSftp(jails.client("collector")) as sftp:
        reply = sftp.ask(wire.OPEN, opening("/data/much", wire.FLAG_WRITE | wire.FLAG_CREATE))
        handle = put_string(Reader(reply.body).string())
        block = put_string(bytes(128 << 10))
        codes = [
            code(sftp.ask(wire.WRITE, handle + struct.pack(">Q", place << 17) + block)) for place in range(DISK >> 16)
        ]
    assert wire.FAILURE in codes
    assert jails.inside("echo fine > /srv/other && cat /srv/other") == "fine\n"
    jails.inside("rm /srv/jail/collector/data/much")
    refused(jails, "filling the host's disk", "sent status Failure", mark)


# The rights of each access


def test_upload_gets_nothing_back(jails: JailHost, mark: str) -> None:
    with session(jails, "collector") as probe:
        found = stored_and_read(probe, EXPECTED._replace(access="upload"))
        assert [each.id for each in found] == ["set_user_id"]
    with RawSftp(jails.client("collector")) as sftp:
        store(sftp, "/data/mine", b"mine")
        handle = put_string(Reader(sftp.ask(wire.OPEN, opening("/data/mine", wire.FLAG_READ)).body).string())
        assert code(sftp.ask(wire.READ, handle + struct.pack(">QI", 0, 100))) == wire.PERMISSION_DENIED
    assert jails.inside("cat /srv/jail/collector/data/mine") == "mine"
    refused(jails, "reading with access upload", "Refusing non-allowlisted read request", mark)


def test_download_changes_nothing(jails: JailHost, mark: str) -> None:
    before, expected = tree(jails), Expected("download", readable=(b"/data",))
    with session(jails, "reader") as probe:
        assert list(root_and_neighbours(probe, expected, directories_seen(probe, expected))) == []
        assert list(writing_requests(probe, expected)) == []
    with RawSftp(jails.client("reader")) as sftp:
        writing = wire.FLAG_WRITE | wire.FLAG_CREATE
        requests = [
            (wire.OPEN, opening("/data/new", writing)),
            (wire.OPEN, opening("/data/offer", writing | wire.FLAG_TRUNCATE)),
            (wire.REMOVE, path("/data/offer")),
            (wire.RENAME, path("/data/offer") + path("/data/gone")),
            (wire.MKDIR, path("/data/new") + Attributes().pack()),
            (wire.SETSTAT, path("/data/offer") + Attributes(mode=0o777).pack()),
            (wire.SYMLINK, path("offer") + path("/data/link")),
        ]
        assert {code(sftp.ask(*request)) for request in requests} == {wire.PERMISSION_DENIED}
        handle = put_string(Reader(sftp.ask(wire.OPEN, opening("/data/offer", wire.FLAG_READ)).body).string())
        reply = sftp.ask(wire.READ, handle + struct.pack(">QI", 0, 100))
        assert (reply.kind, Reader(reply.body).string()) == (wire.DATA, b"for all\n")
    assert tree(jails) == before
    refused(jails, "writing with access download", "Refusing open request in read-only mode", mark)


def test_names_forge_no_line_of_the_log(jails: JailHost, mark: str) -> None:
    forged = "x\nsshd: Accepted password for root"
    with RawSftp(jails.client("partner")) as sftp:
        assert code(sftp.ask(wire.RMDIR, path("/data/" + forged))) == wire.NO_SUCH_FILE
    line = jails.logged("Accepted password for root", mark)
    assert "\\nsshd" in line
    refused(jails, "a name with a line of its own", "Accepted password for root", mark)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SFTP stream through the OpenSSH client program (ssh), which does the cryptography in its own process.

1. Write ssh's configuration: the options for trust come first, so that the user's own configuration cannot weaken them
   (`openssh_config`).
2. Start ssh with sockets as its input and output (`one_way`). Secrets reach it by a helper program and FIFOs
   (`Askpass`), a private key in text by a private agent (`agent`).
3. Until the channel is open, read ssh's messages and answer its questions, each secret once (`openssh_messages`).
4. ssh itself verifies the host key. It also passes the key to a program of the engine, which records it
   (`shown_key`): a peer can write any message, but it cannot write that record.
5. If ssh ends before the channel is open, the cause is decided here: jump hosts first, then the recorded key against
   the pins (`openssh_failures`), then the messages. The messages alone never prove a server.
6. A pinned fingerprint does not name its key type. If the server shows a key of another type first, ssh is started
   again for the types that are left.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from functools import cached_property
from typing import TYPE_CHECKING, Dict, List, Optional, Set, Tuple

from ..errors import (
    AuthenticationFailed,
    ClientMissing,
    ConnectionFailed,
    ConnectionLost,
    HostKeyChanged,
    PrivateKeyUnusable,
    Stalled,
    SyncError,
)
from ..model.display import display_text
from ..model.endpoint import Credentials, Endpoint, PeerIdentity, SshTrust
from ..system.child_processes import ChildProcesses
from ..trust.fingerprint import CERTIFICATE, PublicKey, base_key_type
from ..trust.known_hosts import CERT_AUTHORITY, HostKeys, parse_host_keys
from .inputs import check_inputs, jump_hops
from .openssh_config import (
    PLAIN_ALGORITHMS,
    TARGET,
    LoginPlan,
    ShownKey,
    hop_name,
    shown_key,
    ssh_command,
    write_configs,
)
from .openssh_messages import Askpass, SshLog
from .stream import EXEC, OLDEST_OPENSSH, SFTP_SUBSYSTEM, Stream, find_openssh, one_way, openssh_version

if TYPE_CHECKING:
    from .openssh_messages import Answers

# For a client that does not log an accepted request: a refusal would have been logged by then.
_GRACE = 0.5
_TICK = 0.1
_LATE = 5.0
_RESOURCES = "Check free descriptors, processes and space for temporary files on this host."
_NEXT_KEY_TYPE_PAUSE = 0.2
_MOST_KEY_TYPES = 6
_LONGEST_LOG = 1 << 20
_READS = 4
"""Of 64 KiB each: more than is left in the pipe when ssh has ended."""
_ALGORITHMS = frozenset(PLAIN_ALGORITHMS) | {name + CERTIFICATE for name in PLAIN_ALGORITHMS}


def open_openssh(
    endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, request: str = SFTP_SUBSYSTEM, command: str = ""
) -> Stream:
    """Start a login with ssh and return the stream at once.

    request: SFTP_SUBSYSTEM, or EXEC to run `command` (a constant of the engine) in the account's shell.
    Raises the errors that are known before a connection: InvalidRequest, ClientMissing, TrustStoreUnreadable,
    PrivateKeyUnusable.
    """
    check_inputs(endpoint, credentials, trust)
    plan = login_plan(trust)
    words = [command] if request == EXEC else ["-s", "sftp"]
    try:
        stream = OpenSshStream(endpoint, credentials, trust, request=words)
    except OSError as error:
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}", cure=_RESOURCES) from None
    try:
        stream.start(plan)
    except OSError as error:
        stream.close()
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}", cure=_RESOURCES) from None
    except BaseException:
        stream.close()
        raise
    return stream


def login_plan(trust: SshTrust) -> LoginPlan:
    """Return the decisions for a login besides endpoint and credentials. Raises ClientMissing, InvalidRequest."""
    host_keys = parse_host_keys(trust.host_keys)
    ssh = find_openssh()
    if ssh is None:
        raise ClientMissing("ssh is not on PATH", cure="Install the OpenSSH client, or paramiko.")
    algorithms = _first_algorithms(trust, host_keys)
    return LoginPlan(ssh, openssh_version() or OLDEST_OPENSSH, host_keys, host_key_algorithms=algorithms)


class OpenSshStream(Stream):
    """One running ssh, its input, output and messages; see Stream for the contract."""

    def __init__(self, endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, request: List[str]) -> None:
        self._endpoint, self._credentials, self._trust = endpoint, credentials, trust
        self._given = credentials  # in the words of the task
        self._endpoint_trust = trust
        """The trust for the endpoint; for jump hosts it is `trust`."""
        self._request = request
        self._deadline = time.monotonic() + endpoint.connect_timeout
        self._environment: Dict[str, str] = {}
        """Further variables of ssh."""
        self._is_cut = False
        self._where = display_text(endpoint.host if endpoint.port is None else f"{endpoint.host} port {endpoint.port}")
        self._log = SshLog()
        self._who = display_text(endpoint.username or "the account")
        self._messages_ended = False
        self._shown_types: Set[Tuple[str, bool]] = set()
        self._child_ends: List[int] = []
        self._child: Optional[subprocess.Popen[bytes]] = None
        self.read_fd = self.write_fd = -1
        self._guard = ChildProcesses()
        try:
            self._askpass = Askpass(self._guard)
        except BaseException:
            self._guard.close()
            raise

    def start(self, plan: LoginPlan) -> None:
        """Start the programs; called by `open_openssh`."""
        child_in, self.write_fd = one_way()
        self._child_ends.append(child_in)
        self.read_fd, child_out = one_way()
        self._child_ends.append(child_out)
        for descriptor in (self.read_fd, self.write_fd):
            os.set_blocking(descriptor, False)
        self._plan = plan._replace(agent=self._key_agent())
        self._start_ssh()

    def _key_agent(self) -> Optional[str]:
        """Return the socket of an agent with the key of the task, None if ssh reads the key itself."""
        if self._credentials.has_certificate:
            from .user_certificate import make_ready  # pylint: disable=import-outside-toplevel

            self._credentials, agent = make_ready(self._guard, self._askpass, self._credentials)
            return agent
        if self._credentials.private_key is None:
            return None
        from .agent import start_key_agent  # pylint: disable=import-outside-toplevel

        return start_key_agent(self._guard, self._askpass, self._credentials)

    def _start_ssh(self) -> None:
        command = ssh_command(self._plan.ssh, self._configuration(), self._endpoint, self._request)
        self.message_fd, child_messages = os.pipe()
        self._messages_ended = False
        os.set_blocking(self.message_fd, False)
        try:
            self._child = self._guard.start(
                command,
                stdin=self._child_ends[0],
                stdout=self._child_ends[1],
                stderr=child_messages,
                env=dict(os.environ, LC_ALL="C", SHELL="/bin/sh", **self._askpass.environment, **self._environment),
            )
        finally:
            os.close(child_messages)

    def _configuration(self) -> str:
        return write_configs(self._guard, self._endpoint, self._credentials, self._trust, plan=self._plan)

    def wait_ready(self) -> PeerIdentity:
        # A caller that came late still finds a session that is ready, and a question that waits is still answered.
        self._deadline = max(self._deadline, time.monotonic() + min(self._endpoint.connect_timeout, _LATE))
        try:
            while not self._login_attempt():
                self._restart()
            self._close_child_ends()
            return self._identity()
        except BaseException:
            self.close()
            raise

    def _login_attempt(self) -> bool:
        """True when the channel is open, False when the server may have the pinned key under another type."""
        ready_at = None
        while not self._log.accepted:
            now = time.monotonic()
            if self._is_cut or now >= self._deadline:
                raise self._timeout()
            if ready_at is None and self._log.entered:
                ready_at = now + _GRACE
            ended = self._child is None or self._guard.has_ended(self._child)
            if self._log.is_another_protocol:
                return self._judge()
            self._serve(0.0 if ended else min(_TICK, self._deadline - now))
            if ended and not self._log.accepted:
                return self._judge()
            if ready_at is not None and now >= ready_at:
                break
        return True

    @cached_property
    def _answers(self) -> Answers:
        """Loaded by the first question: a login with a key asks none."""
        from .openssh_messages import Answers  # pylint: disable=import-outside-toplevel

        return Answers(self._credentials, self._where, self._who)

    def _serve(self, timeout: float) -> None:
        """Take messages and answer questions, at most `timeout` seconds."""
        poller = select.poll()
        poller.register(self._askpass.fd, select.POLLIN)
        if self.message_fd is not None and not self._messages_ended:
            poller.register(self.message_fd, select.POLLIN)
        if self._log.entered:
            poller.register(self.read_fd, select.POLLIN)
        ready = [descriptor for descriptor, _event in poller.poll(timeout * 1000)]
        self.drain_messages()
        if self._askpass.fd in ready:
            for prompt in self._askpass.questions():
                self._askpass.answer(prompt, self._answers.answer(prompt, self._log))
        self._log.accepted |= self.read_fd in ready

    def _judge(self) -> bool:
        """Handle the end of ssh: return False if another type of host key is worth a try, else raise why it ended."""
        self.drain_messages()
        error = self._hop_error() or self._not_proven() or _failure(self._log, self._where, self._who)
        if isinstance(error, HostKeyChanged) and self._next_key_types():
            return False
        if self._answers.lacks_passphrase and (error is None or isinstance(error, AuthenticationFailed)):
            error = PrivateKeyUnusable("the private key is encrypted and has no passphrase", cure="Set passphrase.")
        raise (error and _explained(error, self._given)) or ConnectionFailed(
            f"{self._where}: ssh ended before the login: {self._log.last_message() or 'without a message'}",
            cure="Read the server's log.",
        )

    def _identity(self) -> PeerIdentity:
        """Return the server's identity. The key is the key that ssh verified; the rest is from the messages."""
        shown_now = self._shown_key()
        key_type, fingerprint = (shown_now.key_type, shown_now.fingerprint) if shown_now else ("", "")
        return self._log.identity._replace(host_key_type=key_type, host_key_fingerprint=fingerprint)

    def _shown_key(self) -> Optional[PublicKey]:
        found = shown_key(self._guard, TARGET)
        return found and found.key

    def _not_proven(self) -> Optional[SyncError]:
        """Return why the server is not proven: its key is judged here, regardless of the messages."""
        found = shown_key(self._guard, TARGET)
        return _unproven(found, self._log, self._endpoint_trust, self._where, is_endpoint=found is not None)

    def _hop_error(self) -> Optional[SyncError]:
        """Return the error of the first failed jump host, the cause of the endpoint's error."""
        for number, hop in enumerate(jump_hops(self._endpoint), 1):
            log, where = SshLog(), f"jump host {display_text(hop.host)}"
            with contextlib.suppress(OSError), open(self._guard.path(hop_name(number) + ".log"), "rb") as file:
                log.feed(file.read(_LONGEST_LOG) + b"\n")
            found = shown_key(self._guard, hop_name(number))
            error = _unproven(found, log, self._trust, where, is_endpoint=False)
            error = error or _failure(log, where, hop.username or "the account")
            if error is not None:
                return error
        return None

    def _next_key_types(self) -> Tuple[str, ...]:
        """Return the server's other types, when a fingerprint is pinned (it does not name the type of its key)."""
        found = self._shown_key()
        if found is None or not self._plan.host_keys.fingerprints or len(self._shown_types) >= _MOST_KEY_TYPES:
            return ()
        tried = self._shown_types | {_family(found.key_type)}
        has = [name for name in self._log.server_key_types if name in _ALGORITHMS]
        return tuple(name for name in has if _family(name) not in tried)

    def _restart(self) -> None:
        """Start ssh again for the types of keys that the server has not shown yet."""
        types = self._next_key_types()
        found = self._shown_key()
        if found is not None:
            self._shown_types.add(_family(found.key_type))
        self._start_again(types, pause=_NEXT_KEY_TYPE_PAUSE)

    def _start_again(self, algorithms: Tuple[str, ...], *, pause: float) -> None:
        """Start ssh again on the same descriptors, after a pause in seconds, for a key of one of the `algorithms`."""
        self._end_child()
        time.sleep(pause)
        self._log = type(self._log)()
        self._plan = self._plan._replace(host_key_algorithms=algorithms)
        self._start_ssh()

    def _timeout(self) -> SyncError:
        from .openssh_failures import login_timeout  # pylint: disable=import-outside-toplevel

        return login_timeout(self._log, self._where, self._endpoint.connect_timeout)

    def drain_messages(self) -> None:
        """See Stream. A peer can write faster than this reads, so what is left waits for the next call: the callers
        have deadlines."""
        for _number in range(_READS):
            if self.message_fd is None:
                return
            try:
                data = os.read(self.message_fd, 65536)
            except BlockingIOError:
                return
            if not data:
                self._messages_ended = True  # the descriptor stays open: a poller of the client's may still hold it
                return
            self._log.feed(data)

    def failure(self) -> SyncError:
        self.drain_messages()
        # A peer that is not proven can claim in ssh's messages that the session is there.
        error = self._not_proven()
        if error is not None:
            return error
        message = self._log.last_message()
        if "not responding" in message:
            return Stalled(f"{self._where} no longer answers: {message}", cure="Check the network and the server.")
        return ConnectionLost(
            f"the connection to {self._where} ended{message and ': ' + message}", cure="Read the server's log."
        )

    def cut(self) -> None:
        self._is_cut = True

    def close(self) -> None:
        self._end_child()
        self._guard.close()
        self._askpass.close()
        self._close_child_ends()
        for descriptor in (self.read_fd, self.write_fd):
            if descriptor >= 0:
                os.close(descriptor)
        self.read_fd = self.write_fd = -1

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            self._guard.end(child)
        self._close_messages()

    def _close_messages(self) -> None:
        descriptor, self.message_fd = self.message_fd, None
        if descriptor is not None:
            os.close(descriptor)

    def _close_child_ends(self) -> None:
        """Close the child's ends, so that the end of ssh becomes the end of `read_fd`."""
        descriptors, self._child_ends = self._child_ends, []
        for descriptor in descriptors:
            os.close(descriptor)


def _first_algorithms(trust: SshTrust, host_keys: HostKeys) -> Optional[Tuple[str, ...]]:
    """No host certificates where only fingerprints can prove the server: they are fingerprints of plain keys."""
    authorities = any(entry.marker == CERT_AUTHORITY for entry in host_keys.entries)
    if host_keys.fingerprints and not authorities and trust.known_hosts_file is None:
        return ("-*-cert-v01@openssh.com",)
    return None


def _family(key_type: str) -> Tuple[str, bool]:
    """Of a key type or signature algorithm: its plain key type, and whether it is a certificate's."""
    return base_key_type(key_type), "-cert-" in key_type


def _failure(log: SshLog, where: str, who: str) -> Optional[SyncError]:
    """Return the reason of a failure by the messages. Failures load more modules than logins."""
    from .openssh_failures import login_failure  # pylint: disable=import-outside-toplevel

    return login_failure(log, where, who, pinned=False)


def _explained(error: SyncError, credentials: Credentials) -> SyncError:
    from .user_certificate import explained  # pylint: disable=import-outside-toplevel

    return explained(error, credentials)


def _unproven(
    found: Optional[ShownKey], log: SshLog, trust: SshTrust, where: str, *, is_endpoint: bool
) -> Optional[SyncError]:
    from .openssh_failures import unproven  # pylint: disable=import-outside-toplevel

    return unproven(found, log, trust, where, is_endpoint=is_endpoint)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse ssh's stderr: the progress of the login, and the reason of a failure.

A peer can write any line here, before the key exchange too (SSH_MSG_DEBUG, a disconnect message). Facts that must be
true come from other sources: the host key from openssh_witness, success from the bytes of the session.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Deque, Dict, List, NamedTuple, Optional, Tuple, Type

from ..errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectTimeout,
    HostKeyChanged,
    HostKeyRevoked,
    InvalidRequest,
    NotSupported,
    PrivateKeyUnusable,
    SyncError,
    TooManyConnections,
    TrustError,
    UnknownHost,
)
from ..model.endpoint import PeerIdentity
from ..model.relpath import display_text
from ..trust.fingerprint import PublicKey
from ..trust.verifier import host_key_error
from .wrong_port import LIMITS, SILENT_CURE, is_another_protocol, is_limit, not_ssh

__all__ = ["SshLog"]

_KEPT = 40
_LONGEST = 2048
# Not compiled here: this is loaded before a login begins, and read while it goes on.
_FACTS = {
    "client": r"debug1: Local version string SSH-[^-]*-(\S+)",
    "version": r"debug1: Remote protocol version ([0-9.]+), remote software version ",
    "software": r"debug1: Remote protocol version [0-9.]+, remote software version (.*)",
    "kex": r"debug1: kex: algorithm: (\S+)",
    "cipher": r"debug1: kex: client->server cipher: (\S+)",
    "key_type": r"debug1: Server host (?:key|certificate): (\S+) SHA256:",
    "fingerprint": r"debug1: Server host (?:key|certificate): \S+ (SHA256:\S+?),?(?: |$)",
}
_OFFERS = r"debug2: .*host key algorithms: (\S*)$"
_CONTINUE = r"debug1: Authentications that can continue: (.*)"
_UNKNOWN = r"No (\S+) host key is known for (.*) and you have requested strict checking"
_DENIED = r"Permission denied \(([^)]*)\)"
_REVOKED = r"marked as revoked|REVOKED HOST KEY|revoked by file|was revoked"
_UNSIGNED = "incorrect signature"
_CERTIFICATE = r"Certificate invalid: (.*)"


class _Rule(NamedTuple):
    pattern: str
    error: Type[SyncError]
    cure: str


_BANNER = r"debug1: kex_exchange_identification: banner line \d+: (.*)"
_KEY_CURE = "Check the key file, its mode (0600) and its passphrase."
_LIMIT_CURE = "Use fewer connections at once (parallel), or wait: the server limits sessions or bans this address."
_RULES = (
    _Rule(r"Bad owner or permissions on ", InvalidRequest, "Correct owner and mode, or set ssh_config_file."),
    _Rule(
        r"Bad configuration option|bad configuration options|terminating, ",
        InvalidRequest,
        "Correct ssh_config_file.",
    ),
    _Rule(
        r"KnownHostsCommand.* failed|Unsafe KnownHostsCommand",
        InvalidRequest,
        "ssh cannot start a program here (a sandbox): set host_keys to whole keys instead of fingerprints, or set "
        "ssh_client to paramiko.",
    ),
    _Rule(r"Load key .*: (?!No such file)|UNPROTECTED PRIVATE KEY FILE", PrivateKeyUnusable, _KEY_CURE),
    _Rule(r"subsystem request failed", NotSupported, "Enable the sftp subsystem on the server (sshd_config)."),
    _Rule(r"(exec|shell) request failed", NotSupported, "The account may run no command; set proof to another value."),
    _Rule(r"channel \d+: open failed", TooManyConnections, _LIMIT_CURE),
    _Rule(r"banner line \d+: (%s)" % LIMITS, TooManyConnections, _LIMIT_CURE),
    _Rule(r"Too many authentication failures", AuthenticationFailed, "Set private_key_file, to offer fewer keys."),
    _Rule(r"timed out during banner exchange", ConnectTimeout, SILENT_CURE),
    _Rule(
        r"[Cc]onnection timed out|Operation timed out|Connection to .* timed out",
        ConnectTimeout,
        "Check address, port and firewall, or raise connect_timeout.",
    ),
    _Rule(r"Unable to negotiate|no matching ", ConnectionFailed, "Update the older side."),
    _Rule(r"kex_exchange_identification: (Connection closed|read: Connection reset)", TooManyConnections, _LIMIT_CURE),
    _Rule(r"Could not resolve hostname|Name or service not known", ConnectionFailed, "Check the host name."),
    _Rule(
        r"Connection refused|No route to host|Network is unreachable|connect to ",
        ConnectionFailed,
        "Check address, port and firewall, and that the server runs.",
    ),
    _Rule(
        r"Connection (closed|reset)|Received disconnect|Disconnected from|banner exchange|Bad remote protocol",
        ConnectionFailed,
        "Read the server's log.",
    ),
)


class SshLog:
    """Reads ssh's stderr; text that a peer could have written is always shown escaped."""

    def __init__(self) -> None:
        self._rest = b""
        self._facts: Dict[str, str] = {}
        self._proven = False
        self._connected = False
        self._offers: List[Tuple[str, ...]] = []
        self.lines: Deque[str] = deque(maxlen=_KEPT)
        self.entered = False
        """The request for the channel has been sent."""
        self.accepted = False
        """The server has accepted it."""
        self.methods = ""
        self.partial_success = 0
        self.wrong_passphrase = False
        self.host_key_changed = False
        self.host_key_revoked = False
        self.unknown_name: Optional[str] = None
        self.greeting: Optional[str] = None
        """The first line of a server that has not identified itself as an SSH server; "" for bytes that are no text."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes; facts are drawn from whole lines."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST:]
        for line in lines:
            self._take(line[:_LONGEST].rstrip(b"\r").decode("utf-8", "surrogateescape"))

    def _take(self, line: str) -> None:
        if line.startswith("debug"):
            self._take_debug(line)
        elif line.strip() and not line.startswith(("Authenticated to", "Transferred: ", "Bytes per second")):
            self._take_message(line)

    def _take_debug(self, line: str) -> None:
        # Later lines could be a text of the server's, such as its banner.
        self._proven |= line.startswith("debug1: SSH2_MSG_SERVICE_ACCEPT received")
        for name, pattern in _FACTS.items() if not self._proven else ():
            match = re.match(pattern, line)
            if match is not None and (name not in self._facts or "host certificate" in line):
                self._facts[name] = match.group(1)
        self._connected |= line.startswith("debug1: Connection established")
        self.wrong_passphrase |= "bad passphrase given" in line
        if "request accepted on channel 0" in line:
            self.accepted = True
        elif line.startswith(("debug1: Sending subsystem: ", "debug1: Sending command: ")):
            self.entered = True
        elif "banner line" in line:
            self.lines.append(line.partition(": ")[2])
            self._take_greeting(line)
        self._take_lists(line)

    def _take_greeting(self, line: str) -> None:
        match = re.match(_BANNER, line)
        if match is not None and self.greeting is None and not is_limit(match.group(1)):
            self.greeting = match.group(1)

    def _take_lists(self, line: str) -> None:
        offers, methods = re.match(_OFFERS, line), re.match(_CONTINUE, line)
        if offers is not None:
            self._offers.append(tuple(offers.group(1).split(",")))
        if methods is not None:
            self.methods = methods.group(1)

    def _take_message(self, line: str) -> None:
        self.lines.append(line)
        unknown = re.search(_UNKNOWN, line)
        if unknown is not None:
            self.unknown_name = unknown.group(2)
        self.host_key_changed |= "REMOTE HOST IDENTIFICATION HAS CHANGED" in line
        self.host_key_revoked |= re.search(_REVOKED, line) is not None
        self.partial_success += "partial success" in line
        if "banner line contains invalid characters" in line and self.greeting is None:
            self.greeting = ""

    @property
    def is_silent(self) -> bool:
        """Return whether the server took the connection and has sent nothing yet."""
        return self._connected and self.greeting is None and "software" not in self._facts

    @property
    def is_another_protocol(self) -> bool:
        """Return whether the server speaks, and not SSH: there is nothing to wait for."""
        return "software" not in self._facts and self.greeting is not None and is_another_protocol(self.greeting)

    @property
    def server_key_types(self) -> Tuple[str, ...]:
        """Return the host key algorithms that the server has; empty if ssh was not asked to log them."""
        return self._offers[1] if len(self._offers) > 1 else ()

    @property
    def identity(self) -> PeerIdentity:
        """Return the peer as the messages name it: to be shown, not to be believed."""
        facts = {name: display_text(value) for name, value in self._facts.items()}
        return PeerIdentity(
            protocol="SSH-" + facts.get("version", "2.0"),
            client=facts.get("client", "OpenSSH"),
            software=facts.get("software", ""),
            host_key_type=facts.get("key_type", ""),
            host_key_fingerprint=facts.get("fingerprint", ""),
            key_exchange=facts.get("kex", ""),
            cipher=facts.get("cipher", ""),
        )

    def last_message(self) -> str:
        """ssh's last words for people, escaped; "" if there are none."""
        return display_text(self.lines[-1].strip()) if self.lines else ""

    def error(
        self, where: str, who: str, *, pinned: bool, shown_key: Optional[PublicKey] = None
    ) -> Optional[SyncError]:
        """Return why the login failed; None if the messages do not show it.

        where: the server
        who: the account

        The messages only select between failures. They never make a success, nor hide that an identity is not proven:
        ssh's own final lines come last, and any such line is accepted.

        pinned: there are pins for this server, so an unlisted key counts as changed
        shown_key: the server's key, from another source than these messages
        """
        return self.trust_error(where, pinned=pinned, shown_key=shown_key) or self._other_error(where, who)

    def trust_error(self, where: str, *, pinned: bool, shown_key: Optional[PublicKey] = None) -> Optional[SyncError]:
        """Return why the server is not proven; None if the messages do not show it."""
        text = "\n".join(self.lines)
        key_type, fingerprint = (shown_key.key_type, shown_key.fingerprint) if shown_key else ("", "")
        if self.unknown_name is not None and shown_key is None:
            where = "jump host %s" % display_text(self.unknown_name)  # one of the user's own configuration
        certificate = re.search(_CERTIFICATE, text)
        if self.host_key_revoked:
            return host_key_error(HostKeyRevoked, where, key_type, fingerprint)
        if certificate is not None and not self.host_key_changed:
            reason = display_text(certificate.group(1))
            return TrustError(
                "the host certificate of %s is not valid: %s" % (where, reason),
                cure="Have the authority sign the host's key again.",
            )
        if self.host_key_changed or (self.unknown_name is not None and pinned):
            return host_key_error(HostKeyChanged, where, key_type, fingerprint)
        if self.unknown_name is not None or "Host key verification failed" in text:
            return host_key_error(UnknownHost, where, key_type, fingerprint)
        if _UNSIGNED in text:
            return TrustError(
                "%s sends a host key with a wrong signature: it does not have the private key" % where,
                cure="Do not connect: this may be a man-in-the-middle attack.",
            )
        return None

    def _other_error(self, where: str, who: str) -> Optional[SyncError]:
        if self.greeting is not None and "software" not in self._facts:
            return not_ssh(where, self.greeting)
        for rule in _RULES:
            line = next((line for line in self.lines if re.search(rule.pattern, line)), None)
            if line is not None:
                return rule.error("%s: %s" % (where, display_text(line.strip())), cure=rule.cure)
        if self.wrong_passphrase:
            return PrivateKeyUnusable("passphrase: does not decrypt the private key", cure="Correct passphrase.")
        denied = next((match for match in (re.search(_DENIED, line) for line in self.lines) if match), None)
        if denied is not None:
            return AuthenticationFailed(
                "%s does not accept the login of %s (it offers: %s)" % (where, who, display_text(denied.group(1))),
                cure="Check username, and that the key or password belongs to the account.",
            )
        return None

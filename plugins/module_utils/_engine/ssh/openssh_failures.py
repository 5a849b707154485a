# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a login with ssh failed, by its messages. Loaded after a failure only.

The messages only select between failures: a peer can write any line, see openssh_messages.

Its key and the pins decide whether a server is proven; ssh's messages can only add a doubt.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Type

from ..errors import (
    AlgorithmsRefused,
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
    TrustStoreUnreadable,
    UnknownHost,
)
from ..model.display import display_text
from ..model.endpoint import SshTrust
from ..trust.fingerprint import PublicKey
from ..trust.verifier import HostPins, host_key_error, pins_for, split_host_name
from .login_errors import LIMIT_CURE, LIMITS, OLD_CURE, SILENT_CURE, TIMEOUT_CURE, not_ssh, step_missing
from .openssh_config import ShownKey
from .openssh_messages import SshLog

_DENIED = r"Permission denied \(([^()]*)\)"
_UNSIGNED = "incorrect signature"
_CERTIFICATE = r"Certificate invalid: (.*)"
_HUNG_UP = (
    r"kex_exchange_identification: (Connection closed|read: Connection reset)|banner exchange: .{0,300}: Broken pipe"
)
_REMARK = r"Warning: |\*\* |.*\bline \d+: "
"""Begins a line of ssh that is not the reason of a failure."""
_KEY_CURE = "Check the key file, its mode (0600) and its passphrase."


class _Rule(NamedTuple):
    pattern: str
    error: Type[SyncError]
    cure: str


_RULES = (
    _Rule(r"Bad owner or permissions on ", InvalidRequest, "Correct owner and mode, or set ssh_config_file."),
    _Rule(r"[Bb]ad configuration option|terminating, ", InvalidRequest, "Correct ssh_config_file."),
    _Rule(
        r"KnownHostsCommand.{,500} failed|Unsafe KnownHostsCommand",
        InvalidRequest,
        "ssh cannot start a program here (a sandbox): set host_keys to whole keys instead of fingerprints, or set "
        "ssh_client to paramiko.",
    ),
    _Rule(r"Load key .{,999}: (?!No such file)|UNPROTECTED PRIVATE KEY FILE", PrivateKeyUnusable, _KEY_CURE),
    _Rule(r"subsystem request failed", NotSupported, "Enable the sftp subsystem on the server (sshd_config)."),
    _Rule(r"(exec|shell) request failed", NotSupported, "The account may run no command; set proof to another value."),
    _Rule(r"channel \d+: open failed", TooManyConnections, LIMIT_CURE),
    _Rule(rf"banner line \d+: ({LIMITS})", TooManyConnections, LIMIT_CURE),
    _Rule(r"Too many authentication failures", AuthenticationFailed, "Set private_key_file, to offer fewer keys."),
    _Rule(r"timed out during banner exchange", ConnectTimeout, SILENT_CURE),
    _Rule(
        r"[Cc]onnection timed out|Operation timed out|Connection to .{0,300} timed out", ConnectTimeout, TIMEOUT_CURE
    ),
    _Rule(r"Unable to negotiate|no matching ", AlgorithmsRefused, OLD_CURE),
    _Rule(_HUNG_UP, TooManyConnections, LIMIT_CURE),
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

_PROXY_ENDED = _Rule(
    "", ConnectionFailed, "Check the ProxyCommand of ssh_config_file: its program, its arguments, and their messages."
)


def login_failure(
    log: SshLog, where: str, who: str, *, pinned: bool, shown_key: Optional[PublicKey] = None
) -> Optional[SyncError]:
    """Return why the login failed; None if the messages do not show it.

    where: the server
    who: the account

    The messages only select between failures. They never make a success, nor hide that an identity is not proven:
    ssh's own final lines come last, and any such line is accepted.

    pinned: there are pins for this server, so an unlisted key counts as changed
    shown_key: the server's key, from another source than these messages
    """
    return trust_failure(log, where, pinned=pinned, shown_key=shown_key) or _other_failure(log, where, who)


def trust_failure(
    log: SshLog, where: str, *, pinned: bool, shown_key: Optional[PublicKey] = None
) -> Optional[SyncError]:
    """Return why the server is not proven; None if the messages do not show it."""
    text = "\n".join(log.lines)
    key_type, fingerprint = (shown_key.key_type, shown_key.fingerprint) if shown_key else ("", "")
    if log.unknown_name is not None and shown_key is None:
        where = f"jump host {display_text(log.unknown_name)}"  # one of the user's own configuration
    certificate = re.search(_CERTIFICATE, text)
    if log.host_key_revoked:
        return host_key_error(HostKeyRevoked, where, key_type, fingerprint)
    if certificate is not None and not log.host_key_changed:
        reason = display_text(certificate.group(1))
        return TrustError(
            f"the host certificate of {where} is not valid: {reason}",
            cure="Have the authority sign the host's key again.",
        )
    if log.host_key_changed or (log.unknown_name is not None and pinned):
        return host_key_error(HostKeyChanged, where, key_type, fingerprint)
    if log.unknown_name is not None or "Host key verification failed" in text:
        return host_key_error(UnknownHost, where, key_type, fingerprint)
    if _UNSIGNED in text:
        return TrustError(
            f"{where} sends a host key with a wrong signature: it does not have the private key",
            cure="Do not connect: this may be a man-in-the-middle attack.",
        )
    return None


def _other_failure(log: SshLog, where: str, who: str) -> Optional[SyncError]:
    if log.greeting is not None and not log.is_identified:
        return not_ssh(where, log.greeting)
    lines = list(log.lines)
    hung_up = next((at for at, line in enumerate(lines) if re.search(_HUNG_UP, line)), len(lines))
    before = [line for line in lines[:hung_up] if not re.match(_REMARK, line)] if hung_up < len(lines) else []
    if not before and hung_up < len(lines) and log.proxied:
        before = ["the ProxyCommand ended before the greeting of the server"]
    for rule in (*_RULES, _PROXY_ENDED) if before else _RULES:
        line = next((line for line in before or lines if re.search(rule.pattern, line)), None)
        if line is not None:
            reason = display_text(line.strip()).replace(f"ssh: connect to host {where}: ", "", 1)
            return rule.error(f"{where}: {reason}", cure=rule.cure)
    if log.wrong_passphrase:
        return PrivateKeyUnusable("passphrase: does not decrypt the private key", cure="Correct passphrase.")
    denied = next((match for match in (re.search(_DENIED, line) for line in log.lines) if match), None)
    return _denied(log, where, who, denied.group(1)) if denied is not None else None


def _denied(log: SshLog, where: str, who: str, offered: str) -> SyncError:
    is_password = log.password_given_at is not None
    missing = step_missing(where, who, offered) if log.partial_success and not is_password else None
    what = "password" if is_password else "login"
    return missing or AuthenticationFailed(
        f"{where} does not accept the {what} of {who} (it offers: {display_text(offered)})",
        cure="Check username, and that the key or password belongs to the account.",
    )


def login_timeout(log: SshLog, where: str, seconds: float) -> ConnectTimeout:
    """Return the error of a login that was not over after so many seconds."""
    message = log.last_message()
    return ConnectTimeout(
        f"{where}: no session after {seconds:g} s{message and ': ' + message}",
        cure=SILENT_CURE if log.is_silent else TIMEOUT_CURE,
        answered=log.is_identified,
    )


def unproven(
    found: Optional[ShownKey], log: SshLog, trust: SshTrust, where: str, *, is_endpoint: bool
) -> Optional[SyncError]:
    """Return why the server is not proven; None if there is no objection, also if it showed no key at all.

    found: the key that the server showed
    is_endpoint: whether the task's own pins apply too
    """
    objection = None
    if found is not None:
        objection = _pins(trust, found.name, is_endpoint=is_endpoint).objection(found.key, where)
    return objection or _doubt(found, log, trust, where)


def _doubt(found: Optional[ShownKey], log: SshLog, trust: SshTrust, where: str) -> Optional[SyncError]:
    """Return the objection in the messages to a server with a valid or unseen key: a jump host of the user's own
    configuration, a certificate, a signature, a file of revoked keys."""
    key = found and found.key
    error = trust_failure(log, where, pinned=False, shown_key=key)
    if error is None or log.unknown_name is None:
        return error
    pinned = _pins(trust, log.unknown_name, is_endpoint=found is not None).is_pinned
    return trust_failure(log, where, pinned=pinned, shown_key=key)


def _pins(trust: SshTrust, name: str, *, is_endpoint: bool) -> HostPins:
    """Return the pins of a server. A file that cannot be read has none, for ssh too: something else may have failed."""
    host, port = split_host_name(name)
    try:
        return pins_for(trust, host, port, is_endpoint=is_endpoint)
    except TrustStoreUnreadable:
        return HostPins((), frozenset())

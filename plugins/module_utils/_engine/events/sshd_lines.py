# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of sshd: logins, refusals, and the processes of a session.

Each pattern begins at the first and ends at the last character of the line, because a client chooses the names of
accounts, and a certificate its identifier. Lines of a step ("Accepted key", "Postponed", "Partial") are no events;
nor is a deferred penalty, which turns no client away. "Partial" names a factor of the login that follows.
"""

from __future__ import annotations

import re
from typing import Mapping, NamedTuple, Optional, Sequence, Tuple

ACCEPTED, FAILED, INVALID, REFUSED, PENALTY = "accepted", "failed", "invalid", "refused", "penalty"
CHILD, OPENED, STARTED, CLOSED, STEP = "child", "opened", "started", "closed", "step"
PARTIAL = "partial"
"""Kinds of lines. CHILD: the process that serves a session. OPENED: PAM's session, with the number of the account.
STARTED: a command or subsystem. CLOSED: the end of a session. PARTIAL: a factor of a login that needs more. STEP: a
known line that is none of these."""
_ADDRESS = r"(?P<address>[0-9a-fA-F:.]+(?:%[\w.-]+)?|UNKNOWN)"
_FROM = r" from " + _ADDRESS + r" port (?P<port>\d+)"
_NUMERIC = re.compile(r"[0-9a-fA-F:.]+(?:%[\w.-]+)?")
_TOKEN = re.compile(r"\S+-SK(?:-CERT)? SHA256:.*", re.DOTALL)
_KEY = re.compile(r"(?P<kind>\S+) (?P<key>SHA256:[A-Za-z0-9+/]{43})(?: ID .*)?")
_ANY_FROM = re.compile(r" from [0-9a-fA-F:.]+(?:%[\w.-]+)? port \d+ ssh2")
_PATTERNS: Sequence[Tuple[str, str]] = (
    (ACCEPTED, r"Accepted (?P<method>\S+) for (?P<account>\S+)" + _FROM + r" ssh2(?:: (?P<tail>.*))?"),
    (PARTIAL, r"Partial (?P<method>\S+) for (?P<account>\S+)" + _FROM + r" ssh2(?:: (?P<tail>.*))?"),
    (FAILED, r"Failed (?P<method>\S+) for (?:invalid user )?(?P<account>.*)" + _FROM + r" ssh2(?:: (?P<tail>.*))?"),
    (INVALID, r"Invalid user (?P<account>.*)" + _FROM),
    (REFUSED, r"User (?P<account>.*) from (?P<address>\S+) not allowed because (?P<method>.*)"),
    (
        REFUSED,
        r"error: (?P<method>maximum authentication attempts exceeded) for (?:invalid user )?(?P<account>.*)"
        + _FROM
        + r" ssh2(?: \[preauth\])?",
    ),
    (
        REFUSED,
        r"error: Authentication key \S+ (?P<key>SHA256:[A-Za-z0-9+/]{43}) (?P<method>revoked) by file .*",
    ),
    (REFUSED, r"(?P<method>Timeout before authentication) for connection from " + _ADDRESS + r" to .*"),
    (
        REFUSED,
        r"drop connection #\d+ from \[" + _ADDRESS + r"\]:(?P<port>\d+) on \[\S+\]:\d+ (?P<method>.*)",
    ),
    (
        PENALTY,
        r"srclimit_penalise: \S+: (?:new|extending) " + _ADDRESS + r"/\d+ active penalty of .* for (?P<method>.*)",
    ),
    (CHILD, r"User child is on pid (?P<number>\d+)"),
    (OPENED, r"pam_unix\(sshd\S*:session\): session opened for user (?P<account>\S+)\(uid=(?P<number>\d+)\) by .*"),
    (CLOSED, r"pam_unix\(sshd\S*:session\): session closed for user (?P<account>\S+)"),
    (CLOSED, r"Disconnected from user (?P<account>\S+) " + _ADDRESS + r" port (?P<port>\d+)"),
    (STARTED, r"Starting session: .* for (?P<account>\S+)" + _FROM + r" id \d+"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.DOTALL)) for kind, pattern in _PATTERNS)
_STEPS = re.compile(
    r"(?:Accepted (?:key|certificate|cert)|Postponed|Partial|Connection |Received |Disconnect"
    r"|Server listening|Exiting|pam_|Changed root|Close session|Closing|Unable to negotiate"
    r"|banner exchange|kex_|ssh_dispatch|error: |fatal: |Bad protocol|Did not receive|Transferred"
    r"|subsystem request|Read error|Write failed|Timeout|Authentication|userauth_|Protocol|Set /proc|rekey"
    r"|Refusing|reprocess|User |Starting session|Missing|Could not|Attempt |Bad |Deprecated|Authorized"
    r"|Certificate|key_|auth_|srclimit|drop connection|last message|Failed none|channel |Child |Forked|PAM "
    r"|Failed |Invalid |beginning |exited |Nasty |Address |reverse mapping |message repeated|Remote |session "
    r"|mm_|monitor_|syslogin|ssh_|sshd |debug|Environment|WARNING|warning)"
)


class Line(NamedTuple):
    """One line.

    method: of a login, or the reason of a refusal
    number: pid of a CHILD, uid of an OPENED session
    ambiguous: the line has several meanings; its address is left out
    token: the key is in a security key
    """

    kind: str
    account: str = ""
    address: str = ""
    port: int = 0
    method: str = ""
    key: str = ""
    number: int = 0
    ambiguous: bool = False
    token: bool = False


def parse_sshd(text: str) -> Optional[Line]:
    """Return the meaning of a line, or None if no pattern knows it."""
    for kind, pattern in _COMPILED:
        found = pattern.fullmatch(text)
        if found:
            return _line(kind, text, found)
    return Line(STEP) if _STEPS.match(text) else None


def _line(kind: str, text: str, found: re.Match[str]) -> Line:
    fields = found.groupdict()
    if kind == FAILED and fields["method"] == "none":
        return Line(STEP)
    key = _key(fields)
    if kind == FAILED and (key is None or _is_ambiguous(text, fields["tail"] or "")):
        return Line(kind, method=fields["method"], ambiguous=True)
    return Line(
        kind,
        account=fields.get("account") or "",
        address=_address(fields.get("address")),
        port=int(fields.get("port") or 0),
        method=fields.get("method") or "",
        key=key or "",
        number=int(fields.get("number") or 0),
        token=_TOKEN.fullmatch(fields.get("tail") or "") is not None,
    )


def _is_ambiguous(text: str, tail: str) -> bool:
    """Return whether the address can be a part of a certificate's identifier, which anybody can write."""
    return " ID " in tail and len(_ANY_FROM.findall(text)) > 1


def _key(fields: Mapping[str, Optional[str]]) -> Optional[str]:
    """Return the fingerprint, "" if the line has none, None if its end is no key."""
    tail = fields.get("tail")
    if not tail:
        return fields.get("key") or ""
    found = _KEY.fullmatch(tail)
    return found["key"] if found else None


def _address(text: Optional[str]) -> str:
    """Return an address; a name that sshd has looked up is none."""
    return text if text and _NUMERIC.fullmatch(text) else ""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
r"""Event: one fact about a login, a session or a file, and its line of JSON in the names of the Elastic Common Schema.

A line holds only the fields that are known. A client is the `source` of its connection: `source.bytes` are uploaded,
`destination.bytes` downloaded. `file.path` is printable text; if that is not the exact name, `file.path_escaped` is the
name as mtree(5) writes it. docs/event.schema.json describes a line; `read_line` reads it back.
"""

from __future__ import annotations

import calendar
import json
import time
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..integrity.manifest import escape_name, unescape
from ..model.display import display

ECS_VERSION = "8.17.0"

EVENT, ALERT = "event", "alert"
SUCCESS, FAILURE, UNKNOWN = "success", "failure", "unknown"
SFTP, SSH, FTP = "sftp", "ssh", "ftp"
"""Protocols. FTP stands for FTPS too: the logs of FTP servers do not distinguish them."""

LOGIN, LOGIN_FAILED, REFUSED, PENALTY = "login", "login_failed", "refused", "penalty"
SESSION_SUMMARY = "session_summary"
UPLOAD, DOWNLOAD, RENAME, DELETE, MKDIR, SETSTAT = "upload", "download", "rename", "delete", "mkdir", "setstat"
LINK = "link"
DENIED = "denied"
SECURITY_KEY = "security-key"
"""A factor of a login: a key in a FIDO2 token."""
KRL_STALE = "krl_stale"
UNEXPLAINED_CHANGE = "unexplained_change"
"""The action of alerts about files that no transfer has changed."""
CONFIGURATION_ADDED, CONFIGURATION_CHANGED = "configuration_added", "configuration_changed"
CONFIGURATION_REMOVED, CONFIGURATION_ACCEPTED = "configuration_removed", "configuration_accepted"
CONFIGURATION_CHECKED = "configuration_checked"

_CLASSES: Mapping[str, Tuple[str, str]] = {
    LOGIN: ("authentication", "start"),
    LOGIN_FAILED: ("authentication", "start"),
    REFUSED: ("authentication", "denied"),
    PENALTY: ("authentication", "denied"),
    SESSION_SUMMARY: ("session", "end"),
    UPLOAD: ("file", "creation"),
    DOWNLOAD: ("file", "access"),
    RENAME: ("file", "change"),
    DELETE: ("file", "deletion"),
    MKDIR: ("file", "creation"),
    SETSTAT: ("file", "change"),
    LINK: ("file", "creation"),
    DENIED: ("file", "denied"),
    KRL_STALE: ("configuration", "info"),
    UNEXPLAINED_CHANGE: ("file", "change"),
    CONFIGURATION_ADDED: ("configuration", "creation"),
    CONFIGURATION_CHANGED: ("configuration", "change"),
    CONFIGURATION_REMOVED: ("configuration", "deletion"),
    CONFIGURATION_ACCEPTED: ("configuration", "info"),
    CONFIGURATION_CHECKED: ("configuration", "info"),
}
"""Action -> event.category and event.type. An alert without an action of these is of the category of sessions."""
_OTHER = ("session", "info")


class Summary(NamedTuple):
    """The work of one session.

    began: seconds since 1970
    uploads, downloads, deletes, renames, denied: number of files; downloads without proofs by reading back
    read_back: bytes that were read from files which the same session had written
    uncounted: lines that the server cut, so that their bytes are unknown
    """

    began: float
    uploads: int = 0
    downloads: int = 0
    deletes: int = 0
    renames: int = 0
    denied: int = 0
    read_back: int = 0
    uncounted: int = 0


class Alert(NamedTuple):
    """The reason of an alert.

    rule: its identifier, as in volume_hour
    observed, expected: for people, with units
    history_days: days of history that the expectation is made of
    would_have_fired: how often the rule would have fired in the last 28 days of the history; None if it has no history
    """

    rule: str
    observed: str
    expected: str
    history_days: int = 0
    would_have_fired: Optional[int] = None


class Event(NamedTuple):
    """One event or alert.

    moment: seconds since 1970
    action: a constant of this file, or the rule of an alert that no single action caused
    account: as the server wrote it, printable
    protocol: SFTP, SSH or FTP; empty if the event belongs to no session
    key: SHA256: fingerprint of the key of the login
    session: identifies the session on this host
    path, old_path: names of files in the words of the server; old_path of a rename, the temporary name of an upload, or
        the target of a link
    received: bytes that the client uploaded
    sent: bytes that the client downloaded, without proofs by reading back
    temporary: `path` is a temporary name that never got its final name
    ambiguous: the line of a rename has several meanings; `path` and `old_path` belong to the shortest old name
    reason: of a failure, in the words of the server
    factors: of a login over SSH, in their order: methods of sshd, or SECURITY_KEY
    cursor: position in the source's log
    state: SHA-256 of the accepted state of the configuration, as AIDE writes it
    """

    moment: float
    action: str
    outcome: str = SUCCESS
    account: str = ""
    address: str = ""
    protocol: str = SFTP
    key: str = ""
    session: str = ""
    path: bytes = b""
    old_path: bytes = b""
    received: int = 0
    sent: int = 0
    temporary: bool = False
    ambiguous: bool = False
    reason: str = ""
    factors: Tuple[str, ...] = ()
    cursor: str = ""
    summary: Optional[Summary] = None
    alert: Optional[Alert] = None
    state: str = ""


def line_of(event: Event) -> bytes:
    """Return the line of an event, with its line feed: ASCII, so that no name can end it or change its meaning."""
    return json.dumps(_record(event), separators=(",", ":")).encode("ascii") + b"\n"


def _record(event: Event) -> Dict[str, Any]:
    category, kind = _CLASSES.get(event.action, _OTHER)
    summary, alert = event.summary, event.alert
    record: Dict[str, Any] = {
        "@timestamp": _timestamp(event.moment),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": ALERT if alert else EVENT,
            "category": [category],
            "type": [kind],
            "action": event.action,
            "outcome": event.outcome,
            **_known(reason=event.reason),
            **(_duration(summary.began, event.moment) if summary else {}),
        },
        "network": {"protocol": event.protocol} if event.protocol else {},
        "user": _known(name=event.account),
        "source": _known(ip=event.address, **_bytes(event.received, event, UPLOAD)),
        "destination": _known(**_bytes(event.sent, event, DOWNLOAD)),
        "file": _path("path", event.path),
        "log": _known(cursor=event.cursor),
        "rule": _known(id=alert.rule if alert else ""),
        "ftp_synchronize": _own(event),
    }
    return {name: value for name, value in record.items() if value}


def _own(event: Event) -> Dict[str, Any]:
    fields: Dict[str, Any] = {
        **_known(key=event.key, session=event.session, temporary=event.temporary, ambiguous=event.ambiguous),
        **_known(accepted_state=event.state),
        **_path("old_path", event.old_path),
    }
    if event.factors:
        fields["factors"] = list(event.factors)
    if event.summary:
        fields.update((name, value) for name, value in event.summary._asdict().items() if name != "began")
    if event.alert:
        fields.update((name, value) for name, value in event.alert._asdict().items() if name != "rule")
    return fields


def _known(**fields: Any) -> Dict[str, Any]:
    """Return the fields that have a value; a number of bytes has one even if it is zero."""
    return {name: value for name, value in fields.items() if value or (value == 0 and value is not False)}


def _bytes(count: int, event: Event, action: str) -> Dict[str, int]:
    return {"bytes": count} if count or event.summary or event.action == action else {}


def _path(name: str, path: bytes) -> Dict[str, str]:
    if not path:
        return {}
    shown = display(path)
    exact = shown.encode("utf-8", "surrogateescape") == path
    return {name: shown} if exact else {name: shown, name + "_escaped": escape_name(path).decode("ascii")}


def _timestamp(moment: float) -> str:
    seconds, milliseconds = divmod(int(moment * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}Z"


def _moment(text: str) -> float:
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + int(text[20:23]) / 1000


def _duration(began: float, ended: float) -> Dict[str, Any]:
    """Return start and duration of a session; a clock that was set back makes no negative time."""
    return {"start": _timestamp(began), "duration": max(0, int((ended - began) * 1000)) * 1000000}


def read_line(line: bytes) -> Event:
    """Return the event of a line that `line_of` wrote. Raises ValueError for any other line."""
    try:
        return _event(json.loads(line))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the line is not an event: {error!r}") from None


def _event(record: Mapping[str, Any]) -> Event:
    event, own = record["event"], record.get("ftp_synchronize", {})
    source, file = record.get("source", {}), record.get("file", {})
    return Event(
        moment=_moment(record["@timestamp"]),
        action=event["action"],
        outcome=event["outcome"],
        account=record.get("user", {}).get("name", ""),
        address=source.get("ip", ""),
        protocol=record.get("network", {}).get("protocol", ""),
        key=own.get("key", ""),
        session=own.get("session", ""),
        path=_path_of(file, "path"),
        old_path=_path_of(own, "old_path"),
        received=source.get("bytes", 0),
        sent=record.get("destination", {}).get("bytes", 0),
        temporary=own.get("temporary", False),
        ambiguous=own.get("ambiguous", False),
        reason=event.get("reason", ""),
        factors=tuple(own.get("factors", ())),
        cursor=record.get("log", {}).get("cursor", ""),
        summary=_summary(event["start"], own) if "start" in event else None,
        alert=_alert(record["rule"]["id"], own) if event["kind"] == ALERT else None,
        state=own.get("accepted_state", ""),
    )


def _summary(start: str, own: Mapping[str, Any]) -> Summary:
    return Summary(_moment(start), **{name: own[name] for name in Summary._fields[1:]})


def _alert(rule: str, own: Mapping[str, Any]) -> Alert:
    return Alert(rule, **{name: own[name] for name in Alert._fields[1:]})


def _path_of(fields: Mapping[str, str], name: str) -> bytes:
    escaped = fields.get(name + "_escaped")
    if escaped is None:
        return fields.get(name, "").encode("utf-8")
    path = unescape(escaped.encode("ascii"))
    if path is None:
        raise ValueError(f"{name}_escaped: unknown escape sequence")
    return path

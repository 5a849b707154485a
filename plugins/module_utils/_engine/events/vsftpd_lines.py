# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
r"""The lines of vsftpd.log: logins and files, each with its outcome.

Times are local and have no zone. vsftpd writes `?` for control characters and for bytes beyond ASCII, and escapes
nothing: the two names of a rename have one pair of quotes and meet at a blank, and the name of an unknown account can
be any text. A line with several meanings has neither account nor address.
"""

from __future__ import annotations

import re
import time
from typing import NamedTuple, Optional

from .event import FTP

CONNECT, LOGIN, UPLOAD, DOWNLOAD, DELETE = "connect", "login", "upload", "download", "delete"
RENAME, MKDIR, RMDIR, SETSTAT, STEP = "rename", "mkdir", "rmdir", "setstat", ""

_KINDS = {
    "UPLOAD": UPLOAD,
    "APPEND": UPLOAD,
    "DOWNLOAD": DOWNLOAD,
    "DELETE": DELETE,
    "RENAME": RENAME,
    "MKDIR": MKDIR,
    "RMDIR": RMDIR,
    "CHMOD": SETSTAT,
    "MDTM": SETSTAT,
}
_CLIENT = r'Client "(?:::ffff:)?(?P<address>[0-9a-fA-F.:]+(?:%[\w.-]+)?)"'
_STAMP = r"(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) \[pid \d+\] "
_HEAD = re.compile(_STAMP + "(?P<rest>.*)", re.DOTALL)
_CONNECT = re.compile(r"CONNECT: " + _CLIENT + "(?:, .*)?", re.DOTALL)
_LOGIN = re.compile(
    r"(?=.*\"\Z)\[(?P<account>.*)\] (?P<outcome>OK|FAIL) LOGIN: " + _CLIENT + '(?:, anon password ".*")?', re.DOTALL
)
_SIZED = re.compile(
    r"\[(?P<account>[^]]+)\] (?P<outcome>OK|FAIL) (?P<verb>UPLOAD|APPEND|DOWNLOAD): "
    + _CLIENT
    + r', "(?P<path>.*)", (?:(?P<count>\d+) bytes, )?[\d.]+Kbyte/sec',
    re.DOTALL,
)
_NAMED = re.compile(
    r"\[(?P<account>[^]]+)\] (?P<outcome>OK|FAIL) (?P<verb>DELETE|RENAME|MKDIR|RMDIR|CHMOD|MDTM): "
    + _CLIENT
    + r', "(?P<path>.*)"',
    re.DOTALL,
)
_PROTOCOL = re.compile(r"(?=.*\"\Z)(?:\[.*\] )?(?:DEBUG|FTP command|FTP response): " + _CLIENT + ', ".*"', re.DOTALL)
"""With log_ftp_protocol: the text of a client, before its login under any name that it gives itself."""
_STEPS = re.compile(r"(?:\[[^]]*\] )?(?:DEBUG|FTP command|FTP response|OK [A-Z]+|FAIL [A-Z]+|MKTEMP)\b")


class Line(NamedTuple):
    """One line of this log or of a transfer log.

    moment: seconds since 1970
    succeeded: the outcome
    path: the name; of a rename, old and new name with a blank between them
    size: bytes of a transfer, also of a broken transfer
    """

    moment: float
    kind: str
    succeeded: bool = True
    account: str = ""
    address: str = ""
    path: bytes = b""
    size: int = 0
    ambiguous: bool = False
    protocol: str = FTP


def parse_vsftpd(line: bytes) -> Optional[Line]:
    """Return the meaning of a line without its line feed, or None if no pattern knows it."""
    head = _HEAD.fullmatch(line.decode("latin-1"))
    moment = moment_of(head["time"]) if head else None
    if head is None or moment is None:
        return None
    rest = head["rest"]
    login, file = _LOGIN.fullmatch(rest), _SIZED.fullmatch(rest) or _NAMED.fullmatch(rest)
    protocol = _PROTOCOL.fullmatch(rest)
    if bool(login) + bool(file) + bool(protocol) > 1:
        return Line(moment, LOGIN, succeeded=False, ambiguous=True)
    if login:
        return _login(moment, login)
    if file:
        return _file(moment, file)
    connect = _CONNECT.fullmatch(rest)
    if connect:
        return Line(moment, CONNECT, address=connect["address"])
    return Line(moment, STEP) if protocol or _STEPS.match(rest) else None


def _login(moment: float, found: re.Match[str]) -> Line:
    return Line(moment, LOGIN, found["outcome"] == "OK", found["account"], found["address"])


def _file(moment: float, found: re.Match[str]) -> Line:
    kind, succeeded = _KINDS[found["verb"]], found["outcome"] == "OK"
    path = found["path"].encode("latin-1")
    count = int(found.groupdict().get("count") or 0)
    if kind == SETSTAT and succeeded:
        path = _without_value(path)
    return Line(moment, kind, succeeded, found["account"], found["address"], path, count)


def _without_value(path: bytes) -> bytes:
    """Return the name in front of the mode or the time that was set."""
    name, blank, value = path.rpartition(b" ")
    return name if blank and value.isdigit() else path


def moment_of(text: str) -> Optional[float]:
    """Return the seconds since the epoch of a local time as in asctime(3), None for any other text."""
    try:
        fields = time.strptime(text, "%a %b %d %H:%M:%S %Y")
    except ValueError:
        return None
    return time.mktime((*fields[:8], -1))

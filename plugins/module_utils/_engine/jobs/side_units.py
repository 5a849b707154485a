# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units that a job starts at its start and its end, a template each: pings, and a command for failures.

They are outside of the job's unit: a monitoring service that is down fails no run, the job's account cannot read the
URL, and the job's limits of addresses are no limits for them.
"""

from __future__ import annotations

import re
from typing import Dict, Sequence

from ..errors import InvalidRequest
from ..system.root_owned_path import parts_of
from ..system.sandbox import OF_AN_ACCOUNT
from .credentials import PING_URL
from .names import CREDSTORE, credential_name

NOTIFY = "secure-sync-notify@%s.service"
PING_START = "secure-sync-ping-start@%s.service"
PING_SUCCESS = "secure-sync-ping-success@%s.service"
PING_FAILURE = "secure-sync-ping-failure@%s.service"
"""Not the same unit: systemd gives its variables ($MONITOR_...) to no unit that is both OnSuccess= and OnFailure=."""
RECORDS = "/var/lib/secure_ftp_synchronize/jobs/%s"
"""Directory of the records of a job, which only root can write."""

_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}\Z", re.ASCII)
_LONGEST = 4096
# Without a record, as on a full disk, the unit starts nevertheless.
_RECORD = """\
LoadCredential=record:%s/last.json
SetCredential=record:{}
""" % (RECORDS % "%i")
_PING = """\
[Unit]
Description=Ping %(when)s the sync job %%i
Wants=network-online.target
After=network-online.target%(after)s

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I %(program)s ping --name %%i%(option)s
TimeoutStartSec=30
LoadCredentialEncrypted=%(url)s:%(store)s/%(url)s
%(more)sDynamicUser=yes
ProtectHome=yes
%(sandbox)s
"""
_NOTIFY = """\
[Unit]
Description=Notification of a failure of the sync job %%i

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I %(program)s notify --name %%i -- %(command)s
TimeoutStartSec=120
User=%(account)s
%(record)sProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
UMask=0077
"""


def ping_unit_texts(program: str) -> Dict[str, str]:
    """Return the templates for the pings at the start and at the end, by their names. Raises InvalidRequest.

    A job waits for the ping at its start, at most 30 seconds, so that the two cannot arrive in the wrong order.
    """
    common = {
        "program": _path(program),
        "url": credential_name("%i", PING_URL),
        "store": CREDSTORE,
        "sandbox": OF_AN_ACCOUNT,
    }
    start = {
        "when": "before",
        "after": f" {PING_SUCCESS % '%i'} {PING_FAILURE % '%i'}",
        "option": " --start",
        "more": "",
    }
    # The last lines of the log go to the monitoring service, if the run left no error.
    end = {"when": "after", "after": "", "option": "", "more": _RECORD + "SupplementaryGroups=systemd-journal\n"}
    texts = {PING_START: start, PING_SUCCESS: end, PING_FAILURE: end}
    return {name % "": _PING % {**parts, **common} for name, parts in texts.items()}


def notify_unit_text(program: str, command: Sequence[str], account: str) -> str:
    """Return the text of the template that passes a message about a failure to a command. Raises InvalidRequest.

    command: a program's path and its arguments; it reads the message from its standard input
    account: runs it, without limits that set-group-id programs such as sendmail cannot bear
    """
    if not _ACCOUNT.match(account):
        raise InvalidRequest(f"notify_account: {ascii(account)[:80]} is not a name", cure="Use a system account.")
    words = " ".join(map(_word, _checked(command)))
    return _NOTIFY % {"program": _path(program), "command": words, "account": account, "record": _RECORD}


def _checked(command: Sequence[str]) -> Sequence[str]:
    if not command or not command[0].startswith("/"):
        raise InvalidRequest(
            f"notify_command: {ascii(command[0] if command else '')[:80]} is not the path of a program",
            cure="Write a list: the absolute path of a program, then its arguments.",
        )
    for word in command:
        if not word.isprintable() or len(word) > _LONGEST:
            raise InvalidRequest(
                f"notify_command: {ascii(word)[:80]} has characters that are not printable, or too many",
                cure="Remove them.",
            )
    return command


def _word(text: str) -> str:
    """Return a word of a command in quotes, with nothing left that systemd would expand (systemd.service(5))."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _path(program: str) -> str:
    try:
        parts_of(program)
    except InvalidRequest as error:
        raise InvalidRequest(f"program: {error.message}", cure=error.cure) from None
    return program

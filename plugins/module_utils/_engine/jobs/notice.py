# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message about a run that failed, as the text of a mail: header lines, an empty line, the facts and the cure."""

from __future__ import annotations

import re
import subprocess
from typing import Any, Iterator, Mapping, Sequence

from ..errors import OperationFailed

_CODE = re.compile(r"[a-z0-9_]{1,60}\Z", re.ASCII)


def message(name: str, host: str, run: Mapping[str, Any]) -> str:
    """Return the message. Nothing in the error of a run can add a header line."""
    return "\n".join([*_head(name, host, run), "", *_body(name, host, run)]) + "\n"


def pass_on(text: str, command: Sequence[str]) -> None:
    """Give a message to a command on its standard input. Raises OperationFailed."""
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        ended = subprocess.run(command, input=text.encode(), check=False)
    except OSError as error:
        raise _unsent(command, error.strerror or str(error)) from None
    if ended.returncode:
        raise _unsent(command, "ended with status %d" % ended.returncode)


def _head(name: str, host: str, run: Mapping[str, Any]) -> Iterator[str]:
    code = str((run["error"] or {}).get("code"))
    more = " (%s)" % code if _CODE.match(code) and code != run["result"] else ""
    yield "Subject: sync job %s on %s: %s%s" % (_plain(name), _plain(host), run["result"], more)
    yield "Auto-Submitted: auto-generated"
    yield "MIME-Version: 1.0"
    yield "Content-Type: text/plain; charset=utf-8"
    yield "Content-Transfer-Encoding: 8bit"


def _body(name: str, host: str, run: Mapping[str, Any]) -> Iterator[str]:
    yield "The sync job %s on %s ended with the result %s." % (_plain(name), _plain(host), run["result"])
    yield ""
    error = run["error"] or {}
    for each in ("code", "path", "message", "cure"):
        if error.get(each):
            yield "%s: %s" % (each, _plain(error[each]))
    if run["run"]:
        yield ""
        yield "Log of the run: journalctl _SYSTEMD_INVOCATION_ID=%s" % _plain(run["run"])


def _plain(text: str) -> str:
    """Return the text of a record in one line: its own escapes stay as they are."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _unsent(command: Sequence[str], fact: str) -> OperationFailed:
    return OperationFailed(
        "notify: %s: %s" % (_plain(command[0]), fact), cure="Run the command by hand with a line as its input."
    )

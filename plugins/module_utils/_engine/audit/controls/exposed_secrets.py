# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 8.3: automation shows no secret in output, arguments, environments or logs."""

from __future__ import annotations

from typing import Iterator

from ..control import CONTROLLER, Check, Control, Gap, Subject
from ..secret_scans import require_whole

_SEVERE = ("critical", "high", "medium")


def _judge(subject: Subject) -> Iterator[Gap]:
    scan = subject.values["secret_scan"]
    for each in scan["findings"]:
        if each["severity"] in _SEVERE:
            shown = "%s:%d: %s" % (each["file"], each["line"], each["kind"])
            yield Gap(shown, "no finding of %s" % each["id"], each["severity"])
    require_whole(scan)


CONTROL = Control(
    "8.3",
    "secret_scan has no finding of severity medium or higher, and checked everything that it was given.",
    "high",
    "Read the finding, correct the file, and replace the secret.",
    (Check(CONTROLLER, ("secret_scan",), _judge),),
    "Files and logs that secret_scan was not given are not measured.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 3.3: only root can change pins; host_key_pin changes them with proof."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, Check, Control, Gap, Subject
from ..job_words import jobs
from ..values import octal

__all__ = ["CONTROL"]

_WRITABLE = 0o022


def _judge(subject: Subject) -> Iterator[Gap]:
    for job in jobs(subject):
        pins = job["pins"]
        if not pins["mode"]:
            continue
        if pins["uid"]:
            yield Gap("%s: %s is owned by the user id %d" % (job["job"], pins["path"], pins["uid"]), "root", "high")
        if octal(pins["mode"]) & _WRITABLE:
            shown = "%s: %s has the mode %s" % (job["job"], pins["path"], pins["mode"])
            yield Gap(shown, "writable for root alone", "high")


CONTROL = Control(
    "3.3",
    "Root alone can change the pins and authorities that jobs trust.",
    "high",
    "Name a file of root in known_hosts_file, tls_pins_file or ca_file, and change it with host_key_pin.",
    (Check(CLIENT, ("jobs",), _judge),),
    "The history of pins is not recorded: a change by root without proof is not seen.",
)

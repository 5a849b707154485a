# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 3.3: only root can change pins; host_key_pin changes them with proof."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, Check, Control, Gap, NotMeasured, Subject
from ..job_words import jobs
from ..ways import changeable, unseen


def _judge(subject: Subject) -> Iterator[Gap | NotMeasured]:
    """Judge each file that a job trusts. A missing file can be created by the owner of its directory."""
    for job in jobs(subject):
        for file in job["pins"]:
            yield from changeable(file["parts"], "%s: %s: %%s" % (job["job"], file["path"].replace("%", "%%")))
            yield from unseen(file["parts"], file["target"] if file["exists"] else "")
        if not any(file["exists"] for file in job["pins"]):
            yield NotMeasured("jobs: %s has no file with pins or authorities" % job["job"])


CONTROL = Control(
    "3.3",
    "Root alone can change the pins and authorities that jobs trust, and each directory above them.",
    "high",
    "Name a file of root in known_hosts_file, tls_pins_file or ca_file, and change it with host_key_pin.",
    (Check(CLIENT, ("jobs",), _judge),),
    "The history of pins is not recorded: a change by root without proof is not seen.",
)

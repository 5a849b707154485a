# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that hash the transferred files, as secure_sync does: the rest of a ratio is not the cost of digests."""

from __future__ import annotations

__all__ = ["CONTENDERS"]

import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from . import ftps_peers, peers
from .contender import HASHED, Command, Contender, Job
from .workloads import TRANSFER, Workload

_WHO = ("lftp -P4", "rclone tuned", "lftp ftps -P4", "rclone ftps")


def with_sha256sum(command: Callable[[Job], Command], job: Job) -> Command:
    """The same command, then `sha256sum` of the tree here, two processes at once."""
    made = command(job)
    hashing = f"find {shlex.quote(str(job.near))} -type f -print0 | xargs -0 -n 500 -P 2 sha256sum >/dev/null"
    return replace(made, argv=["sh", "-c", f"{shlex.join(made.argv)} && {hashing}"])


def _hashed(contender: Contender) -> Contender:
    def takes_part(workload: Workload, direction: str) -> bool:
        return workload.kind == TRANSFER and not workload.delay and contender.takes_part(workload, direction)

    return Contender(
        f"{contender.name}, sha256sum",
        HASHED,
        f"as {contender.name}, then `sha256sum` of all files at this end, two at once; nothing is compared or recorded",
        partial(with_sha256sum, contender.command),
        takes_part,
    )


CONTENDERS = tuple(_hashed(each) for each in (*peers.CONTENDERS, *ftps_peers.CONTENDERS) if each.name in _WHO)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that needs 11 s, over a line that resets each connection after 7 s, and over the same line without that.

All contenders keep to the rate by an option of their own, and have a minute.
"""

from __future__ import annotations

__all__ = ["CONTENDERS", "WORKLOADS"]

import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from . import ftps_peers, peers
from .contender import OURS, PEER, RSYNC, Command, Contender, Job
from .ours import engine_command
from .workloads import FTPS, SFTP, Workload

_MIB = 1 << 20
_RATE, _LIVES, _PATIENCE, _TIMES = 4 * _MIB, 7.0, 60, 20
_TITLE = "1 file of 44 MiB at 4 MiB/s"
_DROPS = f"{_TITLE}, each connection is reset after {_LIVES:.0f} s"
_LFTP = f"set net:limit-total-rate {_RATE}; set net:max-retries {_TIMES}; set net:reconnect-interval-base 1;"
_RCLONE = (f"--bwlimit={_RATE >> 20}M", f"--retries={_TIMES}", f"--low-level-retries={_TIMES}")


def _work(name: str, title: str, protocol: str, lives: float) -> Workload:
    return Workload(name, title, 1, 44 * _MIB, protocol=protocol, rounds=3, rate=_RATE, lives=lives)


WORKLOADS = (
    _work("steady", _TITLE, SFTP, 0.0),
    _work("dropping", _DROPS, SFTP, _LIVES),
    _work("ftps-steady", f"FTPS: {_TITLE}", FTPS, 0.0),
    _work("ftps-dropping", f"FTPS: {_DROPS}", FTPS, _LIVES),
)


def _patient(command: Callable[[Job], Command], job: Job) -> Command:
    made = command(job)
    return replace(made, argv=["timeout", f"{_PATIENCE}", *made.argv])


def _rsync(job: Job) -> Command:
    """Run rsync again until it succeeds."""
    made = peers.rsync(job)
    words = [made.argv[0], "--partial", f"--bwlimit={_RATE >> 10}", *made.argv[1:]]
    return replace(made, argv=["sh", "-c", f"until {shlex.join(words)}; do :; done"])


def _lftp_ftps(job: Job) -> Command:
    # The server's address of data connections is another, behind the proxy.
    return ftps_peers.lftp(job, mirror="-c", settings=f"{_LFTP} set ftp:prefer-epsv yes;")


def _over(protocol: str) -> Callable[[Workload, str], bool]:
    return lambda workload, _direction: workload.protocol == protocol


def _peer(
    name: str, steps: str, command: Callable[[Job], Command], protocol: str = SFTP, kind: str = PEER
) -> Contender:
    return Contender(name, kind, steps, partial(_patient, command), _over(protocol))


CONTENDERS = (
    Contender(
        "secure_sync, server hash",
        OURS,
        "`proof: auto`, the default, and `bandwidth_limit`: the file continues at the last confirmed byte; over FTPS "
        "it is read back for the proof",
        partial(engine_command, proof="auto", bandwidth_limit=_RATE),
        lambda _workload, _direction: True,
    ),
    _peer(
        "rsync --partial",
        "`--partial --bwlimit`, started again until it succeeds; its own program runs at the server",
        _rsync,
        kind=RSYNC,
    ),
    _peer(
        "lftp -c",
        f"`mirror -c` with `net:limit-total-rate`, {_TIMES} retries after 1 s: the size decides where it continues",
        partial(peers.lftp, mirror="-c", settings=_LFTP),
    ),
    _peer(
        "rclone, retries",
        f"`copy` with `--bwlimit` and {_TIMES} retries of each kind",
        lambda job: peers.rclone(job, *_RCLONE),
    ),
    _peer("lftp ftps -c", "as lftp -c, with `ftp:prefer-epsv`", _lftp_ftps, FTPS),
    _peer("rclone ftps, retries", "as rclone, retries", lambda job: ftps_peers.rclone(job, *_RCLONE), FTPS),
)

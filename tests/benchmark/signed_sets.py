# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cost of signed sets: pushes with `sign` and pulls with `verify`, in turns with the same runs without.

On a push, both prove files by the server's hash, as `sign` needs a proof; on a pull, the unsigned run proves nothing.
"""

from __future__ import annotations

__all__ = [
    "CONTENDERS",
    "READ_BACK",
    "SIGNED",
    "TARGETS",
    "UNSIGNED",
    "WORKLOADS",
    "publish_command",
    "signed_missed",
    "signed_table",
]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..support.servers.ssh_keys import key
from .contender import OURS, Command, Contender, Job
from .ours import engine_command
from .table import Measured, Results, markdown, ratio, seconds
from .workloads import IDLE, PULL, PUSH, TRANSFER, Workload

UNSIGNED, READ_BACK, SIGNED = "secure_sync, unsigned", "secure_sync, unsigned, read back", "secure_sync, signed"
_KIB = 1 << 10
_PRINCIPAL = "release@example.com"

_SMALL = Workload("signed", "10,000 files of 4 KiB", 10_000, 4 * _KIB, signed=True)
_MANY = Workload("signed-many", "100,000 empty files", 100_000, 0, rounds=3, signed=True)
_IDLE = Workload("signed-idle", "nothing to do, 100,000 empty files", 100_000, 0, IDLE, signed=True)
WORKLOADS = (_SMALL, _MANY, _IDLE)


@dataclass(frozen=True)
class Target:
    """The most that signing may cost: more seconds than unsigned, or so many times as long."""

    extra: float | None = None
    times: float | None = None


TARGETS = {
    (_SMALL, PULL): Target(times=1.1),
    (_MANY, PUSH): Target(extra=0.5),
    (_MANY, PULL): Target(extra=0.5),
    (_IDLE, PUSH): Target(extra=0.05),
}


def _key() -> Any:
    return key("bench-signer")


def publish_command(job: Job) -> Command:
    """A push with `sign`."""
    return engine_command(job, proof="auto", sign={"private_key_file": str(_key().path)})


def _signed(job: Job) -> Command:
    if job.direction == PUSH:
        return publish_command(job)
    line = f'{_PRINCIPAL} namespaces="manifest@ftp-synchronize" {_key().public}'
    return engine_command(job, verify={"principal": _PRINCIPAL, "signers": [line]})


def _unsigned(job: Job) -> Command:
    return engine_command(job, proof="auto" if job.direction == PUSH else "none")


def _read_back(job: Job) -> Command:
    return engine_command(job, proof="read_back")


def _always(_workload: Workload, _direction: str) -> bool:
    return True


def _to_transfer(workload: Workload, _direction: str) -> bool:
    return workload.kind == TRANSFER


CONTENDERS = (
    Contender(
        UNSIGNED, OURS, "the engine; on a push with `proof: auto`, on a pull with `proof: none`", _unsigned, _always
    ),
    Contender(READ_BACK, OURS, "the engine with `proof: read_back`", _read_back, _to_transfer),
    Contender(
        SIGNED,
        OURS,
        "on a push with `sign` and `proof: auto`, key file without a passphrase; on a pull with `verify`",
        _signed,
        _always,
    ),
)


def signed_table(results: Results) -> str:
    """Return the medians of signed and unsigned runs, the difference, and the ratio with its target."""
    head = ("work", "", "unsigned", "read back", "signed", "difference", "ratio", "target (at most)")
    return markdown(head, [_row(*key, runs) for key, runs in results.items() if key[0].signed])


def signed_missed(results: Results) -> list[str]:
    """Return the missed targets, in words."""
    return [line for key, runs in results.items() if key[0].signed for line in _missed(*key, runs)]


def _row(workload: Workload, direction: str, runs: Sequence[Measured]) -> list[str]:
    unsigned, read_back, signed = (_named(runs, name) for name in (UNSIGNED, READ_BACK, SIGNED))
    medians = [seconds(each.median if each else None) for each in (unsigned, read_back, signed)]
    extra, times = _extra(unsigned, signed), ratio(signed, unsigned)
    return [
        *(workload.title, direction),
        *medians,
        "" if extra is None else f"{extra:+.3f}",
        "" if times is None else f"{times:.2f}",
        _words(TARGETS.get((workload, direction), Target())),
    ]


def _words(target: Target) -> str:
    if target.extra is not None:
        return f"{target.extra:+.2f} s"
    return "" if target.times is None else f"{target.times:.2f}, and read back"


def _missed(workload: Workload, direction: str, runs: Sequence[Measured]) -> Iterator[str]:
    target = TARGETS.get((workload, direction), Target())
    unsigned, read_back, signed = (_named(runs, name) for name in (UNSIGNED, READ_BACK, SIGNED))
    extra, times, to_read_back = _extra(unsigned, signed), ratio(signed, unsigned), ratio(signed, read_back)
    what = f"{workload.title}, {direction}, signed"
    if target.extra is not None and extra is not None and extra > target.extra:
        yield f"{what}: {extra:+.3f} s, target {target.extra:+.2f} s"
    if target.times is not None and times is not None and times > target.times:
        yield f"{what} / unsigned is {times:.2f}, target {target.times:.2f}"
    if target.times is not None and to_read_back is not None and to_read_back > 1:
        yield f"{what} / read back is {to_read_back:.2f}, target 1.00"


def _extra(unsigned: Measured | None, signed: Measured | None) -> float | None:
    if unsigned is None or signed is None or unsigned.median is None or signed.median is None:
        return None
    return signed.median - unsigned.median


def _named(runs: Sequence[Measured], name: str) -> Measured | None:
    return next((each for each in runs if each.contender == name), None)

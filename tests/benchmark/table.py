# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians, ratios and Markdown tables. Pure."""

from __future__ import annotations

__all__ = [
    "Measured",
    "Results",
    "details",
    "fastest",
    "markdown",
    "memory",
    "missed",
    "ratio",
    "ratios",
    "seconds",
    "times",
]

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .contender import HASHED, OUR_CIPHER, OURS, PEER, RSYNC
from .workloads import ENGINE_NAME, PULL, PUSH, Targets, Workload

_SERVER_HASH, _READ_BACK = "secure_sync, server hash", "secure_sync, read back"
_PLAY, _ALWAYS = "secure_sync, ansible-playbook", "secure_sync, delta always"
_UNKNOWN = ""


@dataclass(frozen=True)
class Measured:
    """A contender's runs of one work in one direction. files: how many it transferred, `of` the whole number.
    cpu: seconds of a processor, as far as they are known. found: whether a change was found each time, of CHANGED
    work."""

    contender: str
    kind: str
    seconds: tuple[float, ...]
    files: int = 1
    of: int = 1
    cpu: tuple[float, ...] = ()
    peak_kib: int = 0
    failure: str = ""
    found: bool | None = None

    @property
    def median(self) -> float | None:
        """For all the files, in proportion if it moved a part of them; None without a good run."""
        return median(self.seconds) * self.of / self.files if self.seconds else None


Results = Mapping[tuple[Workload, str], Sequence[Measured]]


def fastest(runs: Iterable[Measured], *kinds: str) -> Measured | None:
    """The contender of these kinds with the least median."""
    known = [each for each in runs if each.kind in kinds and each.median is not None]
    return min(known, key=lambda each: each.median or 0.0, default=None)


def ratio(one: Measured | None, other: Measured | None) -> float | None:
    """How many times the second's time the first takes; None if one of them is not known."""
    if one is None or other is None or one.median is None or not other.median:
        return None
    return one.median / other.median


def seconds(value: float | None) -> str:
    """Three digits, and never less than hundredths where there are whole seconds."""
    if value is None:
        return _UNKNOWN
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def times(results: Results) -> str:
    """Return the medians of each work and direction: secure_sync, the fastest peer, rsync, the playbook."""
    head = ("work", "", "secure_sync", "fastest peer", "rsync", "playbook")
    return markdown(head, [_times_row(*key, runs) for key, runs in results.items() if _is_compared(key[0])])


def ratios(results: Results) -> str:
    """Return the ratios of each work and direction, with their targets."""
    head = (
        "work",
        "",
        "/ peer",
        "same cipher",
        "hashed",
        "/ rsync",
        "read back / peer",
        "playbook / peer",
        "always / peer",
    )
    return markdown(head, [_ratios_row(*key, runs) for key, runs in results.items() if _is_compared(key[0])])


def _is_compared(workload: Workload) -> bool:
    """Whether peers do this work too."""
    return not (workload.alone or workload.signed or workload.sealed)


def missed(results: Results) -> list[str]:
    """The targets that are missed, in words."""
    lines = []
    for (workload, direction), runs in results.items():
        for what, value, target in _ratios(workload.targets(direction), runs):
            if target is not None and value is not None and value > target:
                lines.append(f"{workload.title}, {direction}: {what} is {value:.2f}, target {target:.2f}")
        peak = max((each.peak_kib for each in runs), default=0) / 1024
        if workload.target_memory is not None and peak > workload.target_memory:
            lines.append(f"{workload.title}, {direction}: {peak:.0f} MiB of memory, target {workload.target_memory}")
    return lines


def details(results: Results, workload: Workload) -> str:
    """All contenders of one work, both directions side by side."""
    sides = {direction: results.get((workload, direction), ()) for direction in (PUSH, PULL)}
    names = list(dict.fromkeys(each.contender for runs in sides.values() for each in runs))
    rows = [[name, *(cell for runs in sides.values() for cell in _detail(name, runs))] for name in names]
    each_side = ("{} s", "least to most", "rounds", "ratio")
    head = ["contender", *(word.format(side) for side in sides for word in each_side)]
    return markdown(head, rows)


def memory(results: Results) -> str:
    """The most memory that our process had in use, MiB."""
    rows = []
    for workload in dict.fromkeys(workload for workload, _direction in results):
        peaks = [_peak(results.get((workload, direction), ())) for direction in (PUSH, PULL)]
        wanted = f"{workload.target_memory}" if workload.target_memory is not None else _UNKNOWN
        rows.append([workload.title, *peaks, wanted])
    return markdown(("work", "push", "pull", "target (at most)"), rows)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with columns of even width: the first to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    body = [[line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in [body[0], rule, *body[1:]])


def _named(runs: Iterable[Measured], name: str) -> Measured | None:
    return next((each for each in runs if each.contender == name), None)


def _ours(runs: Iterable[Measured]) -> Measured | None:
    """secure_sync, or the run that also has the server hash where the work needs that."""
    known = list(runs)
    return _named(known, ENGINE_NAME) or _named(known, _SERVER_HASH)


def _ratios(targets: Targets, runs: Sequence[Measured]) -> list[tuple[str, float | None, float | None]]:
    ours, peer = _ours(runs), fastest(runs, PEER)
    return [
        ("secure_sync / fastest peer", ratio(ours, peer), targets.peer),
        ("secure_sync / fastest peer that hashes", ratio(ours, fastest(runs, HASHED)), targets.hashed),
        ("secure_sync / rsync", ratio(ours, fastest(runs, RSYNC)), targets.rsync),
        ("read back / fastest peer", ratio(_named(runs, _READ_BACK), peer), targets.read_back),
        ("playbook / fastest peer", ratio(_named(runs, _PLAY), peer), targets.play),
        ("delta always / fastest peer", ratio(_named(runs, _ALWAYS), peer), targets.always),
    ]


def _in_one_cipher(runs: Sequence[Measured]) -> float | None:
    """secure_sync to the fastest contender that needs no program at the server, if some used aes128-gcm."""
    same = OUR_CIPHER[PEER]
    return ratio(_ours(runs), fastest(runs, PEER, same)) if any(each.kind == same for each in runs) else None


def _times_row(workload: Workload, direction: str, runs: Sequence[Measured]) -> list[str]:
    peer = fastest(runs, PEER)
    return [
        workload.title,
        direction,
        _median(_ours(runs)),
        f"{_median(peer)} ({peer.contender})" if peer else _UNKNOWN,
        _median(fastest(runs, RSYNC)),
        _median(_named(runs, _PLAY)),
    ]


def _ratios_row(workload: Workload, direction: str, runs: Sequence[Measured]) -> list[str]:
    to_peer, *others = (_against(value, target) for _what, value, target in _ratios(workload.targets(direction), runs))
    return [workload.title, direction, to_peer, _against(_in_one_cipher(runs), None), *others]


def _against(value: float | None, target: float | None) -> str:
    if value is None:
        return _UNKNOWN
    if target is None:
        return f"{value:.2f}"
    return f"{value:.2f} ({'<=' if value <= target else 'not <='} {target:.2f})"


def _median(measured: Measured | None) -> str:
    return seconds(measured.median) if measured else _UNKNOWN


def _detail(name: str, runs: Sequence[Measured]) -> list[str]:
    found = _named(runs, name)
    if found is None:
        return [_UNKNOWN] * 4
    if not found.seconds:
        return ["failed", _UNKNOWN, _UNKNOWN, _UNKNOWN]
    scale = found.of / found.files
    spread = f"{seconds(min(found.seconds) * scale)} to {seconds(max(found.seconds) * scale)}"
    part = f", {found.files:,} files" if found.files != found.of else ""
    value = ratio(_ours(runs), found) if found.kind != OURS else None
    return [_median(found), spread, f"{len(found.seconds)}{part}", _against(value, None)]


def _peak(runs: Sequence[Measured]) -> str:
    kib = max((each.peak_kib for each in runs), default=0)
    return f"{kib / 1024:.0f}" if kib else _UNKNOWN

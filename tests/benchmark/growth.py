# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How time and memory of secure_sync grow with the number of files, from works with empty files. Pure."""

from __future__ import annotations

__all__ = ["growth_table"]

from collections.abc import Iterator
from statistics import median

from .table import Measured, Results, markdown, seconds
from .workloads import ENGINE_NAME, IDLE, PUSH, Workload

_HEAD = ("work", "files", "seconds", "CPU seconds", "MiB", "seconds per file, to the smallest tree")


def growth_table(results: Results) -> str:
    """Return a line for each number of files, grouped by work and direction; "" if none was measured."""
    found = sorted(_ours(results), key=lambda each: (each[0].kind == IDLE, each[1] != PUSH, each[0].files))
    least: dict[tuple[str, str], float] = {}
    rows = []
    for workload, direction, run in found:
        each = (run.median or 0.0) / workload.files
        first = least.setdefault((workload.kind, direction), each)
        cpu = seconds(median(run.cpu)) if run.cpu else ""
        rows.append(
            [
                f"{'nothing to do, ' if workload.kind == IDLE else ''}{direction}",
                f"{workload.files:,}",
                seconds(run.median),
                cpu,
                f"{run.peak_kib / 1024:.0f}",
                f"{each / first:.2f}",
            ]
        )
    return markdown(_HEAD, rows) if rows else ""


def _ours(results: Results) -> Iterator[tuple[Workload, str, Measured]]:
    for (workload, direction), runs in results.items():
        if not workload.size:
            yield from ((workload, direction, each) for each in runs if each.contender == ENGINE_NAME and each.seconds)

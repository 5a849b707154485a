# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of works, kept in a file: a measurement that was interrupted goes on after its last work.

A work counts as measured only with the same size, rounds and commit.
"""

from __future__ import annotations

__all__ = ["KeptResults"]

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .table import Measured
from .workloads import Workload


class KeptResults:
    """path: the file, or None: nothing is kept. version: the commit. rounds: of the measurement."""

    def __init__(self, path: Path | None, *, version: str, rounds: int) -> None:
        self._path = path
        self._of = f"{version}, {rounds} rounds"
        self._kept: dict[str, list[dict[str, Any]]] = {}
        if path is not None and path.exists():
            content = json.loads(path.read_text())
            if content["of"] != self._of:
                raise SystemExit(f"{path}: figures of {content['of']}, not of {self._of}. Name another file.")
            self._kept = content["works"]

    def find(self, workload: Workload, direction: str) -> list[Measured] | None:
        """Return the figures of a work; None if it was not measured."""
        kept = self._kept.get(_name(workload, direction))
        return None if kept is None else [_measured(each) for each in kept]

    def add(self, workload: Workload, direction: str, runs: Sequence[Measured]) -> None:
        """Keep the figures of a work."""
        self._kept[_name(workload, direction)] = [asdict(each) for each in runs]
        if self._path is not None:
            new = self._path.with_name(self._path.name + ".new")
            new.write_text(json.dumps({"of": self._of, "works": self._kept}, indent=1))
            os.replace(new, self._path)


def _name(workload: Workload, direction: str) -> str:
    return f"{workload.name} {direction}: {workload.title}"


def _measured(kept: dict[str, Any]) -> Measured:
    return Measured(**{name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()})

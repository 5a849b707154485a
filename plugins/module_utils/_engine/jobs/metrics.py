# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of a job as text for the textfile collector of node_exporter (Prometheus exposition format)."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import OperationFailed
from ..model.display import display_text
from ..model.request import DeleteLimit
from ..model.utc import parse_utc
from ..system.durable_files import replace
from ..system.root_owned_path import closing
from .ending import OK, STATES

PREFIX = "ftp_synchronize_job"
DIRECTIONS = {"sent": "bytes_sent", "received": "bytes_received"}
"""Values of the label `direction`, with their count in `stats`."""
ACTIONS = ("create_directory", "store", "move", "copy", "link", "set_attributes", "remove")
"""Values of the label `action`, with their count in `totals`."""
DEPLOYED = "deployed"
"""The counter that has the time of the deployment, or of the first run of a job that was deployed otherwise."""

_READABLE = 0o644
_MOST = 1 << 62
Samples = Sequence[Tuple[str, float]]
Family = Tuple[str, str, str, Samples]


class Limits(NamedTuple):
    """late_after: of the job, in seconds. max_delete: of the run; None if it deletes nothing."""

    late_after: int
    max_delete: Optional[DeleteLimit] = None


def counted(before: Mapping[str, Any], record: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the counters after the run of a record. A former value that is no number counts as 0."""
    stats, totals = record["stats"], record["totals"]
    counters: Dict[str, Any] = {
        **{name: _number(before.get(name)) + _number(stats.get(name)) for name in DIRECTIONS.values()},
        **{name: _number(before.get(name)) + _number(totals.get(name)) for name in ACTIONS},
    }
    counters[DEPLOYED] = _number(before.get(DEPLOYED)) or parse_utc(record["ended"])
    succeeded = record["result"] == OK
    counters["last_success"] = parse_utc(record["ended"]) if succeeded else before.get("last_success")
    counters["idle_runs"] = (
        _idle_runs(_number(before.get("idle_runs")), totals) if succeeded else before.get("idle_runs")
    )
    return counters


def metrics_text(record: Mapping[str, Any], counters: Mapping[str, Any], limits: Limits, *, version: str) -> str:
    """Return the text for a record that was written."""
    families = [*_families(record, counters, version), *_limit_families(record, counters, limits)]
    return _text(str(record["job"]), [*_lateness(counters, limits), *families])


def first_metrics_text(job: str, counters: Mapping[str, Any], limits: Limits) -> str:
    """Return the text for a job that has not run since its deployment."""
    return _text(job, [*_lateness(counters, limits), *_success(counters)])


def metrics_file(directory: str, job: str) -> str:
    return f"{directory.rstrip('/')}/ftp_synchronize_job_{job}.prom"


def write_metrics(directory: str, job: str, text: str) -> None:
    """Replace the file of a job in one step: the collector never reads half of it. Raises OperationFailed."""
    name = os.path.basename(metrics_file(directory, job))
    try:
        with closing(os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as descriptor:
            replace(
                name,
                text.encode("ascii"),
                directory=descriptor,
                settle=lambda file: os.fchmod(file, _READABLE),
                temporary=f".{name}.new",
            )
    except OSError as error:
        raise OperationFailed(
            f"metrics: {display_text(directory)}: {error.strerror or error}",
            cure="Set metrics to the directory of the textfile collector.",
        ) from None


def _families(record: Mapping[str, Any], counters: Mapping[str, Any], version: str) -> Iterator[Family]:
    ended = parse_utc(record["ended"])
    yield "last_run_timestamp_seconds", "gauge", "End of the last run.", [("", ended)]
    yield from _success(counters)
    if record["began"] is not None:
        seconds = max(0, ended - parse_utc(record["began"]))
        yield "duration_seconds", "gauge", "Duration of the last run.", [("", seconds)]
    sizes = [(f'direction="{label}"', _number(counters.get(name))) for label, name in DIRECTIONS.items()]
    yield "bytes_total", "counter", "Bytes of all runs.", sizes
    files = [(f'action="{action}"', _number(counters.get(action))) for action in ACTIONS]
    yield "files_total", "counter", "Actions of all runs.", files
    failed = _number(record["totals"].get("failed_items"))
    yield "failed_items", "gauge", "Items that failed in the last run.", [("", failed)]
    if "files_refused" in record["stats"]:
        refused = _number(record["stats"]["files_refused"])
        yield "refused_files", "gauge", "Files that the check of content refused in the last run.", [("", refused)]
    states = [(f'state="{state}"', float(record["result"] == state)) for state in STATES]
    yield "state", "gauge", "Whether the last run ended in this state.", states
    yield "info", "gauge", "Version of the program.", [(f'version="{version}"', 1)]


def _success(counters: Mapping[str, Any]) -> Iterator[Family]:
    success = counters.get("last_success")
    if success is not None:
        yield "last_success_timestamp_seconds", "gauge", "End of the last successful run.", [("", _number(success))]


def _lateness(counters: Mapping[str, Any], limits: Limits) -> Iterator[Family]:
    """Yield the metrics by which a job is late that has never succeeded."""
    yield "deployed_timestamp_seconds", "gauge", "Deployment of the job.", [("", _number(counters.get(DEPLOYED)))]
    late_after = [("", limits.late_after)]
    yield "late_after_seconds", "gauge", "Time without a success after which the job is late.", late_after


def _limit_families(record: Mapping[str, Any], counters: Mapping[str, Any], limits: Limits) -> Iterator[Family]:
    """Yield the other metrics that docs/prometheus/jobs.rules.yml compares."""
    idle = _number(counters.get("idle_runs"))
    yield "idle_runs", "gauge", "Successful runs in a row that changed nothing.", [("", idle)]
    entries = _number(record["stats"].get("destination_entries"))
    allowed = limits.max_delete.of(int(entries)) if limits.max_delete else 0
    if allowed:
        share = _number(record["totals"].get("remove")) / allowed
        yield "deletions_ratio", "gauge", "Share of max_delete that the last run used.", [("", round(share, 4))]


def _idle_runs(before: float, totals: Mapping[str, Any]) -> float:
    return 0 if any(_number(totals.get(name)) for name in ACTIONS) else before + 1


def _text(job: str, families: Iterable[Family]) -> str:
    return "".join(_family(job, *family) for family in families)


def _family(job: str, name: str, kind: str, words: str, samples: Samples) -> str:
    head = f"# HELP {PREFIX}_{name} {words}\n# TYPE {PREFIX}_{name} {kind}\n"
    return head + "".join(f"{PREFIX}_{name}{{{_labels(job, more)}}} {_shown(value)}\n" for more, value in samples)


def _labels(job: str, more: str) -> str:
    return 'name="%s"%s' % (job, "," + more if more else "")


def _shown(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else repr(value)


def _number(value: Any) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if plain and 0 <= value < _MOST else 0

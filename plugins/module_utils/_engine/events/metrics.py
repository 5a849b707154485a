# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters of the metrics, kept with the state, and their text for the textfile collector of node_exporter."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, Tuple

from .event import DOWNLOAD, LOGIN, LOGIN_FAILED, REFUSED, UPLOAD, Event

_PREFIX = "ftp_synchronize_"
_LOGINS = {LOGIN: "success", LOGIN_FAILED: "failure", REFUSED: "refused"}
_HELP = {
    "logins_total": "Logins by result.",
    "bytes_total": "Bytes by direction, without proofs by reading back.",
    "alerts_total": "Alerts by rule.",
    "unparsed_lines_total": "Lines of the servers that no pattern knows.",
    "account_bytes_total": "Bytes by account and direction.",
    "configuration_differences": "Files of the configuration that differ from the accepted state.",
    "configuration_check_timestamp_seconds": "Last check of the configuration, 0 before the first.",
    "sessions": "Open sessions.",
    "events_lag_seconds": "Age of the newest line that was read.",
    "log_probe_timestamp_seconds": "Connection of the last probe of sshd.",
    "log_silent": "Whether sshd has not logged the last probe.",
    "groups_missing": "Groups of the options that do not exist on this host.",
    "trees_without_manifest": "Trees that have not been compared yet, or whose manifest cannot be read.",
    "trees_compared_timestamp_seconds": "The oldest of the last manifests of all trees.",
    "events_last_run_timestamp_seconds": "End of the last run of the collector.",
}
Gauges = Mapping[str, float]


def count(counters: Dict[str, int], event: Event, *, account_labels: bool) -> None:
    for name, number in _numbers(event, account_labels=account_labels):
        counters[name] = counters.get(name, 0) + number


def metrics_text(counters: Mapping[str, int], gauges: Gauges) -> str:
    families: Dict[str, List[str]] = {}
    for name, value in sorted({"unparsed_lines_total": 0, **counters}.items()):
        families.setdefault(name.partition("{")[0], []).append(f"{_PREFIX}{name} {value}\n")
    for name, gauge in sorted(gauges.items()):
        families.setdefault(name, []).append(f"{_PREFIX}{name} {round(gauge, 3)!r}\n")
    return "".join(_family(name, lines) for name, lines in families.items())


def _family(name: str, lines: Iterable[str]) -> str:
    kind = "counter" if name.endswith("_total") else "gauge"
    head = f"# HELP {_PREFIX}{name} {_HELP[name]}\n# TYPE {_PREFIX}{name} {kind}\n"
    return head + "".join(lines)


def _numbers(event: Event, *, account_labels: bool) -> Iterable[Tuple[str, int]]:
    if event.alert is not None:
        yield _name("alerts_total", rule=event.alert.rule), 1
        return
    if event.action in _LOGINS:
        yield _name("logins_total", result=_LOGINS[event.action]), 1
    if event.action in (UPLOAD, DOWNLOAD):
        number = event.received if event.action == UPLOAD else event.sent
        yield _name("bytes_total", direction=event.action), number
        if account_labels:
            yield _name("account_bytes_total", account=event.account, direction=event.action), number


def _name(name: str, **labels: str) -> str:
    return "%s{%s}" % (name, ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items()))


def _escaped(value: str) -> str:
    return re.sub(r'["\\]', r"\\\g<0>", value).replace("\n", "\\n")

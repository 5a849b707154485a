# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped rules of Prometheus, judged by promtool, and the dashboard of Grafana, whose queries promtool parses.

Grafana itself does not run here."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import (
    NO_BASELINE,
    RULES,
)

DOCS = Path(__file__).parents[2] / "docs"
RULES_FILE = DOCS / "prometheus/transfer_monitoring.rules.yml"
DASHBOARD = DOCS / "grafana/transfer_monitoring.json"
RUN = 'ftp_synchronize_events_last_run_timestamp_seconds{instance="a"}'


def promtool(*words: str) -> None:
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts() -> dict[str, dict[str, Any]]:
    (group,) = yaml.safe_load(RULES_FILE.read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_the_rules_are_valid() -> None:
    promtool("check", "rules", str(RULES_FILE))


def test_the_critical_rules_are_rules_of_the_events() -> None:
    critical, warning = (
        set(re.findall(r'rule=~"([^"]*)"', alerts()[name]["expr"])[0].split("|"))
        for name in ("TransferAlertCritical", "TransferAlertWarning")
    )
    assert warning == critical | {NO_BASELINE}
    assert critical - {"log_gap"} < set(RULES)


SILENT = [{"series": RUN, "values": "0x20"}]
RUNNING = [{"series": RUN, "values": "0+60x3000"}]
CASES = {
    # name: the series, a time, and the alerts that fire then, as name and rule
    "the collector stopped": (SILENT, "20m", [("TransferMonitoringStopped", "")]),
    "the collector runs": (RUNNING, "20m", []),
    "the metrics are gone": (
        [{"series": RUN, "values": "0+60x1800 stale"}],
        "31h",
        [("TransferMonitoringMissing", "")],
    ),
    "a group is missing": (
        [*RUNNING, {"series": 'ftp_synchronize_groups_missing{instance="a"}', "values": "1x20"}],
        "10m",
        [("TransferGroupMissing", "")],
    ),
    "a group was missing for a moment": (
        [*RUNNING, {"series": 'ftp_synchronize_groups_missing{instance="a"}', "values": "0 0 1 1 0x20"}],
        "10m",
        [],
    ),
    "a tree has no manifest": (
        [*RUNNING, {"series": 'ftp_synchronize_trees_without_manifest{instance="a"}', "values": "1x2000"}],
        "25h",
        [("TransferTreesWithoutManifest", "")],
    ),
    "the first manifest is made": (
        [*RUNNING, {"series": 'ftp_synchronize_trees_without_manifest{instance="a"}', "values": "1x600 0x1000"}],
        "25h",
        [],
    ),
    "the log is not probed": (
        [*RUNNING, {"series": 'ftp_synchronize_log_probe_timestamp_seconds{instance="a"}', "values": "0x200"}],
        "2h",
        [("TransferLogNotProbed", "")],
    ),
    "a tree is not compared": (
        [*RUNNING, {"series": 'ftp_synchronize_trees_compared_timestamp_seconds{instance="a"}', "values": "0x4000"}],
        "49h",
        [("TransferTreesNotCompared", "")],
    ),
    "the first alert of a rule": (
        [*RUNNING, {"series": 'ftp_synchronize_alerts_total{instance="a",rule="volume_hour"}', "values": "_x20 1x20"}],
        "25m",
        [("TransferAlertCritical", "volume_hour")],
    ),
    "a later alert": (
        [*RUNNING, {"series": 'ftp_synchronize_alerts_total{instance="a",rule="late_feed"}', "values": "3x60 4x20"}],
        "65m",
        [("TransferAlertWarning", "late_feed")],
    ),
    "an old alert": (
        [*RUNNING, {"series": 'ftp_synchronize_alerts_total{instance="a",rule="late_feed"}', "values": "3x90"}],
        "80m",
        [],
    ),
    "a server that was upgraded": (
        [*RUNNING, {"series": 'ftp_synchronize_unparsed_lines_total{instance="a"}', "values": "0+5x120"}],
        "90m",
        [("TransferLinesUnknown", "")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_alert_fires_when_it_must(case: str, tmp_path: Path) -> None:
    series, moment, expected = CASES[case]
    firing = {name: [rule for each, rule in expected if each == name] for name in alerts()}
    tests = [
        {
            "eval_time": moment,
            "alertname": name,
            "exp_alerts": [
                {
                    "exp_labels": {
                        "severity": alerts()[name]["labels"]["severity"],
                        "instance": "a",
                        **({"rule": rule} if rule else {}),
                    }
                }
                for rule in firing[name]
            ],
        }
        for name in alerts()
    ]
    (tmp_path / "rules.yml").write_text(_without_annotations())
    text = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": tests}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(text))
    promtool("test", "rules", str(tmp_path / "test.yml"))


def _without_annotations() -> str:
    """Return the rules without their words, which hold values that a test would have to repeat."""
    rules = [{key: value for key, value in rule.items() if key != "annotations"} for rule in alerts().values()]
    return yaml.safe_dump({"groups": [{"name": "shipped", "rules": rules}]})


def test_the_queries_of_the_dashboard_are_valid(tmp_path: Path) -> None:
    board = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(queries) == 9
    plain = [query.replace("$__rate_interval", "5m").replace("$instance", ".*") for query in queries]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(plain)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", str(tmp_path / "queries.yml"))


def test_the_panels_of_the_dashboard_do_not_overlap() -> None:
    board = json.loads(DASHBOARD.read_text())
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert max(x for x, _y in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.main import main
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe.answer import (
    Answer,
    write_answer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.state import locked_state
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.kept_tree import (
    Moment,
    write_kept_tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.report import Report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.scanning import Scan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import Unexplained
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import Recorded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.program_archive import (
    program_archive,
    program_sources,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath

LIBRARY = Path(__file__).parents[6] / "plugins/module_utils"
LINE = 'Fri Nov 27 15:50:59 2026 [pid 2] [partner] OK UPLOAD: Client "192.0.2.1", "/a", 7 bytes, 1.00Kbyte/sec\n'


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    given = {
        "output": str(tmp_path / "events.jsonl"),
        "state": str(tmp_path / "state"),
        "metrics": str(tmp_path / "events.prom"),
        "vsftpd": [str(tmp_path / "vsftpd.log")],
        "journal": False,
    }
    path.write_text(json.dumps(given))
    return path


def test_a_pass_writes_events_and_metrics(settings: Path, tmp_path: Path) -> None:
    assert main([str(settings)]) == 0
    (tmp_path / "vsftpd.log").write_text(LINE)
    assert main([str(settings)]) == 0
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["event"]["action"] for event in events] == ["upload", "session_summary"]
    text = (tmp_path / "events.prom").read_text()
    assert 'ftp_synchronize_bytes_total{direction="upload"} 7\n' in text
    assert "ftp_synchronize_events_lag_seconds" in text
    assert "groups" not in text
    assert "trees" not in text


def test_the_report_on_a_tree_is_an_alert_and_a_metric(settings: Path, tmp_path: Path) -> None:
    given = {"trees": ["/srv/a", "/srv/new"], "manifests": str(tmp_path)}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **given}))
    assert main([str(settings)]) == 0
    assert "ftp_synchronize_trees_without_manifest 2.0\n" in (tmp_path / "events.prom").read_text()
    report = Report("/srv/a", 7.5, 1, (Unexplained("removed", RelPath(b"b"), Recorded(1, 0, b"")),))
    scan = Scan(7.0, 7.5, {}, {}, {}, frozenset(), {})
    write_kept_tree(str(tmp_path), report, Moment(7.0, "boot", 1.5), scan, [])
    for _pass in range(2):
        assert main([str(settings)]) == 0
    (alert,) = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert (alert["event"]["category"], alert["file"]["path"]) == (["file"], "/srv/a/b")
    metrics = (tmp_path / "events.prom").read_text()
    assert "ftp_synchronize_trees_compared_timestamp_seconds 7.5\n" in metrics
    assert "ftp_synchronize_trees_without_manifest 1.0\n" in metrics


def test_the_answer_of_the_probe_is_an_alert_and_a_metric(settings: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "probe": str(answer)}))
    assert main([str(settings)]) == 0
    write_answer(str(answer), Answer(7.5, is_logged=False))
    for _pass in range(2):
        assert main([str(settings)]) == 0
    (alert,) = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert alert["rule"]["id"] == "log_silent"
    metrics = (tmp_path / "events.prom").read_text()
    assert "ftp_synchronize_log_silent 1.0\n" in metrics
    assert "ftp_synchronize_log_probe_timestamp_seconds 7.5\n" in metrics


def test_refusals_are_one_line(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert main([str(tmp_path / "missing")]) == 1
    with locked_state(str(tmp_path / "state")):
        assert main([str(settings)]) == 75
    (tmp_path / "state/state").write_text("x")
    assert main([str(settings)]) == 1
    settings.write_text('{"fiels": "all"}')
    assert main([str(settings)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "usage: events SETTINGS",
        f"{tmp_path}/missing: No such file or directory",
        "state: another collector is running",
        "state: cannot be read: Expecting value: line 1 column 1 (char 0). Remove the file to begin again.",
        "settings: unknown name fiels. Remove it.",
    ]


@pytest.mark.parametrize("option", ["mfa_accounts", "break_glass_accounts"])
def test_a_missing_group_is_an_error_after_the_events_were_collected(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    settings.write_text(json.dumps({**json.loads(settings.read_text()), option: ["%missing"]}))
    assert main([str(settings)]) == 1
    (tmp_path / "vsftpd.log").write_text(LINE)
    assert main([str(settings)]) == 1
    words = f"{option}: the group missing does not exist. Correct transfer_monitoring_{option}, or create the group."
    assert capsys.readouterr().err.splitlines() == [words, words]
    assert "upload" in (tmp_path / "events.jsonl").read_text()
    metrics = (tmp_path / "events.prom").read_text()
    assert "ftp_synchronize_events_last_run_timestamp_seconds" in metrics
    assert "ftp_synchronize_groups_missing 1.0\n" in metrics
    settings.write_text(json.dumps({**json.loads(settings.read_text()), option: ["%root"]}))
    assert main([str(settings)]) == 0
    assert "ftp_synchronize_groups_missing 0.0\n" in (tmp_path / "events.prom").read_text()


@pytest.mark.parametrize(
    "damage", [{"schema": 2}, {"rules": {}}, {"late": 1}, {"health": {"hour": [], "shares": {"began": 1, "days": []}}}]
)
def test_a_damaged_state_of_the_rules_is_refused(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: dict[str, Any]
) -> None:
    assert main([str(settings)]) == 0
    state = json.loads((tmp_path / "state/state").read_text())
    state["watch"].update(damage)
    (tmp_path / "state/state").write_text(json.dumps(state) + "\n")
    assert main([str(settings)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("state: cannot be read: rules: ")
    assert error.endswith(". Remove the file to begin again.\n")


def test_the_program_is_one_file(settings: Path, tmp_path: Path) -> None:
    sources = program_sources(str(LIBRARY), "_engine/events/main.py")
    (tmp_path / "events.pyz").write_bytes(program_archive(sources, "_engine/events/main.py"))
    command = [sys.executable, "-I", "-S", str(tmp_path / "events.pyz"), str(settings)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert len(sources) < 58

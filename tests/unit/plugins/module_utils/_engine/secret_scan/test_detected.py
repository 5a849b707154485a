# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library detect-secrets: its detectors, its baseline, and no word to any service."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.detected import (
    DetectorFailed,
    UnusableBaseline,
    detector,
)

AWS = "AKIAQX7R2MZ5LW4NTB3K"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "code.sh"
    path.write_text(f"first\nID={AWS}\npassword = 'hunter2-88'\n")
    return path


def baseline(file: Path) -> str:
    command = [sys.executable, "-m", "detect_secrets", "scan", "--no-verify", "--all-files", file.name]
    return subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=True).stdout


def found(file: Path, known: str | None = None) -> list[tuple[int, str]]:
    with detector(known) as detect:
        return [(each.line, each.type) for each in detect(str(file), file.read_text())]


def test_secrets_with_their_lines(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_arguments: object) -> None:
        raise AssertionError("a service was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert sorted(found(file)) == [(2, "AWS Access Key"), (3, "Secret Keyword")]


def test_its_own_baseline_permits_what_it_has(file: Path) -> None:
    known = baseline(file)
    assert AWS not in known
    assert found(file, known) == []
    file.write_text(file.read_text() + "password = 'another-77'\n")
    assert found(file, known) == [(4, "Secret Keyword")]


def test_a_secret_that_an_audit_called_real_is_found(file: Path) -> None:
    known = json.loads(baseline(file))
    for each in known["results"][file.name]:
        each["is_secret"] = each["type"] == "AWS Access Key"
    assert found(file, json.dumps(known)) == [(2, "AWS Access Key")]


def test_a_baseline_never_turns_verification_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = json.loads(baseline(file))
    known["results"] = {}
    path = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
    known["filters_used"].append({"path": path, "min_level": 2})

    def connect(*_arguments: object) -> None:
        raise AssertionError("a service was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    assert len(found(file, json.dumps(known))) == 2


@pytest.mark.parametrize("text", ["", "no", "[]", "{}", '{"results": []}', "[" * 100_000, "9" * 5000])
def test_other_files_are_no_baseline(text: str) -> None:
    with pytest.raises(UnusableBaseline), detector(text):
        pass


FILTERS = "detect_secrets.filters."


@pytest.mark.parametrize(
    ("key", "entry", "fact"),
    [
        ("filters_used", {"path": "file://{code}::f"}, "has the filter"),
        ("filters_used", {"path": "code.f"}, "has the filter"),
        ("filters_used", {"path": FILTERS + "regex.should_exclude_file", "pattern": ["(a+)+$"]}, "has the filter"),
        ("filters_used", {"path": FILTERS + "gibberish.should_exclude_secret", "model": "x"}, "has the filter"),
        ("filters_used", {"path": 1}, "has the filter 1,"),
        ("filters_used", {"path": []}, "has the filter"),
        ("filters_used", {}, "has the filter null,"),
        ("filters_used", "x", "are no list of mappings"),
        ("plugins_used", {"name": "Mine", "path": "file://{code}"}, 'has the detector "Mine", which is not built into'),
        ("plugins_used", {"name": "AWSKeyDetector", "path": "file://{code}"}, "of AWSKeyDetector"),
        ("plugins_used", {"name": "AWSKeyDetector", "limit": 3}, "of AWSKeyDetector"),
        ("plugins_used", {"name": "KeywordDetector", "keyword_exclude": "(a+)+$"}, "of KeywordDetector"),
        ("plugins_used", {"name": "HexHighEntropyString", "limit": "3"}, "of HexHighEntropyString"),
        ("plugins_used", {"name": "HexHighEntropyString", "limit": True}, "of HexHighEntropyString"),
        ("plugins_used", {"name": "HexHighEntropyString", "limit": 9}, "of HexHighEntropyString"),
        ("plugins_used", {"name": "HexHighEntropyString", "limit": float("nan")}, "of HexHighEntropyString"),
        ("plugins_used", {"name": []}, "has the detector"),
        ("plugins_used", 7, "are no list of mappings"),
    ],
)
def test_a_baseline_chooses_nothing_but_what_is_built_in(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, entry: object, fact: str
) -> None:
    code = tmp_path / "code.py"
    code.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ndef f(filename):\n    return False\n")
    monkeypatch.syspath_prepend(tmp_path)
    known = json.loads(baseline(file))
    known[key].append(entry)
    with pytest.raises(UnusableBaseline, match=fact):
        found(file, json.dumps(known).replace("{code}", str(code)))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("entry", [{}, {"type": "x"}, {"type": [], "hashed_secret": "x"}, 3])
def test_results_of_another_form(file: Path, entry: object) -> None:
    known = json.loads(baseline(file))
    known["results"]["x"] = [entry]
    with pytest.raises(UnusableBaseline):
        found(file, json.dumps(known))


def test_the_file_of_the_baseline_alone_is_left_out(file: Path) -> None:
    known = json.loads(baseline(file)) | {"results": {}}
    known["filters_used"].append({"path": FILTERS + "common.is_baseline_file", "filename": file.name})
    text = json.dumps(known)
    assert len(found(file, text)) == 2
    with detector(text, file.name) as detect:
        assert detect(str(file), file.read_text()) == []


def test_the_text_is_read_and_not_the_file(file: Path) -> None:
    """The file is UTF-16, which the library passes over."""
    text = file.read_text()
    file.write_text(text, encoding="utf-16")
    with detector(None) as detect:
        assert len(detect(str(file), text + "\udcff")) == 2
        assert len(detect(str(file), text)) == 2


def test_a_text_that_takes_the_library_quadratic_time(file: Path) -> None:
    with detector(None) as detect:
        with pytest.raises(DetectorFailed, match="was too slow"):
            detect(str(file), "password" * 8000)
        assert len(detect(str(file), file.read_text())) == 2


def test_a_text_on_which_the_library_fails(tmp_path: Path) -> None:
    """Its parser of YAML is recursive."""
    deep = tmp_path / "deep.yml"
    deep.write_text("")
    with detector(None) as detect, pytest.raises(DetectorFailed, match="failed with RecursionError"):
        detect(str(deep), "[" * 20_000)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole scans of a planted project: the findings of each pass, and no text that shows a secret."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan import scan as room
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.detected import detector
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.known_values import Value
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.scan import (
    ScanReport,
    ScanRequest,
    scan,
)
from support.running.examples import ROOT
from support.trees.planted_secrets import Planted, plant

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PAGE = (ROOT / "docs/secret_scan.md").read_text()


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return plant(tmp_path)


def run(planted: Planted, known: Sequence[Value] = (), logs: Sequence[str] = ("job.log",)) -> ScanReport:
    paths = [str(planted.root / name) for name in ("site.yml", "group_vars", "hosts.ini", "clean.yml")]
    return scan(ScanRequest(paths, [str(planted.root / name) for name in logs], known, None))


def places(planted: Planted, report: ScanReport, *passes: str) -> set[str]:
    return {f"{Path(each.file).relative_to(planted.root)}:{each.line}" for each in report.findings if each.by in passes}


def test_recall_and_precision_without_known_values(planted: Planted) -> None:
    report = run(planted)
    found = places(planted, report, "ansible", "detect-secrets")
    # A key is found by its first line.
    wanted = {name: each.place for name, each in planted.secrets.items()} | {"private_key": "group_vars/all.yml:4"}
    missed = {name for name, place in wanted.items() if place not in found}
    wrong = [each.observed for each in report.findings if Path(each.file) in planted.clean]
    real = len(report.findings) - len(wrong)
    print(f"recall {17 - len(missed)} of 17; precision {real} of {len(report.findings)}")
    assert missed == set()
    assert wrong == []
    assert report.not_checked == ()


def test_the_table_of_the_page(planted: Planted) -> None:
    rows = {"`known`, with the values": [Value(name, each.value) for name, each in planted.secrets.items()]}
    found = {name: figures(planted, places(planted, run(planted, known), "known")) for name, known in rows.items()}
    found["`ansible`"] = figures(planted, places(planted, run(planted), "ansible"))
    found["`detect-secrets` 1.5.0 alone"] = figures(planted, alone(planted))
    reported = places(planted, run(planted), "ansible", "detect-secrets")
    found["`ansible` and `detect-secrets` as the module reports them"] = figures(planted, reported)
    for name, (right, wrong) in found.items():
        print(f"{name}: {right} of 17, {wrong} false alarms")
        assert f"\n| {name} | {right} | {wrong} |\n" in PAGE


def figures(planted: Planted, found: set[str]) -> tuple[int, int]:
    """Return how many secrets were found, and how many places have none. A key is also found by its first line."""
    wanted = {each.place for each in planted.secrets.values()}
    key = planted.secrets["private_key"].place
    head = {f"group_vars/all.yml:{line}" for line in (3, 4)}
    right = (found & wanted) | ({key} if found & head else set())
    inventory = planted.secrets["inventory"].place in found
    return len(right) + inventory, len(found - wanted - head)


def alone(planted: Planted) -> set[str]:
    """Return the places that detect-secrets finds by itself."""
    files = [path for path in planted.root.rglob("*") if path.is_file()]
    with detector(None) as detect:
        return {
            f"{path.relative_to(planted.root)}:{each.line}"
            for path in files
            for each in detect(str(path), path.read_text())
        }


def test_known_values_are_found_everywhere_without_an_alarm_elsewhere(planted: Planted) -> None:
    report = run(planted, [Value(name, each.value) for name, each in planted.secrets.items()])
    assert places(planted, report, "known") == {each.place for each in planted.secrets.values()}
    assert {each.kind for each in report.findings if each.by == "known"} == set(planted.secrets)
    assert report.values == 17


def test_a_place_is_reported_once(planted: Planted) -> None:
    report = run(planted, [Value("p", planted.secrets["password"].value)])
    assert [each.by for each in report.findings if each.line == 9 and each.file.endswith("site.yml")] == ["known"]


def test_no_finding_has_a_secret_or_a_hash_of_it(planted: Planted) -> None:
    report = str(run(planted))
    for each in planted.secrets.values():
        raw = each.value.encode()
        hashes = [hashlib.new(name, raw).hexdigest()[:16] for name in ("md5", "sha1", "sha256")]
        assert [
            text for text in (each.value, raw.hex(), base64.b64encode(raw).decode(), *hashes) if text in report
        ] == []


def test_logs_that_are_compressed_binary_large_or_unreadable(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [Value("canary", "canary-4471-xyz")]
    monkeypatch.setattr(room, "LARGEST_TEXT", 100)
    logs = planted.root / "logs"
    logs.mkdir()
    (logs / "old.log.gz").write_bytes(gzip.compress(b"\n\ncanary-4471-xyz\n"))
    (logs / "core").write_bytes(b"\0\0canary-4471-xyz\0")
    (logs / "large.log").write_bytes(b"x\n" * 500 + b"canary-4471-xyz")
    (logs / "cut.gz").write_bytes(gzip.compress(b"canary")[:-6])
    report = scan(ScanRequest([], [str(logs)], known, None))
    assert [(Path(each.file).name, each.line, each.id) for each in report.findings if each.id != "file_mode"] == [
        ("core", 1, "known_value"),
        ("large.log", 501, "known_value"),
        ("old.log.gz", 3, "known_value"),
    ]
    refused = [each.removeprefix(f"{logs}/").partition(":")[0] for each in report.not_checked]
    assert refused == ["cut.gz", "large.log"]
    assert report.files == 3


@pytest.mark.parametrize(("odd", "passes"), [(1, {"ansible", "detect-secrets"}), (1000, {"ansible"})])
def test_a_binary_file_is_read_by_the_rules_and_a_text_with_odd_bytes_by_all(
    tmp_path: Path, odd: int, passes: set[str]
) -> None:
    (tmp_path / "core").write_bytes(b"\0\xff" * odd + f"\npassword = 'hunter2-88'\n{JWT}\n".encode())
    report = scan(ScanRequest([str(tmp_path)], [], (), None))
    assert {each.by for each in report.findings if each.id != "file_mode"} == passes
    assert report.not_checked == ()


def test_a_line_has_a_limit_of_secrets_and_a_file_none(tmp_path: Path) -> None:
    """Each finding of a line is compared with the others."""
    line = " ".join(f"pwd=value-{number}-x" for number in range(2000))
    (tmp_path / "a.ini").write_text(f"{line}\n{line}\n")
    report = scan(ScanRequest([str(tmp_path)], [], (), None))
    assert [sum(each.line == line for each in report.findings) for line in (1, 2)] == [100, 100]


def test_known_values_in_other_encodings(tmp_path: Path) -> None:
    """Their lines are counted as in other files."""
    value = "gehe\u00edm-\u20ac-77"
    for codec in ("utf-8", "utf-16", "utf-16-be", "utf-32"):
        (tmp_path / codec).write_text(f"a\nb {value}\n", encoding=codec)
    report = scan(ScanRequest([], [str(tmp_path)], [Value("v", value)], None))
    found = {(Path(each.file).name, each.line) for each in report.findings if each.id == "known_value"}
    assert found == {(codec, 2) for codec in ("utf-8", "utf-16", "utf-16-be", "utf-32")}


def test_a_file_that_is_removed_during_the_scan(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock of stat, as the file vanishes between two calls."""
    path = str(planted.root / "hosts.ini")

    def stat(_path: str) -> None:
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(room, "os", type("Os", (), {"stat": staticmethod(stat), "path": os.path}))
    report = scan(ScanRequest([path], [], (), None))
    assert report.not_checked == (f"{path}: mode: No such file or directory",)
    assert len(report.findings) == 2


def test_a_file_with_a_secret_that_others_can_read(planted: Planted) -> None:
    (planted.root / "site.yml").chmod(0o644)
    (planted.root / "clean.yml").chmod(0o644)
    modes = [each for each in run(planted).findings if each.id == "file_mode"]
    assert [(Path(each.file).name, each.kind) for each in modes] == [("site.yml", "mode 0644 of a file with a secret")]


def test_what_is_no_yaml_is_named(planted: Planted) -> None:
    (planted.root / "group_vars/broken.yml").write_text("a: [\n")
    assert run(planted).not_checked == (f"{planted.root}/group_vars/broken.yml: not YAML: line 2",)


def test_a_file_is_read_once(planted: Planted) -> None:
    assert run(planted, logs=("job.log", "job.log", "site.yml")).files == 5


def test_a_missing_path_and_a_short_value_are_named(planted: Planted) -> None:
    report = run(planted, [Value("pin", "1234")], logs=("none",))
    assert report.not_checked == (
        "pin: too short to be sought",
        f"{planted.root}/none: No such file or directory",
    )


def test_without_its_libraries_a_scan_says_what_it_left_out(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HAS_DETECT_SECRETS", False)
    monkeypatch.setattr(room, "HAS_YAML", False)
    assert run(planted).not_checked == ("detect-secrets: not installed", "YAML: PyYAML is not installed")


def test_hostile_names_of_files(planted: Planted) -> None:
    name = os.fsdecode(b"bad\xff\n.ini")
    (planted.root / "group_vars" / name).write_text("password=hunter2\n")
    assert any(each.file.endswith(name) for each in run(planted).findings)


def test_a_line_that_is_too_long_for_the_rules_is_named(tmp_path: Path) -> None:
    (tmp_path / "vars.yml").write_text(f"a: b\nc: {'x' * (room.LONGEST_LINE + 1)}\nd: {'y' * 70000}\n")
    (note,) = scan(ScanRequest([str(tmp_path / "vars.yml")], [], (), None)).not_checked
    assert note.startswith(f"{tmp_path}/vars.yml:2: longer than 64 KiB")
    assert note.endswith("(2 lines)")


def test_a_text_is_read_whole_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is that of some blocks, and of one byte more."""
    monkeypatch.setattr(room, "LARGEST_TEXT", 1 << 20)
    monkeypatch.setattr(room, "HAS_DETECT_SECRETS", False)
    last = b"\npassword=hunter2-88"
    for name, size in (("whole.ini", 1 << 20), ("larger.ini", (1 << 20) + 1)):
        (tmp_path / name).write_bytes(((b" " * 1023 + b"\n") * (1 << 10))[: size - len(last)] + last)
    report = scan(ScanRequest([str(tmp_path)], [], (), None))
    assert {Path(each.file).name for each in report.findings} == {"whole.ini"}
    (_no_library, note) = report.not_checked
    assert note == f"{tmp_path}/larger.ini: larger than 4 MiB, only known values were sought"

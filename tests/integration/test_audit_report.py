# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit_report as a user runs it; each of its files before an independent judge."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit import audit_report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc
from support.drawing.audit import PICTURE, draw, size
from support.foreign.node_packages import node_packages
from support.judges.browser import Browser
from support.judges.judge_programs import judge
from support.running.play import Play
from support.running.small_disk import filled, small_disk
from support.running.tasks import run_task
from support.scenes.audit_site import HOSTILE, good_site, of_today

ROOT = Path(__file__).resolve().parents[2]
SARIF = ROOT / "tests/support/judges/sarif"
READER = """
import sys
from junitparser import JUnitXml
from trestle.oscal.assessment_results import AssessmentResults
from pathlib import Path
results = AssessmentResults.oscal_read(Path(sys.argv[1], "audit.oscal.json")).results[0]
states = [finding.target.status.state.value for finding in results.findings]
(suite,) = JUnitXml.fromfile(sys.argv[1] + "/audit.junit.xml")
print(states.count("satisfied"), len(states), suite.tests, suite.failures, suite.skipped)
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A play that wrote two reports; the second has a failure, a hostile value and an exemption."""
    directory = tmp_path_factory.mktemp("audit")
    site, bad = good_site(["files1", "files2"]), good_site(["files1", "files2"])
    bad.values("files2")["revocation_list"].update(path=HOSTILE, form="text")
    bad.settings("partner")["ciphers"] = ["aes128-cbc"]
    bad.change("key_files", "files2", value=None, reason=HOSTILE)

    soon = utc(time.time() + 30 * 86400)[:10]

    def task(of: object) -> dict[str, object]:
        observed = {
            host: {"observations": [of_today(each._asdict()) for each in values.values()]}
            for host, values in of.observations.items()  # type: ignore[attr-defined]
        }
        document = {"text": f"Policy {HOSTILE}", "approved_by": "A. Person", "approved": utc(time.time())[:10]}
        return {
            "secure.ftp_synchronize.audit_report": {
                "path": str(directory / "reports"),
                "scope": {"sftp_servers": ["files1", "files2"], "clients": ["files1"]},
                "accounts": {"files1": ["partner"], "files2": ["partner"]},
                "observed": observed,
                "policies": {"access": document, "contacts": document},
                "policy": {"key_max_age": "3650d"},
                "exemptions": [{"control": "6.2", "who": "A. Person", "why": HOSTILE, "until": soon}],
                "fail_on": "none",
            }
        }

    played = Play(directory).run([task(site), task(bad)])
    assert played.status == 0, played.output
    states = {row["control"]: row["state"] for row in played.results[1]["rows"]}
    assert [states[each] for each in ("10.1", "6.2", "7.2", "6.3")] == ["fail", "exempt", "not_measured", "pass"]
    return directory / "reports/latest"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 380])
@pytest.mark.parametrize("file", ["audit.html", "policies.html"])
def test_the_page_meets_all_rules_of_accessibility(
    directory: Path, browser: Browser, file: str, width: int, dark: bool
) -> None:
    shown = browser.show((directory / file).resolve().as_uri(), width=width, dark=dark)
    assert shown.violations == []
    assert shown.passes >= 30
    assert shown.overflow == 0
    assert shown.requests == []
    assert shown.messages == []


def test_a_script_in_a_value_is_inert(directory: Path, browser: Browser) -> None:
    address = (directory / "audit.html").resolve().as_uri()
    title, scripts, text = browser.evaluate(
        address, "[document.title, document.scripts.length, document.body.innerText]"
    )
    assert (title, scripts) == ("Audit of secure FTP", 0)
    assert "<script>document.title='taken'</script>" in text
    assert "Changes since" in text


def test_a_picture_has_the_list_of_all_controls(directory: Path, tmp_path: Path) -> None:
    """Each row is a line of 30 pixels or more."""
    draw(directory / "audit.html", tmp_path / "audit.png")
    drawn, committed = (tmp_path / "audit.png").read_bytes(), PICTURE.read_bytes()
    assert [size(each)[0] for each in (drawn, committed)] == [size(drawn)[0]] * 2
    assert all(27 * 30 < size(each)[1] < 2400 for each in (drawn, committed))
    assert len(committed) < 400_000, "run scripts/draw-audit"


def test_the_measurements_are_printed(directory: Path, browser: Browser) -> None:
    visible = "[...document.querySelectorAll('details table')].map(each => each.checkVisibility())"
    assert set(browser.evaluate((directory / "audit.html").resolve().as_uri(), visible, media="print")) == {True}


def test_the_data_meet_their_schemas(directory: Path) -> None:
    own = json.loads((ROOT / "docs/audit.schema.json").read_text())
    jsonschema.validate(json.loads((directory / "audit.json").read_text()), own)
    (schema,) = (node_packages(SARIF) / "node_modules/@microsoft/jest-sarif").rglob("sarif-2.1.0*.json")
    sarif = json.loads((directory / "audit.sarif").read_text())
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text()))
    assert [each.message for each in validator.iter_errors(sarif)] == []
    sarif["runs"][0]["results"][0]["kind"] = "unknown"
    assert list(validator.iter_errors(sarif))


def test_trestle_and_junitparser_read_the_states(directory: Path) -> None:
    said = subprocess.run([judge("python"), "-c", READER, str(directory)], capture_output=True, text=True, check=False)
    rows = json.loads((directory / "audit.json").read_text())["counts"]
    wanted = [rows["pass"], 27, 27, rows["fail"], rows["not_measured"] + rows["exempt"]]
    assert said.stdout.split() == [str(each) for each in wanted], said.stderr


def test_sha256sum_accepts_the_report(directory: Path) -> None:
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=directory, capture_output=True, check=False)
    assert (done.returncode, done.stdout.count(b": OK")) == (0, 7)


def test_on_a_full_disk_the_report_is_whole_or_not_there() -> None:
    with small_disk("size=2m") as disk:
        reports = disk / "reports"
        written, refused = [run_task(audit_report, scope={}, path=str(reports))], []
        for blocks in range(0, 60, 5):
            with filled(disk, blocks=blocks):
                done = run_task(audit_report, scope={}, path=str(reports))
                (refused if done.get("failed") else written).append(done)
                assert len({path.name for path in reports.iterdir()} - {"latest"}) == len(written)
        assert {each["error"]["code"] for each in refused} == {"operation_failed"}
        assert refused[0]["msg"].startswith(f"path: {reports}: No space left on device.")
        assert len(written) > 1
        assert (reports / "latest").resolve() == Path(written[-1]["report"])
        for each in written:
            done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=each["report"], check=False)
            assert done.returncode == 0

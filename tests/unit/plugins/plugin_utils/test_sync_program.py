# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page of sync.pyz: complete, readable by groff, and its words."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.command_line import option_words
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_options import (
    secret_names,
    specification,
)
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils import sync_program

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSIBLE_COLLECTIONS_PATH", str(ROOT / ".cache/collections"))
        patch.setenv("ANSIBLE_HOME", str(tmp_path_factory.mktemp("ansible")))
        return sync_program.manual(sync_program.documentation())


def test_each_argument_and_each_secret_is_explained(page: str) -> None:
    options, _heading, secrets = page.partition(".SH SECRETS")
    named = [re.sub(r"\\f.", "", head).split(" ")[0] for head in re.findall(r"^\.TP\n(.*)$", options, re.MULTILINE)]
    assert sorted(each.replace("\\-", "-") for each in named if each.startswith("\\-")) == sorted(option_words())
    spec = specification()["argument_spec"]
    assert [name for name in secret_names(spec) if f".TP\n\\fB{name}\\fR\n" not in secrets] == []


def test_groff_reads_it_without_a_warning_and_no_markup_is_left(page: str) -> None:
    shown = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8"], input=page, text=True, capture_output=True, check=True, encoding="utf-8"
    )
    assert shown.stderr == ""
    assert re.findall(r"\b(?:[BCEIMOPUV]|RV|L)\(", shown.stdout) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Set O(trash=.t) or V(a-b\\)).", "Set \\fBtrash=.t\\fR or \\fIa\\-b)\\fR."),
        ("L(age,https://age.example) C(sha256sum) RV(notes)", "age (https://age.example) \\fBsha256sum\\fR notes"),
        (".hidden", "\\&.hidden"),
        ("back\\slash", "back\\eslash"),
    ],
)
def test_words(text: str, shown: str) -> None:
    assert sync_program.roff(text) == shown


def test_the_statuses_are_those_of_the_page() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", (ROOT / "docs/jobs.md").read_text(), re.MULTILINE)
    assert {int(status): words for status, words in rows} == sync_program.OUTCOMES


def test_a_second_build_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sync_program, "documentation", lambda: {"description": ["Text."], "options": {}})
    path = tmp_path / "sync.pyz"
    before = os.umask(0o077)
    assert sync_program.main([str(path)]) == 0
    os.umask(before)
    assert (path.stat().st_mode & 0o777, Path(f"{path}.1").stat().st_mode & 0o777) == (0o755, 0o644)
    assert capsys.readouterr().out == f"made {path}\nmade {path}.1\n"
    assert sync_program.main([str(path)]) == 0
    assert capsys.readouterr().out == ""
    ran = subprocess.run([sys.executable, "-I", path, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{sync_program.VERSION}\n"
    assert sync_program.main([]) == 2

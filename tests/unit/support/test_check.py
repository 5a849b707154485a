# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests that a change reaches: by imports, by processes, by names in plays; and the order in which `make check`
runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.check.changes import changed_since, files_of
from support.check.plan import SMOKE, plan

pytestmark = pytest.mark.timeout(180)
TESTS = Path(__file__).parents[2]
ENGINE = "plugins/module_utils/_engine"
IN_PYTHON = f"ansible_collections.secure.ftp_synchronize.{ENGINE.replace('/', '.')}"
TREE = {
    f"{ENGINE}/far.py": "",
    f"{ENGINE}/near.py": "from .far import x",
    "plugins/modules/put_file.py": f"from {IN_PYTHON} import near",
    "plugins/action/put_file.py": "",
    "plugins/action/shared.py": "",
    "plugins/modules/get_file.py": "",
    "meta/runtime.yml": "plugin_routing: {modules: {get_file: {action_plugin: secure.ftp_synchronize.shared}}}",
    "roles/server/tasks/main.yml": "- secure.ftp_synchronize.put_file:\n    near: far",
    "roles/alone/tasks/main.yml": "[]",
    "playbooks/set_up.yml": "- import_playbook: secure.ftp_synchronize.parts.reached\n"
    "- hosts: all\n  roles: [secure.ftp_synchronize.server]",
    "playbooks/parts/reached.yml": "- hosts: all",
    "tests/support/peer.py": "",
    "tests/support/scene.py": "COMMAND = ['python', '-m', 'support.peer']",
    "tests/integration/test_near.py": f"from {IN_PYTHON}.near import x\nTASK = {{'get_file': {{}}}}",
    "tests/integration/test_module.py": "TASK = {'put_file': {}}",
    "tests/hosts/test_role.py": "from support import scene\nplay = role('server')",
    "tests/trust/test_playbook.py": "PLAYBOOK = ROOT / 'playbooks/set_up.yml'",
    "tests/faults/test_else.py": "'''It speaks of docs only.'''",
    "tests/support/common.py": "",
    **{f"tests/faults/test_{number}.py": "from support import common" for number in range(6)},
    "tests/unit/test_near.py": "import plugins.module_utils._engine.near",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, TREE)
    return tmp_path


def write(root: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.mark.parametrize(
    ("changed", "near", "far"),
    [
        (
            f"{ENGINE}/near.py",
            ["integration/test_near"],
            ["integration/test_module", "hosts/test_role", "trust/test_playbook"],
        ),
        ("plugins/action/put_file.py", ["integration/test_module"], ["hosts/test_role", "trust/test_playbook"]),
        ("plugins/action/shared.py", ["integration/test_near"], []),
        ("roles/server/tasks/main.yml", ["hosts/test_role"], ["trust/test_playbook"]),
        ("playbooks/set_up.yml", ["trust/test_playbook"], []),
        ("playbooks/parts/reached.yml", [], ["trust/test_playbook"]),
        ("tests/support/peer.py", [], ["hosts/test_role"]),
        ("tests/faults/test_else.py", ["faults/test_else"], []),
        ("docs/page.md", [], []),
        ("changelogs/fragments/it.yml", [], []),
        ("tests/unit/test_near.py", [], []),
    ],
)
def test_the_nearest_tests_come_first(root: Path, changed: str, near: list[str], far: list[str]) -> None:
    planned = plan(root, TREE, [changed])
    names = [name[6:-3] for name in planned.files]
    assert (names[: planned.direct], names[planned.direct :]) == (near, far)


@pytest.mark.parametrize(
    "changed", ["Makefile", "requirements/test.in", "tests/conftest.py", "tests/support/common.py"]
)
def test_what_may_concern_everything_brings_a_sample_of_everything(root: Path, changed: str) -> None:
    planned = plan(root, TREE, [changed])
    assert list(planned.unknown) == [changed]
    assert set(SMOKE) <= set(planned.files)
    assert changed in str(planned)


def test_the_sample_is_there() -> None:
    assert [name for name in SMOKE if not (TESTS.parent / name).is_file()] == []


def test_what_differs_from_main_and_is_not_committed_counts(root: Path) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "main")
    git("checkout", "-b", "own")
    write(root, {"plugins/modules/put_file.py": "changed"})
    git("commit", "-am", "own")
    write(root, {"plugins/action/put_file.py": "changed", "roles/alone/new.yml": ""})
    (root / "tests/support/peer.py").unlink()
    committed, changed, gone, new = (
        *(f"plugins/{kind}/put_file.py" for kind in ("modules", "action")),
        "tests/support/peer.py",
        "roles/alone/new.yml",
    )
    assert changed_since(root) == ("main", sorted([committed, changed, gone, new]))
    assert set(files_of(root)) == {*TREE, new} - {gone}


def test_a_part_of_the_cases_further_away_runs_and_the_rest_is_counted(tmp_path: Path) -> None:
    cases = "import pytest\n@pytest.mark.parametrize('n', range(10))\ndef test_it(n):\n    pass\n"
    write(tmp_path, {"test_far.py": cases, "test_near.py": cases, "conftest.py": (TESTS / "conftest.py").read_text()})
    command = [sys.executable, "-m", "pytest", "-v", "-n2", "--pool", f"--override-ini=pythonpath={TESTS}"]
    done = subprocess.run(
        [*command, "--direct=1", "test_near.py", "test_far.py"],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin", "SLICE": "0"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert "12 passed" in done.stdout, done.stdout + done.stderr
    assert sorted(re.findall(r"PASSED.* test_far.py::test_it\[(\d)\]", done.stdout)) == ["0", "5"]
    assert re.search(r"^ +8  cases of tests further", done.stdout, re.M), done.stdout

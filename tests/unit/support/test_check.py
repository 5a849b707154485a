# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests a change reaches, in a small tree with each kind of use."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.check.changes import branch_point, changed_since, files_of, is_same
from support.check.near import SMOKE, Near

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
    "roles/server/defaults/main.yml": "server_port: 22",
    "roles/alone/tasks/main.yml": "[]",
    "roles/alone/defaults/main.yml": "alone_port: 22",
    "extensions/molecule/config.yml": "",
    "extensions/molecule/shared/create.yml": "",
    "extensions/molecule/one/molecule.yml": "",
    "extensions/molecule/one/converge.yml": "- hosts: all\n  roles: [secure.ftp_synchronize.alone]",
    "extensions/molecule/two/molecule.yml": "",
    "tests/hosts/test_molecule.py": "",
    "playbooks/set_up.yml": "- import_playbook: secure.ftp_synchronize.parts.reached\n"
    "- hosts: all\n  roles: [secure.ftp_synchronize.server]",
    "playbooks/parts/reached.yml": "- hosts: all",
    "tests/support/peer.py": "",
    "tests/support/scene.py": "COMMAND = ['python', '-m', 'support.peer']",
    "tests/integration/test_near.py": f"from {IN_PYTHON}.near import x\nTASK = {{'get_file': {{}}}}",
    "tests/integration/test_module.py": "TASK = {'put_file': {}}",
    "tests/hosts/test_role.py": "from support import scene\nplay = role('server')",
    "tests/trust/test_playbook.py": "PLAYBOOK = ROOT / 'playbooks/set_up.yml'",
    "tests/hosts/test_variable.py": "run(alone_port=2222)",
    "tests/unit/test_mirror.py": 'COVERED = {"faults/test_else.py": "far other"}',
    "tests/faults/test_else.py": "'''It speaks of docs only.'''",
    "scripts/tool": "",
    "tests/hosts/test_tool.py": "run('scripts/tool')",
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
    ("changed", "near"),
    [
        (f"{ENGINE}/near.py", ["integration/test_near"]),
        (f"{ENGINE}/far.py", ["faults/test_else", "integration/test_near"]),
        ("plugins/action/put_file.py", ["integration/test_module"]),
        ("plugins/action/shared.py", ["integration/test_near"]),
        ("roles/server/tasks/main.yml", ["hosts/test_role"]),
        ("roles/server/defaults/main.yml", ["hosts/test_role"]),
        ("roles/alone/tasks/main.yml", ["hosts/test_molecule.py::one"]),
        ("roles/alone/defaults/main.yml", ["hosts/test_molecule.py::one", "hosts/test_variable"]),
        ("extensions/molecule/one/converge.yml", ["hosts/test_molecule.py::one"]),
        ("extensions/molecule/config.yml", ["hosts/test_molecule.py::one", "hosts/test_molecule.py::two"]),
        ("extensions/molecule/shared/create.yml", ["hosts/test_molecule.py::one", "hosts/test_molecule.py::two"]),
        ("playbooks/set_up.yml", ["trust/test_playbook"]),
        ("playbooks/parts/reached.yml", ["trust/test_playbook"]),
        ("tests/support/peer.py", ["hosts/test_role"]),
        ("tests/faults/test_else.py", ["faults/test_else"]),
        ("docs/page.md", []),
        ("changelogs/fragments/it.yml", []),
        ("tests/unit/test_near.py", []),
        ("tests/ledger.txt", []),
    ],
)
def test_the_nearest_tests_of_a_change(root: Path, changed: str, near: list[str]) -> None:
    found = Near(root, TREE).of(changed)
    assert sorted(name.removeprefix("tests/").removesuffix(".py") for name in found) == near


@pytest.mark.parametrize(
    "changed", ["Makefile", "requirements/test.in", "tests/conftest.py", "tests/support/common.py"]
)
def test_a_file_that_may_concern_everything_brings_a_sample_of_everything(root: Path, changed: str) -> None:
    near = Near(root, TREE)
    assert near.is_anywhere(changed)
    assert near.of(changed) == set(SMOKE)


def test_a_script_brings_the_tests_that_name_it_and_the_sample(root: Path) -> None:
    assert Near(root, TREE).of("scripts/tool") == {*SMOKE, "tests/hosts/test_tool.py"}


def test_a_group_is_as_far_as_the_nearest_change(root: Path) -> None:
    near, changed = Near(root, TREE), [f"{ENGINE}/near.py", "docs/page.md"]
    steps = [
        near.steps(f"tests/{name}", changed) for name in ("integration/test_near.py", "integration/test_module.py")
    ]
    assert steps[0] < steps[1] < near.steps("tests/faults/test_else.py", changed)


def test_every_plugin_of_this_tree_is_reached_by_a_test() -> None:
    """A file that neither a unit test nor a suite reaches could change without a test."""
    root = TESTS.parent
    files = files_of(root)
    near = Near(root, files)
    tests = [test for test in near.graph.tests() if test.startswith("tests/unit/")]
    units = {used for test in tests for used in near.graph.distances(test)}
    plugins = [file for file in files if file.startswith("plugins/module_utils/") and not file.endswith("__init__.py")]
    assert len(plugins) > 500
    assert [file for file in plugins if file not in units and not near.of(file)] == []


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
    base, point = branch_point(root)
    assert base == "main"
    assert changed_since(root, point) == sorted([committed, changed, gone, new])
    assert changed_since(root, "0" * 12) is None
    assert set(files_of(root)) == {*TREE, new} - {gone}


def test_the_ledger_alone_is_no_change(root: Path) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "x")
    write(root, {"tests/ledger.txt": "x", "galaxy.yml": "", "changelogs/fragments/x.yml": ""})
    assert not is_same(root, "HEAD")
    assert is_same(root, "HEAD", ["changelogs", "galaxy.yml"])
    assert not is_same(root, "0" * 12, ["changelogs", "galaxy.yml"])

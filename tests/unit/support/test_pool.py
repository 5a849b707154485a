# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool: groups, order, and that a failure in any process fails the run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.running.pool import group_of

# A run of pytest in a test, on a machine that is busy.
pytestmark = pytest.mark.timeout(180)
TESTS = Path(__file__).parents[2]
LIFE = """
import os, time
import pytest

@pytest.fixture(scope="module", params=["debian13", "debian12"])
def host(request):
    return [request.param, os.getpid()]

def test_a(host):
    time.sleep(0.2)
    host.append("a")

def test_b(host):
    time.sleep(0.2)
    assert host[2:] == ["a"]
    assert host[1] == os.getpid()
"""


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/integration/test_x.py::test_a[1]", "tests/integration/test_x.py::test_a[1]"),
        ("tests/integration/test_x_contract.py::TestY::test_a[1]", "tests/integration/test_x_contract.py::TestY"),
        ("tests/integration/test_demo.py::test_a", "tests/integration/test_demo.py"),
        ("tests/integration/test_release.py::test_a[1]", "tests/integration/test_release.py"),
        ("tests/faults/test_x.py::test_a", "tests/faults/test_x.py::test_a"),
        ("tests/trust/test_x.py::test_a[facts]", "tests/trust/test_x.py::test_a[facts]"),
        ("tests/hosts/test_x.py::test_a", "tests/hosts/test_x.py"),
        ("tests/hosts/test_x.py::test_a[debian12-ports]", "tests/hosts/test_x.py::debian12"),
        ("tests/hosts/test_x.py::test_a[ports]", "tests/hosts/test_x.py"),
        (
            "tests/hosts/test_tls_policy_apply.py::test_a[debian12]",
            "tests/hosts/test_tls_policy_apply.py::test_a[debian12]",
        ),
        ("tests/hosts/test_host_key_rotation_role.py::test_a[1]", "tests/hosts/test_host_key_rotation_role.py::test_a"),
        (
            "tests/hosts/test_host_key_rotation_role.py::test_a[debian13]",
            "tests/hosts/test_host_key_rotation_role.py::debian13",
        ),
    ],
)
def test_what_shares_a_host_or_a_server_is_a_group(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


def run(directory: Path, files: dict[str, str], *options: str) -> tuple[int, str]:
    """Return the exit status and the output of a run of the pool."""
    for name, text in files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text)
    (directory / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    command = [sys.executable, "-m", "pytest", "-v", "-p", "xdist", "--pool", f"--override-ini=pythonpath={TESTS}"]
    done = subprocess.run(
        [*command, *options, "."],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


def test_tests_of_a_host_run_in_one_process_and_in_order(tmp_path: Path) -> None:
    status, printed = run(tmp_path, {"hosts/test_life.py": LIFE}, "-n", "2")
    assert status == 0, printed
    assert "4 passed" in printed
    assert len(set(re.findall(r"^\[(gw\d)\].*PASSED", printed, re.M))) == 2, "the two lives run at once"


def test_the_longest_begin_first(tmp_path: Path) -> None:
    names = ("integration", "hosts", "faults")
    files = {f"{name}/test_{name}.py": f"def test_{name}():\n    pass\n" for name in names}
    status, printed = run(tmp_path, files)
    assert status == 0, printed
    assert re.findall(r"^\S+::(\w+) PASSED", printed, re.M) == ["test_hosts", "test_faults", "test_integration"]


PASSES = "def test_it():\n    pass\n"


def test_a_failure_in_one_process_fails_the_run_and_is_named_at_its_end(tmp_path: Path) -> None:
    files = {f"faults/test_{name}.py": PASSES for name in "abc"}
    files["faults/test_d.py"] = "def test_it():\n    assert False\n"
    status, printed = run(tmp_path, files, "-n", "2", "-ra")
    assert status == 1
    assert "3 passed" in printed
    assert "FAILED faults/test_d.py::test_it" in printed.splitlines()[-2]
    assert "  all" in printed.partition("minutes of the clock")[2]


def test_a_process_that_dies_fails_the_run_once(tmp_path: Path) -> None:
    files = {"faults/test_a.py": "import os\ndef test_it():\n    os._exit(1)\n", "faults/test_b.py": PASSES}
    status, printed = run(tmp_path, files, "-n", "2")
    assert status == 1, printed
    assert "1 failed, 1 passed" in printed

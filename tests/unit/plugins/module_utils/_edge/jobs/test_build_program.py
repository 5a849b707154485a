# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of this collection: the same bytes everywhere, and no need of Ansible."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import build_program
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.build_program import program
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.receipting import VERSION

LIBRARY = Path(build_program.__file__).resolve().parents[2]
NAMES = "ansible_collections/secure/ftp_synchronize/plugins/module_utils"
MODULE = f"{NAMES}/_edge/jobs/build_program".replace("/", ".")
SCRIPT = f"import sys; from {MODULE} import program; sys.stdout.buffer.write(program())"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built program."""
    path = tmp_path_factory.mktemp("built") / "sync.pyz"
    path.write_bytes(program())
    return path


def test_another_directory_umask_and_time_zone_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / NAMES
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    environment = {
        "PYTHONPATH": str(tmp_path / "elsewhere"),
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
    }
    command = ["sh", "-c", 'umask 077 && exec "$0" -c "$1"', sys.executable, SCRIPT]
    assert subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout == built.read_bytes()


def test_all_its_modules_load_without_any_package(built: Path) -> None:
    names = zipfile.ZipFile(built).namelist()
    modules = [name[:-3].replace("/", ".") for name in names if name.startswith("secure_") and "__" not in name]
    assert len(modules) > 100
    text = f"import sys; sys.path.insert(0, {str(built)!r})\n" + "".join(f"import {name}\n" for name in modules)
    subprocess.run([sys.executable, "-I", "-S", "-c", text], check=True)


def test_no_module_imports_ansible(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        for name in archive.namelist():
            for node in ast.walk(ast.parse(archive.read(name))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                assert not any(each.split(".")[0].startswith("ansible") for each in names), name


def test_the_program_needs_no_package(built: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(built), "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{VERSION}\n"
    assert program() == built.read_bytes()


def test_without_a_reader_the_status_still_shows_the_outcome(built: Path) -> None:
    """A run may see first that the reader of its result has gone: then it ends as by a signal."""
    reader, writer = os.pipe()
    os.close(reader)
    for words, stdout, statuses in (
        (["--job", "/missing"], writer, {2, 143}),
        (["--version"], subprocess.DEVNULL, {0}),
        (["record", "--job", "/missing"], subprocess.DEVNULL, {2}),
    ):
        command = [sys.executable, "-I", "-S", str(built), *words]
        stderr = subprocess.PIPE if stdout == writer else writer
        ran = subprocess.run(command, stdout=stdout, stderr=stderr, check=False)
        assert ran.returncode in statuses, words
        assert b"Broken" not in (ran.stderr or b"")
    os.close(writer)


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_closed_streams_change_nothing(built: Path, closed: str) -> None:
    command = f'"{sys.executable}" -I -S "{built}" --job /missing {closed}'
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 2

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports from a real archive in a new process: Python itself counts how often it compiles."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import zip_imports

FILES = {
    "kit/__init__.py": "",
    "kit/tool.py": "from .inner import part\nNAME = part.NAME\n",
    "kit/inner/__init__.py": "HERE = __file__\n",
    "kit/inner/part.py": "NAME = 'part'\n",
    "kit/broken.py": "def\n",
    "kit/needs.py": "import kit.absent\n",
    "kit/zip_imports.py": Path(zip_imports.__file__).read_text(),
}
PROGRAM = """
import json, sys
archive, finder, statement = sys.argv[1:]
sys.path.insert(0, archive)
compiled = []
sys.addaudithook(lambda event, args: compiled.append(args[1]) if event == "compile" and args[0] is not None else None)
from kit import zip_imports
if finder == "with":
    zip_imports.compile_once()
    zip_imports.compile_once()
try:
    exec(statement)
    error = None
except Exception as caught:
    error = [type(caught).__name__, str(caught)]
inside = [name[len(archive) + 1:] for name in map(str, compiled) if name.startswith(archive)]
modules = {
    name: [found.__file__[len(archive) + 1:], [each[len(archive) + 1:] for each in getattr(found, "__path__", ())],
           found.__package__, type(found.__loader__).__name__]
    for name, found in sys.modules.items() if name.startswith("kit")
}
finders = [finder.__name__ for finder in sys.meta_path if isinstance(finder, type)]
print(json.dumps({"compiled": inside, "error": error, "modules": modules, "finders": finders}))
"""


@pytest.fixture(name="archive")
def _archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "kit.zip", "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return tmp_path / "kit.zip"


def imported(archive: Path, statement: str, *, finder: bool = True) -> dict[str, Any]:
    command = [sys.executable, "-c", PROGRAM, str(archive), "with" if finder else "without", statement]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_each_module_is_compiled_once(archive: Path) -> None:
    done = imported(archive, "from kit import tool; assert tool.NAME == 'part'")
    assert done["error"] is None
    for name in ("kit/tool.py", "kit/inner/__init__.py", "kit/inner/part.py"):
        assert done["compiled"].count(name) == 1
    assert done["finders"].count("SingleCompilation") == 1


@pytest.mark.parametrize("name", ["tool", "inner", "inner.part"])
def test_a_module_has_the_attributes_that_python_gives_it(archive: Path, name: str) -> None:
    ours, pythons = (imported(archive, f"import kit.{name}", finder=finder) for finder in (True, False))
    assert ours["modules"] == pythons["modules"]
    assert f"kit.{name}" in ours["modules"]


@pytest.mark.parametrize("name", ["absent", "inner.absent", "broken", "needs", "tool.absent"])
def test_errors_are_those_of_python(archive: Path, name: str) -> None:
    ours, pythons = (imported(archive, f"import kit.{name}", finder=finder) for finder in (True, False))
    assert ours["error"] == pythons["error"]
    assert ours["error"] is not None


def test_no_finder_outside_archives() -> None:
    before = list(sys.meta_path)
    zip_imports.compile_once()
    assert sys.meta_path == before
    assert zip_imports.SingleCompilation.find_spec("json.decoder", json.__path__) is None
    assert zip_imports.SingleCompilation.find_spec("json", None) is None

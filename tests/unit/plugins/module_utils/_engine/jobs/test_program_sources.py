# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of the program: all files that are imported, and no others."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.program_archive import (
    program_sources,
)

FILES = {
    "edge/main.py": "from ..engine.a import x\nfrom ..engine import b\nfrom . import near\nimport os\n",
    "edge/near.py": "",
    "edge/far.py": "",
    "engine/a.py": "def f():\n    from .deep.c import y\n",
    "engine/b.py": "from .a import x\n",
    "engine/deep/c.py": "from ..a import z\nfrom ...edge.near import n\n",
    "engine/unused.py": "",
}


def test_imports_are_followed(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = program_sources(str(tmp_path), "edge/main.py")
    assert sorted(found) == ["edge/main.py", "edge/near.py", "engine/a.py", "engine/b.py", "engine/deep/c.py"]
    assert found["engine/b.py"] == b"from .a import x\n"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the commands of a page in their order, in one shell, as a reader would: `sh` blocks, and `yaml` blocks that begin
with the name of a file."""

from __future__ import annotations

__all__ = ["Step", "walk"]

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^( *)```(sh|yaml)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_MARK = "-- step of the page --"


@dataclass(frozen=True)
class Step:
    """One block of commands, and its output."""

    commands: str
    output: str


def walk(page: Path, home: Path, environment: Mapping[str, str], replaced: Mapping[str, str]) -> list[Step]:
    """Run all blocks of a page in `home`; `replaced`: names on the page and their counterparts here."""
    blocks = list(_scripts(page.read_text()))
    script = "set -euo pipefail\n" + "".join(f"echo '{_MARK}'\n{block}" for block in blocks)
    for old, new in replaced.items():
        assert old in script, f"{page.name} no longer has: {old}"
        script = script.replace(old, new)
    done = subprocess.run(
        ["bash", "-c", script], cwd=home, env={"HOME": str(home), **environment}, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240,
    )  # fmt: skip
    outputs = done.stdout.split(f"{_MARK}\n")[1:]
    assert done.returncode == 0, f"{page.name}, step {len(outputs)}: {blocks[len(outputs) - 1]}\n{done.stdout}"
    return [Step(*each) for each in zip(blocks, outputs, strict=True)]


def _scripts(text: str) -> Iterator[str]:
    for indent, language, indented in _BLOCK.findall(text):
        block = re.sub(rf"^{indent}", "", indented, flags=re.MULTILINE)
        name = re.match(r"# (\S+\.yml)\n", block)
        if language == "sh":
            yield block
        elif name:
            yield f"cat > {name[1]} <<'END OF FILE'\n{block}END OF FILE\n"

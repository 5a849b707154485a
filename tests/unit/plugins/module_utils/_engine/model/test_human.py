# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model import human
from support.running.examples import ROOT


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "0 of 0 B"),
        (5, 900, "5 of 900 B"),
        (100, 2048, "0.1 of 2.0 KiB"),
        (3328599655, 11166914969, "3.1 of 10.4 GiB"),
    ],
)
def test_a_share_has_the_unit_of_the_whole(part: int, whole: int, words: str) -> None:
    assert human.human_share(part, whole) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (13002342, "12.4 MiB"),
        (1048575, "1.0 MiB"),
        (5 << 30, "5.0 GiB"),
        (1 << 62, "4.0 EiB"),
        (1 << 80, "1048576.0 EiB"),
    ],
)
def test_human_size(size: int, words: str) -> None:
    assert human.human_size(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (81.4, "81 s"),
        (119.4, "119 s"),
        (119.6, "2 min 0 s"),
        (725, "12 min 5 s"),
        (7199, "119 min 59 s"),
        (7200, "2 h 0 min"),
        (86400 * 2 + 60, "48 h 1 min"),
    ],
)
def test_human_time(seconds: float, words: str) -> None:
    assert human.human_time(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1204, "1,204 files")])
def test_counted(number: int, words: str) -> None:
    assert human.counted(number, "file", "files") == words


NOUNS = """
    accounts certificates changes days directories entries files guesses hosts items jails keys lines processes removals
    results servers sessions vaults
"""
BEYOND_A_LIMIT = {"len(tree)", "count", "self._entry_limit", "len(self._listed)", "most", "len(found)"}
"""Numbers that are never 1 where they are shown: they are compared with a limit of thousands, or with 1."""


def numbers_with_a_plural(path: Path) -> Iterator[str]:
    """Yield each text of a file in which a number that can be 1 stands before a plural."""
    noun = rf"(?: more)? (?:{'|'.join(NOUNS.split())})\b"
    text = path.read_text()
    for node in ast.walk(ast.parse(text)) if re.search(rf"(?:\}}|%d){noun}", text) else ():
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for number, after in itertools.pairwise(parts):
            if (
                isinstance(number, ast.FormattedValue)
                and isinstance(after, ast.Constant)
                and re.match(noun, after.value)
            ):
                shown = ast.unparse(number.value)
                if not shown.rpartition(".")[2].isupper() and shown not in BEYOND_A_LIMIT:
                    yield f"{path.name}: {shown}{after.value}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(rf"%d{noun}", node.value):
            yield f"{path.name}: {node.value}"


def test_a_number_and_its_noun_agree() -> None:
    """Messages, findings and notes use `counted`."""
    files = sorted((ROOT / "plugins").rglob("*.py"))
    assert len(files) > 500
    assert [found for path in files for found in numbers_with_a_plural(path)] == []
    texts = {path: path.read_text() for name in ("*.yml", "*.j2") for path in (ROOT / "roles").rglob(name)}
    plural = rf"length \}}\}} (?:{'|'.join(NOUNS.split())})\b"
    assert [path.name for path, text in texts.items() if re.search(plural, text)] == []

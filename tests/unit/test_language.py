# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain English, held by a word list.

Messages, module documentation and guides must not contain the words of `RULES`. Comments and docstrings have a budget
for each rule: lower it when the count falls, never raise it. Names, code spans and code blocks are not prose.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
TESTS = sorted(path for name in ("tests", "extensions") for path in (ROOT / name).rglob("*.py"))
SCRIPTS = [
    *(path for path in sorted((ROOT / "scripts").iterdir()) if path.is_file()),
    *(
        ROOT / name
        for name in (".ci/run", "Makefile", "pyproject.toml", "antsibull-nox.toml", ".pre-commit-config.yaml")
    ),
    *sorted((ROOT / ".github/workflows").glob("*.yml")),
]
GUIDES = [
    ROOT / "tests/README.md",
    *(path for name in ("*.md", "docs/**/*.md", "roles/*/*.md") for path in sorted(ROOT.glob(name))),
]
FRAGMENTS = sorted((ROOT / "changelogs/fragments").glob("*.yml"))
PLAYS = [*sorted((ROOT / "roles").rglob("*.yml")), *sorted((ROOT / "playbooks").rglob("*.yml"))]
BLOCKS = ("DOCUMENTATION", "EXAMPLES", "RETURN")
SENTENCE = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]+\W+[A-Za-z]{2,}")  # a literal that people read, not a key or a path

# "one" is a number in "one file" and "one of them", and a pronoun where no noun follows: "a new one", "the one that".
_DETERMINERS = "the this that which each every another any new old next last first second same other such"
_NOT_A_NOUN = (
    "that which who whose is was are were has had can may must will would does did do gets in on at for from by to and "
    "or but as than if when where while not under with without after before until it they we you be comes goes stands"
)
_NUMBER_BEFORE = "least most than exactly only or and by to of with"
_FOLLOWED = rf"one(?=[.,:;!?)]|\s*$|\s+-|\s+(?:{'|'.join(_NOT_A_NOUN.split())})\b)"
_PRONOUN = (
    r"\bones\b|\bone's\b"
    + "".join(rf"|\b{word}\s+one\s+of\b" for word in _DETERMINERS.split())
    + rf"|\b(?!(?:{'|'.join(_NUMBER_BEFORE.split())})\b)\w+\s+{_FOLLOWED}"
)

RULES = {
    "what": r"\bwhat(ever)?\b(?!=)",
    "one(s)": _PRONOUN,
    "tell": r"\b(told|tells?|telling)\b",
    "say": r"\b(says?|said|saying)\b",
    "shall": r"\bshall\b",
    "archaic": r"\b(anew|deeds?|litter(s|ed)?|wish(es|ed)?|mend(s|ed|ing)?|beside|whence|thereof)\b",
    "somebody": r"\b(nobody|somebody|whoever|whichever)\b",
    "images": r"\b(way|ways) back\b|\bsigns? of life\b|\bgo(es)? by\b|\bwent by\b",
    "those of": r"\b(those|that) of\b|\bours\b",
    "is to be": r"\b(is|are|was|were|am) to\b(?! (blame)\b)",
}
PATTERNS = {rule: re.compile(pattern, re.IGNORECASE) for rule, pattern in RULES.items()}


class Text(NamedTuple):
    where: str
    line: int
    text: str


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the docstrings, also those below a constant or a field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def blocks(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the documentation blocks of a plugin or a doc fragment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in BLOCKS:
            assert isinstance(node.value, ast.Constant), ast.unparse(node.targets[0])
            yield node.value


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every string that is neither a docstring nor documentation; values in an f-string become X."""
    passed = {id(node) for node in (*docstrings(tree), *blocks(tree))}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
            yield node.lineno, "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.lineno, node.value


def messages() -> Iterator[Text]:
    for path in PLUGINS:
        for line, text in literals(ast.parse(path.read_bytes())):
            if SENTENCE.search(text):
                yield Text(shown(path), line, text)


def documentation() -> Iterator[Text]:
    """Yield the documentation blocks without keys, choices and values of one word, which are names."""
    names = re.compile(r"^ *(- )?\w+:( \w+$| \[.*\]$)?", re.MULTILINE)
    for path in PLUGINS:
        for node in blocks(ast.parse(path.read_bytes())):
            yield Text(shown(path), node.lineno, names.sub("", node.value))


def comments() -> Iterator[Text]:
    yield from remarks(PLUGINS)


def comments_of_tests() -> Iterator[Text]:
    yield from remarks(path for path in TESTS if path != Path(__file__))


def comments_of_scripts() -> Iterator[Text]:
    """Yield the comments of scripts, settings and workflows: lines that begin with a hash, and docstrings."""
    for path in SCRIPTS:
        source = path.read_text()
        if source.startswith("#!/usr/bin/env python"):
            yield from remarks([path])
        else:
            for number, line in enumerate(source.splitlines(), start=1):
                if re.match(r"\s*# |.* ## ", line):
                    yield Text(shown(path), number, line.partition("#")[2])


def remarks(paths: Iterable[Path]) -> Iterator[Text]:
    """Yield the docstrings and comments of Python files."""
    for path in paths:
        source = path.read_text()
        for node in docstrings(ast.parse(source)):
            yield Text(shown(path), node.lineno, str(node.value))
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield Text(shown(path), token.start[0], token.string)


def guides() -> Iterator[Text]:
    for path in GUIDES:
        fenced = re.sub(r"^( *)```.*?^\1```", lambda block: "\n" * block.group().count("\n"), path.read_text(),
                        flags=re.DOTALL | re.MULTILINE)  # fmt: skip
        yield Text(shown(path), 1, re.sub(r"\]\([^)]*\)|<!--.*?-->", "]", fenced))


def fragments() -> Iterator[Text]:
    for path in FRAGMENTS:
        yield Text(shown(path), 1, path.read_text())


def specifications() -> Iterator[Text]:
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        for text in _descriptions(yaml.safe_load(path.read_text())):
            yield Text(shown(path), 1, text)


def _descriptions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("description", "short_description"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _descriptions(value)


def plays() -> Iterator[Text]:
    """Yield names of tasks, messages and comments of roles and playbooks: everything but expressions."""
    for path in PLAYS:
        if path.name != "argument_specs.yml":
            yield Text(shown(path), 1, re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "X", path.read_text()))


def prose(text: str) -> str:
    """Blank out code spans and Ansible's markup, keeping the lines."""
    return re.sub(r"(`+)[^`]+\1|\b[A-Z]+\([^)]*\)", lambda span: "X" + "\n" * span.group().count("\n"), text)


def hits(texts: Iterator[Text]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {rule: [] for rule in RULES}
    for where, line, text in texts:
        spoken = prose(text)
        for rule, pattern in PATTERNS.items():
            for hit in pattern.finditer(spoken):
                at = line + spoken.count("\n", 0, hit.start())
                around = spoken[max(0, hit.start() - 40) : hit.end() + 40]
                found[rule].append(f"{where}:{at}: {' '.join(around.split())}")
    return found


# How often each rule may still be broken. A rule that is not named here: never. These numbers only fall.
BUDGET: dict[Callable[[], Iterator[Text]], dict[str, int]] = {
    messages: {
        "say": 5,
    },
    documentation: {},
    comments: {
        "one(s)": 6,
        "tell": 1,
        "archaic": 2,
        "those of": 1,
    },
    comments_of_tests: {
        "tell": 3,
        "archaic": 2,
        "those of": 3,
    },
    comments_of_scripts: {},
    fragments: {},
    guides: {},
    specifications: {},
    plays: {},
}


@pytest.mark.parametrize("texts", BUDGET, ids=lambda texts: texts.__name__)
def test_plain_words(texts: Callable[[], Iterator[Text]]) -> None:
    over = {rule: places for rule, places in hits(texts()).items() if len(places) > BUDGET[texts].get(rule, 0)}
    assert not over, "\n".join(
        f"{rule}: {len(places)}, allowed {BUDGET[texts].get(rule, 0)}\n  " + "\n  ".join(places)
        for rule, places in over.items()
    )


def long_lines(text: str) -> Iterator[str]:
    """Yield the lines of prose beyond 100 columns that could be wrapped; a code span is one word."""
    fenced = False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        prose_line = len(line) > 100 and not fenced and not line.startswith(("|", "#", "<", "    "))
        if prose_line and len(re.sub(r"`[^`]*`", "X", line).split()) > 1:
            yield line


@pytest.mark.parametrize("path", GUIDES, ids=shown)
def test_guides_wrap_at_100_columns(path: Path) -> None:
    assert list(long_lines(path.read_text())) == []


def test_a_long_line_is_found() -> None:
    assert list(long_lines("word " * 21)) == ["word " * 21]
    assert not list(long_lines("`" + "word " * 21 + "`"))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("what", "What the server said is passed on"),
        ("one(s)", "the old key and the new one"),
        ("one(s)", "one list for each, and ones of others"),
        ("one(s)", "the one that the server shows"),
        ("one(s)", "another one of the client"),
        ("tell", "the caller is told"),
        ("shall", "a file that shall go"),
        ("archaic", "read anew"),
        ("somebody", "nobody answers"),
        ("images", "there is no way back"),
        ("those of", "the keys of the host and those of the client"),
        ("is to be", "the file is to be removed"),
    ],
)
def test_rules_find_the_word(rule: str, text: str) -> None:
    assert hits(iter([Text("a file", 1, text)]))[rule]


@pytest.mark.parametrize(
    "text",
    [
        "one file", "one of the files", "at least one", "one at a time", "exactly one, or none", "one by one",
        "`what` and O(shall) are names", "this one file", "more than one is refused", "besides the name",
    ],
)  # fmt: skip
def test_rules_pass_over_numbers_and_names(text: str) -> None:
    assert not [place for places in hits(iter([Text("a file", 1, text)])).values() for place in places]

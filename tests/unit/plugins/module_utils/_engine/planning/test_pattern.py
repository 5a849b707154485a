# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pattern: its matches, its errors, and linear time for every name."""

from __future__ import annotations

import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidPattern
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.pattern import compile_pattern

FITS = [
    # pattern, matches, other names
    ("*.txt", [b"a.txt", b".txt", b"a.b.txt"], [b"a.txt2", b"txt"]),
    ("a*b*c", [b"abc", b"axxbyyc", b"abbcc"], [b"ab", b"acb", b"abcd"]),
    ("ab*b", [b"abb", b"abxb"], [b"ab", b"b"]),
    ("?", [b"a", b"\xff", b"\n"], [b"", b"ab"]),
    ("[a-c]x", [b"ax", b"bx"], [b"dx", b"x", b"a"]),
    ("[!a-c]", [b"d", b"\xe9"], [b"a", b"b"]),
    ("[^a]", [b"b"], [b"a"]),
    ("[]a]", [b"]", b"a"], [b"["]),
    ("[a-]", [b"a", b"-"], [b"b"]),
    ("[a-c-e]", [b"b", b"-", b"e"], [b"d"]),
    ("[\\]]", [b"]"], [b"\\"]),
    ("[[:digit:]x]", [b"7", b"x"], [b"a", b":"]),
    ("[[:punct:]]", [b"[", b"-", b"~"], [b"a", b" "]),
    ("[[x]", [b"[", b"x"], [b"]"]),
    ("\\*", [b"*"], [b"a", b"\\*"]),
    ("\\!a", [b"!a"], [b"a"]),
    ("#a", [b"#a"], [b"a"]),
    ("a ", [b"a "], [b"a"]),
    ("**", [b"a", b".b"], []),
    ("a**b", [b"ab", b"axb"], []),
    ("ü", ["ü".encode()], [b"u"]),
    ("\udcff*", [b"\xff", b"\xffa"], [b"a"]),
    ("a**/**", [b"a/b", b"ab/c/d"], [b"a", b"ab"]),
    ("/a", [b"a"], [b"b/a"]),
    ("a/b", [b"a/b"], [b"b", b"c/a/b"]),
    ("a/*", [b"a/b"], [b"a", b"a/b/c"]),
    ("a?b/c", [b"axb/c"], [b"a/b/c"]),
    ("a[!x]b/c", [b"ayb/c"], [b"a/b/c"]),
    ("**/b", [b"b", b"a/b", b"a/c/b"], [b"ab", b"b/a"]),
    ("a/**", [b"a/b", b"a/b/c"], [b"a", b"ab"]),
    ("a/**/b", [b"a/b", b"a/x/b", b"a/x/y/b"], [b"ab", b"a/xb", b"x/a/b"]),
    ("a/**/b/c*/**/d", [b"a/b/c/d", b"a/b/x/b/cc/y/d"], [b"a/b/d", b"a/b/x/c/d"]),
    ("**/a/**", [b"a/b", b"x/a/b/c"], [b"a", b"x/a"]),
    ("a/***/b", [b"a/b", b"a/x/b"], [b"ab"]),
]


@pytest.mark.parametrize(("text", "fits", "others"), FITS, ids=[ascii(case[0]) for case in FITS])
def test_fits(text: str, fits: list[bytes], others: list[bytes]) -> None:
    expression = compile_pattern(text).expression
    assert [path for path in fits if not expression.fullmatch(path)] == []
    assert [path for path in others if expression.fullmatch(path)] == []


def test_flags() -> None:
    pattern = compile_pattern("!build/")
    assert (pattern.negated, pattern.directories_only, pattern.by_name) == (True, True, True)
    assert not compile_pattern("/a").by_name


WRONG = [
    ("", "is empty"),
    ("!", "is empty"),
    ("/", "is empty"),
    ("!/", "is empty"),
    ("a//b", "empty part"),
    ("//", "is empty"),
    ("./a", 'the part "."'),
    ("a/../b", 'the part ".."'),
    ("a\0b", "NUL"),
    ("[", 'without a "]"'),
    ("[]", 'without a "]"'),
    ("[!]", 'without a "]"'),
    ("x[a-", 'without a "]"'),
    ("[a/b]", 'without a "]"'),
    ("[a\\", "backslash"),
    ("a\\", "backslash"),
    ("[z-a]", "reverse order"),
    ("[[:letter:]]", "[:letter:]"),
    ("[[:a\nb:]]", ascii("[:a\nb:]")),
]


@pytest.mark.parametrize(("text", "what"), WRONG, ids=[ascii(case[0]) for case in WRONG])
def test_an_invalid_pattern_is_named(text: str, what: str) -> None:
    with pytest.raises(InvalidPattern) as caught:
        compile_pattern(text)
    assert ascii(text) in caught.value.message
    assert what in caught.value.message
    assert caught.value.cure


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a*" * 40 + "b", b"a" * 255),
        ("*a" * 40 + "b", b"a" * 255),
        ("?*" * 60 + "b", b"a" * 255),
        ("[ab]*" * 60 + "c", b"ab" * 127),
        ("**/a*a*a*a*a*/" * 8 + "b", b"/".join([b"a" * 120] * 30)),
        ("**/a/" * 30 + "b", b"/".join([b"a"] * 1500)),
        ("**/*a*/" * 12 + "b", b"/".join([b"a"] * 1000)),
        ("*/" * 200 + "b", b"/".join([b"a"] * 400)),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_no_pattern_explodes(text: str, path: bytes) -> None:
    pattern = compile_pattern(text)
    expressions = [pattern.expression] + ([pattern.leads] if pattern.leads else [])
    start = time.process_time()
    for expression in expressions:
        expression.fullmatch(path)
    assert pattern.expression.fullmatch(path) is None
    assert time.process_time() - start < 0.5

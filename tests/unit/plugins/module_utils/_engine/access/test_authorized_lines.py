# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of authorized keys: no key that sshd may admit is overlooked. The judge is held to a real sshd elsewhere."""

from __future__ import annotations

import random
import re

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.authorized_lines import (
    key_of,
    lines_of,
)
from support.fuzz.hostile_lines import LENGTHS, is_slow
from support.judges.sshd_lines import admitted
from support.servers.ssh_keys import key
from support.vectors.authorized_lines import KEY, ODD, PLAIN

TWO = " ".join(key("partner-new").public.split()[:2])
MUTATIONS = 4000


def texts(content: bytes) -> set[str]:
    return {each.text for each in lines_of(content).keys}


@pytest.mark.parametrize("content", PLAIN)
def test_plain_lines(content: bytes) -> None:
    assert (texts(content), lines_of(content).odd, admitted(content)) == ({KEY}, (), {KEY})


@pytest.mark.parametrize("content", ODD)
def test_odd_lines(content: bytes) -> None:
    assert lines_of(content).odd
    assert admitted(content) <= texts(content), "a key that sshd admits would not be revoked"


def test_words_of_a_text_without_an_end_count() -> None:
    assert texts(f'from="a" command="cert-authority" {KEY} ?'.encode()) == {KEY}
    assert texts(f'command="cert-authority {KEY}'.encode()) == set()
    assert texts(f'command="\\"cert-authority {KEY}'.encode()) == set()


def test_the_numbers_of_odd_lines() -> None:
    assert lines_of(f"# x\n{KEY}\n\n?\n{TWO}\nx y\n".encode()).odd == (4, 6)
    assert texts(f"{KEY}\n{KEY}\n{TWO}".encode()) == {KEY, TWO}
    assert lines_of(b"") == ((), (), ())


@pytest.mark.parametrize("options", ['from="a",cert-authority', 'cert-authority,principals="a"'])
def test_no_authority_is_among_the_keys(options: str) -> None:
    """Other accounts may depend on it."""
    found = lines_of(f"{options} {KEY}\n{TWO}\n".encode())
    assert ([each.text for each in found.keys], [each.text for each in found.authorities]) == ([TWO], [KEY])


PIECES = (
    '"',
    "\\",
    " ",
    "cert-authority",
    "cert-",
    "authority",
    "CERT-authority",
    'command="x"',
    f" {KEY} ",
    f"{TWO} ",
)


def test_an_authority_is_a_key_behind_the_word_outside_of_closed_quotes() -> None:
    """By the definition, for each key of its own."""
    chance = random.Random(41)
    quoted = re.compile(r'"(?:[^"\\]|\\"|\\(?!"))*(?:(")|\Z)')
    seen = set()
    for _number in range(MUTATIONS):
        line = "? " + "".join(chance.choice(PIECES) for _piece in range(chance.randrange(1, 12)))
        wanted = set()
        for match in re.finditer(r"ssh-[a-z0-9]+ AAAA[A-Za-z0-9+/]+={0,2}", line):
            before = quoted.sub(lambda found: "" if found[1] else found[0], line[: match.start()])
            wanted.add((match[0], "cert-authority" in before.lower()))
        found = lines_of(line.encode())
        assert {(each.text, True) for each in found.authorities} | {(each.text, False) for each in found.keys} == wanted
        seen |= {is_authority for _text, is_authority in wanted}
    assert seen == {False, True}


@pytest.mark.parametrize("unit", [f'"x" {KEY} ', f'{KEY} "', f'"{KEY}" '])
def test_an_odd_line_with_many_keys_takes_linear_time(unit: str) -> None:
    lines = [("? " + unit * (length // 8)).encode() for length in LENGTHS]
    assert not is_slow(lines_of, lines)


def test_mutations() -> None:
    """A file without odd lines admits exactly the keys that were found; else all admitted keys were found."""
    chance = random.Random(23)
    for _number in range(MUTATIONS):
        content = bytearray(chance.choice(PLAIN + ODD) + b"\n" + chance.choice(PLAIN))
        for _change in range(chance.randint(1, 3)):
            place = chance.randrange(len(content))
            content[place : place + chance.choice((0, 1))] = bytes([chance.choice(b' \t\n\r\x0b\x0c\0",\\=#a-A')])
        found = lines_of(bytes(content))
        assert admitted(bytes(content)) <= {each.text for each in found.keys}, bytes(content)


def test_a_long_file_takes_no_long_time() -> None:
    lines_of(b'command="' + b"\\" * 500_000)
    lines_of(b"a," * 250_000)


def test_a_key_on_record() -> None:
    assert key_of(KEY).text == KEY
    for text in ("", "x", f"{KEY} x"):
        with pytest.raises(ValueError, match=r"."):
            key_of(text)

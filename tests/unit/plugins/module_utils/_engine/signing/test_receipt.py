# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of receipts: one text for each set of values, and all else refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_directory import (
    Head,
    UnusableReceipt,
    format_receipt,
    parse_receipt,
    receipt_name,
    receipt_number,
    signature_name,
)

LEAST: dict[str, Any] = {
    "format": 1,
    "type": "sync",
    "seq": 42,
    "prev": "ab" * 32,
    "job": "nightly",
    "started": "2026-11-26T22:40:00Z",
    "ended": "2026-11-26T22:41:00Z",
}
RESET = {**LEAST, "type": "reset", "good": {"seq": 40, "digest": "cd" * 32}, "lost": None}


def test_a_receipt_is_one_line_of_ascii_with_sorted_keys_and_no_blanks() -> None:
    assert format_receipt({"b": {"z": 1, "a": None}, "a": "é"}) == b'{"a":"\\u00e9","b":{"a":null,"z":1}}\n'


def test_a_receipt_is_read_again() -> None:
    read = parse_receipt(format_receipt(LEAST))
    assert (read.type, read.seq, read.prev, read.job, read.ended - read.started) == (
        "sync",
        42,
        "ab" * 32,
        "nightly",
        60,
    )
    assert read.fields == LEAST
    reset = parse_receipt(format_receipt(RESET))
    assert (reset.good, reset.lost) == (Head(40, "cd" * 32), None)
    assert parse_receipt(format_receipt({**RESET, "good": None, "lost": "ef" * 32})).lost == "ef" * 32


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        b"[" * 100_000,
        b'{"a":NaN}\n',
        format_receipt(LEAST)[:-1],
        format_receipt(LEAST) + b"\n",
        json.dumps(LEAST, sort_keys=True).encode() + b"\n",
        format_receipt(LEAST).replace(b'"seq":42', b'"seq":42,"seq":42'),
        *(
            format_receipt({**LEAST, name: value})
            for name, value in [
                ("format", 2),
                ("type", "other"),
                ("seq", 0),
                ("seq", True),
                ("seq", "42"),
                ("prev", "AB" * 32),
                ("prev", None),
                ("job", 1),
                ("started", "yesterday"),
                ("ended", None),
            ]
        ),
        format_receipt({**RESET, "good": "x"}),
        format_receipt({**RESET, "good": {"seq": 0, "digest": "cd" * 32}}),
        format_receipt({**RESET, "good": {"seq": 1, "digest": "cd"}}),
        format_receipt({**RESET, "lost": "x"}),
    ],
)
def test_all_other_texts_are_refused(data: bytes) -> None:
    with pytest.raises(UnusableReceipt):
        parse_receipt(data)


def test_names() -> None:
    assert (receipt_name(42), signature_name(42)) == ("00000042.json", "00000042.json.sig")
    assert receipt_number("00000042.json") == 42
    assert receipt_number("00000042.json.sig", signature=True) == 42
    names = (
        "00000042.json.sig",
        "00000000.json",
        "42.json",
        "00000042.json\n",
        ".lock",
        "00000042.jso",
        "0000004x.json",
    )
    assert [receipt_number(name) for name in names] == [None] * len(names)
    for seq in (0, 10**8):
        with pytest.raises(UnusableReceipt):
            receipt_name(seq)

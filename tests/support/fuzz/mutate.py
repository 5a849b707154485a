# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypothesis strategies for bytes that are nearly honest: examples with a few edits, and bytes of any kind."""

from __future__ import annotations

__all__ = ["edited", "edits_of", "inputs"]

from collections.abc import Callable, Sequence
from functools import partial

from hypothesis import strategies as st

_NUMBERS = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1", b"\xff" * 8, b"99999999999", b"-1")
_TEXTS = (b"\n", b"\r\n", b" ", b"\0", b"/", b"..", b"*", b"\\", b"\x1b[2J", b"\xe2\x80\xae", b"\xff", b"%s", b"{{1}}")
_Edit = tuple[str, int, int, bytes]


def inputs(examples: Sequence[bytes], limit: int) -> st.SearchStrategy[bytes]:
    """Give mostly edited examples, sometimes anything."""
    honest, places = st.sampled_from(list(examples)), st.integers(0, limit)
    nearly = st.builds(edited, honest, _edits(limit))
    joined = st.builds(lambda one, other, at: one[:at] + other, nearly, honest, places)
    return st.one_of(nearly, nearly, joined, st.binary(max_size=min(limit, 300)))


def edits_of(limit: int) -> st.SearchStrategy[Callable[[bytes], bytes]]:
    """Yield functions that edit their input, mostly in its first `limit` bytes."""
    return st.builds(lambda edits: partial(edited, edits=edits), _edits(limit))


def _edits(limit: int) -> st.SearchStrategy[list[_Edit]]:
    piece = st.one_of(st.sampled_from(_NUMBERS), st.sampled_from(_TEXTS), st.binary(max_size=9))
    kinds = st.sampled_from(["put", "over", "cut", "double", "repeat"])
    return st.lists(st.tuples(kinds, st.integers(0, limit), st.integers(0, 40), piece), min_size=1, max_size=6)


def edited(example: bytes, edits: Sequence[_Edit]) -> bytes:
    """Give `example` with pieces put in, written over, cut out, doubled or repeated; places wrap around."""
    for kind, place, length, piece in edits:
        at = place % (len(example) + 1)
        if kind == "put":
            example = example[:at] + piece + example[at:]
        elif kind == "over":
            example = example[:at] + piece + example[at + len(piece) :]
        elif kind == "cut":
            example = example[:at] + example[at + length :]
        elif kind == "double":
            example = example[: at + length] + example[at:]
        else:
            example = example[:at] + example[at : at + 1] * (length * length) + example[at:]
    return example

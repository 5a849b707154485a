# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about progress: their words, and that no file can make them fail."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.progress_lines import (
    failed_line,
    last_line,
    line,
    pauses,
    read_state,
    refused_lines,
    without_zeros,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import PHASES, ProgressState
from hypothesis import given
from hypothesis import strategies as st

GIB = 1 << 30
EARLIER = ProgressState(90.0, "moving", 1000, 2000, 3328599655 - 10 * 40055603, 11166914969)
MOVING = ProgressState(100.0, "moving", 1204, 2000, 3328599655, 11166914969)
FIELDS = {"v": 1, **MOVING._asdict()}


def content(**fields: Any) -> bytes:
    """Return a progress file with other fields."""
    return json.dumps({**FIELDS, **fields}).encode()


@pytest.mark.parametrize(
    ("most", "first"),
    [(30.0, [5, 10, 20, 30, 30]), (5.0, [5, 5]), (2.0, [2, 2, 2]), (8.0, [5, 8, 8]), (0.5, [0.5, 0.5])],
)
def test_the_pauses_grow(most: float, first: list[float]) -> None:
    assert list(itertools.islice(pauses(most), len(first))) == first


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ProgressState(1.0, "logging in"), "logging in"),
        (ProgressState(1.0, "comparing", entries=120000), "comparing: 120,000 entries"),
        (ProgressState(1.0, "hashing", 8120, 10000), "hashing 8,120 of 10,000 files"),
        (MOVING, "1,204 of 2,000 files, 3.1 of 10.4 GiB"),
        (MOVING._replace(phase="proving"), "1,204 of 2,000 files, 3.1 of 10.4 GiB, proving"),
        (MOVING._replace(phase="removing"), "removing"),
    ],
)
def test_the_first_line_has_no_estimate(state: ProgressState, words: str) -> None:
    assert line("partner04", None, state) == f"partner04: {words}"


@pytest.mark.parametrize("phase", ["moving", "proving"])
def test_rate_and_time_left_are_of_the_last_two_reports(phase: str) -> None:
    text = line("partner04", EARLIER._replace(phase=phase), MOVING)
    assert text == "partner04: 1,204 of 2,000 files, 3.1 of 10.4 GiB, 38.2 MiB/s, about 3:15 left"


def test_the_proof_is_part_of_the_time_left() -> None:
    before = ProgressState(0.0, "proving", 1, 2, 1000, 2000, proof=0, proof_total=4000)
    now = before._replace(at=1.0, bytes=1100, proof=400)
    assert line("h", before, now).endswith(", proving 0.4 of 3.9 KiB, 500 B/s, about 0:09 left")
    assert line("h", before._replace(proof=500), now._replace(bytes=1000)).endswith("proving 0.4 of 3.9 KiB")


def test_hours_are_left() -> None:
    before, now = ProgressState(0.0, "moving", 0, 1, 0, GIB), ProgressState(10.0, "moving", 0, 1, 1 << 20, GIB)
    assert line("h", before, now).endswith(", 102.4 KiB/s, about 2:50:30 left")


@pytest.mark.parametrize(
    "before",
    [
        EARLIER._replace(phase="hashing"),
        EARLIER._replace(at=100.0),
        EARLIER._replace(at=200.0),
        EARLIER._replace(bytes=MOVING.bytes + 1),
    ],
)
def test_no_estimate_from_states_that_do_not_follow(before: ProgressState) -> None:
    assert line("h", before, MOVING) == "h: 1,204 of 2,000 files, 3.1 of 10.4 GiB"


def test_a_standstill_has_a_rate_and_no_end() -> None:
    assert line("h", EARLIER._replace(bytes=MOVING.bytes), MOVING) == (
        "h: 1,204 of 2,000 files, 3.1 of 10.4 GiB, 0 B/s"
    )


def test_a_name_is_printable_ascii() -> None:
    assert line("p\x1b[31m\n\u202e\u00fc -> h", None, ProgressState(1.0, "removing")) == "p?[31m??\\xfc -> h: removing"


def test_reads_what_the_module_writes() -> None:
    assert read_state(content()) == MOVING
    assert read_state(content(later="ignored")) == MOVING


@pytest.mark.parametrize(
    "text",
    [
        b"",
        content()[:-1],
        b"[1]",
        b"1",
        b"null",
        b"\xff\xfe",
        b"[" * 200000,
        content(v=2),
        content(v=None),
        content(phase="\x1b]0;x"),
        content(phase=["moving"]),
        content(phase={}),
        content(at="1"),
        content(at=True),
        content(at=-1.0),
        content(at=float("nan")),
        content(at=float("inf")),
        content(files=-1),
        content(files=1.5),
        content(files=True),
        content(files=None),
        content(bytes=1 << 62),
        content(bytes_total=10**4000),
        content(entries="120000"),
        json.dumps({"v": 1, "at": 1.0, "phase": "moving"}).encode(),
    ],
)
def test_a_torn_or_hostile_file_is_no_state(text: bytes) -> None:
    assert read_state(text) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read(text: bytes) -> None:
    read_state(text)


NUMBERS = st.integers(0, (1 << 62) - 1)
STATES = st.builds(
    ProgressState,
    st.floats(0, 1e18, exclude_max=True),
    st.sampled_from(PHASES),
    *[NUMBERS] * 5,
)


@given(st.text(max_size=20), st.none() | STATES, STATES)
def test_any_states_make_one_short_line_of_ascii(name: str, before: ProgressState | None, now: ProgressState) -> None:
    text = line(name, before, now)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) < 10 * len(name) + 150


@given(st.text(max_size=20), st.text() | st.none() | st.integers())
def test_any_outcome_makes_one_line_of_ascii(name: str, outcome: object) -> None:
    text = last_line(name, outcome)
    assert text.isascii()
    assert text.isprintable()
    assert last_line("h", "pushed 3 files") == "h: pushed 3 files"
    assert len(last_line("h", "x" * 10000)) < 600


CURE = "Let the account write to dest, or correct dest."


@pytest.mark.parametrize("words", [1, 20, 100, 5000])
def test_code_item_and_cure_of_a_failure_come_first(words: int) -> None:
    error = {"code": "permission_denied", "path": "a/b", "message": "word " * words, "cure": CURE}
    text = failed_line("partner04", {"error": error, "msg": f"{'word ' * words}: 'a/b'. {CURE} (2 more items failed)"})
    assert text.startswith("partner04: permission_denied: word ")
    assert text.index("'a/b'") < text.index(CURE) <= 300 - len(CURE)


@given(st.dictionaries(st.sampled_from(["error", "msg", "totals", "stats", "elapsed"]), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["code", "path", "message", "cure"]), inner),
)))  # fmt: skip
def test_any_answer_of_a_failed_task_is_a_short_line_of_ascii(answer: dict[str, Any]) -> None:
    text = failed_line("partner04", answer)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) < 1000
    without_zeros(answer)


def test_a_failure_keeps_the_counters_that_are_not_zero() -> None:
    answer = {"totals": {"store": 3, "remove": 0}, "rates": {"files_per_second": 0.0}, "elapsed": 2.4, "changes": []}
    assert without_zeros(answer) == {"totals": {"store": 3}, "elapsed": 2.4, "changes": []}


REFUSED: dict[str, Any] = {"error": {"code": "too_many_deletions"}, "diff": {"prepared": "- a\n- \u202eb\n"}}


def test_the_removals_that_a_limit_refused_are_shown() -> None:
    assert refused_lines(REFUSED) == ["- a", "- ?b"]
    long = {"prepared": "\n".join(["x" * 6000, *["y"] * 10_001])}
    assert [len(each) for each in refused_lines({**REFUSED, "diff": long})] == [5000, *[1] * 9_999]


@pytest.mark.parametrize(
    "change", [{"error": {"code": "no_space"}}, {"error": None}, {"error": "x"}, {"diff": None}, {"diff": []}]
)
def test_of_another_answer_no_removals_are_shown(change: dict[str, Any]) -> None:
    assert refused_lines({**REFUSED, **change}) == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job file: every field has one form, and a name that is not known is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.job_file import (
    MOST_HISTORY,
    MOST_LATE_AFTER,
    Job,
    job_name,
    parse_job,
    read_job,
)
from hypothesis import given
from hypothesis import strategies as st

GOOD = {"schema": 1, "job": "nightly", "options": {"src": "/a", "dest": "b"}}


def text(**fields: Any) -> bytes:
    """Return the text of a good job file with other fields; None leaves a field out."""
    return json.dumps({name: value for name, value in {**GOOD, **fields}.items() if value is not None}).encode()


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    content = text(records="/var/lib/jobs", history=3, metrics="/var/lib/metrics", late_after=60)
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    options = {"src": "/a", "dest": "b"}
    assert read_job(str(path)) == Job("nightly", options, digest, "/var/lib/jobs", 3, "/var/lib/metrics", 60)


def test_a_certificate() -> None:
    assert parse_job(text(certificate={"source": "file"})).certificate == {"source": "file"}
    assert parse_job(text()).certificate is None


def test_defaults() -> None:
    job = parse_job(text())
    assert (job.records, job.history, job.metrics, job.late_after) == (None, 400, None, 26 * 3600)


def test_the_limits_of_numbers_are_numbers() -> None:
    least = parse_job(text(history=1, late_after=1))
    assert (least.history, least.late_after) == (1, 1)
    assert parse_job(text(history=MOST_HISTORY, late_after=MOST_LATE_AFTER)).history == MOST_HISTORY
    for fields in ({"history": MOST_HISTORY + 1}, {"late_after": MOST_LATE_AFTER + 1}):
        with pytest.raises(InvalidRequest, match="is not a number of"):
            parse_job(text(**fields))


def test_a_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_bytes(text())
    path.chmod(0o666)
    with pytest.raises(InvalidRequest, match="job file: other accounts can write"):
        read_job(str(path))


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"schema": None}, "schema: is not 1"),
        ({"schema": 2}, "schema: is not 1"),
        ({"schema": True}, "schema: is not 1"),
        ({"schema": "1"}, "schema: is not 1"),
        ({"certificate": "/x"}, "certificate: is not an object"),
        ({"job": None}, "job: None is not the name"),
        ({"job": "../etc"}, "is not the name"),
        ({"options": None}, "options: is not an object"),
        ({"options": []}, "options: is not an object"),
        ({"histroy": 3}, "histroy: is not a field"),
        ({"a\nb": 3}, r"a\\nb: is not a field"),
        ({"history": 0}, "history: is not a number"),
        ({"history": True}, "history: is not a number"),
        ({"history": "3"}, "history: is not a number"),
        ({"history": 1e3}, "history: is not a number"),
        ({"late_after": 0}, "late_after: is not a number of seconds"),
        ({"late_after": 10**9}, "late_after: is not a number"),
        ({"records": "jobs"}, "records: is not an absolute path"),
        ({"records": 3}, "records: is not an absolute path"),
        ({"metrics": "/a\0"}, "metrics: is not an absolute path"),
    ],
)
def test_a_bad_field(fields: dict[str, Any], fact: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^job file: .*{fact}") as caught:
        parse_job(text(**fields))
    assert caught.value.cure


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"schema": 1, "schema": 1}', b"\xff"])
def test_a_text_that_is_no_object(content: bytes) -> None:
    with pytest.raises(InvalidRequest, match=r"^job file: "):
        parse_job(content)


@pytest.mark.parametrize("name", ["a", "7", "nightly-reports_2", "a" * 27])
def test_a_good_name(name: str) -> None:
    assert job_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "_a", "A", "a" * 28, "a b", "a\n", "a.b", "a@b", "a/b", "..", "é", "a%n", "a;b", "a\0", 3, None]
)
def test_a_bad_name(name: Any) -> None:
    with pytest.raises(InvalidRequest, match="is not the name of a job") as caught:
        job_name(name)
    assert caught.value.message.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=300) | st.dictionaries(st.sampled_from([*GOOD, "records", "x"]), JSON).map(json.dumps))
def test_any_file_is_a_job_or_a_clear_error(content: bytes | str) -> None:
    error = None
    try:
        parse_job(content if isinstance(content, bytes) else content.encode())
    except InvalidRequest as caught:
        error = caught
    assert error is None or (error.message.startswith("job file: ") and error.cure)


@given(st.integers(0, len(text()) - 1), st.integers(0, 255))
def test_any_changed_byte_is_a_job_or_a_clear_error(place: int, byte: int) -> None:
    content = bytearray(text())
    content[place] = byte
    test_any_file_is_a_job_or_a_clear_error.hypothesis.inner_test(bytes(content))

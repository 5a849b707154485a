# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job file: one sync as JSON, without secrets.

{"schema": 1, "job": "NAME", "options": {...}, "records": "/DIRECTORY", "history": 400, "metrics": "/DIRECTORY",
 "late_after": 93600, "source": "WORD"}

A name that is not known is refused: it may be a limit with a spelling error.

Only root or this account can have written the file: a program that acts on it may run as root.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from typing import Any, Dict, Mapping, NamedTuple, Optional

from ..errors import InvalidRequest
from ..model.display import display_text
from ..system.root_owned_path import closing
from .strict_json import parse

SCHEMA = 1
DEFAULT_HISTORY = 400
MOST_HISTORY = 100_000
DEFAULT_LATE_AFTER = 26 * 3600
"""A daily run, with two hours for its duration and delay."""
MOST_LATE_AFTER = 400 * 86400
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,26}\Z")
_FIELDS = ("schema", "job", "options", "certificate", "records", "history", "metrics", "late_after", "source")
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_READ = stat.S_IROTH | stat.S_IXOTH
PRIVATE = stat.S_IRWXG | stat.S_IRWXO
_LARGEST = 1 << 20


class Job(NamedTuple):
    """name: of the job
    options: of secure_sync, as they were written
    sha256: of the whole file
    records: directory for the records of runs
    history: number of records to keep
    metrics: directory for a file of metrics
    late_after: seconds without a success after which the job is late
    certificate: source of the certificate of each run, as it was written
    source: the deployment that the job comes from; it can remove the jobs that it no longer lists
    """

    name: str
    options: Mapping[str, Any]
    sha256: str
    records: Optional[str] = None
    history: int = DEFAULT_HISTORY
    metrics: Optional[str] = None
    late_after: int = DEFAULT_LATE_AFTER
    certificate: Optional[Mapping[str, Any]] = None
    source: str = ""


def read_job(path: str) -> Job:
    """Return the job of a file that other accounts cannot write. Raises InvalidRequest."""
    return parse_job(read_guarded(path, "job file"))


def parse_job(text: bytes) -> Job:
    """Return the job of the text of its file. Raises InvalidRequest."""
    fields = _fields(text)
    if fields.get("schema") != SCHEMA or isinstance(fields["schema"], bool):
        raise _wrong("schema", f"is not {SCHEMA}", f"Write {SCHEMA}, and use the program of this version.")
    options = fields.get("options")
    if not isinstance(options, dict):
        raise _wrong("options", "is not an object", "Write the options of secure_sync as a JSON object.")
    certificate = fields.get("certificate")
    if "certificate" in fields and not isinstance(certificate, dict):
        raise _wrong("certificate", "is not an object", "Write its source and its options as a JSON object.")
    return Job(
        job_name(fields.get("job")),
        options,
        hashlib.sha256(text).hexdigest(),
        _directory("records", fields),
        _number("history", fields.get("history", DEFAULT_HISTORY), "records", MOST_HISTORY),
        _directory("metrics", fields),
        _number("late_after", fields.get("late_after", DEFAULT_LATE_AFTER), "seconds", MOST_LATE_AFTER),
        certificate,
        _source(fields.get("source", "")),
    )


def require_records(job: Job) -> str:
    """Return the directory for the records of a job. Raises InvalidRequest."""
    if job.records is None:
        raise _wrong("records", "is not set", "Set it to a directory for the records.")
    return job.records


def job_name(name: Any) -> str:
    """Return the name of a job, which becomes part of an account, a unit and a file. Raises InvalidRequest."""
    if not isinstance(name, str) or not _NAME.match(name):
        raise _wrong(
            "job",
            f"{ascii(name)[:80]} is not the name of a job",
            "Write at most 27 small letters, digits, - and _; the first is a letter or a digit.",
        )
    return name


def _source(name: Any) -> str:
    if not isinstance(name, str) or (name and not _NAME.match(name)):
        raise _wrong("source", f"{ascii(name)[:80]} is not a source of jobs", "Write it like the name of a job.")
    return name


def _fields(text: bytes) -> Dict[str, Any]:
    try:
        fields = parse(text)
    except ValueError as error:
        raise InvalidRequest(f"job file: {error}", cure="Correct the file.") from None
    if not isinstance(fields, dict):
        raise InvalidRequest("job file: is not a JSON object", cure="Write one object with job and options.")
    for name in fields:
        if name not in _FIELDS:
            raise _wrong(ascii(name)[1:-1][:80], "is not a field of a job file", f"Use {', '.join(_FIELDS)}.")
    return fields


def _number(name: str, number: Any, of: str, most: int) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        raise _wrong(name, f"is not a number of {of}", f"Write a number from 1 to {most}.")
    return number


def _directory(name: str, fields: Mapping[str, Any]) -> Optional[str]:
    path = fields.get(name)
    if name in fields and not (isinstance(path, str) and path.startswith("/") and "\0" not in path):
        raise _wrong(name, "is not an absolute path", "Write the path of a directory, from / on.")
    return path


def _wrong(name: str, fact: str, cure: str) -> InvalidRequest:
    return InvalidRequest(f"job file: {name}: {fact}", cure=cure)


def read_guarded(path: str, name: str, *, refused: int = OTHERS_WRITE) -> bytes:
    """Return the content. Raises InvalidRequest.

    name: of the file, in errors
    refused: mode bits that the file must not have
    """
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unusable(name, path, getattr(error, "strerror", None) or str(error)) from None
    with closing(descriptor):
        _check(os.fstat(descriptor), name, path, refused)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(_LARGEST)


def _check(status: os.stat_result, name: str, path: str, refused: int) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise _unusable(name, path, f"is not a regular file of at most {_LARGEST >> 20} MiB")
    if status.st_mode & refused or status.st_uid not in (0, os.geteuid()):
        raise InvalidRequest(
            "%s: other accounts can %s %s (uid %d, mode %04o)"
            % (
                name,
                "read" if refused & ~OTHERS_WRITE else "write",
                display_text(path),
                status.st_uid,
                stat.S_IMODE(status.st_mode),
            ),
            cure="Check its content, then make it yours with chown, and chmod %s."
            % ("600" if refused == PRIVATE else "go-w"),
        )


def _unusable(name: str, path: str, fact: str) -> InvalidRequest:
    return InvalidRequest(f"{name}: {display_text(path)}: {fact}", cure="Set the path of a readable file.")

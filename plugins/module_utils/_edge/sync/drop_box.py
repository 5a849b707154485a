# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of runs that move files, and the limits of size and age, as the engine's frozen values. Loaded for tasks
with them only."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS
from ..._engine.model.request import (
    ARCHIVE,
    COPY,
    KEEP,
    MARKED,
    NONE,
    PUSH,
    SIZE_MTIME,
    DropBoxRequest,
    FileLimits,
)
from .. import paths, quantities

Params = Mapping[str, Any]


def limits(params: Params) -> FileLimits:
    """Return the limits of size and age. Raises InvalidRequest."""
    for option in ("min_age", "max_age", "min_size", "max_size"):
        if params[option] is not None:
            _require_unsigned(option, params)
    found = FileLimits(
        min_age=_age("min_age", params),
        max_age=_age("max_age", params),
        min_size=_size("min_size", params),
        max_size=_size("max_size", params),
    )
    _require_order("age", found.min_age, found.max_age, params)
    _require_order("size", found.min_size, found.max_size, params)
    return found


def _age(option: str, params: Params) -> Optional[int]:
    text = params[option]
    return None if text is None else quantities.duration(option, text, shortest=1)


def _size(option: str, params: Params) -> Optional[int]:
    text = params[option]
    return None if text is None else quantities.size(option, text)


def _require_order(kind: str, least: Optional[int], most: Optional[int], params: Params) -> None:
    if least is not None and most is not None and least > most:
        raise InvalidRequest(
            f"min_{kind}: {params['min_' + kind]} is more than max_{kind}: "
            f"{params['max_' + kind]}, so no file can take part",
            cure=f"Set min_{kind} to less than max_{kind}.",
        )


def drop_box(params: Params) -> DropBoxRequest:
    """Return the options of a run that moves files. Raises InvalidRequest."""
    after = params["after_transfer"]
    if params["in_place"]:
        _require_upload_only(params)
    if params["deliver_once"]:
        _require_unsigned("deliver_once", params)
    if after != KEEP:
        _require_unsigned("after_transfer", params)
        _require_proof_and_source(params)
    return DropBoxRequest(
        in_place=params["in_place"],
        deliver_once=params["deliver_once"],
        after_transfer=after,
        archive=_archive(params),
        marker=_marker(params),
        marker_for=params["marker_for"],
    )


def _require_unsigned(option: str, params: Params) -> None:
    """A signed set is complete."""
    for signed in ("sign", "verify"):
        if params[signed] is not None:
            raise InvalidRequest(
                f"{option}: takes files out of the set, and {signed} is set",
                cure=f"Remove {option} or {signed}.",
            )


def _require_upload_only(params: Params) -> None:
    """In place, a run makes nothing at the server but the files and their directories."""
    if params["direction"] != PUSH:
        raise InvalidRequest("in_place: needs a push, and direction is pull", cure="Remove in_place.")
    if params["proof"] != NONE:
        raise InvalidRequest(
            f"in_place: the server may take a file at once, so it cannot be read back, and proof is {params['proof']}",
            cure="Set proof to none.",
        )
    for option in ("delete", "trash", "lock_wait"):
        if params[option]:
            raise InvalidRequest(
                f"in_place: writes nothing but new content, and {option} is set",
                cure=f"Remove {option} or in_place.",
            )
    if params["links"] == COPY:
        raise InvalidRequest("in_place: writes files only, and links is copy", cure="Set links to skip.")


def _require_proof_and_source(params: Params) -> None:
    after = params["after_transfer"]
    if params["proof"] == NONE:
        raise InvalidRequest(
            f"after_transfer: {after} needs proven files, and proof is none",
            cure="Set proof to auto; or set after_transfer to keep, and deliver_once to true.",
        )
    if params["delete"]:
        raise InvalidRequest(
            f"after_transfer: {after} empties the source, and with delete the next run would empty the destination",
            cure="Set delete to false, or after_transfer to keep.",
        )


def _archive(params: Params) -> Optional[bytes]:
    text, wanted = params["archive_dir"], params["after_transfer"] == ARCHIVE
    if wanted and text is None:
        raise InvalidRequest(
            "archive_dir: is required for after_transfer: archive",
            cure="Set archive_dir to a directory below src, for example .sent.",
        )
    if text is None:
        return None
    if not wanted:
        raise InvalidRequest(
            f"archive_dir: has no meaning with after_transfer: {params['after_transfer']}",
            cure="Set after_transfer to archive, or remove archive_dir.",
        )
    path = paths.archive("archive_dir", text)
    if params["protocol"] == FTPS and params["direction"] != PUSH:
        paths.sendable("archive_dir", path)
    return path


def _marker(params: Params) -> Optional[bytes]:
    """Return the name of the markers. Raises InvalidRequest."""
    text, each = params["marker"], params["marker_for"]
    if text is None and each == MARKED[0]:
        return None
    if text is None:
        raise InvalidRequest(f"marker_for: {each} needs the name of the marker", cure="Set marker.")
    _require_unsigned("marker", params)
    if text.count("{name}") != (each == MARKED[0]):
        cure = "Write {name} once, for the name of the file" if each == MARKED[0] else "Leave {name} out"
        raise InvalidRequest(f"marker: {text!r} is not a name for each {each}", cure=f"{cure}; see marker_for.")
    path = paths.name("marker", text)
    begins = text.partition("{name}")[0]
    if text == "{name}" or not text.isprintable() or (begins and ".secure_sync".startswith(begins)):
        raise InvalidRequest(f"marker: {text!r} is not a name that can be used", cure="Write {name}.done, for example.")
    if params["direction"] == PUSH:
        for option, value, good in (("proof", NONE, "auto"), ("compare", SIZE_MTIME, "recorded")):
            if params[option] == value:
                raise InvalidRequest(
                    f"marker: announces proven files only, and {option} is {value}", cure=f"Set {option} to {good}."
                )
    return path

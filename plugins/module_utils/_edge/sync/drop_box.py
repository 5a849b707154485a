# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of runs that move files, and the limits of size and age, as the engine's frozen values. Loaded for tasks
with them only."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS
from ..._engine.model.request import ARCHIVE, COPY, KEEP, NONE, PUSH, DropBoxRequest, FileLimits
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
            "min_%s: %s is more than max_%s: %s, so no file can take part"
            % (kind, params["min_" + kind], kind, params["max_" + kind]),
            cure="Set min_%s to less than max_%s." % (kind, kind),
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
    )


def _require_unsigned(option: str, params: Params) -> None:
    """A signed set is complete."""
    for signed in ("sign", "verify"):
        if params[signed] is not None:
            raise InvalidRequest(
                "%s: takes files out of the set, and %s is set" % (option, signed),
                cure="Remove %s or %s." % (option, signed),
            )


def _require_upload_only(params: Params) -> None:
    """In place, a run makes nothing at the server but the files and their directories."""
    if params["direction"] != PUSH:
        raise InvalidRequest("in_place: needs a push, and direction is pull", cure="Remove in_place.")
    if params["proof"] != NONE:
        raise InvalidRequest(
            "in_place: the server may take a file at once, so it cannot be read back, and proof is %s"
            % params["proof"],
            cure="Set proof to none.",
        )
    for option in ("delete", "trash", "lock_wait"):
        if params[option]:
            raise InvalidRequest(
                "in_place: writes nothing but new content, and %s is set" % option,
                cure="Remove %s or in_place." % option,
            )
    if params["links"] == COPY:
        raise InvalidRequest("in_place: writes files only, and links is copy", cure="Set links to skip.")


def _require_proof_and_source(params: Params) -> None:
    after = params["after_transfer"]
    if params["proof"] == NONE:
        raise InvalidRequest(
            "after_transfer: %s needs proven files, and proof is none" % after,
            cure="Set proof to auto; or set after_transfer to keep, and deliver_once to true.",
        )
    if params["delete"]:
        raise InvalidRequest(
            "after_transfer: %s empties the source, and with delete the next run would empty the destination" % after,
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
            "archive_dir: has no meaning with after_transfer: %s" % params["after_transfer"],
            cure="Set after_transfer to archive, or remove archive_dir.",
        )
    path = paths.archive("archive_dir", text)
    if params["protocol"] == FTPS and params["direction"] != PUSH:
        paths.sendable("archive_dir", path)
    return path

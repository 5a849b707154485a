# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module bundle: a directory as a signed archive, made or verified."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Sequence, Tuple

from .._engine.bundle.bag import OXUM
from .._engine.bundle.checking import check_bundle
from .._engine.bundle.listing import Member
from .._engine.bundle.making import make_bundle
from .._engine.bundle.request import (
    BAGIT,
    LAYOUTS,
    PLAIN,
    BundleCheck,
    BundleReport,
    BundleRequest,
    purposes,
    signature_of,
)
from .._engine.errors import InvalidRequest
from .._engine.model.display import display, plain
from .._engine.model.request import LINKS
from .._engine.model.tree import FILE
from . import argspec, paths, quantities
from .contract import Params, Result, Task
from .login_words import signing_key
from .verifying import signature_policy
from .words import entry_words, path_words

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")

PRESENT, VERIFIED = "present", "verified"


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "dest": {"type": "str", "required": True},
            "state": {"type": "str", "choices": [PRESENT, VERIFIED], "default": PRESENT},
            "src": {"type": "str"},
            "layout": {"type": "str", "choices": list(LAYOUTS), "default": PLAIN},
            "links": {"type": "str", "choices": list(LINKS), "default": "skip"},
            "bag_info": {"type": "dict"},
            "max_listed": {"type": "int", "default": 100},
            "sign": {"type": "dict", "options": argspec.signing_key(), **argspec.SIGN_RULES},
            **argspec.signer(),
        },
        "required_if": [("state", PRESENT, ["src", "sign"]), ("state", VERIFIED, ["verify"])],
    }


def request(task: Task) -> BundleRequest | BundleCheck:
    given = task.params
    archive, layout = _archive(given["dest"]), given["layout"]
    quantities.count("max_listed", given["max_listed"])
    if given["state"] == VERIFIED:
        _refuse(given, "src", "sign", "bag_info")
        return BundleCheck(archive, signature_policy(given["verify"], *purposes(layout)), layout)
    _refuse(given, "verify")
    return BundleRequest(
        archive=archive,
        source=paths.local("src", given["src"]),
        signing=signing_key("sign", given["sign"]),
        layout=layout,
        links=given["links"],
        labels=_labels(given),
        check_mode=task.check_mode,
    )


def run(task: Task) -> Result:
    wanted = request(task)
    return result(check_bundle(wanted) if isinstance(wanted, BundleCheck) else make_bundle(wanted), task)


def result(report: BundleReport, task: Task) -> Result:
    skipped, most = report.skipped, task.params["max_listed"]
    if skipped:
        task.warn(
            "src: %d %s not in the archive, see skipped_items"
            % (len(skipped), "entry is" if len(skipped) == 1 else "entries are")
        )
    return {
        "changed": report.changed,
        "msg": _summary(report, task),
        "archive": _archive_result(report, task.params),
        "skipped_items": [{"path": path_words(each.path), "reason": plain(each.reason)} for each in skipped[:most]],
        "diff": _diff(report, task.params["dest"], most),
    }


def blank() -> Result:
    return {"changed": False, "skipped_items": []}


def _archive(text: str) -> bytes:
    path = paths.local("dest", text)
    if paths.is_root(path) or path.endswith((b"/.", b"/..")):
        raise InvalidRequest(f"dest: {text!r} is not the path of a file", cure="Set dest to the path of the archive.")
    return path


def _labels(given: Params) -> Tuple[Tuple[str, str], ...]:
    labels = given["bag_info"] or {}
    if labels and given["layout"] != BAGIT:
        raise InvalidRequest("bag_info: has no meaning with layout: plain", cure="Remove bag_info.")
    found = tuple((str(label), str(value).strip()) for label, value in labels.items())
    for label, value in found:
        if not _LABEL.match(label) or label.lower() == OXUM.lower():
            raise InvalidRequest(
                f"bag_info: {label!r} is not a label",
                cure="Use letters, digits and -, as in Source-Organization; Payload-Oxum is set by the module.",
            )
        if not value or not value.isprintable():
            raise InvalidRequest(
                f"bag_info: the value of {label} is empty or has an unprintable character", cure="Write one line."
            )
    return found


def _refuse(given: Params, *options: str) -> None:
    for option in options:
        if given[option] is not None:
            raise InvalidRequest(f"{option}: has no meaning with state: {given['state']}", cure=f"Remove {option}.")


def _summary(report: BundleReport, task: Task) -> str:
    if task.params["state"] == VERIFIED:
        return f"the archive is signed by {plain(task.params['verify']['principal'])} and whole"
    if not report.changed:
        return "nothing to do"
    return "archive %s" % ("to be made" if task.check_mode else "made")


def _archive_result(report: BundleReport, given: Params) -> Result:
    path = paths.local("dest", given["dest"])
    files = [each.entry.size for each in report.members if each.entry.kind == FILE]
    made = {} if report.size < 0 else {"size": report.size, "sha256": report.digest}
    return {
        "path": display(path),
        "signature": display(signature_of(path)),
        "layout": given["layout"],
        "files": len(files),
        "bytes": sum(files),
        "key_fingerprint": report.key,
        "principal": plain(given["verify"]["principal"]) if given["verify"] else None,
        **made,
    }


def _diff(report: BundleReport, dest: str, most: int) -> Dict[str, str]:
    """Return the entries that differ, at most `most` on each side."""
    if not report.changed:
        return {"before": "", "after": "", "before_header": plain(dest), "after_header": plain(dest)}
    before, after = _lines(report.before), _lines(report.members)
    lost, gained = set(before) - set(after), set(after) - set(before)
    return {
        "before": _text([line for line in before if line in lost], most),
        "after": _text([line for line in after if line in gained], most),
        "before_header": plain(dest),
        "after_header": plain(dest),
    }


def _lines(members: Sequence[Member]) -> List[str]:
    return [f"{path_words(path)}: {entry_words(entry, timed=entry.kind == FILE)}" for path, entry in members]


def _text(lines: Sequence[str], most: int) -> str:
    more = len(lines) - most
    shown = [*lines[:most], *([f"({more} more)"] if more > 0 else [])]
    return "".join(f"{line}\n" for line in shown)

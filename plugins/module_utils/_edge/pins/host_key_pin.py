# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_key_pin: pins of servers, proven and then stored."""

from __future__ import annotations

import re
import time
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.endpoint import FTPS, Endpoint
from ..._engine.pins.pin_host import PinReport, PinRequest, pin_host
from ..._engine.pins.pin_lines import (
    ABSENT,
    EXACT,
    PIN_STATES,
    PRESENT,
    REPORTED,
    Pin,
    PinLine,
    parse_tls_key,
    rotation_report,
)
from ..._engine.trust.fingerprint import is_fingerprint, parse_plain_key
from ..._engine.trust.known_hosts import (
    CERT_AUTHORITY,
    REVOKED,
    KnownHost,
    Validity,
    host_name,
    in_comment,
    parse_moment,
    validity_of,
)
from .. import argspec
from ..contract import Result, Task
from ..sync import params
from ..tls_words import tls_options
from .host_key_pin_info import key_words, pins_file, stored_pin

Params = Mapping[str, Any]

_NO_LIMIT = "none"
_PATTERN = re.compile(r"[A-Za-z0-9_.:*?-]+\Z")
_MARKS = {"keys": "", "authority": CERT_AUTHORITY, "revoked": REVOKED}

_VERBS = {"add": "added", "update": "updated", "remove": "removed"}


class _Common(NamedTuple):
    """The options of the task for all its pins."""

    comment: Optional[str]
    limits: Validity
    unlimited: FrozenSet[str]


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {**argspec.endpoint(), **argspec.tls(), **own_options()},
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> PinRequest:
    return pin_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    asked = request(task)
    return result(pin_host(asked), asked, task)


def result(report: PinReport, asked: PinRequest, task: Task) -> Result:
    return pin_result(report, path=asked.path, now=time.time(), check_mode=task.check_mode, diff=task.diff)


def blank() -> Result:
    return {
        "changed": False,
        "changes": [],
        "pins": [],
        "rotation_report": {phase: [] for phase in REPORTED},
        "notes": [],
    }


def pin_result(report: PinReport, *, path: str, now: float, check_mode: bool, diff: bool) -> Result:
    plan = report.plan
    result: Result = {
        "changed": bool(plan.changes),
        "host": report.name,
        "path": plain(path),
        "changes": [{"action": each.action, **key_words(each.key, each.marker)} for each in plan.changes],
        "pins": [stored_pin(line, now) for line in plan.about],
        "rotation_report": _rotation(plan.about, now),
        "notes": [plain(note) for note in (*plan.notes, *_rotation_notes(report))],
        "msg": _summary(report, check_mode=check_mode),
    }
    if report.offered is not None:
        result["offered"] = [{**key_words(key, ""), "pinned": pinned} for key, pinned in report.offered]
    if diff:
        name = f"{plain(path)}: {report.name}"
        result["diff"] = {
            "before": _text(plan.before),
            "after": _text(plan.after),
            "before_header": name,
            "after_header": name,
        }
    return result


def _rotation(about: Sequence[PinLine], now: float) -> Mapping[str, List[Result]]:
    phases = rotation_report(about, now)
    return {phase: _keys(entries) for phase, entries in phases.items()}


def _keys(entries: Iterable[KnownHost]) -> List[Result]:
    return [key_words(entry.key, entry.marker) for entry in entries]


def _rotation_notes(report: PinReport) -> Tuple[str, ...]:
    rotation = report.rotation
    if rotation is None:
        return ()
    if not rotation.announced:
        return ("the server announces no keys: no key can be learned from it",)
    return tuple(f"the server no longer announces {key.key_type} {key.fingerprint}" for key in rotation.unannounced)


def _summary(report: PinReport, *, check_mode: bool) -> str:
    """Return one line for people: "2 pins added, 1 pin removed"."""
    counts = {action: sum(each.action == action for each in report.plan.changes) for action in _VERBS}
    will = "to be " if check_mode else ""
    parts = [
        "%d %s %s%s" % (number, "pin" if number == 1 else "pins", will, _VERBS[action])
        for action, number in counts.items()
        if number
    ]
    unlisted = sum(not pinned for _key_shown, pinned in report.offered or ())
    if unlisted:
        parts.append("%d offered %s not pinned" % (unlisted, "key is" if unlisted == 1 else "keys are"))
    return ", ".join(parts if report.plan.changes else ["nothing to do", *parts])


def _text(content: bytes) -> str:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    return "\n".join(plain(line.replace("\t", " ")) for line in lines)


def own_options() -> Dict[str, Dict[str, Any]]:
    """Return the options of host_key_pin besides argspec.endpoint and argspec.tls."""
    keys = {"type": "list", "elements": "str", "no_log": False}
    return {
        "state": {"type": "str", "choices": list(PIN_STATES), "default": PRESENT},
        "keys": {**keys, "aliases": ["host_keys"]},
        "fingerprints": {"type": "list", "elements": "str"},
        "authority": dict(keys),
        "revoked": dict(keys),
        "sshfp": {"type": "bool", "default": False},
        "from_rotation": {"type": "bool", "default": False},
        "remove_unannounced": {"type": "bool", "default": False},
        "valid_from": {"type": "str"},
        "valid_until": {"type": "str"},
        "comment": {"type": "str"},
        "hash_host": {"type": "bool"},
        "path": {"type": "path", "aliases": ["known_hosts_file"]},
    }


def pin_request(given: Params, *, check_mode: bool) -> PinRequest:
    """Return all options of host_key_pin as one request. Raises InvalidRequest."""
    common = _common(given)
    over_tls = given["protocol"] == FTPS
    fingerprints, pins = (_tls_pins if over_tls else _pins)(given, common)
    asks = bool(fingerprints or given["sshfp"] or given["from_rotation"])
    _check_state(given)
    _check_proof(given["state"], pins, asks=asks)
    endpoint, name = (params.endpoint(given), None) if over_tls else _server(given, asks=asks)
    return PinRequest(
        endpoint=endpoint,
        credentials=params.credentials(given),
        path=pins_file(given["path"] or (given["tls_pins_file"] if over_tls else None), must_be_given=over_tls),
        state=given["state"],
        name=name,
        keys=pins,
        fingerprints=fingerprints,
        sshfp=given["sshfp"],
        from_rotation=given["from_rotation"],
        remove_unannounced=given["remove_unannounced"],
        hash_host=given["hash_host"],
        comment=common.comment,
        limits=common.limits,
        unlimited=common.unlimited,
        tls=tls_options(given)._replace(pins=()) if over_tls else None,
        check_mode=check_mode,
    )


def _check_state(given: Params) -> None:
    if given["from_rotation"] and given["state"] != PRESENT:
        raise InvalidRequest("from_rotation: requires state present", cure="List the keys to drop in keys.")
    if given["remove_unannounced"] and not given["from_rotation"]:
        raise InvalidRequest("remove_unannounced: requires from_rotation", cure="Set both, or neither.")
    if given["sshfp"] and given["state"] == ABSENT:
        raise InvalidRequest("sshfp: requires state present or exact", cure="List the keys to drop in keys.")


def _check_proof(state: str, pins: Tuple[Pin, ...], *, asks: bool) -> None:
    """Refuse a task that has no proof of a key, or would leave no pin. asks: whether the server is asked."""
    if state != ABSENT and not (pins or asks):
        raise InvalidRequest(
            "no option proves a key, and a key is never learned from an unproven server",
            cure="Set keys, fingerprints, authority, revoked, sshfp or from_rotation.",
        )
    if state == EXACT and not asks and all(pin.marker == REVOKED for pin in pins):
        raise InvalidRequest("exact: no pin would be left", cure="Set state to absent to drop all pins of a host.")


def _server(given: Params, *, asks: bool) -> Tuple[Endpoint, Optional[str]]:
    """Return the endpoint, and its name where it is a pattern, which no server has."""
    host = given["host"] or ""
    if not any(char in host for char in "*?"):
        return params.endpoint(given), None
    if asks or given["keys"] or not _PATTERN.match(host):
        raise InvalidRequest(
            f"host: {host!r} is a pattern", cure="Use a pattern only with authority and revoked; or name the host."
        )
    endpoint = params.endpoint({**given, "host": "pattern"})._replace(host=host)
    return endpoint, host_name(host, given["port"])


def _common(given: Params) -> _Common:
    comment = given["comment"]
    if comment is not None and (not comment.isprintable() or "secure_sync:" in comment):
        raise InvalidRequest(
            "comment: must be one line of plain text",
            cure="Remove line ends and control characters; set times with valid_from and valid_until.",
        )
    limits = Validity(_moment("valid_from", given["valid_from"]), _moment("valid_until", given["valid_until"]))
    _check_order(limits)
    unlimited = frozenset(option for option in ("valid_from", "valid_until") if given[option] == _NO_LIMIT)
    return _Common(None if comment is None else comment.strip(), limits, unlimited)


def _moment(option: str, text: Optional[str]) -> Optional[int]:
    if text is None or text == _NO_LIMIT:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise InvalidRequest(
            f"{option}: {text!r} is not a time in UTC",
            cure='Write it like 2026-12-31T23:59:59Z or 2026-12-31, or "none" for no limit.',
        ) from None


def _check_order(limits: Validity) -> None:
    start, end = limits.valid_from, limits.valid_until
    if start is not None and end is not None and start >= end:
        raise InvalidRequest("valid_until: is not later than valid_from", cure="Exchange the two.")


def _pins(given: Params, common: _Common) -> Tuple[FrozenSet[str], Tuple[Pin, ...]]:
    """Fingerprints and keys. In `keys` all forms of secure_sync's host_keys may stand."""
    fingerprints = [_fingerprint(text) for text in given["fingerprints"] or ()]
    pins: List[Pin] = []
    for option, mark in _MARKS.items():
        for text in given[option] or ():
            if option == "keys" and is_fingerprint(text.strip()):
                fingerprints.append(text.strip())
            else:
                pins.append(_pin(option, mark, text, common))
    _check_contradiction(pins)
    return frozenset(fingerprints), tuple(pins)


def _tls_pins(given: Params, common: _Common) -> Tuple[FrozenSet[str], Tuple[Pin, ...]]:
    """Return the same for FTPS: `keys` are written down, `fingerprints` must be shown."""
    for option in ("authority", "revoked", "sshfp", "from_rotation"):
        if given[option]:
            raise InvalidRequest(f"{option}: has no meaning over FTPS", cure="Leave it out (default(omit)).")
    fingerprints = frozenset(_tls_key("fingerprints", text).key.text for text in given["fingerprints"] or ())
    keys = [_tls_key("keys", text) for text in given["keys"] or ()]
    return fingerprints, tuple(_with_comment("keys", pin, pin.comment or "", common) for pin in keys)


def _tls_key(option: str, text: str) -> Pin:
    fields = text.split(None, 1)
    try:
        if not text.strip().isprintable():
            raise ValueError("more than a line")
        key = parse_tls_key(fields[0])
    except (IndexError, ValueError):
        raise InvalidRequest(
            f"{option}: {text[:80]!r} is not a pin of a TLS key", cure="Use sha256// and the base64 of 32 bytes."
        ) from None
    return Pin("", key, fields[1].strip() if len(fields) > 1 else "")  # type: ignore[arg-type]


def _check_contradiction(pins: List[Pin]) -> None:
    revoked = {pin.key.blob for pin in pins if pin.marker == REVOKED}
    for pin in pins:
        if pin.marker != REVOKED and pin.key.blob in revoked:
            raise InvalidRequest(
                f"revoked: {pin.key.fingerprint} is also in keys", cure="Remove it from one of the two."
            )


def _fingerprint(text: str) -> str:
    if not is_fingerprint(text.strip()):
        raise InvalidRequest(
            f"fingerprints: {text[:80]!r} is not a SHA-256 fingerprint",
            cure="Use the output of ssh-keygen -l: SHA256:...",
        )
    return text.strip()


def _pin(option: str, mark: str, text: str, common: _Common) -> Pin:
    fields = text.split(None, 3) if option == "keys" and text.startswith("@") else [mark, *text.split(None, 2)]
    try:
        if fields[0] not in ("", CERT_AUTHORITY, REVOKED) or not text.strip().isprintable():
            raise ValueError("not a key")
        key = parse_plain_key(fields[1], fields[2])
    except (IndexError, ValueError):
        raise InvalidRequest(
            f"{option}: {text[:80]!r} is not a public key", cure='Write each element as "TYPE BASE64 [comment]".'
        ) from None
    comment = fields[3].strip() if len(fields) > 3 else ""
    return _with_comment(option, Pin(fields[0], key), comment, common)


def _with_comment(option: str, pin: Pin, comment: str, common: _Common) -> Pin:
    """Apply the times in a comment to this pin only."""
    own = validity_of(comment)
    if not own.readable:
        raise InvalidRequest(f"{option}: the time in {comment[:80]!r} cannot be read", cure="Write it in UTC.")
    plain = in_comment(comment, Validity())
    limits = own if own != Validity() else common.limits
    _check_order(limits)
    if pin.marker == REVOKED:
        limits = Validity()
    wanted = common.comment if common.comment is not None else (plain or None)
    return Pin(pin.marker, pin.key, wanted, limits, frozenset() if own != Validity() else common.unlimited)

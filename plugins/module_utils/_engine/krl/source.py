# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""revoked.yml: the source of a list. Every entry has who revoked it, when, and why.

    - fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"
      by: "alice"
      at: "2026-12-01T04:00:00Z"
      reason: "laptop stolen"
    - serial: "7-12"
      ca: "ssh-ed25519 AAAA..."
      ...

People may edit the file. It is written with quoted values, so that YAML never takes a value for a number or a time.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Tuple

from ..errors import ClientMissing, InvalidRequest
from .entries import FINGERPRINT, ID, KEY, SERIAL, Revoked, by_fingerprint, by_id, by_key, by_serial

try:
    import yaml  # type: ignore[import-untyped]
except ImportError:  # an interpreter without Ansible's libraries
    yaml = None

SOURCE = "revoked.yml"
_HEAD = "# Revoked SSH keys and certificates, the source of revoked.krl: who revoked them, when, and why.\n---\n"
_RECORD = ("by", "at", "reason")
_KINDS: Dict[str, Callable[[Dict[str, str]], Revoked]] = {
    FINGERPRINT: lambda given: by_fingerprint(given[FINGERPRINT]),
    KEY: lambda given: by_key(given[KEY]),
    SERIAL: lambda given: by_serial(given["ca"], given[SERIAL]),
    ID: lambda given: by_id(given["ca"], given[ID]),
}


class Entry(NamedTuple):
    """by: the person. at: the time, in UTC."""

    revoked: Revoked
    by: str
    at: str
    reason: str


def format_source(entries: Iterable[Entry]) -> str:
    texts = [_entry(entry) for entry in entries]
    return _HEAD + ("".join(texts) or "[]\n")


def _entry(entry: Entry) -> str:
    values = {entry.revoked.kind: entry.revoked.value}
    values.update({"ca": entry.revoked.ca} if entry.revoked.ca else {})
    values.update(zip(_RECORD, entry[1:]))
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "- %s\n" % "\n  ".join(lines)


def parse_source(text: str) -> Tuple[Entry, ...]:
    """Return the entries; none for an empty text. Raises InvalidRequest, ClientMissing."""
    if not text.strip():
        return ()
    found = _loaded(text)
    if not isinstance(found, list):
        raise _unusable("must be a list of entries")
    return tuple(_parsed(number, each) for number, each in enumerate(found, 1))


def _loaded(text: str) -> Any:
    if yaml is None:
        raise ClientMissing(
            f"{SOURCE}: needs the Python library yaml", cure="Run the task with the Python of ansible-playbook."
        )
    try:
        # Every value stays text: no tags, no numbers, no times.
        return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)) or []
    except (yaml.YAMLError, ValueError) as error:
        raise _unusable(f"is not YAML: {' '.join(str(error).split())}") from None


def _parsed(number: int, given: Any) -> Entry:
    where = f"entry {number}"
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise _unusable(f"{where} is not a map of texts")
    kinds = [kind for kind in _KINDS if kind in given]
    wanted = {*kinds, *_RECORD, *(["ca"] if set(kinds) & {SERIAL, ID} else [])}
    if len(kinds) != 1 or set(given) != wanted:
        raise _unusable(f"{where} has the keys {_listed(map(str, given))}")
    try:
        return Entry(_KINDS[kinds[0]](given), *(given[name] for name in _RECORD))
    except InvalidRequest as error:
        raise _unusable(f"{where}: {error.message}") from None


def _listed(names: Iterable[str]) -> str:
    found: List[str] = sorted(names)
    return ", ".join(found) or "none"


def _unusable(fact: str) -> InvalidRequest:
    return InvalidRequest(
        f"{SOURCE}: {fact}",
        cure="Correct the file: each entry has fingerprint, key, or ca with serial or id, and by, at, reason.",
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pass of detect-secrets (Yelp), as a library: its own detectors, filters and baseline. It asks no service.

A baseline is a file of the project that is scanned: it chooses among built-in parts, and no code of its own runs.
The expressions of the library can take quadratic time, so a text has a limit of processor time.
"""

from __future__ import annotations

import io
import json
import signal
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Set, Tuple

try:
    from detect_secrets.core import scan
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import transient_settings
except ImportError:
    HAS_DETECT_SECRETS = False
else:
    HAS_DETECT_SECRETS = True

_PREFIX = "detect_secrets.filters."
_FILTERS = (
    "allowlist.is_line_allowlisted",
    "heuristic.is_indirect_reference",
    "heuristic.is_likely_id_string",
    "heuristic.is_lock_file",
    "heuristic.is_not_alphanumeric_string",
    "heuristic.is_potential_uuid",
    "heuristic.is_prefixed_with_dollar_sign",
    "heuristic.is_sequential_string",
    "heuristic.is_swagger_file",
    "heuristic.is_templated_secret",
)
"""The filters that its command line uses, without the verification of secrets against their services."""
_OURS = (_PREFIX + "common.is_baseline_file", _PREFIX + "common.is_ignored_due_to_verification_policies")
"""Filters that a baseline may name and that do not come from it: the name of its file, and no verification."""
_SPEED = 30_000
"""Characters of a text for which the library has a second of processor time."""


class UnusableBaseline(ValueError):
    """The baseline is not of detect-secrets, or has more than results, built-in detectors and built-in filters."""


class DetectorFailed(Exception):
    """The library did not read a text to its end."""


class Detected(NamedTuple):
    """One secret. type: as detect-secrets calls it."""

    line: int
    type: str
    value: str


Detector = Callable[[str, str], List[Detected]]
"""Of the path and the text of a file. Raises DetectorFailed."""


@contextmanager
def detector(baseline: Optional[str], name: str = "") -> Iterator[Detector]:
    """Yield a function that returns the secrets of a file, without the secrets that the baseline permits.

    baseline: the text of a file of detect-secrets. Its detectors and filters apply then, but never a verification.
    name: of its file, without directories
    Raises UnusableBaseline.
    """
    known = _load(baseline)
    settings, permitted = _settings(known, name), _permitted(known)
    with transient_settings(settings):
        yield lambda path, text: _detected(path, text, permitted)


def _load(baseline: Optional[str]) -> Dict[str, Any]:
    if baseline is None:
        return {}
    try:
        known = json.loads(baseline)
    except (ValueError, RecursionError):
        raise UnusableBaseline("is not JSON") from None
    if not isinstance(known, dict) or not isinstance(known.get("results"), dict):
        raise UnusableBaseline("has no results of detect-secrets")
    return known


def _settings(known: Dict[str, Any], name: str) -> Dict[str, Any]:
    classes: Dict[str, Any] = get_mapping_from_secret_type_to_class()
    builtin = [each.__name__ for each in classes.values()]
    detectors = [_detector(each, builtin) for each in _entries(known, "plugins_used")]
    named = [_filter(each) for each in _entries(known, "filters_used")] or [_PREFIX + each for each in _FILTERS]
    filters = [{"path": each} for each in named if each not in _OURS]
    if name:
        filters.append({"path": _PREFIX + "common.is_baseline_file", "filename": name})
    return {"plugins_used": detectors or [{"name": each} for each in builtin], "filters_used": filters}


def _entries(known: Dict[str, Any], key: str) -> List[Dict[str, Any]]:
    entries = known.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise UnusableBaseline(f"has {key} that are no list of mappings")
    return entries


def _detector(entry: Dict[str, Any], builtin: List[str]) -> Dict[str, Any]:
    """Return the settings of a built-in detector: its name, and the limit of those that measure the entropy."""
    name = entry.get("name")
    if name not in builtin:
        raise UnusableBaseline(f"has the detector {_shown(name)}, which is not built into detect-secrets")
    limited = str(name).endswith("HighEntropyString")
    for option, value in entry.items():
        is_limit = option == "limit" and limited and type(value) in (int, float) and 0 <= value <= 8
        if option != "name" and not is_limit and not (option == "keyword_exclude" and not value):
            raise UnusableBaseline(f"has the option {_shown({option: value})} of {name}")
    return {option: value for option, value in entry.items() if option in ("name", "limit")}


def _filter(entry: Dict[str, Any]) -> str:
    path = entry.get("path")
    if path not in _OURS and path not in [_PREFIX + each for each in _FILTERS]:
        raise UnusableBaseline(f"has the filter {_shown(path)}, which a baseline cannot choose")
    return str(path)


def _shown(value: Any) -> str:
    return json.dumps(value)[:200]


def _permitted(known: Dict[str, Any]) -> Set[Tuple[str, str]]:
    """Return type and hash of the secrets of the baseline that no audit called real."""
    permitted: Set[Tuple[str, str]] = set()
    for each in [entry for file in known.get("results", {}) for entry in _entries(known["results"], file)]:
        kind, digest = each.get("type"), each.get("hashed_secret")
        if not isinstance(kind, str) or not isinstance(digest, str):
            raise UnusableBaseline("has a result without type or hashed_secret")
        if each.get("is_secret") is not True:
            permitted.add((kind, digest))
    return permitted


def _detected(path: str, text: str, permitted: Set[Tuple[str, str]]) -> List[Detected]:
    collection = SecretsCollection()
    try:
        with _reading(path, text), _limited(1 + len(text) / _SPEED):
            collection.scan_file(path)
    except _TimeOver:
        raise DetectorFailed("was too slow") from None
    # A hostile text may find a fault of the library. pylint: disable-next=broad-exception-caught
    except Exception as error:
        raise DetectorFailed(f"failed with {type(error).__name__}") from None
    return [
        Detected(secret.line_number, secret.type, secret.secret_value or "")
        for _path, secret in collection
        if (secret.type, secret.secret_hash) not in permitted
    ]


class _Text(io.StringIO):
    name = ""


@contextmanager
def _reading(path: str, text: str) -> Iterator[None]:
    """Let the library read a text for its file: by itself it passes over a file that is not UTF-8 as a whole."""
    file = _Text(text.encode("utf-8", "replace").decode(), newline=None)
    file.name = path
    vars(scan)["open"] = lambda _path: file
    try:
        yield
    finally:
        del vars(scan)["open"]


class _TimeOver(BaseException):
    """Not an Exception, which the library might catch."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise _TimeOver after so many seconds of processor time."""

    def over(*_signal: object) -> NoReturn:
        raise _TimeOver

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

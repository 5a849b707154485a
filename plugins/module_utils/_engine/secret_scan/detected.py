# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pass of detect-secrets (Yelp), as a library: its own detectors, filters and baseline. It asks no service."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

try:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import transient_settings
except ImportError:
    HAS_DETECT_SECRETS = False
else:
    HAS_DETECT_SECRETS = True

__all__ = ["HAS_DETECT_SECRETS", "Detected", "UnusableBaseline", "detector"]

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


class UnusableBaseline(ValueError):
    """The baseline is not a file of detect-secrets."""


class Detected(NamedTuple):
    """One secret. type: as detect-secrets calls it."""

    line: int
    type: str
    value: str


Detector = Callable[[str], List[Detected]]


@contextmanager
def detector(baseline: Optional[str]) -> Iterator[Detector]:
    """Yield a function that returns the secrets of a file, without the secrets that the baseline permits.

    baseline: the text of a file of detect-secrets. Its detectors and filters apply then, but never a verification.
    Raises UnusableBaseline.
    """
    known = _load(baseline)
    with transient_settings(_settings(known)):
        permitted = _permitted(known)
        yield lambda path: _detected(path, permitted)


def _load(baseline: Optional[str]) -> Dict[str, Any]:
    if baseline is None:
        return {}
    try:
        known = json.loads(baseline)
    except ValueError:
        raise UnusableBaseline("not JSON") from None
    if not isinstance(known, dict) or not isinstance(known.get("results"), dict):
        raise UnusableBaseline("no results of detect-secrets")
    return known


def _settings(known: Dict[str, Any]) -> Dict[str, Any]:
    detectors: Dict[str, Any] = get_mapping_from_secret_type_to_class()
    plugins = known.get("plugins_used") or [{"name": each.__name__} for each in detectors.values()]
    own = [each for each in known.get("filters_used", ()) if "verif" not in each.get("path", "")]
    filters = own or [{"path": "detect_secrets.filters." + name} for name in _FILTERS]
    return {"plugins_used": plugins, "filters_used": filters}


def _permitted(known: Dict[str, Any]) -> Set[Tuple[str, str]]:
    """Return type and hash of the secrets of the baseline that no audit called real."""
    results: Dict[str, List[Dict[str, Any]]] = known.get("results", {})
    return {
        (each["type"], each["hashed_secret"])
        for entries in results.values()
        for each in entries
        if each.get("is_secret") is not True
    }


def _detected(path: str, permitted: Set[Tuple[str, str]]) -> List[Detected]:
    collection = SecretsCollection()
    collection.scan_file(path)
    return [
        Detected(secret.line_number, secret.type, secret.secret_value or "")
        for _path, secret in collection
        if (secret.type, secret.secret_hash) not in permitted
    ]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names for which an authority may sign (RFC 5280, section 4.2.1.10): every client refuses a certificate for other
names, even if the authority's key was stolen."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

try:  # noqa: SIM105 - the check of imports looks for this form; see also require_cryptography
    from cryptography import x509
except ImportError:
    pass

from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain

_ALL_ADDRESSES = ("0.0.0.0/0", "::/0")


def constraints_for(domains: Sequence[str]) -> Any:
    """Return the extension that permits domains with the names below them, and networks. Raise InvalidRequest."""
    networks = [found for found in map(_network, domains) if found]
    names = [domain for domain in domains if not _network(domain)]
    if not names:
        raise InvalidRequest("domains: no domain is given", cure="Set domains to at least one domain.")
    # Without a permitted network, addresses would not be limited at all.
    excluded = [] if networks else [x509.IPAddress(ipaddress.ip_network(each)) for each in _ALL_ADDRESSES]
    permitted = [*map(_domain, names), *map(x509.IPAddress, networks)]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded or None)


def constraints_of(certificate: Any) -> Any:
    """Return the extension of an authority's certificate; None if it has none."""
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def require_permitted(names: Iterable[Any], certificate: Any) -> None:
    """Raise InvalidRequest if the constraints of an authority exclude a name, given as cryptography has them."""
    constraints = constraints_of(certificate)
    refused = [str(name.value) for name in names if constraints and not _permits(constraints, name)]
    if refused:
        raise InvalidRequest(
            f"names: {plain(refused[0])} is outside the name constraints of the authority",
            cure="Correct the names, or set the directory of the authority to a new directory.",
        )


def _network(domain: str) -> Any:
    try:
        return ipaddress.ip_network(domain)
    except ValueError:
        return None


def _domain(name: str) -> Any:
    try:
        return x509.DNSName(name.lstrip("."))
    except ValueError:
        raise InvalidRequest(
            f"domains: {plain(name)} is neither a domain nor a network", cure="Correct domains."
        ) from None


def _permits(constraints: Any, name: Any) -> bool:
    same_kind = [each for each in constraints.permitted_subtrees or () if isinstance(name, type(each))]
    excluded = any(_is_below(name, each) for each in constraints.excluded_subtrees or ())
    return not excluded and (not same_kind or any(_is_below(name, each) for each in same_kind))


def _is_below(name: Any, tree: Any) -> bool:
    base = tree.value
    if isinstance(name, x509.IPAddress):
        return isinstance(base, ipaddress.IPv4Network | ipaddress.IPv6Network) and name.value in base
    if not isinstance(base, str):
        return False
    own = str(name.value).removeprefix("*.").lower()
    return own == base.lower() or own.endswith("." + base.lower().lstrip("."))

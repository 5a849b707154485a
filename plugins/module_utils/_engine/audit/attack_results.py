# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks from the controller, in the controls that they contradict.

Control 9.2 needs the attacks. Every other control is measured without them, and fails by an attack that the server did
not refuse: a host cannot hide that behind its settings.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, List, Mapping

from .control import Check, Gap, NotMeasured, Subject

_SEVERE = ("critical", "high", "medium")
_MODULES: Mapping[str, str] = {"ssh_attacks": "ssh_probe", "attacks": "jail_probe", "tls": "tls_policy"}


def attacked(kind: str, what: str, *ids: str) -> Check:
    """Return the check that no attack of these findings succeeded, if the attacks were made."""
    return Check(kind, (what,), lambda subject: failed(subject, what, ids), optional=True)


def failed(subject: Subject, what: str, ids: Iterable[str]) -> Iterator[Gap]:
    """Yield the findings of a module with these ids; each names its module and its id."""
    for each in _findings(subject.values[what]):
        if each["id"] in ids and each["severity"] in _SEVERE:
            shown = "%s: %s: %s" % (_MODULES[what], each["id"], each["observed"])
            yield Gap(shown, each["wanted"], each["severity"])


def _findings(value: Any) -> List[Mapping[str, str]]:
    """Return the findings of one result, or of a list of results."""
    return [each for result in (value if isinstance(value, list) else [value]) for each in result["findings"]]


def require_chain(tls: Mapping[str, Any]) -> None:
    """Raise NotMeasured if tls_policy could not check the certificates: it measured no TLS then. Data connections are
    left out without a password."""
    for each in tls["not_checked"]:
        if each["what"] == "chain":
            raise NotMeasured("tls: %s was not checked: %s" % (each["what"], each["why"]))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ages of keys, certificates and lists and their limits, for the bars of the page."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple, Tuple

from .control import NotMeasured
from .forms import FORMS, fits
from .observation import Observation
from .policy import Policy
from .row import Row
from .values import moment


class Age(NamedTuple):
    """age, most: seconds. most: the limit."""

    host: str
    item: str
    age: float
    most: float


def ages(row: Row, policy: Policy, now: float) -> Tuple[Age, ...]:
    """Return the ages of a row whose control is about ages; none for other rows."""
    return tuple(age for each in row.observations for age in _of(row.control, each, policy, now))


def _of(control: str, seen: Observation, policy: Policy, now: float) -> Iterator[Age]:
    measure = _MEASURES.get((control, seen.what))
    if measure is None or not fits(seen.value, FORMS[seen.what]):
        return
    try:
        found = [Age(seen.host, *each) for each in measure(seen.value, policy, now)]
    except NotMeasured:
        return
    yield from (each for each in found if each.age >= 0)  # a future time has no age, and is a finding


def _keys(value: Any, policy: Policy, now: float) -> Iterator[Tuple[str, float, float]]:
    for each in value:
        if each["kind"] != "directory":
            yield each["path"], now - moment(each["changed"]), policy.key_max_age


def _certificates(value: Any, policy: Policy, now: float) -> Iterator[Tuple[str, float, float]]:
    for each in value["certificates"]:
        begun, ends = moment(each["not_before"]), moment(each["not_after"])
        yield "certificate until %s" % each["not_after"][:10], now - begun, ends - begun - policy.certificate_min_left


def _list(value: Any, policy: Policy, now: float) -> Iterator[Tuple[str, float, float]]:
    if value["form"] == "krl":
        yield value["path"], now - moment(value["date"]), policy.revocation_list_max_age


_MEASURES: Mapping[Tuple[str, str], Any] = {
    ("5.3", "key_files"): _keys,
    ("5.3", "tls"): _certificates,
    ("10.1", "revocation_list"): _list,
}

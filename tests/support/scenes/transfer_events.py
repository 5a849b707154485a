# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Four weeks of a server as events: a nightly batch, an office, a feed, a rare partner, attackers, alerts; and names
that try to break out of a page."""

from __future__ import annotations

__all__ = ["FAILED", "HOSTILE", "SINCE", "UNTIL", "four_weeks"]

from collections.abc import Iterator
from random import Random

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    FAILURE,
    LOGIN,
    LOGIN_FAILED,
    SESSION_SUMMARY,
    UPLOAD,
    Alert,
    Event,
    Summary,
)

from .transfer_accounts import FIRST_DAY, history

SINCE, UNTIL = FIRST_DAY * 86400, (FIRST_DAY + 28) * 86400
FAILED = 400
HOSTILE = "<script>document.title='taken'</script>\"'\u202e&"
"""A name of an account, of a file, of everything."""
_ACCOUNTS = {"acme-nightly": "nightly", "design-office": "people", "sensor-feed": "feed", "audit-partner": "rare"}


def four_weeks() -> Iterator[Event]:
    """Yield the events, account by account."""
    random = Random(1)
    for account, kind in _ACCOUNTS.items():
        for hour, size in enumerate(history(kind, 28, 3)):
            if size:
                yield from _session(random, account, kind, SINCE + hour * 3600 + random.randrange(3500), size)
    yield from _hostile()
    for number in range(FAILED):
        address = f"203.0.113.{number % 7 if number % 3 else 9}"
        name = random.choice(["root", "admin", HOSTILE])
        yield Event(UNTIL - 60 - number * 3000, LOGIN_FAILED, FAILURE, name, address)
    yield from _alerts()


def _session(random: Random, account: str, kind: str, moment: float, size: int) -> Iterator[Event]:
    office = kind == "people"
    address = f"198.51.100.{random.randrange(4)}" if office else f"192.0.2.{len(account)}"
    key = "SHA256:" + (kind * 11)[:43]
    yield Event(moment, LOGIN, account=account, address=address, key=key)
    path = f"/in/{kind}-{int(moment)}.parquet".encode()
    yield Event(moment + 20, UPLOAD, account=account, address=address, path=path, received=size)
    work = Summary(moment, random.randrange(1, 40), 3 * office, 2 * office, read_back=size if kind == "nightly" else 0)
    yield Event(
        moment + 30,
        SESSION_SUMMARY,
        "success",
        account,
        address,
        key=key,
        received=size,
        sent=office * size // 2,
        summary=work,
    )


def _hostile() -> Iterator[Event]:
    path = b"/in/" + HOSTILE.encode() + b"\xff\n"
    yield Event(UNTIL - 9000, UPLOAD, account=HOSTILE, address=HOSTILE, path=path, received=99)
    yield Event(UNTIL - 8000, SESSION_SUMMARY, account=HOSTILE, received=99, summary=Summary(UNTIL - 9000, 1))


def _alerts() -> Iterator[Event]:
    theft = Alert("volume_hour", "20.4 GiB of uploads in this hour", "at most 2.3 GiB (machine)", 28, 0)
    yield Event(UNTIL - 200_000, UPLOAD, account="acme-nightly", alert=theft)
    source = Alert("first_seen_source", "source 203.0.113.77", "the source that the account used before", 28, 0)
    yield Event(UNTIL - 400_000, LOGIN, account="audit-partner", address="203.0.113.77", alert=source)
    yield Event(UNTIL - 500_000, LOGIN, account=HOSTILE, alert=Alert("no_baseline", HOSTILE, "unknown", 0, None))

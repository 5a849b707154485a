# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation of the key and certificate of the FTPS server of this host, one step at a time.

There is no record besides the stored keys and the served key (`phases`, `store`). Between the steps other tasks update
the clients.

1. `begin` makes a first key if there is none.
2. "advanced" makes a key if its time has come, and a request for each key that needs a certificate. An authority signs
   it elsewhere; `certify` puts the certificate down after a check.
3. "promoted" serves the new files: one rename changes key and certificate together. The caller proves them from
   outside.
4. "confirmed" records the proof; "taken_back" serves the former files again if the proof failed.
5. "finished" removes the old key when its time is over and no client is behind.

A certificate that ends soon is renewed with the same key, in any phase: no pin changes.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, List, NamedTuple, Optional, Sequence

from ...errors import CertificateNotRotatable
from ...ftps_service.key_pair import load_key_pair, pem_chain
from .openssl_keys import Subject
from .phases import (
    ANNOUNCED,
    IDLE,
    PROMOTED,
    Rotation,
    Schedule,
    due_at,
    is_due,
    issue_trouble,
    renewal_at,
)
from .store import Generation, Place, Store

PROMOTION, RENEWAL = "promotion", "renewal"


class Request(NamedTuple):
    """The request.

    held: whether a client lacks a pin
    passphrase: of the keys, "" if there is none
    """

    place: Place
    subject: Subject
    schedule: Schedule
    held: bool
    passphrase: str = ""


class Exchange(NamedTuple):
    """Files that can be served now. kind: PROMOTION of another key, or RENEWAL of the certificate."""

    kind: str
    generation: Generation


class Report(NamedTuple):
    """The result of a step.

    next_at: when the next phase may begin
    renew_at: when the certificate must be renewed
    wanted: keys that an authority must sign, each with why it is not done
    late: whether the certificate ends soon and none is at hand
    retiring: whether the old key's time is over
    changes: made or, in check mode, to be made
    """

    rotation: Rotation
    next_at: float
    renew_at: float
    wanted: Sequence[Wanted]
    exchange: Optional[Exchange]
    late: bool
    unproven: bool
    retiring: bool
    changes: Sequence[str]


class Wanted(NamedTuple):
    """A generation that waits for a certificate, and why its present file is not usable."""

    generation: Generation
    why: str


class _Run(NamedTuple):
    """A step under way."""

    request: Request
    store: Store
    now: float
    check_mode: bool
    changes: List[str]

    def do(self, change: str, work: Callable[[], object]) -> None:
        """Note it and, but in check mode, do it."""
        self.changes.append(change)
        if not self.check_mode:
            work()

    def rotation(self) -> Rotation:
        return Rotation(self.store.current(), self.store.others(), self.store.since())


Step = Callable[[_Run], Optional[Rotation]]
"""Makes changes, and returns the state that they would have if check mode did not prevent them."""


def begin(request: Request, now: float, *, check_mode: bool) -> Sequence[str]:
    """Make a first key if there is no certificate, and return the changes. Raises SyncError."""
    run = _opened(request, now, check_mode=check_mode)
    if run.store.empty:
        run.do("made: a first key", lambda: run.store.begin(request.subject, now))
    return run.changes


def _opened(request: Request, now: float, *, check_mode: bool) -> _Run:
    return _Run(request, Store(request.place, request.passphrase), now, check_mode, [])


def _started(request: Request, now: float, *, check_mode: bool) -> _Run:
    run = _opened(request, now, check_mode=check_mode)
    run.store.require_pair()
    return run


def step_of(state: str, request: Request, now: float, *, check_mode: bool) -> Report:
    """Take the step that leads to a state, one of STEPS. Raises SyncError."""
    run = _started(request, now, check_mode=check_mode)
    return _report(run, STEPS[state](run) or run.rotation())


def certify(request: Request, text: str, now: float, *, check_mode: bool) -> Report:
    """Put down a certificate for the key that it is of, as PEM with its intermediate authorities. Raises SyncError."""
    run = _started(request, now, check_mode=check_mode)
    rotation = run.rotation()
    facts = pem_chain(text)
    waiting = {each.pin: each for each in (rotation.current, rotation.successor) if each is not None}
    generation = waiting.get(facts[0].pin) if facts else None
    if generation is None:
        raise CertificateNotRotatable(
            "certificate: is not for a pending key", cure="Have it issued for one of the requests."
        )
    why = issue_trouble(generation._replace(issued=facts[0]), rotation.current, request.subject.names, now)
    if why:
        raise CertificateNotRotatable(f"the certificate cannot be served: {why}", cure="Have it issued again.")
    if generation.issued != facts[0]:
        run.do(f"put down: {generation.issued_file}", lambda: run.store.keep_issued(generation, text))
    return _report(run, run.rotation())


def _observed(_run: _Run) -> None:
    """Nothing is done."""


def _advanced(run: _Run) -> Optional[Rotation]:
    """Make the key that is due, and the requests for certificates that are."""
    rotation, subject, store = run.rotation(), run.request.subject, run.store
    successor = rotation.successor
    makes = rotation.phase == IDLE and is_due(rotation, run.request.schedule, run.now)
    renews = _renewal_due(run, rotation.current) and not _asked(rotation.current, subject)
    if store.littered:
        run.do("removed: half a key", store.sweep)
    if (makes or renews) and not store.adopted:
        run.do(f"taken over: {run.request.place.directory}", lambda: store.adopt(run.now))
    if makes:
        run.do("made: a new key", lambda: store.make(subject, run.now))
    if renews:
        run.do(_asking(rotation.current), lambda: store.ask(store.current(), subject))
    if successor is not None and not _asked(successor, subject):
        run.do(_asking(successor), lambda: store.ask(successor, subject))
    imagined = [Generation("", run.now, run.now)] if makes else []
    return rotation._replace(others=[*rotation.others, *imagined]) if run.check_mode else None


def _promoted(run: _Run) -> None:
    """Serve the files that can be served."""
    exchange = _exchange(run, run.rotation())
    if exchange is None:
        raise CertificateNotRotatable("no other certificate can be served", cure="See the report for the next step.")
    generation = exchange.generation
    load_key_pair(generation.issued_file, generation.key_file, run.request.passphrase)
    run.do(f"served: {exchange.kind} of {generation.pin}", lambda: run.store.promote(generation))


def _taken_back(run: _Run) -> None:
    """Serve again the files from before the unproven change."""
    rotation = run.rotation()
    to = rotation.current if run.store.renewed else rotation.former
    if not run.store.unproven or to is None:
        return
    run.do(f"taken back to: {to.pin}", lambda: run.store.take_back(to))


def _confirmed(run: _Run) -> None:
    """Record that the served files are proven."""
    if run.store.unproven:
        run.do(f"proven: {run.rotation().current.pin}", run.store.confirm)


def _finished(run: _Run) -> None:
    """Remove keys whose time is over, when no client has their pins."""
    rotation = run.rotation()
    if not _retiring(run, rotation) or run.request.held:
        return
    for each in rotation.others:
        if each.announced < rotation.current.announced:
            run.do(f"removed: {each.directory}", partial(run.store.remove, each))


STEPS = {
    "observed": _observed,
    "advanced": _advanced,
    "promoted": _promoted,
    "taken_back": _taken_back,
    "confirmed": _confirmed,
    "finished": _finished,
}


def _report(run: _Run, rotation: Rotation) -> Report:
    schedule, exchange = run.request.schedule, _exchange(run, rotation)
    renew_at = renewal_at(rotation.current, schedule)
    late = renew_at + schedule.renew_before / 2 <= run.now and exchange is None
    return Report(
        *(rotation, due_at(rotation, schedule), renew_at, _wanted(run, rotation), exchange),
        *(late, run.store.unproven, _retiring(run, rotation), run.changes),
    )


def _exchange(run: _Run, rotation: Rotation) -> Optional[Exchange]:
    request, successor = run.request, rotation.successor
    ready = rotation.phase == ANNOUNCED and is_due(rotation, request.schedule, run.now) and not request.held
    if ready and successor is not None and not _trouble(run, successor, rotation):
        return Exchange(PROMOTION, successor)
    if _renewal_due(run, rotation.current) and not _trouble(run, rotation.current, rotation):
        return Exchange(RENEWAL, rotation.current)
    return None


def _wanted(run: _Run, rotation: Rotation) -> List[Wanted]:
    both = [each for each in (rotation.current, rotation.successor) if each is not None]
    asked = [each for each in both if each.request is not None and (each.issued is None or each.issued != each.served)]
    found = [Wanted(each, _trouble(run, each, rotation)) for each in asked]
    return [each for each in found if each.why]


def _trouble(run: _Run, generation: Generation, rotation: Rotation) -> str:
    return issue_trouble(generation, rotation.current, run.request.subject.names, run.now)


def _retiring(run: _Run, rotation: Rotation) -> bool:
    return rotation.phase == PROMOTED and is_due(rotation, run.request.schedule, run.now) and not run.store.unproven


def _renewal_due(run: _Run, current: Generation) -> bool:
    return renewal_at(current, run.request.schedule) <= run.now


def _asked(generation: Generation, subject: Subject) -> bool:
    return generation.request is not None and set(generation.request.names) == set(subject.names)


def _asking(generation: Generation) -> str:
    return f"asked for: a certificate of {generation.pin}"

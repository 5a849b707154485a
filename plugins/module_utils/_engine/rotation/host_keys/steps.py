# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation of the host keys of this host: observed, advanced by one step, and finished.

A rotation has no record of its own. The files on disk and sshd's configuration show its phase, so that a killed run
can simply be run again:

    idle        one key
    made        a successor is in a second file, with its time in the name, and is not served
    announced   it is served after the key that clients see: they learn it (hostkeys-00)
    promoted    it is served first: clients see it, and still learn the old key
    retired     it has replaced the old key too; its own file is removed when every client has dropped the old key

1. `observe` asks sshd for its HostKey lines with and without the drop-ins of this collection, and looks for the
   successor of each key (`host_key_file`). Host certificates and keys in an agent are refused.
2. `advance` takes each rotation that is due one step on: make a successor and serve it second, so that clients learn
   it; serve it first; put it in the old key's place. Steps that rely on a client's knowledge wait until every client
   has the new key.
3. The caller changes the served keys with sshd_change, with the text and the order of the report: that change has a
   rollback. Then it has the clients learn the keys.
4. `finish` removes second files of keys that are served from their own places.

"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence

from ...errors import NotRotatable, SshdMissing
from ...model.utc import parse_utc, utc
from ...sshd import daemon
from ...sshd.daemon import Client, Effective
from ...sshd.stage import File, read, staged
from ...trust.fingerprint import PublicKey
from .host_key_file import KINDS, HostKey, check_place, install, look, make, remove, successor_path, successors

# Around the files of the role sftp_server and others: of the keys of one type sshd shows the first.
FIRST = "/etc/ssh/sshd_config.d/04-secure_ftp_synchronize_host_keys.conf"
LAST = "/etc/ssh/sshd_config.d/96-secure_ftp_synchronize_host_keys.conf"
_HEAD = "# Managed by Ansible (secure.ftp_synchronize.host_key_rotation): changes are overwritten.\n"
_NOTE = re.compile(r"^# ([a-z0-9]+) (announced|promoted) ([0-9TZ:-]+)$", re.M)

_ANYBODY = Client("root", "127.0.0.1")
_NOT_YET = PublicKey("", b"")
"""The public half of a key that a run in check mode does not make."""
IDLE, MADE, ANNOUNCED, PROMOTED, RETIRED = "idle", "made", "announced", "promoted", "retired"
_NEXT = {IDLE: ANNOUNCED, MADE: ANNOUNCED, ANNOUNCED: PROMOTED, PROMOTED: RETIRED}
_NEED_CLIENTS = (ANNOUNCED, PROMOTED)
_LONG_AGO = 0.0


class Request(NamedTuple):
    """The request. held: whether a client lacks the new keys."""

    kinds: Sequence[str]
    schedule: Schedule
    held: bool


class Report(NamedTuple):
    """The result of a step.

    host_keys: the HostKey lines that sshd must have
    serving: whether it has them
    drop_ins: the files with them, None for no file
    changes: made or, in check mode, to be made
    """

    rotations: Sequence[Rotation]
    host_keys: Sequence[str]
    serving: bool
    drop_ins: Mapping[str, Optional[str]]
    changes: Sequence[str]


class _Present(NamedTuple):
    """The present HostKey lines.

    base, served: HostKey lines of the rest of the configuration, and all of them
    implied: whether the rest has none, and sshd uses its defaults
    """

    base: List[str]
    served: List[str]
    implied: bool
    rotations: List[Rotation]


def observe(request: Request, now: float) -> Report:
    """Return the phases of the rotations. Raises SyncError."""
    present = _present(request, now)
    return _report(present, present.rotations, [])


def advance(request: Request, now: float, *, check_mode: bool) -> Report:
    """Take each rotation that is due one step on, as far as files go. Raises SyncError."""
    present = _present(request, now)
    changes: List[str] = []
    after = []
    for rotation in present.rotations:
        following = advanced(rotation, request.schedule, now, held=request.held)
        after.append(_carried_out(rotation, following, changes, check_mode=check_mode))
    return _report(present, after, changes)


def finish(request: Request, now: float, *, check_mode: bool) -> Report:
    """Remove the second files of keys that are in their places and, by those, served. Raises SyncError."""
    present = _present(request, now)
    changes: List[str] = []
    after = []
    for rotation in present.rotations:
        over = rotation.phase == RETIRED and rotation.path in present.served
        paths = [key.path for key in successors(rotation.path) if key.path not in present.served] if over else []
        changes += [f"removed: {path}" for path in paths]
        if not check_mode:
            for path in paths:
                remove(path)
        after.append(rotation._replace(phase=IDLE, successor=None) if over else rotation)
    return _report(present, after, changes)


def _report(present: _Present, rotations: Sequence[Rotation], changes: Sequence[str]) -> Report:
    keys = host_keys(present.base, rotations)
    return Report(
        rotations, keys, keys == present.served, drop_ins(rotations, present.base if present.implied else ()), changes
    )


def _carried_out(before: Rotation, after: Rotation, changes: List[str], *, check_mode: bool) -> Rotation:
    if before.phase == IDLE and after.phase == ANNOUNCED:
        path = successor_path(after.path, after.since)
        changes.append(f"made: {path}")
        key = HostKey(path, _NOT_YET, after.since) if check_mode else make(after.kind, path, after.since)
        return after._replace(successor=key)
    if before.phase == PROMOTED and after.phase == RETIRED and after.successor is not None:
        changes.append(f"put in place: {after.path}")
        if not check_mode:
            install(after.successor, after.path)
        return after._replace(standing=after.successor._replace(path=after.path))
    return after


def _present(request: Request, now: float) -> _Present:
    if not daemon.installed():
        raise SshdMissing("sshd is not installed", cure="Install the OpenSSH server.")
    with staged({FIRST: File(None), LAST: File(None)}) as stage:
        rest = daemon.effective(_ANYBODY, stage.config)
        _refuse(rest)
        base, served = _served(rest), _served(daemon.effective(_ANYBODY))
        # With one more line, existing lines stay, and sshd's defaults without lines no longer apply.
        stage.put({FIRST: File(f"HostKey {next(filter(look, base), base[0])}\n")})
        implied = len(_served(daemon.effective(_ANYBODY, stage.config))) == 1
    noted = notes((read(FIRST) or "") + (read(LAST) or ""))
    keys = {path: look(path) for path in base}
    seen = []
    for kind in dict.fromkeys(request.kinds):
        path = _place(kind, keys)
        check_place(path)
        seen.append(Seen(kind, path, keys[path], _successor(path, served), served, noted.get(kind)))
    return _Present(base, served, implied, [standing_at(each, now) for each in seen])


def _served(found: Effective) -> List[str]:
    return list(found.get("hostkey", ()))


def _successor(path: str, served: Sequence[str]) -> Optional[HostKey]:
    """Return the served successor, or else the newest."""
    found = successors(path)
    return next((key for key in found if key.path in served), found[0] if found else None)


def _place(kind: str, keys: Dict[str, Optional[HostKey]]) -> str:
    """Return the file of the key of a type that clients see; if there is none, the default file."""
    for path, key in keys.items():
        if key is not None and key.public.key_type == KINDS[kind]:
            return path
    usual = f"/etc/ssh/ssh_host_{kind}_key"
    if usual in keys:
        return usual
    raise NotRotatable(
        f"types: sshd is configured without a key of the type {kind}",
        cure=f"Add a HostKey line for {usual}, or remove the type.",
    )


def _refuse(found: Effective) -> None:
    if found.get("hostcertificate", ("none",)) != ("none",):
        raise NotRotatable(
            "this host uses host certificates, which are bound to a key",
            cure="Have the authority sign a certificate for a new key; clients that trust it need no pin.",
        )
    if found.get("hostkeyagent", ("none",)) != ("none",):
        raise NotRotatable(
            "the host keys are in an agent (HostKeyAgent)", cure="Rotate them there, and announce both keys meanwhile."
        )


def drop_ins(rotations: Sequence[Rotation], implied: Sequence[str]) -> Mapping[str, Optional[str]]:
    """Return the texts of the files that are there while a key is rotated, None for no file.

    implied: the keys that sshd serves as long as no line names any

    A key that others name is not named again: sshd would announce it twice, which no client takes.
    """
    promoted, announced = followers(rotations, PROMOTED), followers(rotations, ANNOUNCED)
    first = [*promoted, *(implied if promoted or announced else ())]
    return {FIRST: _text(first, rotations, PROMOTED), LAST: _text(announced, rotations, ANNOUNCED)}


def _text(paths: List[str], rotations: Sequence[Rotation], phase: str) -> Optional[str]:
    if not paths:
        return None
    chosen = [each for each in rotations if each.phase == phase]
    noted = "".join(f"# {each.kind} {phase} {utc(each.since)}\n" for each in chosen)
    return _HEAD + noted + "".join(f"HostKey {path}\n" for path in paths)


def notes(text: str) -> Dict[str, Note]:
    found: Dict[str, Note] = {}
    for kind, phase, since in _NOTE.findall(text):
        with suppress(ValueError):  # an edited note does not count
            found[kind] = Note(phase, parse_utc(since))
    return found


class Schedule(NamedTuple):
    """Seconds: the age at which a key is followed by another, how long that is announced, and the overlap."""

    max_age: float
    announce: float
    overlap: float


class Note(NamedTuple):
    """The note in the drop-in for a type: the phase that it made, and when."""

    phase: str
    since: float


class Seen(NamedTuple):
    """The present state of a type. served: the HostKey lines of sshd's configuration, in their order."""

    kind: str
    path: str
    standing: Optional[HostKey]
    successor: Optional[HostKey]
    served: Sequence[str]
    note: Optional[Note]


class Rotation(NamedTuple):
    """Where a type stands.

    path: the file of the standing key
    since: when the phase began, where that counts
    """

    kind: str
    path: str
    standing: Optional[HostKey]
    successor: Optional[HostKey]
    phase: str
    since: float


def standing_at(seen: Seen, now: float) -> Rotation:
    """Return the phase of a rotation. A time that is not noted, or lies in the future, is now: nothing goes too
    early."""
    phase = _phase(seen)
    noted = seen.note is not None and seen.note.phase == phase and seen.note.since <= now
    since = seen.note.since if seen.note is not None and noted else now
    return Rotation(seen.kind, seen.path, seen.standing, seen.successor, phase, since)


def due_at(rotation: Rotation, schedule: Schedule) -> Optional[float]:
    """Return when the next phase may begin; None if it waits only for the clients."""
    if rotation.phase == RETIRED:
        return None
    if rotation.phase == ANNOUNCED:
        return rotation.since + schedule.announce
    if rotation.phase == MADE or rotation.standing is None:
        return _LONG_AGO
    return rotation.standing.made + schedule.max_age if rotation.phase == IDLE else rotation.since + schedule.overlap


def advanced(rotation: Rotation, schedule: Schedule, now: float, *, held: bool) -> Rotation:
    """Return the same, or the next phase if it is time. held: a client lacks the new key, so that it may not be relied
    on."""
    due = due_at(rotation, schedule)
    if due is None or due > now or (held and rotation.phase in _NEED_CLIENTS):
        return rotation
    return rotation._replace(phase=_NEXT[rotation.phase], since=now)


def followers(rotations: Sequence[Rotation], phase: str) -> List[str]:
    return [each.successor.path for each in rotations if each.successor is not None and each.phase == phase]


def host_keys(base: Sequence[str], rotations: Sequence[Rotation]) -> List[str]:
    """Return the HostKey lines for these rotations. base: the lines of the rest of the configuration.

    Of two keys of one type sshd shows the first, and announces both.
    """
    return [*followers(rotations, PROMOTED), *base, *followers(rotations, ANNOUNCED)]


def _phase(seen: Seen) -> str:
    if seen.successor is None:
        return IDLE
    if seen.standing is not None and seen.standing.public == seen.successor.public:
        return RETIRED
    if seen.successor.path not in seen.served:
        return MADE
    before = seen.served[: seen.served.index(seen.successor.path)]
    # If the old key was removed by hand, clients already see the new key.
    return PROMOTED if seen.standing is None or seen.path not in before else ANNOUNCED

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of sshd's configuration that cannot lock its owner out.

`apply`:

1. Undo a change that still waits for confirmation.
2. Lay the new files over a copy of the configuration, and ask sshd about the copy (`stage`, `daemon`). Refuse it if a
   setting would not take effect, the owner of this login could not log in, or a new port is in use.
3. Save the present files, and start the rollback: a timer, and a unit that runs at a boot (`rollback`).
4. Write the files, test again, reload sshd, and wait until it listens on all its ports. Then remove lines of PAM that
   sshd needed until now. After any error, restore the saved files at once.

The change then waits for its confirmation (`rollback`): without it, the timer restores the saved files, also if the
controller has died.

Where no login can confirm, because the controller reaches the host without SSH, the host tries the copy itself and
refuses a change after which no administrator could log in. The change then needs no confirmation. sshd serves the
configuration to one client on this host over a pipe, without a port. The client accepts only the host keys of this
host, and logs in nowhere: it must come to the point at which sshd offers the login by key.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import NotAsWanted, NotConfirmed, NotOverSsh, OwnerLockedOut, PortTaken
from ..system.program import ask_program
from . import daemon, keys, session, views
from . import rollback as guard
from .administrators import LOOPBACK, all_excluded
from .daemon import CONFIG, SSHD, Client, Version, effective, listening_unit, take_up
from .plan import WHOLE_FILE, Request, expectations, files
from .stage import File, Files, Stage, configuration_files, read, staged, write
from .wanted import Difference, Expectation, differences, owner_refused

UNPROVEN = (
    "the change of sshd's configuration was not confirmed by a login, because this connection does not use SSH. The "
    "host itself tried the configuration: sshd serves it and offers the login by key. Not proven: that an "
    "administrator can log in over SSH"
)
_NAME = "trial"
_OFFERED = re.compile(r"Permission denied \(([^()]*)\)")
_SECONDS = 30.0


class Report(NamedTuple):
    """The result of a change.

    changes: path -> the text before and after; of the moduli, their numbers
    host_keys: changes of host keys
    notes: further requirements of the profile
    owner: the account that logged in
    """

    changes: Mapping[str, Tuple[str, str]]
    host_keys: Sequence[str]
    notes: Sequence[str]
    owner: str
    waiting: bool

    @property
    def changed(self) -> bool:
        """Return whether anything changed or, in check mode, would."""
        return bool(self.changes or self.host_keys)


class _Plan(NamedTuple):
    owner: Client
    files: Dict[str, File]
    expected: List[Expectation]
    new_keys: List[str]
    open_keys: List[str]
    notes: List[str]

    def report(self, *, waiting: bool) -> Report:
        changes = {path: (_shown(path, read(path)), _shown(path, file.text)) for path, file in self.files.items()}
        host_keys = [f"host key made: {path}" for path in self.new_keys]
        host_keys += [f"host key closed to others: {path}" for path in self.open_keys]
        return Report(changes, host_keys, self.notes, self.owner.user, waiting and bool(changes or host_keys))


def _shown(path: str, text: Optional[str]) -> str:
    return keys.moduli_counted(text or "") if path == keys.MODULI else text or ""


def apply(request: Request, *, check_mode: bool) -> Report:
    """Make the change; it then waits to be confirmed. Raises SyncError with nothing changed, or changed back."""
    if guard.pending() is not None and not check_mode:
        guard.restore()
    plan = _plan(request, daemon.version())
    report = plan.report(waiting=not check_mode and not request.by_trial)
    if report.changed and not check_mode:
        _carry_out(plan, request)
        if request.by_trial and not guard.disarm():
            raise NotConfirmed("the change took too long: it was undone", cure="Raise confirm_timeout.")
    return report


def verify(request: Request) -> List[Difference]:
    """Return the differences between the present configuration and the expectations; nothing is changed."""
    return differences(expectations(request, daemon.version(), _owner(by_trial=True)), CONFIG)


def undo() -> bool:
    """Restore the previous files if a change is pending; return whether the last change was undone, now or before."""
    if guard.pending() is not None:
        guard.restore()
    return guard.restored()


def _plan(request: Request, version: Version) -> _Plan:
    owner = _owner(by_trial=request.by_trial)
    wanted, expected = files(request, version), expectations(request, version, owner)
    with staged(wanted) as stage:
        found = _asked(stage, expected)
        if found and request.profile is not None and request.layout != WHOLE_FILE:
            wanted = files(request, version, include=True)
            stage.put({CONFIG: wanted[CONFIG]})
            found = _asked(stage, expected)
        if found:
            raise _not_as_wanted(found)
        _let_the_owner_in(owner, stage.config, by_trial=request.by_trial)
        _refuse_taken_ports(owner, stage.config)
        changed = _differing(wanted)
        if request.by_trial and changed:
            try_configuration(stage.config)
    new = keys.missing() if request.profile is not None else []
    open_keys = keys.open_keys() if request.profile is not None else []
    notes = keys.too_short(request.profile.rsa_bits) if request.profile is not None else []
    notes += [UNPROVEN] if request.by_trial and changed else []
    return _Plan(owner, changed, expected, new, open_keys, notes)


def _owner(*, by_trial: bool) -> Client:
    """Return the account of this login; without SSH root stands for it, if no login has to confirm the change."""
    try:
        return session.owner()
    except NotOverSsh:
        if not by_trial:
            raise
        return Client("root", LOOPBACK)


def _asked(stage: Stage, expected: Sequence[Expectation]) -> List[Difference]:
    daemon.check(stage.config)
    return differences(expected, stage.config)


def _differing(wanted: Files) -> Dict[str, File]:
    return {path: file for path, file in wanted.items() if read(path) != file.text}


def _let_the_owner_in(owner: Client, config: str, *, by_trial: bool) -> None:
    excluded = all_excluded(config) if by_trial else ""
    if excluded:
        raise OwnerLockedOut(
            f"no administrator could log in over SSH any more: {excluded}",
            cure="Allow one of them to log in; nothing was changed.",
        )
    refused = "" if by_trial else owner_refused(owner, config)
    if refused:
        raise OwnerLockedOut(
            f"{owner.user}, who makes this change, could no longer log in: {refused}",
            cure="Log in with an allowed account, or allow this account; nothing was changed.",
        )


def _refuse_taken_ports(owner: Client, config: str) -> None:
    """Refuse a port that is new to sshd and has a listener: with it, sshd or its socket would not start."""
    new = views.ports_of(daemon.effective(owner, config)) - views.ports_of(daemon.effective(owner))
    taken = new & set(views.sockets().values())
    if taken:
        raise PortTaken(
            f"port {', '.join(map(str, sorted(taken)))} is already in use",
            cure="Set another port for sshd, or stop the service on it; nothing was changed.",
        )


def _not_as_wanted(found: Sequence[Difference]) -> NotAsWanted:
    overridden = [f"{each.keyword} for {each.user} would be {each.found}, not {each.wanted}" for each in found]
    return NotAsWanted(
        f"other lines of sshd's configuration take precedence: {'; '.join(overridden[:5])}",
        cure="Remove them (grep below /etc/ssh), or let the role write the whole file; nothing was changed.",
    )


def _carry_out(plan: _Plan, request: Request) -> None:
    unit = listening_unit(request.service)
    guard.arm(request.timeout, unit, list(plan.files), guard.key_files(plan.owner.user, daemon.effective(plan.owner)))
    try:
        for path in plan.new_keys:
            keys.generate(path)
        for path in plan.open_keys:
            os.chmod(path, 0o600)
        _write(plan.files, last=False)
        daemon.check()
        found = differences(plan.expected, CONFIG)
        if found:
            raise _not_as_wanted(found)
        written = list(configuration_files())
        state = guard.state_of(written)
        _reload(unit, plan.owner)
        _write(plan.files, last=True)
        guard.note({"applied": session.now(), "files": written, "state": state, "owner": plan.owner.user})
    except BaseException:
        guard.restore()
        raise


def _write(files: Files, *, last: bool) -> None:
    for path, file in files.items():
        if file.last is last:
            write(path, file)


def _reload(unit: str, owner: Client) -> None:
    before, ports = views.sockets(), views.ports_of(daemon.effective(owner))
    take_up(unit)
    missing = views.wait_for_ports(before, ports)
    if missing:
        raise NotAsWanted(
            f"sshd does not listen on the configured port {', '.join(map(str, sorted(missing)))}",
            cure="Check whether another service uses the port, or systemd has a separate socket for sshd.",
        )


def try_configuration(config: str) -> None:
    """Raise NotAsWanted unless sshd serves a configuration up to the login by key."""
    with tempfile.TemporaryDirectory(prefix="sshd-trial-") as directory:
        pins = os.path.join(directory, "known_hosts")
        with open(pins, "w", encoding="ascii") as stream:
            stream.writelines(_pins(config))
        completed = ask_program(*_client(config, pins), seconds=_SECONDS)
    offered = _OFFERED.search(completed.err)
    if offered is None or "publickey" not in offered[1].split(","):
        raise NotAsWanted(
            "sshd does not serve the configuration on this host: "
            f"{' '.join(completed.err.split())[-300:] or 'no answer'}",
            cure="Correct the given settings; nothing was changed.",
        )


def _pins(config: str) -> Iterator[str]:
    for path in effective(Client("root", LOOPBACK), config).get("hostkey", ()):
        completed = ask_program("ssh-keygen", "-y", "-P", "", "-f", path)
        if not completed.status:
            yield f"{_NAME} {' '.join(completed.out.split()[:2])}\n"


def _client(config: str, pins: str) -> Iterator[str]:
    options = {
        "ProxyCommand": f"{SSHD} -i -f {config}",
        "HostKeyAlias": _NAME,
        "UserKnownHostsFile": pins,
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "BatchMode": "yes",
        "PreferredAuthentications": "none",
        "ControlPath": "none",
    }
    yield from ("ssh", "-F", "none", "-l", "root")
    for name, value in options.items():
        yield from ("-o", f"{name}={value}")
    yield from (_NAME, "true")

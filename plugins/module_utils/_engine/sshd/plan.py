# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target state: the files and the behaviour that a request means for this server."""

from __future__ import annotations

import grp
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence

from . import keys
from .daemon import CONFIG, Client, Version
from .profiles import Profile
from .settings import DROP_IN, Settings, lines_of, main_file, settings_of, whole_file, without_subsystem
from .stage import File, Files, read
from .wanted import Expectation

DROP_IN_LAYOUT, WHOLE_FILE = LAYOUTS = ("drop_in", "whole_file")
_STRANGER = "secure_ftp_synchronize_stranger"


class Group(NamedTuple):
    """The group of the accounts that are only for SFTP, and their settings."""

    name: str
    settings: Settings


class Request(NamedTuple):
    """The requested change.

    own: settings besides the profile's
    extra: other files
    expected: user -> settings
    by_trial: whether the host tries the change itself, because no login can confirm it
    """

    profile: Optional[Profile]
    own: Settings
    group: Optional[Group]
    layout: str
    strong_moduli: bool
    extra: Files
    expected: Mapping[str, Settings]
    service: str
    timeout: int
    by_trial: bool = False


def files(request: Request, version: Version, *, include: bool = False) -> Dict[str, File]:
    """Return all files of the target state. include: the drop-in must come before everything else."""
    wanted = dict(request.extra)
    if request.profile is None:
        return wanted
    matches = {"Group " + request.group.name: request.group.settings} if request.group else {}
    settings = _global(request, version)
    wanted[DROP_IN] = File(lines_of(without_subsystem(settings, version), matches))
    wanted[CONFIG] = File(_main(request, settings, version, include=include), 0o644)
    moduli = read(keys.MODULI)
    if request.strong_moduli and moduli is not None:
        wanted[keys.MODULI] = File(keys.strong_moduli(moduli), 0o644)
    return wanted


def expectations(request: Request, version: Version, owner: Client) -> List[Expectation]:
    """Return the expected settings for the owner, root, a stranger, each named account and each member of the group.
    Those of named accounts and of the group confine or protect an account, wherever its logins come from."""
    expected = [Expectation(owner._replace(user=user), own, True) for user, own in request.expected.items()]
    if request.profile is None:
        return expected
    everyone = _global(request, version)
    expected += [Expectation(owner._replace(user=user), everyone) for user in {owner.user: 1, "root": 1, _STRANGER: 1}]
    for user in _members(request.group):
        if user not in request.expected:
            own = request.group.settings if request.group else {}
            client = owner._replace(user=user)
            expected += [Expectation(client, {**everyone, **own}), Expectation(client, own, True)]
    return expected


def _main(request: Request, settings: Settings, version: Version, *, include: bool) -> str:
    present = read(CONFIG) or ""
    if request.layout == WHOLE_FILE:
        return whole_file(present, settings, version)
    return main_file(present, settings, version, include=include)


def _global(request: Request, version: Version) -> Dict[str, str]:
    settings = settings_of(request.profile, request.own, version) if request.profile else {}
    return {"HostKey": "\n".join(keys.usable()), **settings}


def _members(group: Optional[Group]) -> Sequence[str]:
    try:
        return grp.getgrnam(group.name).gr_mem if group else ()
    except KeyError:
        return ()

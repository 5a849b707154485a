# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 6.3: connections, sessions and guesses are limited, for all and for each source."""

from __future__ import annotations

from typing import Iterator, Mapping

from ..attack_results import failed
from ..control import FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..sshd_words import Settings, first, logins, never_punished, penalties, seconds

_MOST_TRIES, _MOST_GRACE = 6, 60
_MOST_FAILS = 3
_MOST_STARTUPS, _MOST_PER_SOURCE = 1000, 100
_PENALTIES = ("authfail", "noauth", "grace-exceeded", "max", "max-sources4", "max-sources6")
"""Numbers of PerSourcePenalties without which a client that guesses is not punished."""


def _sshd(subject: Subject) -> Iterator[Gap]:
    for login in logins(subject):
        for observed, wanted in _of(login["settings"]):
            yield Gap("%s: %s" % (login["shown"], observed), wanted, "medium")


def _of(settings: Settings) -> Iterator[tuple[str, str]]:
    tries, grace = seconds(settings, "maxauthtries"), seconds(settings, "logingracetime")
    if tries > _MOST_TRIES:
        yield "MaxAuthTries %d" % tries, "%d or less" % _MOST_TRIES
    if not 0 < grace <= _MOST_GRACE:
        yield "LoginGraceTime %d" % grace, "1 to %d seconds" % _MOST_GRACE
    yield from _connections(settings)
    yield from _punished(penalties(settings))


def _punished(found: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if not found:
        yield "PerSourcePenalties no", "penalties for failed logins"
        return
    missing = sorted({*_PENALTIES, "min"} - set(found))
    if missing:
        raise NotMeasured("sshd_settings: persourcepenalties has no %s" % ", ".join(missing))
    for name in _PENALTIES:
        if not found[name]:
            yield "PerSourcePenalties %s:0" % name, "%s above 0" % name
    if 0 < found["max"] < found["min"]:  # penalties below `min` are not applied
        yield "PerSourcePenalties max:%d, below min:%d" % (found["max"], found["min"]), "max of at least min"


def _connections(settings: Settings) -> Iterator[tuple[str, str]]:
    """Judge the connections that have not logged in yet. MaxStartups is a number, or begin:rate:full."""
    most = first(settings, "maxstartups")
    if not 0 < seconds({"maxstartups": [most.rpartition(":")[2]]}, "maxstartups") <= _MOST_STARTUPS:
        yield "MaxStartups %s" % most, "1 to %d for all clients" % _MOST_STARTUPS
    if first(settings, "persourcemaxstartups") == "none":
        yield "PerSourceMaxStartups none", "a limit for each source"
    elif not 0 < seconds(settings, "persourcemaxstartups") <= _MOST_PER_SOURCE:
        yield "PerSourceMaxStartups %s" % first(settings, "persourcemaxstartups"), "1 to %d" % _MOST_PER_SOURCE


def _vsftpd(subject: Subject) -> Iterator[Gap]:
    given: Mapping[str, str] = subject.values["ftps_settings"]
    for name in ("max_clients", "max_per_ip"):
        if not _number(given, name):
            yield Gap("%s is %s" % (name, given.get(name, "not set")), "a number above 0", "medium")
    if not 0 < _number({"max_login_fails": "3", **given}, "max_login_fails") <= _MOST_FAILS:
        yield Gap("max_login_fails is %s" % given["max_login_fails"], "1 to %d" % _MOST_FAILS, "medium")


def _guesses(subject: Subject) -> Iterator[Gap]:
    """Judge the guesses of ssh_probe. They decide nothing while sshd exempts addresses, which may be the controller."""
    if not never_punished(subject):
        yield from failed(subject, "ssh_attacks", ("no_penalty",))


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


CONTROL = Control(
    "6.3",
    "Connections and guesses are limited for all clients together and for each source.",
    "medium",
    "Run the roles sftp_server and ftps_server.",
    (
        Check(SFTP_SERVER, ("sshd_settings",), _sshd),
        Check(FTPS_SERVER, ("ftps_settings",), _vsftpd),
        Check(SFTP_SERVER, ("ssh_attacks", "sshd_settings"), _guesses, optional=True),
    ),
    "The limits are read. Only the attacks of ssh_probe try them, by guesses. Sessions in a connection and bans of "
    "fail2ban are not measured.",
)

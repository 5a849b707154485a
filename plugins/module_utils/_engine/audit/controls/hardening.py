# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of servers: their protocols and limits.

- 6.1: versions, suites, certificates and data connections of TLS are good, as tls_policy judges them.
- 6.2: sshd offers only algorithms of the profiles of sshd_change, and host keys are long enough.
- 6.3: connections, sessions and guesses are limited, for all and for each source.
"""

from __future__ import annotations

from typing import FrozenSet, Iterator, Mapping

from ...sshd.profiles import PROFILES
from ..control import FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import (
    Settings,
    attacked,
    failed,
    first,
    logins,
    never_punished,
    penalties,
    require_chain,
    seconds,
    severe,
    words,
)

_KEYWORDS = (
    "KexAlgorithms",
    "Ciphers",
    "MACs",
    "HostKeyAlgorithms",
    "PubkeyAcceptedAlgorithms",
    "CASignatureAlgorithms",
)
_HOST_KEYS = {"ED25519": 256, "RSA": 3072}
_RSA_BITS = 3072
_MOST_TRIES, _MOST_GRACE = 6, 60
_MOST_FAILS = 3
_MOST_STARTUPS, _MOST_PER_SOURCE = 1000, 100
_PENALTIES = ("authfail", "noauth", "grace-exceeded", "max", "max-sources4", "max-sources6")
"""Numbers of PerSourcePenalties without which a client that guesses is not punished."""


def _judge_modern_tls(subject: Subject) -> Iterator[Gap]:
    yield from severe(subject.values["tls"]["findings"], severities=("critical", "high"))
    require_chain(subject.values["tls"])


MODERN_TLS = Control(
    "6.1",
    "tls_policy has no finding of severity high or critical.",
    "high",
    "Run the role ftps_server.",
    (Check(FTPS_SERVER, ("tls",), _judge_modern_tls),),
    "Data connections are tried only if the check has a password.",
)


def _algorithms(subject: Subject) -> Iterator[Gap]:
    for login in logins(subject):
        for keyword in _KEYWORDS:
            weak = [each for each in words(login["settings"], keyword.lower()) if each not in _allowed(keyword)]
            if weak:
                shown = f"{login['shown']}: {keyword} has {', '.join(weak)}"
                yield Gap(shown, "algorithms of the profiles of sftp_server", "high")
        yield from _shortest_rsa(login["shown"], login["settings"])


def _shortest_rsa(account: str, settings: Settings) -> Iterator[Gap]:
    # OpenSSH before 9.1 has no limit, and does not print the keyword.
    bits = seconds(settings, "requiredrsasize") if "requiredrsasize" in settings else 0
    if bits < _RSA_BITS:
        yield Gap(f"{account}: RequiredRSASize {bits or 'not set'}", f"{_RSA_BITS} or more", "medium")


def _allowed(keyword: str) -> FrozenSet[str]:
    return frozenset(each for profile in PROFILES.values() for each in profile.algorithms[keyword])


def _host_keys(subject: Subject) -> Iterator[Gap]:
    if not subject.values["host_keys"]:
        raise NotMeasured("host_keys: sshd names no host key")
    for each in subject.values["host_keys"]:
        least = _HOST_KEYS.get(each["type"])
        if least is None or each["bits"] < least:
            shown = f"{each['path']}: {each['type']} of {each['bits']} bits"
            yield Gap(shown, f"Ed25519, or RSA of {_RSA_BITS} bits or more", "high")


MODERN_SSH = Control(
    "6.2",
    "sshd offers only current algorithms, and host keys are Ed25519 or RSA of 3072 bits or more.",
    "high",
    "Run the role sftp_server. Replace host keys with the role host_key_rotation.",
    (
        Check(SFTP_SERVER, ("sshd_settings",), _algorithms),
        Check(SFTP_SERVER, ("host_keys",), _host_keys),
        attacked(SFTP_SERVER, "ssh_attacks", "weak_algorithm"),
    ),
    "The effective configuration is read. Only the attacks of ssh_probe ask the server for its algorithms.",
)


def _sshd(subject: Subject) -> Iterator[Gap]:
    for login in logins(subject):
        for observed, wanted in _of(login["settings"]):
            yield Gap(f"{login['shown']}: {observed}", wanted, "medium")


def _of(settings: Settings) -> Iterator[tuple[str, str]]:
    tries, grace = seconds(settings, "maxauthtries"), seconds(settings, "logingracetime")
    if tries > _MOST_TRIES:
        yield f"MaxAuthTries {tries}", f"{_MOST_TRIES} or less"
    if not 0 < grace <= _MOST_GRACE:
        yield f"LoginGraceTime {grace}", f"1 to {_MOST_GRACE} seconds"
    yield from _connections(settings)
    yield from _punished(penalties(settings))


def _punished(found: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if not found:
        yield "PerSourcePenalties no", "penalties for failed logins"
        return
    missing = sorted({*_PENALTIES, "min"} - set(found))
    if missing:
        raise NotMeasured(f"sshd_settings: persourcepenalties has no {', '.join(missing)}")
    for name in _PENALTIES:
        if not found[name]:
            yield f"PerSourcePenalties {name}:0", f"{name} above 0"
    if 0 < found["max"] < found["min"]:  # penalties below `min` are not applied
        yield f"PerSourcePenalties max:{found['max']}, below min:{found['min']}", "max of at least min"


def _connections(settings: Settings) -> Iterator[tuple[str, str]]:
    """Judge the connections that have not logged in yet. MaxStartups is a number, or begin:rate:full."""
    most = first(settings, "maxstartups")
    if not 0 < seconds({"maxstartups": [most.rpartition(":")[2]]}, "maxstartups") <= _MOST_STARTUPS:
        yield f"MaxStartups {most}", f"1 to {_MOST_STARTUPS} for all clients"
    if first(settings, "persourcemaxstartups") == "none":
        yield "PerSourceMaxStartups none", "a limit for each source"
    elif not 0 < seconds(settings, "persourcemaxstartups") <= _MOST_PER_SOURCE:
        yield f"PerSourceMaxStartups {first(settings, 'persourcemaxstartups')}", f"1 to {_MOST_PER_SOURCE}"


def _vsftpd(subject: Subject) -> Iterator[Gap]:
    given: Mapping[str, str] = subject.values["ftps_settings"]
    for name in ("max_clients", "max_per_ip"):
        if not _number(given, name):
            yield Gap(f"{name} is {given.get(name, 'not set')}", "a number above 0", "medium")
    if not 0 < _number({"max_login_fails": "3", **given}, "max_login_fails") <= _MOST_FAILS:
        yield Gap(f"max_login_fails is {given['max_login_fails']}", f"1 to {_MOST_FAILS}", "medium")


def _guesses(subject: Subject) -> Iterator[Gap]:
    """Judge the guesses of ssh_probe. They decide nothing while sshd exempts addresses, which may be the controller."""
    if not never_punished(subject):
        yield from failed(subject, "ssh_attacks", ("no_penalty",))


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


LIMITS = Control(
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

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe a host: read its configuration, and report values. Nothing is judged and nothing is changed.

    accounts -> sshd -T for each -> settings, keys, jails
    files of keys, configuration of vsftpd, list of revoked keys, second factors, passwords
    jobs, their runs and units, vaults, events, updates, age of logs

- Each observation stands alone. If it fails, it has a reason instead of a value, and the others are made.
- A value is whole or missing: a list that is too long has no value.
- sshd itself reports its settings for each account, so that its rules of precedence apply.
- Contents of private keys and credentials are never read.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ...errors import SyncError
from ...jobs.deployment.places import JOBS, records
from ...mfa.pam_text import DIRECTORY, PAM
from .accounts import logins, passwords, second_factors, services_with_logins
from .directories import directories, way
from .jobs import CLEAR, job_runs, job_secrets, job_units, jobs
from .modes import jails, key_files
from .observed import Login, Observed, Unobservable, bounded
from .sshd_view import authorized_keys, host_keys, revocation_list, settings_of, user_authorities
from .upkeep import PLACES, SETTINGS, marks, monitoring, packages, retention, vaults

CONFIGS = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")
_LIST = ("chroot_list_file", "/etc/vsftpd.chroot_list")
_HOME_IN_JAIL = "/./"

_SSHD = "sshd -T -C user=ACCOUNT,host=%s,addr=%s,lport=PORT"


class Question(NamedTuple):
    """accounts: further accounts to ask sshd for. address: of the client that is assumed. marks: of logins whose events
    are sought. directories: that must be encrypted at rest."""

    accounts: Tuple[str, ...]
    address: str
    marks: Tuple[str, ...] = ()
    directories: Tuple[str, ...] = ()


class _Step(NamedTuple):
    what: str
    source: str
    method: str
    measure: Callable[[], Any]


def observe(question: Question) -> Tuple[Observed, ...]:
    return tuple(_observed(step) for step in _steps(question))


def descriptions(address: str) -> Mapping[str, Tuple[str, str]]:
    """Return source and method of each observation, for a controller that does not take them from a host."""
    return {step.what: (step.source, step.method) for step in _steps(Question((), address))}


def _steps(question: Question) -> Iterator[_Step]:
    address = question.address
    found = lru_cache(maxsize=None)(lambda: logins([*question.accounts, *services_with_logins(address)]))
    asked = _SSHD % (address, address)
    yield _Step("sshd_settings", "sshd", asked, lambda: settings_of(found(), address))
    yield _Step("host_keys", "HostKey", "ssh-keygen -l -f FILE", lambda: host_keys(address))
    yield _Step(
        "authorized_keys", "AuthorizedKeysFile", "ssh-keygen -l -f FILE", lambda: authorized_keys(found(), address)
    )
    yield _Step("user_authorities", "TrustedUserCAKeys", "namei -l FILE", lambda: user_authorities(found(), address))
    yield _Step("jails", "ChrootDirectory", "namei -l DIRECTORY", lambda: jails(found(), address))
    yield _Step("key_files", "host keys, TLS key, credstore", "stat FILE", lambda: key_files(address, _ftps_or_none()))
    yield _Step("revocation_list", "RevokedKeys", "ssh-keygen -Q -l -f FILE", lambda: revocation_list(address))
    yield _Step("job_units", "units of sync_job", "systemd-analyze security UNIT", job_units)
    yield _Step("ftps_settings", " or ".join(CONFIGS), "cat FILE", ftps_settings)
    yield _Step("ftps_accounts", "user_config_dir", "namei -l DIRECTORY", lambda: ftps_accounts(found()))
    yield _Step("second_factors", f"sshd, {PAM} and {DIRECTORY}", asked, lambda: second_factors(found(), address))
    yield _Step("passwords", "shadow(5)", "getent shadow ACCOUNT", lambda: passwords(found()))
    yield from _further_steps()
    yield _Step("directories", "the file system", "realpath DIRECTORY", lambda: directories(question.directories))
    yield _Step("marks", SETTINGS, "grep MARK events.jsonl", lambda: marks(question.marks))


def _further_steps() -> Iterator[_Step]:
    """Yield the observations that are not about accounts."""
    yield _Step("jobs", JOBS, "cat FILE", jobs)
    yield _Step("job_runs", records("JOB"), "tail -n 1 runs.jsonl", job_runs)
    yield _Step("job_secrets", f"{JOBS} and {CLEAR}", "ls DIRECTORY", job_secrets)
    yield _Step("vaults", "units of at_rest", "findmnt DIRECTORY", vaults)
    yield _Step("monitoring", SETTINGS, "systemctl status secure-ftp-events.timer", monitoring)
    yield _Step("packages", "apt", "apt-get --simulate --ignore-hold dist-upgrade", packages)
    yield _Step(
        "retention",
        ", ".join(PLACES.values()),
        "ls -l --time-style=long-iso FILE",
        lambda: retention(_ftps_or_none(), PLACES),
    )


def _observed(step: _Step) -> Observed:
    nothing = Observed(step.what, step.source, step.method)
    try:
        return nothing._replace(value=bounded(step.measure()))
    except FileNotFoundError as error:
        return nothing._replace(reason=f"{error.filename or 'a file'} is missing")
    except OSError as error:
        return nothing._replace(reason=f"{error.filename or step.what}: {error.strerror}")
    except SyncError as error:
        return nothing._replace(reason=error.message)
    except (Unobservable, ValueError, OverflowError) as error:
        return nothing._replace(reason=str(error))


def _ftps_or_none() -> Any:
    try:
        return ftps_settings()
    except (OSError, Unobservable):
        return None


def ftps_settings() -> Dict[str, str]:
    """Return the options. Raises Unobservable without a file, and with two."""
    found = [path for path in CONFIGS if os.path.exists(path)]
    if len(found) != 1:
        raise Unobservable("vsftpd has %s" % (" and ".join(found) if found else "no configuration"))
    with open(found[0], encoding="utf-8", errors="replace") as file:
        return parse_settings(file.read())


def parse_settings(text: str) -> Dict[str, str]:
    """Return option -> value. As for vsftpd, the last line of an option counts, and blanks before it do not."""
    lines = (line for line in text.split("\n") if "=" in line and not line.startswith("#"))
    return {name.lstrip(): value.strip() for name, _equals, value in (line.partition("=") for line in lines)}


def ftps_accounts(logins: Sequence[Login]) -> List[Dict[str, Any]]:
    """Return for each account that exists its home, the settings of its own file, whether the list names it, the root
    of its jail, and every directory that leads there. Raises Unobservable, OSError. An account may have a file in
    user_config_dir and be excepted from jails."""
    given = ftps_settings()
    listed = _text(given.get(*_LIST)).split("\n")
    return [_ftps_account(name, entry.pw_dir, given, name in listed) for name, entry in logins if entry is not None]


def _ftps_account(name: str, home: str, given: Mapping[str, str], listed: bool) -> Dict[str, Any]:
    directory = given.get("user_config_dir")
    own = parse_settings(_text(os.path.join(directory, name))) if directory else {}
    # With passwd_chroot_enable, the root is the part of the home before /./
    root = os.path.join(home, {**given, **own}.get("local_root") or home.partition(_HOME_IN_JAIL)[0] or "/")
    return {"account": name, "home": home, "settings": own, "listed": listed, "root": root, **way(root)}


def _text(path: str) -> str:
    """Return the text of a file; "" if there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observed values as answers for the controls. A value that decides nothing raises NotMeasured.

- Texts are read as times, modes and numbers.
- Keywords of sshd are in lower case, as `sshd -T` prints them.
- The owners of the directories that lead to a file can replace it.
- A host without a private key of the expected kind, and a scan for secrets that left something out, show nothing.
- Control 9.2 needs the attacks from the controller. Every other control is measured without them, and fails by an
  attack that the server did not refuse: a host cannot hide that behind its settings.
"""

from __future__ import annotations

import os
from typing import Any, Collection, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ..model.utc import parse_utc
from .control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Gap, NotMeasured, Subject

CLOCKS_APART = 300
"""Seconds."""
Settings = Mapping[str, List[str]]
_ROOT = "root"
_YES, _NO = ("YES", "TRUE", "1"), ("NO", "FALSE", "0")
SFTP, FTPS = "sftp", "ftps"
Job = Dict[str, Any]
_WRITABLE = 0o022
_Parts = Sequence[Mapping[str, Any]]
_EXPECTED: Mapping[str, str] = {SFTP_SERVER: "host", FTPS_SERVER: "tls", CLIENT: "job"}
"""Kind of a host -> kind of a key that it has."""
SEVERE = ("critical", "high", "medium")
_MODULES: Mapping[str, str] = {"ssh_attacks": "ssh_probe", "attacks": "jail_probe", "tls": "tls_policy"}


def moment(text: str) -> int:
    """Return a time in seconds since 1970. Raises NotMeasured."""
    try:
        return parse_utc(text)
    except ValueError:
        raise NotMeasured(f"the time {text[:40]} cannot be read") from None


def is_within(subject: Subject, text: str, most: float) -> bool:
    """Return whether a time is at most so many seconds ago, and not in the future. Raises NotMeasured."""
    return -CLOCKS_APART <= subject.now - moment(text) <= most


def octal(text: str) -> int:
    """Return the number of a mode. Raises NotMeasured."""
    try:
        return int(text, 8)
    except ValueError:
        raise NotMeasured(f"the mode {text[:40]} cannot be read") from None


def logins(subject: Subject) -> Iterator[Dict[str, Any]]:
    """Yield the accounts of a host that exist, each with its name for people as `shown`; an account several times, if
    its settings depend on the port or on the address of the client. Raises NotMeasured, after the others, if root or a
    named account is missing."""
    found = [each for each in subject.values["sshd_settings"] if each["exists"]]
    yield from map(_with_name, found)
    missing = {_ROOT} - {each["account"] for each in found}
    missing |= set(subject.named.accounts) - {each["account"] for each in subject.values["sshd_settings"]}
    if missing:
        raise NotMeasured(f"sshd_settings: not observed: {', '.join(sorted(missing))}")


def _with_name(entry: Mapping[str, Any]) -> Dict[str, Any]:
    ports = entry.get("ports")
    numbers = [str(each) for each in ports if isinstance(each, int)] if isinstance(ports, list) else []
    words = " on port%s %s" % ("s" if len(numbers) > 1 else "", ", ".join(numbers)) if numbers else ""
    client = entry.get("client")
    return {**entry, "shown": entry["account"] + words + (f" from {client}" if client else "")}


def partners(subject: Subject, what: str) -> Iterator[Dict[str, Any]]:
    """Yield the entries of each partner's account, as `logins` does. Raises NotMeasured, after the others, if an entry
    is missing."""
    if not subject.named.accounts:
        raise NotMeasured("accounts: no account of a partner is named")
    named = [each for each in subject.values[what] if each["account"] in subject.named.accounts]
    there = [each for each in named if each.get("exists") is not False]
    yield from map(_with_name, there)
    for name in subject.named.accounts:
        if name not in {each["account"] for each in there}:
            known = name in {each["account"] for each in named}
            raise NotMeasured("%s: the account %s %s" % (what, name, "does not exist" if known else "is missing"))


def first(settings: Settings, keyword: str) -> str:
    """Return the value of a keyword. Raises NotMeasured, because a keyword without a value decides nothing."""
    values = settings.get(keyword)
    if not values:
        raise NotMeasured(f"sshd_settings: sshd has no {keyword}")
    return values[0]


def words(settings: Settings, keyword: str) -> List[str]:
    """Return the parts of a list of names, such as of ciphers. Raises NotMeasured if it is empty."""
    found = [part for part in first(settings, keyword).split(",") if part]
    if not found:
        raise NotMeasured(f"sshd_settings: {keyword} is empty")
    return found


def seconds(settings: Settings, keyword: str) -> int:
    """Return a number. Raises NotMeasured."""
    return _number(first(settings, keyword), keyword)


def _number(text: str, shown: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise NotMeasured(f"sshd_settings: {shown} {text} is not a number")
    return int(text)


def penalties(settings: Settings) -> Dict[str, int]:
    """Return the numbers of PerSourcePenalties by their names, none if sshd punishes no address. OpenSSH before 9.8 has
    no penalties, and does not print the keyword. Raises NotMeasured."""
    text = " ".join(settings.get("persourcepenalties") or ["no"])
    pairs = [] if text == "no" else [word.partition(":") for word in text.split()]
    found = {name: value for name, _colon, value in pairs if not name.startswith("overflow")}
    return {name: _number(value, f"persourcepenalties {name}") for name, value in found.items()}


def never_punished(subject: Subject) -> List[str]:
    """Return the addresses that sshd never punishes, none if it punishes no address at all."""
    punishing = (each["settings"] for each in logins(subject) if penalties(each["settings"]).get("authfail"))
    lists = (settings.get("persourcepenaltyexemptlist") or () for settings in punishing)
    return sorted({each for addresses in lists for each in addresses if each != "none"})


def is_on(settings: Mapping[str, str], name: str, default: str = "NO") -> bool:
    """Return whether an option is on. Raises NotMeasured for a value that vsftpd refuses."""
    value = settings.get(name, default).upper()
    if value not in (*_YES, *_NO):
        raise NotMeasured(f"ftps_settings: {name} is {value[:40]}, neither YES nor NO")
    return value in _YES


def jobs(subject: Subject) -> List[Job]:
    """Return the jobs of a host. Raises NotMeasured if there is none."""
    found: List[Job] = subject.values["jobs"]
    if not found:
        raise NotMeasured("jobs: the host has no job of the role sync_job")
    return found


def jobs_over(subject: Subject, protocol: str) -> List[Job]:
    return [each for each in jobs(subject) if each["protocol"] == protocol]


def of_playbooks(subject: Subject) -> Iterator[Job]:
    """Yield the transfers of partners that playbooks carry out. Raises NotMeasured at the end for a partner whose
    description is wrong, and for a transfer whose job is not on its host."""
    found: List[Job] = subject.values["transfers"]
    yield from (each for each in found if not each["problem"] and not each["job"])
    wrong = [f"{each['name']}: {each['problem']}" for each in found if each["problem"]]
    away = [each for each in found if each["job"] and not each["deployed"]]
    _require_none("transfers", [*wrong, *(f"{each['name']}: {each['at']} has no job {each['job']}" for each in away)])


def usable(subject: Subject, what: str) -> Iterator[Job]:
    """Yield the entries with a value of several results. Raises NotMeasured at the end if others have none."""
    yield from (each for each in subject.values[what] if not each["problem"])
    require_values(subject.values[what], what)


def require_values(entries: Sequence[Mapping[str, Any]], what: str) -> None:
    """Raise NotMeasured for entries without a value."""
    _require_none(what, [each["problem"] for each in entries if each["problem"]])


def _require_none(what: str, problems: Sequence[str]) -> None:
    if problems:
        raise NotMeasured(f"{what}: {'; '.join(problems)}")


def successes(subject: Subject) -> Iterator[Tuple[Job, Job]]:
    """Yield each job with its newest successful run. Raises NotMeasured at the end if a job has none."""
    runs = {each["job"]: each for each in subject.values["job_runs"] if each["ended"]}
    for job in jobs(subject):
        if job["job"] in runs:
            yield job, runs[job["job"]]
    missing = [job["job"] for job in jobs(subject) if job["job"] not in runs]
    if missing:
        raise NotMeasured(f"job_runs: no successful run of {', '.join(missing)} is recorded")


def changeable(parts: _Parts, shown: str = "%s", owners: Collection[int] = (0,)) -> Iterator[Gap | NotMeasured]:
    """Yield a gap for each part of a way that others than the owners can change. shown: text with a place for it."""
    for part in parts:
        if part["uid"] not in owners:
            yield Gap(shown % (f"{part['path']}: owned by the user id {part['uid']}"), "owned by root", "high")
        try:
            if octal(part["mode"]) & _WRITABLE:
                yield Gap(shown % (f"{part['path']}: mode {part['mode']}"), "writable for root alone", "high")
        except NotMeasured as reason:
            yield reason


def unseen(parts: _Parts, target: str = "") -> Iterator[NotMeasured]:
    """Yield the reason if a directory is missing in a way, or its end. target: "" for a file that does not exist."""
    paths = {part["path"] for part in parts}
    missing = sorted(path for path in paths if os.path.dirname(path) not in paths)
    if missing or not paths:
        yield NotMeasured("the directory above %s was not observed" % (missing[0] if missing else target or "a file"))
    elif target and parts[-1]["path"] != target:
        yield NotMeasured(f"{target} was not observed")


def private_keys(subject: Subject, kind: str) -> Iterator[Dict[str, Any]]:
    """Yield keys and their directories. Raises NotMeasured at the end without a key that this kind of host has."""
    found = subject.values["key_files"]
    yield from found
    if not any(each["kind"] == _EXPECTED[kind] for each in found):
        raise NotMeasured(f"key_files: there is no {_EXPECTED[kind]} key")


def require_whole(scan: Mapping[str, Any]) -> None:
    """Raise NotMeasured if a scan read nothing, or did not check everything that it was given."""
    if scan["checked"]["files"] < 1:
        raise NotMeasured("secret_scan: no file was read")
    if scan["not_checked"]:
        raise NotMeasured(f"secret_scan: not checked: {'; '.join(scan['not_checked'])}")


def attacked(kind: str, what: str, *ids: str) -> Check:
    """Return the check that no attack of these findings succeeded, if the attacks were made."""
    return Check(kind, (what,), lambda subject: failed(subject, what, ids), optional=True)


def failed(subject: Subject, what: str, ids: Iterable[str]) -> Iterator[Gap]:
    """Yield the findings of a module with these ids; each names its module and its id."""
    value = subject.values[what]
    found = [each for result in (value if isinstance(value, list) else [value]) for each in result["findings"]]
    return severe([each for each in found if each["id"] in ids], f"{_MODULES[what]}: ")


def severe(
    findings: Iterable[Mapping[str, str]], about: str = "", severities: Collection[str] = SEVERE
) -> Iterator[Gap]:
    """Yield the findings of these severities. about: words in front of each"""
    for each in findings:
        if each["severity"] in severities:
            yield Gap(f"{about}{each['id']}: {each['observed']}", each["wanted"], each["severity"])


def require_chain(tls: Mapping[str, Any]) -> None:
    """Raise NotMeasured if tls_policy could not check the certificates: it measured no TLS then. Data connections are
    left out without a password."""
    for each in tls["not_checked"]:
        if each["what"] == "chain":
            raise NotMeasured(f"tls: {each['what']} was not checked: {each['why']}")

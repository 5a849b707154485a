# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 6.4: the collector of events runs, and reads the logs of each server."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..control import FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, Note, NotMeasured, Subject
from ..values import first, is_on, is_within, logins

_CURE = "the role transfer_monitoring"
_MARKED_LOGIN = "marked login"
"""As in `not_checked` of tls_policy."""
_LOG = ("vsftpd_log_file", "/var/log/vsftpd.log")
"""The option of vsftpd that names its log, and its default."""
_LOGGING = "xferlog_enable=YES, xferlog_std_format=NO, syslog_enable=NO"


def _runs(subject: Subject) -> Iterator[Gap]:
    found: Mapping[str, Any] = subject.values["monitoring"]
    if not found["installed"]:
        yield Gap("events are not collected", _CURE, "high")
        return
    if not found["timer"]:
        yield Gap("the timer of the collector is not active", "an active timer", "high")
    if found["failed"]:
        yield Gap("the newest run of the collector has failed", "a run without an error, by its journal", "high")
    most = subject.policy.monitoring_max_age
    if not is_within(subject, found["last_run"], most):
        shown = f"the collector last read all logs at {found['last_run']}"
        yield Gap(shown, f"a run of the last {most // 60:.0f} minutes", "high")
    if found["files"] not in ("all", "changes"):
        yield Gap("events of files are off", "events of changes, or of all files", "medium")


def _sshd(subject: Subject) -> Iterator[Gap]:
    yield from _runs(subject)
    if subject.values["monitoring"]["installed"] and not subject.values["monitoring"]["sshd"]:
        yield Gap("the journal of sshd is not read", "journal true", "high")
    for login in logins(subject):
        level = first(login["settings"], "loglevel")
        if level != "VERBOSE":
            yield Gap(f"{login['shown']}: LogLevel {level}", "LogLevel VERBOSE", "medium")


def _marked(subject: Subject) -> Iterator[Gap]:
    """Judge the events of marked logins and files, if ssh_probe, tls_policy or jail_probe made any."""
    for each in subject.values["marks"]:
        if not each["events"]:
            yield Gap(f"there is no event of the login or file that is marked {each['mark']}", "an event of it", "high")
        for event in each["forged"]:
            shown = f"{event['action']} of {event['account']} from {event['address']}, which only a hostile name has"
            yield Gap(shown, "no event of a login that did not happen", "high")


def _answered(kind: str, what: str) -> Check:
    """Return the check that the host answers about each mark: the controller knows which logins and files it marked."""
    return Check(kind, (what, "marks"), lambda subject: _require_answers(subject, what), optional=True)


def _require_answers(subject: Subject, what: str) -> Iterator[Gap]:
    found = subject.values[what]
    for result in found if isinstance(found, list) else [found]:
        if result["mark"] and result["mark"] not in [each["mark"] for each in subject.values["marks"]]:
            raise NotMeasured(f"marks: there is no answer about the mark {result['mark']}")
    yield from ()


def _unmarked(subject: Subject) -> Iterator[Note]:
    """Name the reason for which tls_policy left no mark."""
    for each in subject.values["tls"]["not_checked"]:
        if each["what"] == _MARKED_LOGIN:
            yield Note(f"{subject.name}: nothing marked is sought over FTPS: {each['why'].rstrip('.')}.")


def _vsftpd(subject: Subject) -> Iterator[Gap]:
    yield from _runs(subject)
    log = subject.values["ftps_settings"].get(*_LOG)
    if subject.values["monitoring"]["installed"] and log not in subject.values["monitoring"]["ftp_logs"]:
        yield Gap(f"{log} is not read", "the log of the server in transfer_monitoring_vsftpd_logs", "high")
    if not _writes(subject.values["ftps_settings"]):
        yield Gap(f"vsftpd writes no log of its own to {log}", _LOGGING, "high")


def _writes(settings: Mapping[str, str]) -> bool:
    """Return whether vsftpd writes logins and transfers to its own log. xferlog(5) has no logins."""
    both = is_on(settings, "dual_log_enable")
    own = both or (is_on(settings, "xferlog_enable") and not is_on(settings, "xferlog_std_format"))
    return own and not is_on(settings, "syslog_enable")


MONITORING = Control(
    "6.4",
    "A timer collects the events of sshd and vsftpd. The newest run has read all logs, and is recent.",
    "high",
    "Run the role transfer_monitoring.",
    (
        Check(SFTP_SERVER, ("monitoring", "sshd_settings"), _sshd),
        Check(SFTP_SERVER, ("marks",), _marked),
        _answered(SFTP_SERVER, "ssh_attacks"),
        _answered(SFTP_SERVER, "attacks"),
        Check(FTPS_SERVER, ("monitoring", "ftps_settings"), _vsftpd),
        Check(FTPS_SERVER, ("marks",), _marked),
        _answered(FTPS_SERVER, "tls"),
        Check(FTPS_SERVER, ("tls",), _unmarked, optional=True),
    ),
    "Without the attacks of ssh_probe, the marked files of jail_probe and the marked login of tls_policy, nothing "
    "marked is sought in the events. Recipients of alerts are not measured.",
)

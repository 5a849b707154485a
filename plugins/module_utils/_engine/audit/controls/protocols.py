# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of protocols.

- 1.1: jobs and playbooks use SFTP. FTPS is for servers that have no SFTP, which the policy names.
- 1.2: FTPS is explicit (AUTH TLS, RFC 4217) at both ends.
- 1.3: plain FTP is impossible. tls_policy tries it at the server, from the controller, and sends no real name in
  cleartext. A server that refuses unknown names does not show whether it takes the password of a real account: it is
  not measured then, and the settings of vsftpd are judged too.
"""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, EXCHANGE, FTPS_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import FTPS, SFTP, is_on, jobs_over, of_playbooks, successes

_SSH = "SSH-2.0"
_EXPLICIT = "explicit"
_CLEAR = ("tls_missing", "cleartext_login", "cleartext_anonymous", "data_clear", "ccc", "command_injection")
_REQUIRED = {"ssl_enable": "NO", "force_local_logins_ssl": "YES", "force_local_data_ssl": "YES"}
"""Options of vsftpd that must be YES, and their values if they are not set."""


def _declared(subject: Subject) -> Iterator[Gap]:
    for job in jobs_over(subject, FTPS):
        if job["server"] not in subject.policy.ftps_only:
            shown = f"{job['job']}: FTPS to {job['server']}"
            yield Gap(shown, "SFTP, or the server in policy.ftps_only", "medium")


def _by_playbooks(subject: Subject) -> Iterator[Gap]:
    for each in of_playbooks(subject):
        if each["protocol"] == FTPS and each["host"] not in subject.policy.ftps_only:
            yield Gap(f"{each['name']}: FTPS to {each['host']}", "SFTP, or the server in policy.ftps_only", "medium")


def _used(subject: Subject) -> Iterator[Gap]:
    for job, run in successes(subject):
        if job["protocol"] == SFTP and run["protocol"] != _SSH:
            yield Gap(f"{job['job']}: its newest run used {run['protocol'] or 'no protocol'}", _SSH, "high")


SFTP_FIRST = Control(
    "1.1",
    "Jobs use SFTP, by their options and by the records of their runs, and so do the transfers of the inventory. The "
    "policy names the servers without SFTP.",
    "medium",
    "Set the protocol of the job or transfer to sftp, or name the server in policy.ftps_only.",
    (
        Check(CLIENT, ("jobs",), _declared),
        Check(CLIENT, ("jobs", "job_runs"), _used),
        Check(EXCHANGE, ("transfers",), _by_playbooks),
    ),
    "Syncs of playbooks besides exchange.yml are not measured.",
)


def _server(subject: Subject) -> Iterator[Gap]:
    given = subject.values["ftps_settings"]
    if is_on(given, "implicit_ssl"):
        yield Gap(f"implicit_ssl is {given['implicit_ssl']}", "implicit_ssl=NO", "medium")
    if not is_on(given, "ssl_enable"):
        yield Gap(f"ssl_enable is {given.get('ssl_enable', 'not set')}", "ssl_enable=YES", "critical")


def _client(subject: Subject) -> Iterator[Gap]:
    for job in jobs_over(subject, FTPS):
        if job["tls_mode"] != _EXPLICIT:
            yield Gap(f"{job['job']}: tls_mode {job['tls_mode']}", "tls_mode explicit", "medium")
    for job, run in successes(subject):
        if job["protocol"] == FTPS and not run["protocol"].startswith("TLS"):
            yield Gap(f"{job['job']}: its newest run used {run['protocol'] or 'no protocol'}", "TLS", "critical")


def _explicit_by_playbooks(subject: Subject) -> Iterator[Gap]:
    for each in of_playbooks(subject):
        if each["protocol"] == FTPS and each["tls_mode"] != _EXPLICIT:
            yield Gap(f"{each['name']}: tls_mode {each['tls_mode']}", "tls_mode explicit", "medium")


EXPLICIT_FTPS = Control(
    "1.2",
    "Servers and jobs that use FTPS use explicit TLS (AUTH TLS).",
    "medium",
    "Run the role ftps_server, and set tls_mode of the job to explicit.",
    (
        Check(FTPS_SERVER, ("ftps_settings",), _server),
        Check(CLIENT, ("jobs", "job_runs"), _client),
        Check(EXCHANGE, ("transfers",), _explicit_by_playbooks),
    ),
)


def _tried(subject: Subject) -> Iterator[Gap]:
    tls = subject.values["tls"]
    for each in tls["findings"]:
        if each["id"] in _CLEAR:
            yield Gap(f"{each['id']}: {each['observed']}", each["wanted"], "critical")
    if tls["cleartext_login"] == "unknown":
        reasons = [each["why"] for each in tls["not_checked"] if each["what"] == "cleartext login"]
        raise NotMeasured(f"tls: logins in cleartext were not checked: {(reasons or ['TLS is not explicit'])[0]}")


def _settings(subject: Subject) -> Iterator[Gap]:
    given = subject.values["ftps_settings"]
    for name, default in _REQUIRED.items():
        if not is_on(given, name, default):
            yield Gap(f"{name} is {given.get(name, 'not set')}", f"{name}=YES", "critical")
        for account in subject.values["ftps_accounts"]:
            if not is_on(account["settings"], name, "YES"):
                yield Gap(f"{account['account']}: its own file has {name} off", f"{name}=YES", "critical")


PLAIN_FTP = Control(
    "1.3",
    "The server refuses logins and anonymous sessions without TLS, and cleartext data connections.",
    "critical",
    "Run the role ftps_server.",
    (Check(FTPS_SERVER, ("tls",), _tried), Check(FTPS_SERVER, ("ftps_settings", "ftps_accounts"), _settings)),
    "Data connections are tried only if the check has a password. FTP services on other ports are not sought.",
)

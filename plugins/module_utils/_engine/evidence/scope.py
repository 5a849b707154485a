# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scope of a capture on a host: programs with their output, files of settings, and logs.

Settings may hold secrets and are examined; logs are taken as they are, because a client chooses a part of their text
and could otherwise keep a log out of the evidence.
"""

from __future__ import annotations

import os
import pwd
from typing import Iterator, NamedTuple, Sequence, Tuple

PART = 8 << 20
"""Bytes of an archive that the controller reads at once."""
JOURNAL_ENTRY = b"__CURSOR="
"""Begin of each entry of an exported journal."""
JOURNAL_PROGRAMS = (
    *("sshd", "sshd-session", "sshd-auth", "sftp-server", "vsftpd", "proftpd", "pure-ftpd", "fail2ban-server"),
    *("sudo", "su", "login", "systemd", "systemd-logind", "cron", "crond", "polkitd", "dbus-daemon"),
    *("useradd", "usermod", "userdel", "groupadd", "gpasswd", "passwd", "chpasswd", "chage"),
)
_SERVES_FILES = frozenset(("sshd", "sshd-session"))
"""Programs that serve files too, under the identifier internal-sftp."""
_PROCESS = "pid,ppid,user,lstart,etime,stat,tty"
# No description: of a transient unit, it has the arguments of its program.
_UNIT = "Id,LoadState,ActiveState,SubState,FragmentPath,DropInPaths,MainPID,ActiveEnterTimestamp"
SETTINGS = (
    *(
        "/etc/ssh",
        "/etc/vsftpd.conf",
        "/etc/vsftpd",
        "/etc/proftpd/proftpd.conf",
        "/etc/proftpd/conf.d",
        "/etc/pam.d/sshd",
        "/etc/pam.d/vsftpd",
    ),
    *("/etc/passwd", "/etc/group", "/etc/sudoers", "/etc/sudoers.d", "/etc/crontab", "/etc/cron.d"),
    *("/etc/systemd/system/*secure*", "/etc/os-release", "/etc/machine-id"),
)
SECRET_PLACES = (
    *("/etc/shadow", "/etc/gshadow", "/etc/security/opasswd"),
    *("/etc/credstore", "/run/credentials", "/usr/lib/credstore"),
    *("/etc/secure_ftp_synchronize/ftps_passwords", "/etc/secure_ftp_synchronize/closed_accounts"),
    *("/etc/secure_ftp_synchronize/mfa/seeds", "/etc/secure_ftp_synchronize/mfa/pending"),
)
"""Beginnings of paths that are never taken, with any content."""
HASHED = ("/usr/local/lib/secure_ftp_synchronize", "/usr/local/sbin", "/usr/local/bin")
"""Directories of programs of which only the digests are taken."""
LOGS = (
    *("/var/log/secure_ftp_synchronize/events.jsonl", "/var/log/secure_ftp_synchronize/events.jsonl.1"),
    *("/var/log/vsftpd.log", "/var/log/proftpd/proftpd.log", "/var/log/proftpd/tls.log", "/var/log/xferlog"),
    *("/var/log/auth.log", "/var/log/secure", "/var/log/fail2ban.log", "/var/log/dpkg.log"),
    *("/var/log/wtmp", "/run/utmp", "/var/log/lastlog", "/var/lib/wtmpdb/wtmp.db", "/var/lib/lastlog/lastlog2.db"),
)
"""Not btmp: it has the names of failed logins, and people type passwords there."""


class Output(NamedTuple):
    """A program whose output is kept under this name."""

    name: str
    words: Tuple[str, ...]


class Scope(NamedTuple):
    """The scope.

    since: seconds of the past of which the journal is taken
    programs: names of programs whose entries of the journal are taken
    files: further files of settings, and directories of them
    arguments: whether the list of processes has their arguments
    """

    since: int
    programs: Tuple[str, ...]
    files: Tuple[str, ...] = ()
    arguments: bool = False


PROCESSES = {
    False: Output("processes.txt", ("ps", "-eww", "-o", _PROCESS + ",comm")),
    True: Output("processes.txt", ("ps", "-eww", "-o", _PROCESS + ",args")),
}
"""The list of processes, without and with their arguments; never with their environment."""


PROGRAMS = (
    Output("sockets.txt", ("ss", "-Hanp")),
    Output("sessions.txt", ("loginctl", "list-sessions", "--no-legend", "--no-pager")),
    Output("logins.txt", ("who", "-a")),
    Output("units.txt", ("systemctl", "show", "--no-pager", "--property=" + _UNIT, "*")),
    Output("unit_files.txt", ("systemctl", "list-unit-files", "--no-legend", "--no-pager")),
    Output("clock.txt", ("timedatectl", "show")),
    Output("clock_source.txt", ("chronyc", "-n", "tracking")),
    Output("sshd.txt", ("/usr/sbin/sshd", "-T")),
    Output("packages.txt", ("dpkg", "-V")),
    Output("packages_rpm.txt", ("rpm", "-Va", "--nofiledigest")),
)


def journal(scope: Scope) -> Output:
    """Return the export of the journal, by the names of programs: a session of sshd is in no unit of sshd.

    Entries of processes that had ended before journald looked at them have no name: they are found by the identifier,
    which every process can choose."""
    words = ("journalctl", "--output=export", "--no-pager", "--quiet", f"--since=-{scope.since}s")
    identifiers = scope.programs + (("internal-sftp",) if _SERVES_FILES & set(scope.programs) else ())
    names = (f"_COMM={each}" for each in scope.programs)
    return Output("journal.export", (*words, *names, "+", *(f"SYSLOG_IDENTIFIER={each}" for each in identifiers)))


def key_files(accounts: Sequence[pwd.struct_passwd]) -> Iterator[str]:
    """Yield the files with the keys of accounts, in their home directories."""
    homes = sorted({each.pw_dir for each in accounts if each.pw_dir.startswith("/")} - {"/", "/nonexistent"})
    for home in homes:
        yield from (os.path.join(home, ".ssh", name) for name in ("authorized_keys", "authorized_keys2"))

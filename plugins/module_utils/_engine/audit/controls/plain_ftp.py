# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 1.3: plain FTP is impossible. tls_policy tries it at the server, from the controller.

tls_policy sends no real name in cleartext. A server that refuses unknown names does not show whether it takes the
password of a real account: it is not measured then, and the settings of vsftpd are judged too.
"""

from __future__ import annotations

from typing import Iterator

from ..control import FTPS_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..vsftpd_words import is_on

_CLEAR = ("tls_missing", "cleartext_login", "cleartext_anonymous", "data_clear", "ccc", "command_injection")

_REQUIRED = {"ssl_enable": "NO", "force_local_logins_ssl": "YES", "force_local_data_ssl": "YES"}
"""Options of vsftpd that must be YES, and their values if they are not set."""


def _tried(subject: Subject) -> Iterator[Gap]:
    tls = subject.values["tls"]
    for each in tls["findings"]:
        if each["id"] in _CLEAR:
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], "critical")
    if tls["cleartext_login"] == "unknown":
        reasons = [each["why"] for each in tls["not_checked"] if each["what"] == "cleartext login"]
        raise NotMeasured("tls: logins in cleartext were not checked: %s" % (reasons or ["TLS is not explicit"])[0])


def _settings(subject: Subject) -> Iterator[Gap]:
    given = subject.values["ftps_settings"]
    for name, default in _REQUIRED.items():
        if not is_on(given, name, default):
            yield Gap("%s is %s" % (name, given.get(name, "not set")), "%s=YES" % name, "critical")
        for account in subject.values["ftps_accounts"]:
            if not is_on(account["settings"], name, "YES"):
                yield Gap("%s: its own file has %s off" % (account["account"], name), "%s=YES" % name, "critical")


CONTROL = Control(
    "1.3",
    "The server refuses logins and anonymous sessions without TLS, and cleartext data connections.",
    "critical",
    "Run the role ftps_server.",
    (Check(FTPS_SERVER, ("tls",), _tried), Check(FTPS_SERVER, ("ftps_settings", "ftps_accounts"), _settings)),
    "Data connections are tried only if the check has a password. FTP services on other ports are not sought.",
)

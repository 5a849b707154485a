# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 2.1: logins need a strong key."""

from __future__ import annotations

from typing import Iterator

from ..attack_results import attacked
from ..control import SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..sshd_words import Settings, first, logins

_ROOT_WITHOUT_PASSWORD = ("no", "prohibit-password", "without-password", "forced-commands-only")


def _settings(subject: Subject) -> Iterator[Gap]:
    for login in logins(subject):
        name, settings = login["shown"], login["settings"]
        if first(settings, "permitemptypasswords") != "no":
            yield Gap("%s: PermitEmptyPasswords yes" % name, "PermitEmptyPasswords no", "critical")
        if first(settings, "pubkeyauthentication") != "yes":
            yield Gap("%s: PubkeyAuthentication no" % name, "PubkeyAuthentication yes", "high")
        for shown in _without_key(login["account"], settings):
            yield Gap("%s: %s yes" % (name, shown), "%s no, or a key in AuthenticationMethods" % shown, "high")


def _without_key(name: str, settings: Settings) -> Iterator[str]:
    """Yield the methods that let an account in without a key. An sshd without GSSAPI does not print it."""
    if _demands_key(first(settings, "authenticationmethods")):
        return
    for keyword, shown in (
        ("gssapiauthentication", "GSSAPIAuthentication"),
        ("hostbasedauthentication", "HostbasedAuthentication"),
    ):
        if (settings.get(keyword) or ["no"])[0] != "no":
            yield shown
    if name == "root" and first(settings, "permitrootlogin") in _ROOT_WITHOUT_PASSWORD:
        return
    for keyword, shown in (
        ("passwordauthentication", "PasswordAuthentication"),
        ("kbdinteractiveauthentication", "KbdInteractiveAuthentication"),
    ):
        if first(settings, keyword) != "no":
            yield shown


def _demands_key(methods: str) -> bool:
    ways = methods.split()
    return bool(ways) and all("publickey" in each.split(",") for each in ways)  # "any" names no method


def _keys(subject: Subject) -> Iterator[Gap]:
    policy = subject.policy
    for key in subject.values["authorized_keys"]:
        shown = "%s: %s key of %d bits, %s" % (key["account"], key["type"], key["bits"], key["fingerprint"])
        if key["type"] not in policy.key_types:
            yield Gap(shown, " or ".join(policy.key_types), "medium")
        elif key["type"] == "RSA" and key["bits"] < policy.rsa_bits:
            yield Gap(shown, "RSA keys of %d bits or more" % policy.rsa_bits, "medium")
    for login in logins(subject):
        if first(login["settings"], "authorizedkeyscommand") != "none":
            raise NotMeasured(
                "authorized_keys: the keys of AuthorizedKeysCommand for %s are unknown" % login["account"]
            )


CONTROL = Control(
    "2.1",
    "No account logs in without a key, and authorized keys have an allowed type and length.",
    "high",
    "Run the role sftp_server. Replace weak keys with the role client_key_rotation.",
    (
        Check(SFTP_SERVER, ("sshd_settings",), _settings),
        Check(SFTP_SERVER, ("authorized_keys", "sshd_settings"), _keys),
        attacked(SFTP_SERVER, "ssh_attacks", "login_without_key", "expired_certificate"),
    ),
    "Passphrases of keys are not visible to a server, and keys in certificates are not listed. Accounts that only a "
    "name service knows are observed if they are named.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of logins.

- 2.1: logins need a strong key.
- 2.2: FTPS logins need a client certificate; else passwords are hashed well and changed.
- 2.3: sshd lets people in only with a second factor.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..control import FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..policy import span
from ..values import Settings, attacked, changeable, first, is_on, is_within, logins, moment, unseen

_ROOT_WITHOUT_PASSWORD = ("no", "prohibit-password", "without-password", "forced-commands-only")
_STRONG = ("y", "gy", "7", "6", "5")
"""Ids of yescrypt, gost-yescrypt, scrypt, SHA-512 and SHA-256 in crypt(5)."""
_LOCKED = "locked"
_DEMANDS = ("ssl_request_cert", "require_cert", "validate_cert")


def _settings(subject: Subject) -> Iterator[Gap]:
    for login in logins(subject):
        name, settings = login["shown"], login["settings"]
        if first(settings, "permitemptypasswords") != "no":
            yield Gap(f"{name}: PermitEmptyPasswords yes", "PermitEmptyPasswords no", "critical")
        if first(settings, "pubkeyauthentication") != "yes":
            yield Gap(f"{name}: PubkeyAuthentication no", "PubkeyAuthentication yes", "high")
        for shown in _without_key(login["account"], settings):
            yield Gap(f"{name}: {shown} yes", f"{shown} no, or a key in AuthenticationMethods", "high")


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
        shown = f"{key['account']}: {key['type']} key of {key['bits']} bits, {key['fingerprint']}"
        if key["type"] not in policy.key_types:
            yield Gap(shown, " or ".join(policy.key_types), "medium")
        elif key["type"] == "RSA" and key["bits"] < policy.rsa_bits:
            yield Gap(shown, f"RSA keys of {policy.rsa_bits} bits or more", "medium")
    for login in logins(subject):
        if first(login["settings"], "authorizedkeyscommand") != "none":
            raise NotMeasured(f"authorized_keys: the keys of AuthorizedKeysCommand for {login['account']} are unknown")


def _authorities(subject: Subject) -> Iterator[Gap | NotMeasured]:
    """sshd itself reads a file that any account can change."""
    for file in subject.values["user_authorities"]:
        yield from changeable(file["parts"], file["path"].replace("%", "%%") + ": %s")
        yield from unseen(file["parts"], file["target"])


STRONG_KEYS = Control(
    "2.1",
    "No account logs in without a key, authorized keys have an allowed type and length, and root alone can change the "
    "authorities of certificates.",
    "high",
    "Run the role sftp_server. Replace weak keys with the role client_key_rotation.",
    (
        Check(SFTP_SERVER, ("sshd_settings",), _settings),
        Check(SFTP_SERVER, ("authorized_keys", "sshd_settings"), _keys),
        Check(SFTP_SERVER, ("user_authorities",), _authorities),
        attacked(SFTP_SERVER, "ssh_attacks", "login_without_key", "expired_certificate"),
    ),
    "Passphrases of keys are not visible to a server, and keys in certificates are not listed. Accounts that only a "
    "name service knows are observed if they are named.",
)


def _judge_ftps_logins(subject: Subject) -> Iterator[Gap]:
    if all(is_on(subject.values["ftps_settings"], name) for name in _DEMANDS):
        return
    if not subject.named.accounts:
        raise NotMeasured("accounts: no account of a partner is named")
    named = [each for each in subject.values["passwords"] if each["account"] in subject.named.accounts]
    usable = [each for each in named if each["kind"] != _LOCKED]
    yield from _weak(usable)
    for each in usable:
        yield from _old(subject, each["account"], each["changed"])
    unseen = set(subject.named.accounts) - {each["account"] for each in named}
    if unseen:
        raise NotMeasured(f"passwords: there is no entry of {', '.join(sorted(unseen))}")


def _weak(passwords: Sequence[Mapping[str, Any]]) -> Iterator[Gap]:
    for each in passwords:
        if each["kind"] not in _STRONG:
            shown = f"{each['account']}: hash of the kind {each['kind']}"
            yield Gap(shown, "yescrypt, scrypt, SHA-512 or SHA-256", "high")


def _old(subject: Subject, account: str, changed: str) -> Iterator[Gap]:
    most = subject.policy.password_max_age
    if not is_within(subject, changed, most):
        shown = f"{account}: password of {changed[:10]}"
        yield Gap(shown, f"a password of the last {span(most)}", "medium")


FTPS_LOGINS = Control(
    "2.2",
    "The FTPS server demands client certificates, or the passwords of partners have strong hashes and are young.",
    "medium",
    "Set ftps_server_require_client_cert, or change the passwords with the role password_rotation.",
    (
        Check(FTPS_SERVER, ("ftps_settings", "passwords"), _judge_ftps_logins),
        attacked(FTPS_SERVER, "tls", "client_certificate", "any_login"),
    ),
    "A hash does not show the length of a password. Second passwords during a rotation are not measured.",
)


def _judge_second_factor(subject: Subject) -> Iterator[Gap]:
    if not subject.named.people:
        raise NotMeasured("people: no account of a person is named")
    found = {each["account"]: each for each in subject.values["second_factors"]}
    for name in filter(found.__contains__, subject.named.people):
        if not found[name]["factors"]:
            yield Gap(f"{name}: no second factor", "fido2 or totp", "high")
        pending = found[name]["pending_until"]
        if pending and moment(pending) > subject.now:
            yield Gap(f"{name}: logs in without a code until {pending}", "an enrolled second factor", "medium")
    missing = [name for name in subject.named.people if name not in found]
    if missing:
        raise NotMeasured(f"second_factors: not observed: {', '.join(missing)}")


SECOND_FACTOR = Control(
    "2.3",
    "Each account of a person needs a second factor in each login over SSH.",
    "high",
    "Run the role mfa.",
    (Check(SFTP_SERVER, ("second_factors",), _judge_second_factor), attacked(SFTP_SERVER, "ssh_attacks", "key_alone")),
    "Only the named people are judged. Logins at a console and over FTPS are not measured.",
)

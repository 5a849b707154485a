# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 6.2: sshd offers only algorithms of the profiles of sshd_change, and host keys are long enough."""

from __future__ import annotations

from typing import FrozenSet, Iterator

from ...sshd.profiles import PROFILES
from ..attack_results import attacked
from ..control import SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..sshd_words import Settings, logins, seconds, words

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


def _algorithms(subject: Subject) -> Iterator[Gap]:
    for login in logins(subject):
        for keyword in _KEYWORDS:
            weak = [each for each in words(login["settings"], keyword.lower()) if each not in _allowed(keyword)]
            if weak:
                shown = "%s: %s has %s" % (login["shown"], keyword, ", ".join(weak))
                yield Gap(shown, "algorithms of the profiles of sftp_server", "high")
        yield from _shortest_rsa(login["shown"], login["settings"])


def _shortest_rsa(account: str, settings: Settings) -> Iterator[Gap]:
    # OpenSSH before 9.1 has no limit, and does not print the keyword.
    bits = seconds(settings, "requiredrsasize") if "requiredrsasize" in settings else 0
    if bits < _RSA_BITS:
        yield Gap("%s: RequiredRSASize %s" % (account, bits or "not set"), "%d or more" % _RSA_BITS, "medium")


def _allowed(keyword: str) -> FrozenSet[str]:
    return frozenset(each for profile in PROFILES.values() for each in profile.algorithms[keyword])


def _host_keys(subject: Subject) -> Iterator[Gap]:
    if not subject.values["host_keys"]:
        raise NotMeasured("host_keys: sshd names no host key")
    for each in subject.values["host_keys"]:
        least = _HOST_KEYS.get(each["type"])
        if least is None or each["bits"] < least:
            shown = "%s: %s of %d bits" % (each["path"], each["type"], each["bits"])
            yield Gap(shown, "Ed25519, or RSA of %d bits or more" % _RSA_BITS, "high")


CONTROL = Control(
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

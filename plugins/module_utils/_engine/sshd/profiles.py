# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server is configured: data, with the date in their names, so that a result can be repeated.

A later year gets new profiles; existing profiles never change. Differences between servers come from the role's
options.
"""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Tuple

# In the order of ssh-audit's policies, which hold a longer key against quantum computers.
_PQ_CIPHERS = (
    *("chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes192-ctr"),
    *("aes128-gcm@openssh.com", "aes128-ctr"),
)
_CIPHERS = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr")
_CHACHA = "chacha20-poly1305@openssh.com"
_ETM = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "umac-128-etm@openssh.com")
_PQ = ("mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com")
_SIGNATURES = (
    *("ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com"),
    *("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com"),
    *("rsa-sha2-512", "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256", "rsa-sha2-256-cert-v01@openssh.com"),
)
_ECDSA = ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com")

_COMMON = {
    "RequiredRSASize": "3072",
    "PubkeyAuthentication": "yes",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "PermitEmptyPasswords": "no",
    "HostbasedAuthentication": "no",
    "KerberosAuthentication": "no",
    "GSSAPIAuthentication": "no",
    "IgnoreRhosts": "yes",
    "IgnoreUserKnownHosts": "yes",
    "StrictModes": "yes",
    "PermitUserEnvironment": "no",
    "PermitUserRC": "no",
    "PermitTunnel": "no",
    "GatewayPorts": "no",
    "X11Forwarding": "no",
    "X11UseLocalhost": "yes",
    "Compression": "no",
    "TCPKeepAlive": "no",
    "UseDNS": "no",
    "PrintMotd": "no",
    "PrintLastLog": "no",
    "LogLevel": "VERBOSE",
    "SyslogFacility": "AUTH",
    "Subsystem": "sftp internal-sftp -f AUTHPRIV -l VERBOSE",
}

SINCE: Mapping[str, Tuple[int, int]] = {
    "RequiredRSASize": (9, 1),
    "ChannelTimeout": (9, 2),
    "UnusedConnectionTimeout": (9, 2),
    "PerSourcePenalties": (9, 8),
    "PerSourcePenaltyExemptList": (9, 8),
    "RefuseConnection": (9, 9),
}
"""The version that brought a keyword; an older sshd would not start with it."""


class Profile(NamedTuple):
    """A dated configuration.

    name: with its year
    algorithms: keyword -> allowed algorithms, the best first; algorithms that an sshd does not know are left out
    settings: keyword -> value
    rsa_bits: the required length of an RSA host key
    """

    name: str
    algorithms: Mapping[str, Tuple[str, ...]]
    settings: Mapping[str, str]
    rsa_bits: int = 0


PROFILES: Dict[str, Profile] = {
    # Key exchange with a post-quantum part alone, as ssh-audit's newest policies ask: clients from OpenSSH 8.5 on.
    "pq_only-2026": Profile(
        name="pq_only-2026",
        algorithms={
            "KexAlgorithms": _PQ,
            "Ciphers": _PQ_CIPHERS,
            "MACs": _ETM,
            "HostKeyAlgorithms": _SIGNATURES,
            "PubkeyAcceptedAlgorithms": _SIGNATURES,
            "CASignatureAlgorithms": ("ssh-ed25519", "sk-ssh-ed25519@openssh.com", "rsa-sha2-512", "rsa-sha2-256"),
        },
        settings=_COMMON,
        rsa_bits=4096,
    ),
    # The requirements of the dev-sec SSH baseline, with the post-quantum exchanges first: clients of the last ten
    # years.
    "compatible-2026": Profile(
        name="compatible-2026",
        algorithms={
            "KexAlgorithms": (
                *_PQ,
                *("curve25519-sha256", "curve25519-sha256@libssh.org", "diffie-hellman-group-exchange-sha256"),
            ),
            "Ciphers": (_CHACHA, *_CIPHERS),
            "MACs": (*_ETM, "hmac-sha2-512", "hmac-sha2-256"),
            "HostKeyAlgorithms": _SIGNATURES,
            "PubkeyAcceptedAlgorithms": (*_SIGNATURES, *_ECDSA),
            "CASignatureAlgorithms": (
                *("ssh-ed25519", "sk-ssh-ed25519@openssh.com", "rsa-sha2-512", "rsa-sha2-256"),
                *_ECDSA,
            ),
        },
        settings=_COMMON,
    ),
}

PROFILE_NAMES = ("compatible", "pq_only", *sorted(PROFILES))


def profile_named(name: str) -> Profile:
    """Return the profile of this name; a name without a year means the newest profile."""
    return PROFILES[max(each for each in PROFILES if each == name or each.rpartition("-")[0] == name)]

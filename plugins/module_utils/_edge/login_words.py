# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a login as the operator writes them, checked before any program or server sees them: hosts, accounts,
ports, keys and secrets, keys that sign; and the options of each protocol. An option without effect is refused, so that
it gives no false security."""

from __future__ import annotations

import re
from typing import Any, Collection, Dict, Mapping, Optional

from .._engine.errors import InvalidRequest
from .._engine.model.endpoint import EXPLICIT, FTPS, IMPLICIT
from .._engine.model.request import Signing
from .._engine.trust.fingerprint import CERTIFICATE
from .quantities import count

# RFC 4217 keeps the port of FTP; IANA's port for ftps uses TLS from the first byte.
_FTPS_PORTS = {EXPLICIT: 21, IMPLICIT: 990}

_LEAVE_OUT = "Leave it out (default(omit)), or set protocol: %s."
_PINS = "Over FTPS certificates prove the server: set ca_file, tls_pins or both, and leave it out (default(omit))."
_FTPS_ACCOUNT = "Over FTPS set username and password, and client_cert_file if the server requires a client certificate."
_PEM = "For a client certificate over TLS set client_cert_file, or certificate and private_key to texts in PEM form."
_HOST_KEYS = (
    "Over SFTP host keys prove the server: set host_keys or known_hosts_file, and leave it out (default(omit))."
)

# Option: the values that have no effect with the other protocol, and the cure. ssh_agent is not listed: FTPS has no
# agent, which is the meaning of ssh_agent: false.
_SSH_ONLY: Dict[str, Any] = {
    "host_keys": ((), _PINS),
    "known_hosts_file": ((), _PINS),
    "private_key": ((), _FTPS_ACCOUNT),
    "private_key_file": ((), _FTPS_ACCOUNT),
    "passphrase": ((), "For the passphrase of a client certificate's key set client_key_passphrase."),
    "certificate_file": ((), "For a client certificate over TLS set client_cert_file."),
    "certificate": ((), _PEM),
    "proxy_jump": ((), _LEAVE_OUT % "sftp"),
    "ssh_config_file": (("none",), _LEAVE_OUT % "sftp"),
    "ssh_client": (("auto",), _LEAVE_OUT % "sftp"),
}
_TLS_ONLY: Dict[str, Any] = {
    "tls_pins": ((), _HOST_KEYS),
    "tls_pins_file": ((), _HOST_KEYS),
    "ca_file": ((), _HOST_KEYS),
    "client_cert_file": ((), "For an SSH user certificate set certificate_file."),
    "client_key_file": ((), "For an SSH key set private_key_file or private_key."),
    "client_key_passphrase": ((), "For the passphrase of an SSH key set passphrase."),
    "tls_mode": ((EXPLICIT,), _LEAVE_OUT % "ftps"),
    "tls_min_version": (("1.2",), _LEAVE_OUT % "ftps"),
    "tls_ciphers": ((), _LEAVE_OUT % "ftps"),
}

# No leading "-" (an option of ssh), nothing that a shell or ssh_config(5) would take apart.
_HOST = re.compile(r"[A-Za-z0-9_.:][A-Za-z0-9_.:-]*\Z")
_HOST_AND_PORT = re.compile(r"(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})\Z")
_ACCOUNT = re.compile(r"""[^-\s'"`;&<>|(){}$%][^\s'"`;&<>|(){}$%]*\Z""")
_JUMP = re.compile(r"(?:(?P<user>.+)@)?(?:\[(?P<address>[^\[\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?\Z")
LAST_PORT = 65535


def secret(option: str, text: Optional[str]) -> Optional[str]:
    """Return a secret that a prompt will be answered with: one line. Errors do not show it."""
    if text is not None and (not text or any(char in text for char in "\0\r\n")):
        raise InvalidRequest(
            f"{option}: is empty or has more than one line",
            cure="Set it to a single line, or leave it out (default(omit)).",
        )
    return text


def key_text(option: str, text: Optional[str]) -> Optional[str]:
    """Key files end with a newline and have Unix line ends; look-ups and web forms often take both away."""
    if text is None:
        return None
    text = text.replace("\r\n", "\n").strip()
    if not text.startswith("-----BEGIN ") or "\0" in text:
        raise InvalidRequest(
            f"{option}: is not the text of a private key",
            cure="Set it to the whole text from -----BEGIN on; for a file use private_key_file.",
        )
    return text + "\n"


def certificate(option: str, text: Optional[str]) -> Optional[str]:
    """Return the line of an SSH certificate, without the white space around it that look-ups leave or remove."""
    if text is None:
        return None
    words = text.split(None, 2)
    if len(words) < 2 or not words[0].endswith(CERTIFICATE) or "\n" in text.strip() or "\0" in text:
        raise InvalidRequest(
            f"{option}: is not the line of an SSH certificate",
            cure="Set it to the line of a -cert.pub file; for a file use certificate_file.",
        )
    return " ".join(words[:2])


def one_line(option: str, path: Optional[str]) -> Optional[str]:
    """Return a file name that will stand in a line of ssh's configuration."""
    if path is not None and (not path or any(char in path for char in '\0\r\n"')):
        raise InvalidRequest(
            f"{option}: {path!r} is not a file name that ssh_config(5) can hold",
            cure="Use a path without quotes and line ends.",
        )
    return path


def signing_key(option: str, given: Mapping[str, Any]) -> Signing:
    """Return the key of an option with the suboptions of argspec.signing_key. Raises InvalidRequest."""
    return Signing(
        private_key_file=one_line(f"{option}.private_key_file", given["private_key_file"]),
        private_key=key_text(f"{option}.private_key", given["private_key"]),
        public_key=given["public_key"],
        passphrase=secret(f"{option}.passphrase", given["passphrase"]),
        certificate_file=one_line(f"{option}.certificate_file", given["certificate_file"]),
    )


def host(option: str, text: str) -> str:
    """Return a host name or address, without brackets and zone."""
    both = _HOST_AND_PORT.match(text)
    if both:
        raise InvalidRequest(
            f"{option}: {text!r} includes a port",
            cure=f"Set {option} to {both.group('host').strip('[]')} and port to {both.group('port')}.",
        )
    if not _HOST.match(text):
        raise InvalidRequest(
            f"{option}: {text!r} is not the name or address of a host",
            cure="Write only the name, in ASCII (xn--... for an international name), or an IP address without "
            "brackets; user and port have separate options.",
        )
    return text


def server(text: Optional[str]) -> str:
    """Return the option `host` of a task; the action plugin has set it if the inventory host is a server."""
    if text is None:
        raise InvalidRequest(
            "host: is not set",
            cure="Set host; or run the task for a host of the inventory, whose variables (ansible_host, ansible_port, "
            "ansible_user) name the server, with delegate_to: localhost.",
        )
    return host("host", text)


def account(option: str, text: Optional[str]) -> Optional[str]:
    """Return the name of an account; None stays None."""
    if text is not None and (not text.isprintable() or text.endswith("\\") or not _ACCOUNT.match(text)):
        raise InvalidRequest(
            f"{option}: {text!r} is not valid as the name of an account",
            cure="Use a name without blanks, quotes, brackets, %, $ and a leading -.",
        )
    return text


def port(option: str, value: Optional[int]) -> Optional[int]:
    """Return a TCP port; None stays None."""
    return None if value is None else count(option, value, least=1, most=LAST_PORT)


def jump(option: str, text: str) -> str:
    """Return one hop of a chain: "host", "user@host", "user@host:port"; an IPv6 address in brackets."""
    match = _JUMP.match(text)
    if match is None:
        raise InvalidRequest(
            f"{option}: {text!r} is not a jump host",
            cure="Write user@host:port, an IPv6 address in brackets, each host as a separate element.",
        )
    host(option, match.group("address") or match.group("host"))
    account(option, match.group("user"))
    port(option, int(match.group("port")) if match.group("port") else None)
    return text


def ftps_port(mode: str) -> int:
    return _FTPS_PORTS[mode]


def foreign_options(protocol: str = "") -> Collection[str]:
    """Return the options that only the other protocol has."""
    return _SSH_ONLY if protocol == FTPS else _TLS_ONLY


def is_pem(certificate: Optional[str]) -> bool:
    """Return whether it is a client certificate for TLS, not the line of an SSH certificate."""
    return (certificate or "").lstrip().startswith("-----BEGIN CERTIFICATE-----")


def require_fitting(params: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for options without meaning for the protocol, and for missing required options."""
    over_tls = params["protocol"] == FTPS
    fitting = ("private_key", "certificate") if over_tls and is_pem(params["certificate"]) else ()
    for option, (harmless, cure) in (_SSH_ONLY if over_tls else _TLS_ONLY).items():
        if params[option] and params[option] not in harmless and option not in fitting:
            raise InvalidRequest(
                "%s: has no meaning over %s" % (option, "FTPS" if over_tls else "SFTP"),
                cure=cure,
            )
    for option in ("username", "password") if over_tls else ():
        if params[option] is None:
            raise InvalidRequest(
                f"{option}: is required to log in over FTPS",
                cure="Set it; for a public server set username to anonymous and password to any word.",
            )

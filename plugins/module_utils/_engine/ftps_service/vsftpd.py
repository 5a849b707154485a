# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""vsftpd: the last line of a name wins, an unknown name stops it, and TLS versions have other names in each release,
which its manual does not document."""

from __future__ import annotations

import re
from typing import List, Optional, Sequence

from ..errors import InvalidRequest
from .config_file import block_of, set_aside, without_block
from .daemon import Daemon, Place
from .settings import Option, Settings, Takes, Value, option_of

_VERSION_OPTIONS = {
    "SSLv2": ("ssl_sslv2",),
    "SSLv3": ("ssl_sslv3",),
    "TLSv1": ("ssl_tlsv1",),
    "TLSv1.1": ("ssl_tlsv11", "ssl_tlsv1_1"),
    "TLSv1.2": ("ssl_tlsv12", "ssl_tlsv1_2"),
    "TLSv1.3": ("ssl_tlsv13", "ssl_tlsv1_3"),
}
_FORCED = (
    "ssl_enable",
    "force_local_logins_ssl",
    "force_local_data_ssl",
    "allow_anon_ssl",
    "force_anon_logins_ssl",
    "force_anon_data_ssl",
)
_MANAGED = frozenset(
    (
        *_FORCED,
        *(name for names in _VERSION_OPTIONS.values() for name in names),
        *("ssl_ciphers", "require_ssl_reuse", "ssl_request_cert", "require_cert", "validate_cert", "ca_certs_file"),
        *("rsa_cert_file", "rsa_private_key_file", "dsa_cert_file", "dsa_private_key_file"),
    )
)
_LINE = re.compile(r"\s*([a-z0-9_]+)=(.*)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NO_DEMAND = ("require_cert=NO", "validate_cert=NO")


class Vsftpd(Daemon):
    """vsftpd, 3.0.3 and newer. A block at the end."""

    name = "vsftpd"
    program = "vsftpd"
    config_file = "/etc/vsftpd.conf"

    def options(self, settings: Settings, takes: Takes, *, implicit: bool) -> Sequence[Option]:
        options: List[Option] = [(name, "YES") for name in _FORCED]
        for version, names in _VERSION_OPTIONS.items():
            known = _first(names, takes)
            if known is not None:
                options.append((known, _yes(version in settings.versions)))
        if settings.ciphers:
            options.append(("ssl_ciphers", settings.ciphers))
        # For any kind of key: OpenSSL looks at the file, not at the name of the option.
        options.append(("rsa_cert_file", settings.pair.certificate))
        options.append(("rsa_private_key_file", settings.pair.key))
        options.append(("require_ssl_reuse", _yes(settings.session_reuse)))
        demanded = settings.client_ca is not None
        options += [(name, _yes(demanded)) for name in ("ssl_request_cert", "require_cert", "validate_cert")]
        if settings.client_ca is not None:
            options.append(("ca_certs_file", settings.client_ca))
        return options

    def further(self, name: str, value: Value) -> Option:
        if name in _MANAGED:
            raise InvalidRequest(f"settings: {name} is set by the profile", cure="Remove it.")
        return option_of(name, value, _NAME, ("YES", "NO"))

    def merged(self, text: str, options: Sequence[Option]) -> str:
        names = _MANAGED.union(name for name, _value in options)
        others = set_aside(without_block(text), lambda line: _name(line) in names)
        if others and not others.endswith("\n"):
            others += "\n"
        return others + self.block(options)

    def block(self, options: Sequence[Option]) -> str:
        return block_of("%s=%s" % option for option in options)

    def is_implicit(self, text: str) -> bool:
        return _last(text, "implicit_ssl").upper() in ("YES", "TRUE", "1")

    def trial(self, option: Option, sentinel: str) -> str:
        return "%s=%s\n%s=YES\n" % (*option, sentinel)

    def trial_command(self, program: str, path: str) -> Sequence[str]:
        return (program, path)

    def candidate(self, text: str, place: Place, *, demand: bool) -> str:
        lines = [*_own_place(place), *_own_account(place), *(() if demand else _NO_DEMAND)]
        return "%s\n%s\n" % (text, "\n".join(lines))

    def command(self, program: str, path: str) -> Sequence[str]:
        return (program, path)


def _own_place(place: Place) -> Sequence[str]:
    own = place.directory
    return (
        *("listen=YES", "listen_ipv6=NO", "listen_address=127.0.0.1", f"listen_port={place.port}"),
        *("background=NO", "max_clients=0", "max_per_ip=0", "tcp_wrappers=NO"),
        *("pasv_enable=YES", "pasv_min_port=0", "pasv_max_port=0", "pasv_addr_resolve=NO"),
        *("syslog_enable=NO", "xferlog_enable=YES", "dual_log_enable=NO", "xferlog_std_format=NO"),
        *(f"vsftpd_log_file={own}/log", f"xferlog_file={own}/xferlog", "log_ftp_protocol=YES"),
        f"secure_chroot_dir={own}/empty",
    )


def _own_account(place: Place) -> Sequence[str]:
    """Return the lines for anonymous logins: neither PAM nor an account of the host is touched."""
    return (
        *("local_enable=NO", "anonymous_enable=YES", "no_anon_password=YES", "deny_email_enable=NO"),
        *("secure_email_list_enable=NO", "userlist_enable=NO", "session_support=NO"),
        *(f"ftp_username={place.account}", f"anon_root={place.tree}", "anon_umask=077"),
        *("write_enable=YES", "anon_upload_enable=YES", "anon_world_readable_only=NO", "anon_max_rate=0"),
        *("download_enable=YES", "dirlist_enable=YES", "chown_uploads=NO", "one_process_model=NO"),
    )


def _name(line: str) -> str:
    found = _LINE.match(line)
    return found.group(1) if found else ""


def _last(text: str, name: str) -> str:
    values = [
        found.group(2).strip() for found in map(_LINE.match, text.splitlines()) if found and found.group(1) == name
    ]
    return values[-1] if values else ""


def _first(names: Sequence[str], takes: Takes) -> Optional[str]:
    return next((name for name in names if takes(name, "NO")), None)


def _yes(value: bool) -> str:
    return "YES" if value else "NO"

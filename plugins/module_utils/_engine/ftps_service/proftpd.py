# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ProFTPD with mod_tls: the first line of a name wins, includes are read where they stand, and a module must be loaded
before its directives.

Its configuration is a text with directives, sections and includes.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
from typing import Callable, Iterator, List, Sequence, Tuple

from ..errors import InvalidRequest
from .config_file import block_of, set_aside, without_block
from .daemon import Daemon, Place
from .settings import Option, Settings, Takes, Value, option_of

_INCLUDE = re.compile(r"""\s*Include\s+"?([^"\s]+)"?\s*$""", re.I)
_OPEN = re.compile(r"\s*<([A-Za-z]+)")
_CLOSE = re.compile(r"\s*</([A-Za-z]+)")
_TRANSPARENT = ("ifmodule", "ifdefine", "ifversion")
_DEEPEST = 8

Picks = Callable[[str], bool]
_LOAD = ("<IfModule !mod_tls.c>", "  LoadModule mod_tls.c", "</IfModule>")
_SECTIONS = ("VirtualHost", "Anonymous", "Directory", "Limit", "Class")
_IMPLICIT = re.compile(r"^[ \t]*TLSOptions\b.*\bUseImplicitSSL\b", re.I | re.M)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def is_one_of(names: str) -> Picks:
    """Return whether a line is one of these directives; the names may be patterns, and no case counts."""
    pattern = re.compile(rf"\s*(?:{'|'.join(names.split())})\s", re.I)
    return lambda line: pattern.match(line + " ") is not None


def main_server(text: str, picks: Picks) -> Picks:
    """Apply `picks` to the lines of `text` in turn that are not inside another server's section."""
    depths = iter(_depths(text))
    return lambda line: next(depths, 0) == 0 and picks(line)


def _depths(text: str) -> Iterator[int]:
    depth = 0
    for line in text.splitlines():
        closed, opened = _CLOSE.match(line), _OPEN.match(line)
        if closed and closed.group(1).lower() not in _TRANSPARENT:
            depth -= 1
        elif opened and opened.group(1).lower() not in _TRANSPARENT:
            depth += 1
        yield depth


def without_sections(text: str, names: Sequence[str]) -> str:
    """Return the text without these sections and all that is in them."""
    wanted = {name.lower() for name in names}
    kept: List[str] = []
    inside = ""
    for line in text.splitlines(keepends=True):
        closed, opened = _CLOSE.match(line), _OPEN.match(line)
        if inside:
            if closed and closed.group(1).lower() == inside:
                inside = ""
        elif opened and opened.group(1).lower() in wanted:
            inside = opened.group(1).lower()
        else:
            kept.append(line)
    return "".join(kept)


def including(text: str, *, depth: int = 0) -> str:
    """Return the text with included files in place of each Include, as ProFTPD reads it; an unreadable Include stays,
    for ProFTPD to report."""
    parts = []
    for line in text.splitlines(keepends=True):
        found = _INCLUDE.match(line)
        parts.append(line if found is None or depth > _DEEPEST else _content(found.group(1), line, depth))
    return "".join(parts)


def _content(pattern: str, line: str, depth: int) -> str:
    paths = sorted(glob.glob(os.path.join(pattern, "*") if os.path.isdir(pattern) else pattern))
    if not paths and not glob.has_magic(pattern) and not os.path.isdir(pattern):
        return line
    parts = []
    for path in paths:
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="surrogateescape") as file:
            parts.append(including(file.read() + "\n", depth=depth + 1))
    return "".join(parts)


_MANAGED = is_one_of(
    "TLSEngine TLSRequired TLSProtocol TLSCipherSuite TLSECDHCurve TLSRSACertificateFile TLSRSACertificateKeyFile "
    "TLSDSACertificateFile TLSDSACertificateKeyFile TLSECCertificateFile TLSECCertificateKeyFile TLSPKCS12File "
    "TLSCertificateChainFile TLSVerifyClient TLSCACertificateFile TLSCACertificatePath TLSOptions"
)
# Options of the running service, of its accounts, or of other servers in the same file.
_OWN_TO_SERVICE = is_one_of(
    "Port DefaultAddress MasqueradeAddress SocketBindTight UseIPv6 PassivePorts DefaultServer ServerType "
    "PidFile ScoreboardFile ScoreboardMutex SystemLog TransferLog ExtendedLog WtmpLog UseLastlog LastlogFile TLSLog "
    "TLSSessionCache TLSStapling.* TLSControlsACLs Controls.* AdminControls.* Delay.* Ban.* Quota.* SFTP.* "
    "SQL.* LDAP.* Radius.* Redis.* Memcache.* Auth[A-Z].* RequireValidShell RootLogin DefaultRoot MaxClients.* "
    "MaxInstances MaxConnectionRate UseFtpUsers UseReverseDNS Trace.* Exec.* Wrap.* GeoIP.* DNSBL.* SNMP.* Forensic.*"
)
_CLIENT_DEMAND = is_one_of("TLSVerifyClient")


class Proftpd(Daemon):
    """ProFTPD 1.3.6 and newer. A block at the beginning."""

    name = "ProFTPD"
    program = "proftpd"
    config_file = "/etc/proftpd/proftpd.conf"

    def options(self, settings: Settings, takes: Takes, *, implicit: bool) -> Sequence[Option]:
        options: List[Option] = [
            ("TLSEngine", "on"),
            ("TLSRequired", "on"),
            ("TLSProtocol", " ".join(settings.versions)),
        ]
        if settings.ciphers:
            options.append(("TLSCipherSuite", settings.ciphers))
        options += _groups(settings.groups, takes)
        options += _certificate(settings)
        options.append(("TLSVerifyClient", "off" if settings.client_ca is None else "on"))
        if settings.client_ca is not None:
            options.append(("TLSCACertificateFile", settings.client_ca))
        words = [
            *(["UseImplicitSSL"] if implicit else []),
            *([] if settings.session_reuse else ["NoSessionReuseRequired"]),
        ]
        if words:
            options.append(("TLSOptions", " ".join(words)))
        return options

    def further(self, name: str, value: Value) -> Option:
        if _MANAGED(name):
            raise InvalidRequest(f"settings: {name} is set by the profile", cure="Remove it.")
        return option_of(name, value, _NAME, ("on", "off"))

    def merged(self, text: str, options: Sequence[Option]) -> str:
        others = without_block(text)
        named = is_one_of(" ".join(name for name, _value in options) or "(?!)")
        replaced = main_server(others, lambda line: _MANAGED(line) or named(line))
        return self.block(options) + set_aside(others, replaced)

    def block(self, options: Sequence[Option]) -> str:
        return block_of((*_LOAD, *("%s %s" % option for option in options)))

    def is_implicit(self, text: str) -> bool:
        return _IMPLICIT.search(text) is not None

    def trial(self, option: Option, sentinel: str) -> str:
        return "\n".join((*_LOAD, "%s %s" % option, f"{sentinel} on", ""))

    def trial_command(self, program: str, path: str) -> Sequence[str]:
        return (program, "-t", "-c", path)

    def candidate(self, text: str, place: Place, *, demand: bool) -> str:
        whole = without_sections(including(text), _SECTIONS)
        kept = [line for line in whole.splitlines() if not _OWN_TO_SERVICE(line)]
        if not demand:
            kept = [line for line in kept if not _CLIENT_DEMAND(line)]
        return "\n".join((*kept, *_own_place(place), *_own_account(place), ""))

    def command(self, program: str, path: str) -> Sequence[str]:
        return (program, "--nodaemon", "-c", path)


def _groups(groups: Sequence[str], takes: Takes) -> Iterator[Option]:
    """Yield all that this OpenSSL knows of them; a list with one that it does not know would be refused whole."""
    name = "TLSECDHCurve"
    known = [group for group in groups if takes(name, group)]
    if known and takes(name, ":".join(known)):
        yield name, ":".join(known)


def _certificate(settings: Settings) -> Iterator[Option]:
    kind = "RSA" if settings.pair.key_type == "rsa" else "EC"
    yield f"TLS{kind}CertificateFile", settings.pair.certificate
    yield f"TLS{kind}CertificateKeyFile", settings.pair.key
    if len(settings.pair.chain) > 1:
        yield "TLSCertificateChainFile", settings.pair.certificate


def _own_place(place: Place) -> Tuple[str, ...]:
    own = place.directory
    return (
        *("ServerType standalone", f"Port {place.port}", "DefaultAddress 127.0.0.1", "SocketBindTight on"),
        *("UseIPv6 off", "UseReverseDNS off", f"PidFile {own}/pid", f"ScoreboardFile {own}/scoreboard"),
        *(f"SystemLog {own}/log", "TransferLog none", "WtmpLog off", f"TLSLog {own}/tls-log"),
        *("<IfModule mod_delay.c>", "DelayEngine off", "</IfModule>"),
        *("<IfModule mod_ctrls.c>", "ControlsEngine off", "</IfModule>"),
        *("<IfModule mod_lastlog.c>", "UseLastlog off", "</IfModule>"),
    )


def _own_account(place: Place) -> Tuple[str, ...]:
    """Return the lines for an anonymous login, which needs no password."""
    return (
        *("AuthOrder mod_auth_unix.c", "UseFtpUsers off"),
        f"<Anonymous {place.tree}>",
        *(f"User {place.account}", f"Group {place.group}", f"UserAlias anonymous {place.account}"),
        *("RequireValidShell off", "Umask 077 077"),
        "</Anonymous>",
    )

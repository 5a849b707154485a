# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real ProFTPD with mod_tls on a free loopback port: MLSD, MFMT, HASH and XSHA256; it demands resumption."""

from __future__ import annotations

__all__ = ["ProftpdFtps"]

from .ftps_server import FtpsServer
from .proftpd import transfer_log
from .server import RUN, write_public

# mod_facts (MLSD, MFMT) is built in.
_MODULES = ("mod_xfer", "mod_ls", "mod_tls", "mod_digest", "mod_site_misc")


class ProftpdFtps(FtpsServer):
    """One ProFTPD; `transcript` is an ExtendedLog of all commands."""

    packages = ("proftpd-core", "proftpd-mod-crypto")

    def transcript(self) -> str:
        written = self._private / "commands"
        return written.read_text(errors="replace") if written.exists() else ""

    def _write_configuration(self, port: int) -> list[str]:
        lines = [*self._lines(port), *self._tls_lines(), *self.options.config]
        write_public(self._private / "proftpd.conf", "".join(f"{line}\n" for line in lines))
        return ["/usr/sbin/proftpd", "--nodaemon", "--config", f"{RUN}/private/proftpd.conf"]

    def _lines(self, port: int) -> list[str]:
        asked = self.options
        limits = [("MaxClients", asked.max_clients), ("MaxClientsPerHost", asked.max_per_ip)]
        return [
            "ModulePath /usr/lib/proftpd",
            *(f"LoadModule {name}.c" for name in _MODULES),
            "ServerType standalone",
            f"ServerName {self.host}",
            f"DefaultAddress {self.host}",
            "SocketBindTight on",
            f"Port {port}",
            # Of two such lines, the first counts.
            *([] if any(line.startswith("PassivePorts ") for line in asked.config) else ["PassivePorts 20000 31999"]),
            "UseIPv6 off",
            "UseReverseDNS off",
            "User nobody",
            "Group nogroup",
            f"Umask {asked.umask} {asked.umask}",
            "WtmpLog off",
            # Names are bytes: no conversion to a character set.
            "UseEncoding off",
            *transfer_log(asked.config),
            'LogFormat spoken "%P %r: %s %S"',
            f"ExtendedLog {RUN}/private/commands ALL spoken",
            f"PidFile {RUN}/proftpd.pid",
            f"ScoreboardFile {RUN}/scoreboard",
            "RequireValidShell off",
            "RootLogin off",
            "AuthOrder mod_auth_unix.c",
            "AllowOverwrite on",
            "AllowStoreRestart on",
            "ListOptions -a",
            *([f"DefaultRoot {self.home}"] if asked.jail else []),
            *(f"{name} {number}" for name, number in limits if number),
        ]

    def _tls_lines(self) -> list[str]:
        private, asked = f"{RUN}/private", self.options
        options = [
            *(["UseImplicitSSL"] if asked.implicit else []),
            *([] if asked.reuse else ["NoSessionReuseRequired"]),
        ]
        lines = [
            "TLSEngine on",
            f"TLSLog {private}/tls-log",
            "TLSRequired on",
            f"TLSProtocol {' '.join(f'TLSv{version}' for version in asked.versions)}",
            *([f"TLSOptions {' '.join(options)}"] if options else []),
            f"{self._key_kind()}CertificateFile {private}/server.pem",
            f"{self._key_kind()}CertificateKeyFile {private}/server.pem",
        ]
        if len(self.certificate.chain.read_text().split("BEGIN")) > 2:
            lines += [f"TLSCertificateChainFile {private}/server.pem"]
        if asked.client_authority is not None:
            lines += ["TLSVerifyClient on", f"TLSCACertificateFile {private}/clients.pem"]
        return lines

    def _key_kind(self) -> str:
        return "TLSRSA" if self.certificate.kind.startswith("rsa") else "TLSEC"

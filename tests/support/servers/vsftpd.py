# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real vsftpd on a free loopback port: TLS forced on both channels, resumption demanded of data connections.

with Vsftpd(versions=("1.3",)) as server:
    session = FtpsSession(endpoint_of(server), credentials_of(server), trust_of(server))
"""

from __future__ import annotations

__all__ = ["Vsftpd"]

from .ftps_server import FtpsServer
from .server import RUN, write_public

_PAM = "auth required pam_unix.so nodelay\naccount required pam_permit.so\nsession required pam_permit.so\n"


class Vsftpd(FtpsServer):
    """One vsftpd; `transcript` has the lines of log_ftp_protocol."""

    packages = ("vsftpd",)

    def _write_configuration(self, port: int) -> list[str]:
        write_public(self._private / "pam", _PAM)
        lines = [*self._lines(port), *self._tls_lines(), *self.options.config]
        write_public(self._private / "vsftpd.conf", "".join(f"{line}\n" for line in lines))
        return ["/usr/sbin/vsftpd", f"{RUN}/private/vsftpd.conf"]

    def _lines(self, port: int) -> list[str]:
        private, asked = f"{RUN}/private", self.options
        lines = [
            "listen=YES",
            f"listen_address={self.host}",
            f"listen_port={port}",
            "background=NO",
            # The filter kills sessions on kernels that are younger than it.
            "seccomp_sandbox=NO",
            "anonymous_enable=NO",
            "local_enable=YES",
            "pam_service_name=vsftpd",
            "write_enable=YES",
            "chmod_enable=YES",
            "mdtm_write=YES",
            "file_open_mode=0666",
            f"local_umask={asked.umask}",
            "dirmessage_enable=NO",
            "pasv_min_port=20000",
            "pasv_max_port=31999",
            "secure_chroot_dir=/run/vsftpd/empty",
            f"vsftpd_log_file={private}/log",
            "xferlog_enable=YES",
            "xferlog_std_format=NO",
            "log_ftp_protocol=YES",
            f"max_clients={asked.max_clients}",
            f"max_per_ip={asked.max_per_ip}",
        ]
        return [*lines, "chroot_local_user=YES"] if asked.jail else lines

    def _tls_lines(self) -> list[str]:
        private, asked = f"{RUN}/private", self.options
        lines = [
            "ssl_enable=YES",
            "force_local_logins_ssl=YES",
            "force_local_data_ssl=YES",
            f"require_ssl_reuse={_yes(asked.reuse)}",
            f"implicit_ssl={_yes(asked.implicit)}",
            f"ssl_tlsv12={_yes('1.2' in asked.versions)}",
            f"ssl_tlsv13={_yes('1.3' in asked.versions)}",
            # The default is one suite with an RSA certificate, in the way of every other kind of key.
            "ssl_ciphers=HIGH",
            f"rsa_cert_file={private}/server.pem",
            f"rsa_private_key_file={private}/server.pem",
        ]
        if asked.client_authority is None:
            return lines
        return [
            *lines,
            "ssl_request_cert=YES",
            "require_cert=YES",
            "validate_cert=YES",
            f"ca_certs_file={private}/clients.pem",
        ]


def _yes(value: bool) -> str:
    return "YES" if value else "NO"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts whose FTPS server tls_policy sets up: the module runs in the server's own root file system, by the Python
there, packed and started by ansible-playbook, next to the running service.

    with VsftpdHost(path) as host:
        result = host.apply(profile="modern")
        host.restart()
"""

from __future__ import annotations

__all__ = ["HOSTS", "PolicyHost", "ProftpdHost", "Vsftpd12Host", "VsftpdHost"]

from pathlib import Path
from typing import Any

from ..running.play import Play
from ..servers.ftps_server import FtpsServer
from ..servers.openssl_server import made_by_openssl
from ..servers.proftpd_ftps import ProftpdFtps
from ..servers.server import RUN, copy_file, write_public
from ..servers.tls_authority import Authority, Certificate
from ..servers.vsftpd import Vsftpd

_TLS_POLICY = "secure.ftp_synchronize.tls_policy"
_PRIVATE = f"{RUN}/private"


class PolicyHost(FtpsServer):
    """One host. Its configuration is the operator's, with old TLS lines in it, until the module writes it."""

    service: str
    config_name: str

    def __init__(self, path: Path, **options: Any) -> None:
        super().__init__(**{"certificate": made_by_openssl(), **options})
        self.authority = type("Own", (), {"file": self.certificate.chain})
        self._path = path
        self.place("server", self.certificate)

    @property
    def config(self) -> Path:
        """The configuration file, on this machine's disk."""
        return self._private / self.config_name

    def place(self, name: str, certificate: Certificate) -> None:
        """Put a certificate and its key onto the host, as NAME-cert.pem and NAME-key.pem."""
        copy_file(certificate.chain, self._private / f"{name}-cert.pem", 0o644)
        copy_file(certificate.key, self._private / f"{name}-key.pem", 0o600)

    def place_authority(self, name: str, authority: Authority) -> None:
        """Put the certificate of an authority onto the host, as NAME-ca.pem."""
        copy_file(authority.file, self._private / f"{name}-ca.pem", 0o644)

    def inside(self, name: str) -> str:
        """The path on the host of a file that was placed."""
        return f"{_PRIVATE}/{name}"

    def task(self, **options: Any) -> dict[str, Any]:
        """Return the options of a task that sets the server up."""
        given = {
            "service": self.service,
            "config_file": self.inside(self.config_name),
            "certificate_file": self.inside("server-cert.pem"),
            "private_key_file": self.inside("server-key.pem"),
            **options,
        }
        return {name: value for name, value in given.items() if value is not None}

    def apply(self, *, keywords: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Run the task on the host. keywords: of the task, such as check_mode."""
        return self.play([{_TLS_POLICY: self.task(**options), **(keywords or {})}])[0]

    def play(self, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run tasks on the host and give their results."""
        interpreter = self._path / "python-of-the-host"
        root = self._private / "root"
        enter = f"nsenter --target {self.pid} --mount --pid -- chroot {root} /usr/bin/python3"
        interpreter.write_text(f'#!/bin/sh\nexport LANG=C.UTF-8\nexec {enter} "$@"\n')
        interpreter.chmod(0o755)
        there = [{**task, "vars": {"ansible_python_interpreter": str(interpreter)}} for task in tasks]
        play = Play(self._path / "play", environment={"ANSIBLE_PIPELINING": "true"})
        played = play.run(there, timeout=500.0)
        assert len(played.results) == len(tasks), played.output
        return played.results

    def restart(self) -> None:
        """Restart the service, as a role does after the file is written."""
        self.stop()
        self.start()

    def left_over(self) -> list[str]:
        """Return the entries of the host's temporary directory, and the processes that do not belong to the service."""
        return [path.name for path in Path(f"/proc/{self.pid}/root/tmp").iterdir()]

    def _write_configuration(self, port: int) -> list[str]:
        if not self.config.exists() or f"{port}" not in self.config.read_text():
            lines = [*self._lines(port), *self._old_tls_lines(), *self.options.config]
            write_public(self.config, "".join(f"{line}\n" for line in lines))
        return self._start_command()

    def _lines(self, port: int) -> list[str]:
        raise NotImplementedError

    def _old_tls_lines(self) -> list[str]:
        raise NotImplementedError

    def _start_command(self) -> list[str]:
        raise NotImplementedError


class VsftpdHost(PolicyHost, Vsftpd):
    """vsftpd of this machine's Debian."""

    packages = ("vsftpd", "python3")
    service = "vsftpd"
    config_name = "vsftpd.conf"

    def _start_command(self) -> list[str]:
        write_public(self._private / "pam", _PAM)
        return ["/usr/sbin/vsftpd", self.inside(self.config_name)]

    def _lines(self, port: int) -> list[str]:
        return Vsftpd._lines(self, port)

    def _old_tls_lines(self) -> list[str]:
        return [
            "# what the operator had",
            "ssl_enable=YES",
            "force_local_logins_ssl=NO",
            "force_local_data_ssl=NO",
            "require_ssl_reuse=NO",
            "ssl_ciphers=HIGH",
            f"implicit_ssl={'YES' if self.options.implicit else 'NO'}",
            f"rsa_cert_file={_PRIVATE}/server.pem",
            f"rsa_private_key_file={_PRIVATE}/server.pem",
        ]


_PAM = "auth required pam_unix.so nodelay\naccount required pam_permit.so\nsession required pam_permit.so\n"


class Vsftpd12Host(VsftpdHost):
    """vsftpd of Debian 12, whose options have other names."""

    release = "bookworm"


class VsftpdUbuntuHost(VsftpdHost):
    """vsftpd of Ubuntu 24.04."""

    release = "noble"


class ProftpdHost(PolicyHost, ProftpdFtps):
    """ProFTPD of this machine's Debian."""

    packages = ("proftpd-core", "proftpd-mod-crypto", "python3")
    service = "proftpd"
    config_name = "proftpd.conf"

    def _start_command(self) -> list[str]:
        return ["/usr/sbin/proftpd", "--nodaemon", "--config", self.inside(self.config_name)]

    def _lines(self, port: int) -> list[str]:
        return ProftpdFtps._lines(self, port)

    def _old_tls_lines(self) -> list[str]:
        options = ["NoSessionReuseRequired", *(["UseImplicitSSL"] if self.options.implicit else [])]
        return [
            "# what the operator had",
            "<IfModule mod_tls.c>",
            "  TLSEngine on",
            "  TLSRequired off",
            "  TLSProtocol TLSv1.2",
            "  TLSCipherSuite HIGH",
            f"  TLSOptions {' '.join(options)}",
            f"  TLSECCertificateFile {_PRIVATE}/server.pem",
            f"  TLSECCertificateKeyFile {_PRIVATE}/server.pem",
            "</IfModule>",
        ]


HOSTS = {
    "vsftpd": VsftpdHost,
    "vsftpd of Debian 12": Vsftpd12Host,
    "vsftpd of Ubuntu 24.04": VsftpdUbuntuHost,
    "proftpd": ProftpdHost,
}

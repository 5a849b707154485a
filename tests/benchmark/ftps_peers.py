# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stock tools as contenders over FTPS: lftp and rclone.

Both check the server's certificate, as secure_sync does.
"""

from __future__ import annotations

__all__ = ["CONTENDERS"]

import subprocess
from functools import partial

from .contender import PEER, Command, Contender, Job
from .workloads import FTPS, IDLE, PUSH, Workload

_LFTP = (
    "set net:max-retries 1; set cmd:fail-exit yes; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; "
    "set ssl:verify-certificate yes; set ssl:check-hostname yes; set ftp:use-mdtm-overloaded yes;"
)
_TUNED = ("--transfers=8", "--checkers=16")


def lftp(job: Job, *, mirror: str, settings: str = "") -> Command:
    """Mirror by lftp."""
    target = job.target
    reverse, source, destination = ("-R", job.near, job.far) if job.direction == PUSH else ("", job.far, job.near)
    newer = "--only-newer" if job.workload.kind == IDLE else ""
    # From standard input, as it has the password.
    script = (
        f'{_LFTP} {settings} set ssl:ca-file "{target.ca_file}"; '
        f'open -u "{target.user},{target.password}" ftp://{target.host}:{target.port}; '
        f"mirror {reverse} {newer} {mirror} {source} {destination}; exit\n"
    )
    return Command(["lftp"], script)


def rclone(job: Job, *options: str) -> Command:
    """Copy, or sync where there is something at the destination."""
    target = job.target
    obscured = subprocess.run(
        ["rclone", "obscure", "-"], input=target.password, capture_output=True, text=True, check=True
    )
    config = job.directory / "rclone.conf"
    lines = {
        "type": "ftp",
        "host": target.host,
        "port": target.port,
        "user": target.user,
        "pass": obscured.stdout.strip(),
        "explicit_tls": "true",
        # vsftpd sets times by MDTM.
        "writing_mdtm": "true",
    }
    config.write_text("[server]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
    verb = "sync" if job.workload.kind == IDLE else "copy"
    source, destination = str(job.near), f"server:{job.far}"
    if job.direction != PUSH:
        source, destination = destination, source
    # Its option --ca-cert is not for FTP.
    trusted = {"SSL_CERT_FILE": str(target.ca_file)}
    return Command(["rclone", verb, "--config", str(config), *options, source, destination], environment=trusted)


def _over_ftps(workload: Workload, _direction: str) -> bool:
    return workload.protocol == FTPS


CONTENDERS = (
    Contender(
        "lftp ftps -P4",
        PEER,
        "`mirror -P4`: four connections; final names are written directly, then mode, and mtime by `MDTM` "
        "(`ftp:use-mdtm-overloaded`); to compare: size and "
        "time (`--only-newer`)",
        partial(lftp, mirror="-P4"),
        _over_ftps,
    ),
    Contender("lftp ftps -P8", PEER, "as before with eight connections", partial(lftp, mirror="-P8"), _over_ftps),
    Contender(
        "rclone ftps",
        PEER,
        "`copy` (`sync` to compare: size and mtime) with its defaults, `writing_mdtm` so that mtimes are set, and "
        "`disable_tls13`, as its uploads fail otherwise: four transfers, final names are written directly, then mtime, "
        "not mode; no hashes",
        rclone,
        _over_ftps,
    ),
    Contender(
        "rclone ftps tuned", PEER, f"as before with `{' '.join(_TUNED)}`", lambda job: rclone(job, *_TUNED), _over_ftps
    ),
)

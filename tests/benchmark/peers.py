# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stock tools as contenders over SFTP: lftp, rclone, sftp, scp, and rsync with its program at the far end."""

from __future__ import annotations

__all__ = ["CONTENDERS", "TUNED", "rclone_config"]

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from .contender import OUR_CIPHER, PEER, RSYNC, Command, Contender, Job
from .workloads import IDLE, PUSH, RENAMED, SFTP, TRANSFER, Workload

TUNED = (
    "--transfers=16",
    "--checkers=16",
    "--sftp-concurrency=128",
    "--sftp-chunk-size=255k",
    "--sftp-disable-hashcheck",
)


def lftp(job: Job, *, mirror: str, settings: str = "") -> Command:
    """Mirror by lftp, whose sftp is a client of its own behind the `ssh` program."""
    reverse, source, destination = ("-R", job.near, job.far) if job.direction == PUSH else ("", job.far, job.near)
    more = {IDLE: "--only-newer", RENAMED: "--delete"}.get(job.workload.kind, "")
    script = (
        f'set sftp:connect-program "ssh -a -x -F {job.target.ssh_config}"; set net:max-retries 1; '
        f"set cmd:fail-exit yes; {settings} open -u {job.target.user},unused sftp://server; "
        f"mirror {reverse} {more} {mirror} {source} {destination}"
    )
    return Command(["lftp", "-c", script])


def rclone_config(job: Job) -> Path:
    """Write the configuration of `server:`."""
    target = job.target
    config = job.directory / "rclone.conf"
    lines = {
        "type": "sftp",
        "host": target.host,
        "port": target.port,
        "user": target.user,
        "key_file": target.key,
        "known_hosts_file": target.known_hosts,
    }
    config.write_text("[server]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
    return config


def rclone(job: Job, *options: str) -> Command:
    """Copy, or sync where there is something at the destination, by rclone's own SSH."""
    source, destination = _from_to(job, f"server:{job.far}")
    verb = ["sync"] if job.workload.kind == IDLE else ["copy"]
    if job.workload.kind == RENAMED:
        verb = ["sync", "--track-renames"]
    return Command(["rclone", *verb, "--config", str(rclone_config(job)), *options, source, destination])


def rclone_tuned(job: Job) -> Command:
    """The same with more at once, and without hashes."""
    strategy = ["--track-renames-strategy=modtime,leaf"] if job.workload.kind == RENAMED else []
    return rclone(job, *TUNED, *strategy)


def sftp(job: Job) -> Command:
    """One recursive put or get from a batch."""
    verb, source, into = ("put", job.near, _parent(job.far))
    if job.direction != PUSH:
        verb, source, into = ("get", job.far, job.near.parent)
    batch = f"{verb} -r {source} {into}\n"
    return Command(["sftp", "-q", "-F", str(job.target.ssh_config), "-b", "-", "server"], batch)


def scp(job: Job) -> Command:
    """One recursive copy; scp speaks SFTP since OpenSSH 9.0."""
    words = [f"{job.near}", f"server:{_parent(job.far)}/"]
    if job.direction != PUSH:
        words = [f"server:{job.far}", f"{job.near.parent}/"]
    return Command(["scp", "-q", "-r", "-F", str(job.target.ssh_config), *words])


def rsync(job: Job) -> Command:
    """An ordinary archive copy over ssh."""
    source, destination = _from_to(job, f"server:{job.far}")
    options = ["-a", "--delete"] if job.workload.kind == RENAMED else ["-a"]
    return Command(["rsync", *options, "-e", f"ssh -F {job.target.ssh_config}", f"{source}/", f"{destination}/"])


def with_our_cipher(command: Callable[[Job], Command], job: Job) -> Command:
    """The same command for an `ssh` that asks for the cipher that this collection asks for."""
    return command(replace(job, target=replace(job.target, ssh_config=job.target.our_cipher)))


def _from_to(job: Job, far: str) -> tuple[str, str]:
    return (str(job.near), far) if job.direction == PUSH else (far, str(job.near))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _in_time(workload: Workload, _direction: str) -> bool:
    return workload.protocol == SFTP


def _to_transfer(workload: Workload, direction: str) -> bool:
    return _in_time(workload, direction) and workload.kind == TRANSFER


def _in_pieces(workload: Workload, direction: str) -> bool:
    return _in_time(workload, direction) and workload.files == 1 and direction != PUSH


def _much_to_encrypt(workload: Workload, direction: str) -> bool:
    return _to_transfer(workload, direction) and workload.size >= 1 << 20 and not workload.delay


def _in_our_cipher(contender: Contender) -> Contender:
    return Contender(
        f"{contender.name}, aes128-gcm",
        OUR_CIPHER[contender.kind],
        f"as {contender.name}, with `Ciphers ^aes128-gcm@openssh.com` for its `ssh`",
        partial(with_our_cipher, contender.command),
        _much_to_encrypt,
    )


_CONTENDERS = (
    Contender(
        "lftp -P4",
        PEER,
        "`mirror -P4`: four connections; final names are written directly, then mode and mtime; to compare: "
        "size and time (`--only-newer`); renames: `--delete`",
        partial(lftp, mirror="-P4"),
        _in_time,
    ),
    Contender(
        "lftp -P8",
        PEER,
        "as before with eight connections, and with `sftp:max-packets-in-flight 256` instead of 16",
        partial(lftp, mirror="-P8", settings="set sftp:max-packets-in-flight 256;"),
        _in_time,
    ),
    Contender(
        "lftp --use-pget-n=4",
        PEER,
        "pull of a single file in four ranges over four connections, 256 packets in flight each; lftp has no such push",
        partial(lftp, mirror="--use-pget-n=4", settings="set sftp:max-packets-in-flight 256;"),
        _in_pieces,
    ),
    Contender(
        "rclone",
        PEER,
        "`copy` (`sync` to compare: size and mtime) with its defaults: four transfers, final names are written "
        "directly, then mtime, not mode; hashes of both ends afterwards by programs at the server (this account has a "
        "shell); renames: `sync --track-renames`, by hashes",
        rclone,
        _in_time,
    ),
    Contender(
        "rclone tuned",
        PEER,
        f"`{' '.join(TUNED)}`: as before, without hashes; renames: `--track-renames-strategy=modtime,leaf`",
        rclone_tuned,
        _in_time,
    ),
    Contender("sftp", PEER, "`put -r`, `get -r`: final names, mode, no mtime, no comparison", sftp, _to_transfer),
    Contender("scp", PEER, "`-r`: final names, mode, no mtime, no comparison", scp, _to_transfer),
    Contender(
        "rsync",
        RSYNC,
        "`-a`: temporary name, mode, mtime, owner if permitted, checksum of the stream, rename; its own program runs "
        "at the server; to compare: size and mtime; renames: `--delete`",
        rsync,
        _in_time,
    ),
)
_BY_SSH = ("lftp -P4", "lftp -P8", "sftp", "scp", "rsync")
CONTENDERS = (*_CONTENDERS, *(_in_our_cipher(each) for each in _CONTENDERS if each.name in _BY_SSH))

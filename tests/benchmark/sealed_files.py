# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted files: pushes with `encrypt` and pulls with `decrypt`, in turns with `rclone crypt` and `restic`."""

from __future__ import annotations

__all__ = [
    "AGE",
    "CONTENDERS",
    "PLAIN",
    "RESTIC",
    "TARGETS",
    "WORKLOADS",
    "changed_table",
    "sealed_missed",
    "sealed_table",
]

import functools
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ..support.scenes.sealed_pair import AgeKey, age_key
from ..support.servers import openpgp_keys
from .contender import OURS, PEER, Command, Contender, Job
from .ours import engine_command
from .peers import TUNED, rclone_config
from .table import Measured, Results, fastest, markdown, ratio, seconds
from .workloads import CHANGED, IDLE, PUSH, TRANSFER, Workload

PLAIN, AGE, AGE_CHECKSUM = "secure_sync, not encrypted", "secure_sync, age", "secure_sync, age, checksum"
RESTIC = "restic"
_KIB, _GIB = 1 << 10, 1 << 30
_PASSWORD = "a password of the benchmark"  # it protects made-up files

_SMALL = Workload(
    "sealed",
    "10,000 files of 4 KiB",
    10_000,
    4 * _KIB,
    slow=(("rclone crypt", 2), ("rclone crypt tuned", 3)),
    sealed=True,
)
_BIG = Workload("sealed-big", "1 file of 1 GiB", 1, _GIB, slow=(("secure_sync, OpenPGP", 2),), sealed=True)
_IDLE = Workload("sealed-idle", "nothing to do, 10,000 files", 10_000, 4 * _KIB, IDLE, sealed=True)
_CHANGED = Workload(
    "sealed-changed", "1 of 10,000 files changed, size and mtime kept", 10_000, 4 * _KIB, CHANGED, rounds=3, sealed=True
)
WORKLOADS = (_SMALL, _BIG, _IDLE, _CHANGED)
TARGETS = {(_SMALL, PUSH): 0.4, (_BIG, PUSH): 1.0, (_IDLE, PUSH): 0.8}
"""The most times as long as the faster `rclone crypt`."""


@functools.cache
def _age() -> AgeKey:
    return age_key()


def _openpgp() -> openpgp_keys.OpenPgpKey:
    return openpgp_keys.key("bench-reader")


def _ours(job: Job, recipient: tuple[str, str], identity: tuple[str, str], **options: str) -> Command:
    """recipient, identity: format and key."""
    name, (format_name, text) = ("encrypt", recipient) if job.direction == PUSH else ("decrypt", identity)
    keys: dict[str, Any] = {name: {"format": format_name, "texts": [text]}}
    return engine_command(job, **keys, **options)


def _with_age(job: Job, **options: str) -> Command:
    return _ours(job, ("age", _age().recipient), ("age", _age().identity), **options)


def _with_openpgp(job: Job) -> Command:
    return _ours(job, ("openpgp", _openpgp().certificate), ("openpgp", _openpgp().private))


def _obscured(password: str) -> str:
    done = subprocess.run(["rclone", "obscure", "-"], input=password, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def rclone_crypt(job: Job, *options: str) -> Command:
    """Copy, or sync where there is something at the destination. Names stay in clear, as secure_sync leaves them."""
    config = rclone_config(job)
    lines = {
        "type": "crypt",
        "remote": f"server:{job.far}",
        "filename_encryption": "off",
        "directory_name_encryption": "false",
        "password": _obscured(_PASSWORD),
    }
    with open(config, "a") as file:
        file.write("[sealed]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
    verb = "copy" if job.workload.kind == TRANSFER else "sync"
    words = [str(job.near), "sealed:"] if job.direction == PUSH else ["sealed:", str(job.near)]
    return Command(["rclone", verb, "--config", str(config), *options, *words])


def _restic(job: Job, *words: str) -> Command:
    ssh = f"sftp.command=ssh -a -x -F {job.target.ssh_config} server -s sftp"
    argv = ["restic", "--quiet", "--repo", f"sftp:server:{job.far}", "--option", ssh, *words]
    # A backup of `.` has the names in the tree, so that they are restored into any directory.
    start = f"cd {shlex.quote(str(job.near))} && " if words[0] == "backup" else ""
    return Command(["sh", "-c", f"{start}exec {shlex.join(argv)}"], environment={"RESTIC_PASSWORD": _PASSWORD})


def restic(job: Job) -> Command:
    """Back up into the repository, or restore the last snapshot."""
    if job.direction == PUSH:
        return _restic(job, "backup", ".")
    return _restic(job, "restore", "latest", "--target", str(job.near))


def _always(workload: Workload, direction: str) -> bool:
    return direction == PUSH or workload.kind == TRANSFER


def _to_find(workload: Workload, direction: str) -> bool:
    return workload.kind == CHANGED and direction == PUSH


def _large(workload: Workload, direction: str) -> bool:
    return workload.files == 1 and _always(workload, direction)


CONTENDERS = (
    Contender(PLAIN, OURS, "the engine without `encrypt`, `proof: none`, `compare: recorded`", engine_command, _always),
    Contender(
        AGE,
        OURS,
        "the engine with `encrypt` and `decrypt`, one X25519 recipient, pyrage, `proof: none`, `compare: recorded`",
        _with_age,
        _always,
    ),
    Contender(
        AGE_CHECKSUM,
        OURS,
        f"as {AGE}, with `compare: checksum`: all contents are hashed here, and nothing is decrypted",
        partial(_with_age, compare="checksum"),
        _to_find,
    ),
    Contender("secure_sync, OpenPGP", OURS, f"as {AGE}, with `format: openpgp`, by gpg", _with_openpgp, _large),
    Contender(
        "rclone crypt",
        PEER,
        "`copy` to a crypt remote over SFTP (`sync` to compare: size and mtime), names in clear; hashes of the "
        "encrypted files afterwards by programs at the server",
        rclone_crypt,
        _always,
    ),
    Contender(
        "rclone crypt tuned",
        PEER,
        f"`{' '.join(TUNED)}`: as before, without hashes",
        lambda job: rclone_crypt(job, *TUNED),
        _always,
    ),
    Contender(
        "rclone crypt --checksum",
        PEER,
        "as rclone crypt with `sync --checksum`; a crypt remote has no hashes, so that only sizes are compared",
        lambda job: rclone_crypt(job, "--checksum"),
        _to_find,
    ),
    Contender(
        RESTIC,
        PEER,
        "`backup` to a repository over SFTP, which was made before, `restore` of the last snapshot; to compare: size, "
        "mtime, ctime and inode. Small files share pack files, and only restic can read them",
        restic,
        _always,
        prepare=lambda job: _restic(job, "init"),
        stored="data",
    ),
)


def sealed_table(results: Results) -> str:
    """Return the medians of encrypted runs and their ratios to the peers, with targets."""
    head = ("work", "", "not encrypted", "age", "rclone crypt", "restic", "/ rclone crypt", "/ restic", "target")
    return markdown(head, [_row(*key, runs) for key, runs in _sealed(results) if key[0].kind != CHANGED])


def changed_table(results: Results) -> str:
    """Return who finds a change that keeps size and mtime, and in which time; "" if that was not measured."""
    rows = [
        [each.contender, seconds(each.median), {True: "yes", False: "no", None: ""}[each.found]]
        for key, runs in _sealed(results)
        if key[0].kind == CHANGED
        for each in runs
    ]
    return markdown(("contender", "seconds", "found"), rows) if rows else ""


def sealed_missed(results: Results) -> list[str]:
    """Return the missed targets, in words."""
    return [line for key, runs in _sealed(results) for line in _missed(*key, runs)]


def _sealed(results: Results) -> Iterator[tuple[tuple[Workload, str], Sequence[Measured]]]:
    return ((key, runs) for key, runs in results.items() if key[0].sealed and runs)


def _row(workload: Workload, direction: str, runs: Sequence[Measured]) -> list[str]:
    plain, sealed, crypt, other = (_best(runs, name) for name in (PLAIN, AGE, "rclone crypt", RESTIC))
    times = [seconds(each.median if each else None) for each in (plain, sealed, crypt, other)]
    shares = ["" if value is None else f"{value:.2f}" for value in (ratio(sealed, crypt), ratio(sealed, other))]
    target = TARGETS.get((workload, direction))
    return [workload.title, direction, *times, *shares, "" if target is None else f"{target:.2f}"]


def _missed(workload: Workload, direction: str, runs: Sequence[Measured]) -> Iterator[str]:
    target, value = TARGETS.get((workload, direction)), ratio(_best(runs, AGE), _best(runs, "rclone crypt"))
    if target is not None and value is not None and value > target:
        yield f"{workload.title}, {direction}, age / rclone crypt is {value:.2f}, target {target:.2f}"
    if any(each.contender == AGE_CHECKSUM and each.found is False for each in runs):
        yield f"{workload.title}: not found by `compare: checksum`"


def _best(runs: Sequence[Measured], name: str) -> Measured | None:
    """Return the fastest contender whose name starts so."""
    return fastest([each for each in runs if each.contender.startswith(name)], OURS, PEER)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/benchmarks.md: the figures, on what they were measured, and what was really done. Pure."""

from __future__ import annotations

__all__ = ["Conditions", "document"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .contender import Contender
from .table import Results, details, memory, missed, summary

_HEAD = """# Benchmarks

Written by `make bench`; each figure here was measured by that run. One sshd and one vsftpd on loopback, the same trees
and the same server for all. The contenders take turns, round by round, in an order that turns too; figures are medians
of wall time in seconds, from the start of a program to its end, log-in included. Before a round the destination is
emptied, which is not measured. Memory is kept that a hypervisor cannot take back between two rounds.
After its first run each contender's copy is checked: number of files and bytes, for ours also SHA-256, mode and time of
each file. A contender that did it wrong has no figure. Nothing to do means that no file is stored anew, which is
checked after every run.

All run as they come. The programs that use `ssh` get the cipher that OpenSSH prefers, chacha20-poly1305; this
collection asks for aes128-gcm first, which processors of today do faster, and rclone takes that too. Where much is
encrypted the others run a second time with that cipher first ("our cipher"), so that the choice of a cipher and the
rest can be told apart. At 20 ms round trip a proxy on the same machine adds 10 ms each way, for all. Over FTPS all
check the certificate, and the server demands TLS on both channels and the resumption of sessions. It speaks TLS 1.2
only, as uploads of the peers over TLS 1.3 fail now and then.
"""


@dataclass(frozen=True)
class Conditions:
    """How the run was made. load: load averages before and after; note: what the reader must know."""

    facts: Mapping[str, str]
    versions: Mapping[str, str]
    rounds: int
    in_memory: bool
    load: tuple[float, float]
    note: str = ""


def document(results: Results, conditions: Conditions, contenders: Sequence[Contender]) -> str:
    """The whole page."""
    workloads = list(dict.fromkeys(workload for workload, _direction in results))
    parts = [_HEAD, _note(conditions), "## Summary\n\n" + _legend(), summary(results), _targets(results)]
    for workload in workloads:
        if not workload.memory:
            parts.append(f"## {workload.title[0].upper()}{workload.title[1:]}\n")
            parts.append(details(results, workload))
    parts += ["## Memory\n\nThe most that our process had in use, MiB; the `ssh` program beside it is not counted.\n"]
    parts += [memory(results), "## What each contender does\n", _steps(contenders)]
    parts += ["## Where it was measured\n", _conditions(conditions)]
    return "\n".join(part for part in parts if part)


def _legend() -> str:
    return (
        "Ours is the engine alone, start of Python included, with `proof: none`: what peers do, and more. A peer is a\n"
        "program that needs nothing but SFTP or FTPS at the server: lftp, rclone, sftp, scp. Same cipher is ours to\n"
        "the fastest peer when `ssh` is told to ask all of them for aes128-gcm first. Hashed is ours to the fastest\n"
        "of lftp and rclone when `sha256sum` follows, as ours hashes everything, too. Read back is ours with\n"
        "`proof: read_back`. In brackets: what is wanted. Playbook is a whole run of ansible-playbook with the\n"
        "module's defaults, every file proven by a hash. Where only a part of the files was moved, the time is in\n"
        "proportion.\n"
    )


def _note(conditions: Conditions) -> str:
    return f"**{conditions.note}**\n" if conditions.note else ""


def _targets(results: Results) -> str:
    lines = missed(results)
    if not any(workload.target or workload.target_memory for workload, _direction in results):
        return ""
    if not lines:
        return "Every target of these was met.\n"
    return "Targets that were missed:\n\n" + "".join(f"- {line}\n" for line in lines)


def _steps(contenders: Sequence[Contender]) -> str:
    return "".join(f"- **{each.name}**: {each.steps}.\n" for each in contenders)


def _conditions(conditions: Conditions) -> str:
    where = "a tmpfs, so that no disk is measured" if conditions.in_memory else "disk, as there was no room in memory"
    rows = [
        *conditions.facts.items(),
        ("both trees on", where),
        ("rounds", f"{conditions.rounds}, fewer where the table says so"),
        ("load average before and after", " and ".join(f"{each:.2f}" for each in conditions.load)),
        *conditions.versions.items(),
    ]
    return "".join(f"- {name}: {value}\n" for name, value in rows)

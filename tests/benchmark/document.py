# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/benchmarks_data.txt: the figures, their environment, and the steps of each contender. Pure."""

from __future__ import annotations

__all__ = ["Conditions", "all_missed", "document"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

from .contender import Contender
from .growth import growth_table
from .sealed_files import TARGETS as SEALED_TARGETS
from .sealed_files import changed_table, sealed_missed, sealed_table
from .signed_sets import TARGETS, signed_missed, signed_table
from .table import Results, details, memory, missed, ratios, times
from .workloads import Workload

_HEAD = """# Benchmark data

`make bench` writes this file and measures each figure in it. The page benchmarks.md explains the
results.

All contenders transfer the same trees to the same server: an sshd or a vsftpd on loopback. They
take turns, round by round, in a rotating order. Figures are medians of wall time in seconds, from
the start of a program to its end, login included. The destination is emptied before each round,
which is not measured. Memory is kept allocated so that a hypervisor cannot take it back between two
rounds. Before a round of renamed or changed files, both trees are made equal, and secure_sync
records that; then the source changes.

After its first run, the copy of each contender is checked: the number of files and bytes, and for
secure_sync also SHA-256, mode and time of each file. A contender with a wrong copy has no figure.
"Nothing to do" means that no file is stored again, which is checked after every run. After a
rename, secure_sync has a figure only if it sent and received 0 bytes of content.

All contenders run with their defaults. Programs that use `ssh` get the cipher that OpenSSH prefers,
chacha20-poly1305. secure_sync requests aes128-gcm first, which current processors compute faster,
and so does rclone. In work with large amounts of data, the others run a second time with that
cipher first ("aes128-gcm"). This separates the effect of the cipher from the rest. At 20 ms round
trip, a proxy on the same machine adds 10 ms each way for all contenders. Over FTPS, all contenders
check the certificate, and the server requires TLS on both channels and session resumption. It
supports TLS 1.2 only, because uploads of the peers over TLS 1.3 sometimes fail. On a line with a
rate, it does not require resumption, because rclone cannot resume.
"""

_LEGEND = """## Summary

secure_sync is the engine alone with `proof: none`, start of Python included. It still does more
than the peers do. A peer is a program that needs nothing but SFTP or FTPS at the server: lftp,
rclone, sftp, scp. Playbook is a whole run of ansible-playbook with the module's defaults, every
file proven by a hash. If a contender transferred only a part of the files, its time is
extrapolated. With changed blocks and pulls of renamed files, secure_sync is the engine with
`proof: auto`, because both need the server's hash, and so it is on a line with a rate. Times are in
seconds:
"""

_RATIOS = """Ratios, with their targets in brackets:

- */ peer* and */ rsync*: secure_sync / fastest peer, secure_sync / rsync. The same work: nothing is
  proven. secure_sync still hashes every byte that it sends or receives.
- *same cipher*: secure_sync / fastest peer, with aes128-gcm first in all `ssh` programs.
- *hashed*: secure_sync / the faster of lftp and rclone followed by `sha256sum`, because secure_sync
  hashes everything too.
- *read back / peer* and *playbook / peer*: secure_sync with `proof: read_back`, and the whole
  playbook, which proves every file by a hash, / fastest peer. secure_sync does more than the peer.
- *always / peer*: secure_sync with `delta: always` at an account without a shell / fastest peer.
"""

_SIGNED = """Signed sets: pushes with `sign` and pulls with `verify`, in turns with the same runs without them.
On a push, both prove files by the server's hash; on a pull, the unsigned run proves nothing. *read
back* is the unsigned run with `proof: read_back`.
"""

_SEALED = """Encrypted files: pushes with `encrypt` and pulls with `decrypt` with `proof: none`, in turns with
`rclone crypt` and `restic` over SFTP. *rclone crypt* is the faster of its two contenders. The
encrypted copy of each contender is read again after its first push, and compared with the source.
"""

_GROWTH = """## Growth

secure_sync with empty files, over SFTP: single runs. The CPU seconds include the `ssh` program.
"""

_CHANGED = """One file changes, and its size and mtime stay. *found* is whether the next push stores it:
"""


@dataclass(frozen=True)
class Conditions:
    """How the run was made. load: load averages before and after; note: a remark for the reader."""

    facts: Mapping[str, str]
    versions: Mapping[str, str]
    rounds: int
    in_memory: bool
    load: tuple[float, float]
    note: str = ""


def document(results: Results, conditions: Conditions, contenders: Sequence[Contender]) -> str:
    """Return the whole file."""
    workloads = list(dict.fromkeys(workload for workload, _direction in results))
    parts = [_HEAD, _note(conditions), _LEGEND, times(results), _RATIOS, ratios(results)]
    if any(workload.signed for workload in workloads):
        parts += [_SIGNED, signed_table(results)]
    if any(workload.sealed for workload in workloads):
        parts += [_SEALED, sealed_table(results), *_changed(results)]
    parts.append(_targets(results))
    for workload in workloads:
        if not workload.alone:
            title = _title(workload)
            parts.append(f"## {title[0].upper()}{title[1:]}\n")
            parts.append(details(results, workload))
    parts += ["## Memory\n\nPeak memory of the secure_sync process in MiB, without the `ssh` program.\n"]
    parts += [memory(results), *_growth(results), "## Steps of each contender\n", _steps(contenders)]
    parts += ["## Environment\n", _conditions(conditions)]
    return "\n".join(part for part in parts if part)


def _title(workload: Workload) -> str:
    kind = "signed sets: " if workload.signed else "encrypted files: " if workload.sealed else ""
    return kind + workload.title


def _growth(results: Results) -> list[str]:
    table = growth_table(results)
    return [_GROWTH, table] if table else []


def _changed(results: Results) -> list[str]:
    table = changed_table(results)
    return [_CHANGED, table] if table else []


def _note(conditions: Conditions) -> str:
    return f"**{conditions.note}**\n" if conditions.note else ""


def all_missed(results: Results) -> list[str]:
    """Return the missed targets of all works, in words."""
    return missed(results) + signed_missed(results) + sealed_missed(results)


def _targets(results: Results) -> str:
    lines = all_missed(results)
    if not any(map(_has_target, results)):
        return ""
    if not lines:
        return "All targets were met.\n"
    return "Missed targets:\n\n" + "".join(f"{_item(line)}\n" for line in lines)


def _item(line: str) -> str:
    return fill(f"- {line}", 100, subsequent_indent="  ", break_on_hyphens=False)


def _has_target(key: tuple[Workload, str]) -> bool:
    workload, direction = key
    return bool(key in TARGETS or key in SEALED_TARGETS or any(workload.targets(direction)) or workload.target_memory)


def _steps(contenders: Sequence[Contender]) -> str:
    return "".join(_item(f"**{each.name}**: {each.steps}.") for each in contenders)


def _item(text: str) -> str:
    return fill(text, 100, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False) + "\n"


def _conditions(conditions: Conditions) -> str:
    where = (
        "a tmpfs, except for the works on a disk" if conditions.in_memory else "a disk, because memory was too small"
    )
    rows = [
        *conditions.facts.items(),
        ("both trees on", where),
        ("rounds", f"{conditions.rounds}, fewer if the table shows so"),
        ("load average before and after", " and ".join(f"{each:.2f}" for each in conditions.load)),
        *conditions.versions.items(),
    ]
    return "".join(f"- {name}: {value}\n" for name, value in rows)

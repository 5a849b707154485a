# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the engine, as a program: a request as JSON on standard input, its result as JSON on standard output.

    python -m ….engine_run [--profile FILE]

It imports nothing but the engine, so that only the engine is measured.
"""

from __future__ import annotations

__all__ = ["main"]

import json
import os
import sys
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    EXTENSIONS,
    Identities,
    Recipients,
    Signing,
    SyncRequest,
    VerifyRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync


def main() -> int:
    request = _request(json.load(sys.stdin))
    report = _profiled(request, sys.argv[2]) if sys.argv[1:2] == ["--profile"] else sync(request)
    print(json.dumps(_result(report)))
    return 1 if report.error or report.problems or any(each.error for each in report.outcomes) else 0


def _request(words: dict[str, Any]) -> SyncRequest:
    words["endpoint"] = Endpoint(**words["endpoint"])
    words["credentials"] = Credentials(**words["credentials"])
    words["trust"] = SshTrust(**words["trust"])
    words["tls"] = TlsTrust(**words["tls"])
    for name, kind in (("sign", Signing), ("verify", VerifyRequest)):
        if name in words:
            words[name] = kind(**words[name])
    for name, sealing in (("encrypt", Recipients), ("decrypt", Identities)):
        if name in words:
            words[name] = sealing(**words[name], extension=EXTENSIONS[words[name]["format"]])
    roots = {name: words[name].encode() for name in ("local_root", "remote_root", "state_dir")}
    return SyncRequest(**{**words, **roots})


def _profiled(request: SyncRequest, file: str) -> SyncReport:
    import cProfile

    profiler = cProfile.Profile()
    try:
        return profiler.runcall(sync, request)
    finally:
        profiler.dump_stats(file)


def _result(report: SyncReport) -> dict[str, Any]:
    errors = [report.error, *report.problems, *(each.error for each in report.outcomes)]
    return {
        "actions": len(report.plan.actions),
        "errors": [str(each) for each in errors if each is not None][:5],
        "proofs": report.proofs,
        "stats": report.stats,
        "notes": report.notes,
        "peak_kib": _peak_kib(),
        "cpu_seconds": _cpu_seconds(),
    }


def _cpu_seconds() -> dict[str, float]:
    """The processor time of this process and of those it started and that have ended, such as `ssh`."""
    times = os.times()
    return {"user": times.user, "system": times.system, "ssh": round(times.children_user + times.children_system, 2)}


def _peak_kib() -> int:
    """The peak memory of this process. getrusage(2) would include the parent's memory at the fork."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    raise RuntimeError("the kernel does not tell the peak of the memory in use")


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This collection as a contender: the engine alone in a Python process, and the module in an ansible-playbook run."""

from __future__ import annotations

__all__ = ["CONTENDERS", "ENGINE", "engine_command", "module_peer", "play_command"]

import json
import os
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import Any

from .contender import OURS, Command, Contender, FtpsTarget, Job
from .workloads import BLOCKS, ENGINE_NAME, IDLE, PULL, PUSH, RENAMED, SFTP, TRANSFER, Workload

_ROOT = Path(__file__).parents[2]
_COLLECTIONS = str(_ROOT / ".cache" / "collections")
_PACKAGE = "ansible_collections.secure.ftp_synchronize.tests.benchmark"
_STEPS = (
    "temporary name with mode 0600, SHA-256 of the source while it is read, mode, mtime, rename after every reply "
    "was seen, lock, digests recorded"
)


def engine_command(job: Job, *options: str, compare: str = "recorded", proof: str = "none", **more: Any) -> Command:
    """The Python of this environment, the engine, one request; `options` are options of engine_run, `more` belongs to
    the request."""
    request = {
        "direction": job.direction,
        "local_root": str(job.near),
        "remote_root": job.far,
        "state_dir": str(job.directory / "state"),
        "run_id": secrets.token_hex(8),
        "compare": compare,
        "proof": proof,
        **_deletion(job),
        **_engine_peer(job),
        **more,
    }
    argv = [sys.executable, "-m", f"{_PACKAGE}.engine_run", *options]
    return Command(argv, json.dumps(request), {"PYTHONPATH": _COLLECTIONS})


def _deletion(job: Job) -> dict[str, bool]:
    """The option of a run that finds old names at the destination: of the request, and of the module."""
    return {"delete": True} if job.workload.kind == RENAMED else {}


def _engine_peer(job: Job) -> dict[str, dict[str, Any]]:
    """The server and its trust: parts of the engine's request."""
    target = job.target
    where = {"protocol": job.workload.protocol, "host": target.host, "port": target.port, "username": target.user}
    if isinstance(target, FtpsTarget):
        tls = {"ca_file": str(target.ca_file)}
        return {"endpoint": where, "credentials": {"password": target.password}, "trust": {}, "tls": tls}
    return {
        "endpoint": {**where, "ssh_config_file": "none"},
        "credentials": {"private_key_file": str(target.key), "ssh_agent": False},
        "trust": {"known_hosts_file": str(target.known_hosts)},
        "tls": {},
    }


def module_peer(job: Job) -> dict[str, Any]:
    """The same as options of the module."""
    target = job.target
    where = {"protocol": job.workload.protocol, "host": target.host, "port": target.port, "username": target.user}
    if isinstance(target, FtpsTarget):
        return {**where, "password": target.password, "ca_file": str(target.ca_file)}
    return {
        **where,
        "private_key_file": str(target.key),
        "known_hosts_file": str(target.known_hosts),
        "ssh_config_file": "none",
        "ssh_agent": False,
    }


def play_command(job: Job) -> Command:
    """A whole ansible-playbook run with one task and the module's defaults."""
    here, there = str(job.near), job.far
    task = {
        "direction": job.direction,
        "src": there if job.direction == PULL else here,
        "dest": here if job.direction == PULL else there,
        **_deletion(job),
        **module_peer(job),
        "state_dir": str(job.directory / "state"),
    }
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": [{"secure.ftp_synchronize.secure_sync": task}],
    }
    playbook = job.directory / "play.yml"
    playbook.write_text(json.dumps([play]))
    home = job.directory / "ansible"
    settings = job.directory / "ansible.cfg"
    settings.write_text("")
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_LOCAL_TEMP": str(home / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(home / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": _COLLECTIONS,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    return Command([str(Path(sys.executable).with_name("ansible-playbook")), str(playbook)], environment=environment)


def _without_proof(workload: Workload, direction: str) -> bool:
    """Nothing that needs a hash of the server: blocks, and files that are moved on a pull."""
    return workload.kind != BLOCKS and (workload.kind != RENAMED or direction == PUSH)


def _to_transfer(workload: Workload, _direction: str) -> bool:
    return workload.kind == TRANSFER


def _with_a_shell(workload: Workload, _direction: str) -> bool:
    return workload.kind != IDLE and workload.protocol == SFTP


def _to_compare(workload: Workload, _direction: str) -> bool:
    return workload.kind == IDLE


def _by_blocks(workload: Workload, _direction: str) -> bool:
    return workload.kind == BLOCKS


def _always(_workload: Workload, _direction: str) -> bool:
    return True


ENGINE = Contender(
    ENGINE_NAME,
    OURS,
    f"{_STEPS}; `proof: none`, `compare: recorded`; renames: `delete`",
    engine_command,
    _without_proof,
)
CONTENDERS = (
    ENGINE,
    Contender(
        "secure_sync, server hash",
        OURS,
        "as secure_sync, plus the server's SHA-256 of the stored file before the rename (`sha256sum` over exec, as "
        "this account has a shell): `proof: auto`, the default; not over FTPS, as vsftpd has no hashes; changed "
        "blocks: `delta: auto`, the default",
        partial(engine_command, proof="auto"),
        _with_a_shell,
    ),
    Contender(
        "secure_sync, read back",
        OURS,
        "as secure_sync, plus reading the stored file back (on a pull, reading the source again) and hashing it "
        "before the rename: `proof: read_back`",
        partial(engine_command, proof="read_back"),
        _to_transfer,
    ),
    Contender(
        "secure_sync, size_mtime",
        OURS,
        "as secure_sync with `compare: size_mtime`: no record is read or written",
        partial(engine_command, compare="size_mtime"),
        _to_compare,
    ),
    Contender(
        "secure_sync, ansible-playbook",
        OURS,
        "the module with its defaults (`proof: auto`), start of ansible-playbook included",
        play_command,
        _always,
    ),
    Contender(
        "secure_sync, delta always",
        OURS,
        "as secure_sync, server hash, with `delta: always`, at an account without a shell: the blocks that were sent "
        "are read back before the rename",
        partial(engine_command, proof="auto", delta="always"),
        _by_blocks,
        shell=False,
    ),
)

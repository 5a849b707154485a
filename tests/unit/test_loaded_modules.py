# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed cost of a task: how many of our files a task with nothing to do loads, and how many are sent to a host.

The task is a push over SFTP in a new process, with a stand-in for `ssh`. All else is real: the module, Ansible's part
of it, the engine, and an SFTP server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.scenes.module_tasks import small_tree
from support.scripted.stand_in_ssh import stand_in_ssh
from support.servers import ssh_keys

OURS = "ansible_collections.secure.ftp_synchronize.plugins.module_utils."
PROGRAM = f"""
import atexit, json, os, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.secure.ftp_synchronize.plugins.modules import secure_sync
def show():
    ours = [module.__spec__ for name, module in sys.modules.items() if name.startswith("{OURS}")]
    files = {{spec.name: os.path.getsize(spec.origin) for spec in ours if spec.has_location}}
    print(json.dumps(files), file=sys.stderr)
atexit.register(show)
with patch_module_args(json.load(sys.stdin)):
    secure_sync.main()
"""


ONE_YEAR_AGO = time.time() - 31_536_000
USED = {
    "_edge": "argspec boundary contract interrupt login_words paths quantities words zip_imports",
    "_edge.sync": "listing params results secure_sync",
    "_engine": "errors",
    "_engine.integrity": "digest tree_record",
    "_engine.model": "display endpoint local_path plan relpath report request tree",
    "_engine.planning": "compare filters planner",
    "_engine.sftp": "client packets pool setting",
    "_engine.ssh": "inputs openssh_config openssh_messages openssh_stream stream",
    "_engine.sync": """
        account backoff claim collector contents engine feature kept_attributes lock lock_holder outcomes overlap
        prepare progress record retry roots run scan selection sessions stage_names
    """,
    "_engine.system": "background boot_id child_processes os_errors pacer",
    "_engine.transport": "base connect",
    "_engine.transport.local": "directories transport",
    "_engine.transport.sftp": "names root scan sessions transport",
    "_engine.trust": "fingerprint known_hosts",
}
"""The files that the task needs, by room. All other files belong to features, which only their option loads."""
BEFORE_THE_FINDER = {"_edge/__init__.py", "_edge/boundary.py", "_edge/zip_imports.py"}
LOADED, SENT, BYTES = 619_600, 308, 575_500
"""Of a task with nothing to do, in the last release: bytes of our modules that it loads, our files that its host gets,
and their compressed size."""
MORE = 1.1
"""How much of them a change may add up to until the next release."""

BUILD = """
import base64, io, json, re, sys, zipfile
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder([sys.argv[1]])._install()
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
built = modify_module(
    module_name="secure.ftp_synchronize.secure_sync",
    module_path=sys.argv[2],
    module_args={},
    templar=Templar(DataLoader()),
    task_vars={"ansible_python_interpreter": sys.executable},
    module_compression="ZIP_DEFLATED",
)
encoded = max(re.findall(rb"[A-Za-z0-9+/=]+", built.b_module_data), key=len)
files = zipfile.ZipFile(io.BytesIO(base64.b64decode(encoded))).infolist()
print(json.dumps([[file.filename, file.compress_size] for file in files if file.file_size]))
open(sys.argv[3], "wb").write(built.b_module_data)
"""
COMPILED = """
import collections, json, runpy, sys
compiled = collections.Counter()
sys.addaudithook(lambda event, args: compiled.update([str(args[1])] if event == "compile" else []))
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(json.dumps(compiled), file=sys.stderr)
"""
"""Run a program, and print how often Python compiled each file."""


class Scene:
    """Two directories and a program `ssh` that serves one of them."""

    def __init__(self, directory: Path) -> None:
        key = ssh_keys.key("unit")
        for path in (*small_tree(directory / "near").rglob("*"), directory / "near"):
            os.utime(path, (ONE_YEAR_AGO, ONE_YEAR_AGO))  # old enough for the record, from the first run on
        (directory / "far").mkdir()
        time.sleep(0.1)  # the record takes no file that was changed within the last 20 ms
        self._environment = {
            **os.environ,
            "PATH": stand_in_ssh(directory / "bin", directory, key),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self._options = {
            "host": "localhost",
            "host_keys": [key.public],
            "state_dir": str(directory / "state"),
            "src": str(directory / "near"),
            "dest": str(directory / "far" / "tree"),
        }

    def push(self) -> tuple[dict[str, Any], dict[str, int]]:
        """Return the result of a task, and the names and sizes of our modules that it loaded."""
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=json.dumps(self._options),
            capture_output=True,
            text=True,
            env=self._environment,
            check=True,
        )
        sizes = json.loads(ran.stderr.splitlines()[-1])
        return json.loads(ran.stdout), {name.removeprefix(OURS): size for name, size in sizes.items()}


@pytest.fixture(scope="module")
def nothing_to_do(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The modules, and their sizes, that are loaded by a push with nothing to do."""
    scene = Scene(tmp_path_factory.mktemp("loaded"))
    first, _loaded = scene.push()
    assert first["stats"]["files_stored"] == 2
    second, loaded = scene.push()
    assert second["msg"] == "nothing to do; 2 files are the same, all proven by an earlier run"
    return loaded


def test_a_push_with_nothing_to_do_loads_little(nothing_to_do: dict[str, int]) -> None:
    print(f"loaded: {sum(nothing_to_do.values())}, {LOADED} in the last release")
    assert sum(nothing_to_do.values()) <= LOADED * MORE, "\n".join(nothing_to_do)


def test_no_module_of_an_unused_feature_is_loaded(nothing_to_do: dict[str, int]) -> None:
    assert sorted(nothing_to_do) == sorted(f"{room}.{name}" for room, names in USED.items() for name in names.split())


class Sent(NamedTuple):
    """The program that a host gets for a task of secure_sync without options."""

    sizes: dict[str, int]
    """Our files in its archive, and their compressed sizes."""
    program: Path


@pytest.fixture(name="sent", scope="module")
def _sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    directory = tmp_path_factory.mktemp("sent")
    collection = "ansible_collections/secure/ftp_synchronize"
    collections = next(path for path in sys.path if Path(path, collection).is_dir())
    module = f"{collections}/{collection}/plugins/modules/secure_sync.py"
    program = directory / "program.py"
    built = subprocess.run(
        [sys.executable, "-c", BUILD, collections, module, str(program)],
        capture_output=True,
        text=True,
        env={**os.environ, "ANSIBLE_LOCAL_TEMP": str(directory), "ANSIBLE_HOME": str(directory)},
        check=True,
    )
    return Sent(
        {name.removeprefix(collection): size for name, size in json.loads(built.stdout) if name.startswith(collection)},
        program,
    )


def test_what_is_sent_to_a_host_does_not_grow(sent: Sent) -> None:
    assert "/plugins/module_utils/_engine/sync/engine.py" in sent.sizes
    print(f"files: {len(sent.sizes)}, {SENT} in the last release; bytes: {sum(sent.sizes.values())}, {BYTES}")
    assert len(sent.sizes) <= SENT * MORE
    assert sum(sent.sizes.values()) <= BYTES * MORE


def test_the_sent_modules_are_compiled_once(sent: Sent) -> None:
    command = [sys.executable, "-c", COMPILED, str(sent.program)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(ran.stdout)["msg"].startswith("missing required arguments")
    compiled = json.loads(ran.stderr.splitlines()[-1])
    ours = {name.split("/module_utils/")[-1]: count for name, count in compiled.items() if "/module_utils/_e" in name}
    assert "_edge/sync/secure_sync.py" in ours
    assert {name for name, count in ours.items() if count > 1} == BEFORE_THE_FINDER

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make demo` in a copy of the repository, without root: its final output, and that it leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.running.processes import lingering, mark
from support.running.slices import slice_of

ROOT = Path(__file__).parents[2]
NOBODY = 65_534


@dataclass
class Clone:
    """A copy of the work tree that belongs to an unprivileged user, and a temporary directory of its own."""

    directory: Path
    temporary: Path

    def start(self, marked: dict[str, str]) -> subprocess.Popen[str]:
        """Start `make demo` in a process group of its own, as a shell with job control would."""
        ours = ("ANSIBLE", "MAKE", "PYTHON", "LC_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        home = self.directory.parent
        return subprocess.Popen(
            ["make", "demo"],
            cwd=self.directory,
            env={**environment, **marked, "HOME": str(home), "TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
            **_unprivileged(),
        )

    def left(self, marked: dict[str, str]) -> tuple[dict[int, str], list[str]]:
        """Return the processes and the temporary files that a demo has left; later demos are not blamed for them."""
        processes, files = lingering(marked), sorted(os.listdir(self.temporary))
        for name in files:
            shutil.rmtree(self.temporary / name)
        return processes, files


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    # Not pytest's own directory, which it keeps closed to other users.
    with tempfile.TemporaryDirectory(prefix="sync-demo-") as name:
        home = Path(name)
        home.chmod(0o755)
        made = Clone(home / "clone", home / "tmp")
        made.directory.mkdir()
        made.temporary.mkdir()
        copy_work_tree(made.directory)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", name], check=True)
        yield made


def copy_work_tree(target: Path) -> None:
    """Copy the files of a clone, committed or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
    for path in {Path(os.fsdecode(each)) for each in listed if each}:
        if (ROOT / path).exists():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, target / path)


def test_two_syncs_and_one_mended_file(clone: Clone) -> None:
    marked = mark()
    with clone.start(marked) as process:
        output = process.communicate()[0]
    assert process.returncode == 0, output
    plugins = clone.directory / "plugins"
    files = [path for path in plugins.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    directories = [path for path in plugins.rglob("*") if path.is_dir() and path.name != "__pycache__"]
    closing = output.partition("=== Summary\n")[2]
    # The tree's own directory is made as well.
    assert f"predicted {len(files)} files in {len(directories) + 1} directories and wrote nothing" in closing
    assert f"stored {sum(path.stat().st_size for path in files):,} bytes" in closing
    assert f"{len(files)} of {len(files)} files were read back" in closing
    assert re.search(r"pinned key SHA256:[A-Za-z0-9+/]{43}\.", closing)
    assert "nothing to do: changed=0, 0 bytes of content moved" in closing
    assert "found the damaged file by its digest, and stored only that file again" in closing
    assert f"{len(files)} files, compared here" in closing
    assert re.findall(r" changed=(\d+) ", output) == ["1", "1", "0", "1"], output
    first = min(path.name for path in directories if path.parent == plugins)
    assert f"+ {first} (directory" in output, "the diff of the check"
    assert len(output.partition("=== 1.")[2].splitlines()) < 100, "short enough to be read"
    assert clone.left(marked) == ({}, [])


# The line that the demo has just printed, the signal, and how long after it: a play has started by then.
INTERRUPTIONS = [("=== 1.", "INT", 1.0), ("=== 2.", "INT", 1.0), ("=== 4.", "INT", 1.0), ("=== 2.", "TERM", 0.0)]


def test_an_interrupted_demo_leaves_nothing(clone: Clone, long_run: bool) -> None:
    for moment, name, later in slice_of(INTERRUPTIONS, long_run=long_run):
        marked = mark()
        with clone.start(marked) as process:
            for line in process.stdout:
                if line.startswith(moment):
                    break
            time.sleep(later)
            interrupt(process, name)
            output = process.communicate()[0]
        assert process.returncode != 0
        assert "Summary" not in output
        assert clone.left(marked) == ({}, []), (moment, name)


def interrupt(process: subprocess.Popen[str], name: str) -> None:
    """As a terminal does it, to all processes of the demo; or as kill(1) does it, to make alone."""
    if name == "INT":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()


def test_a_demo_that_fails_says_so_and_leaves_nothing(clone: Clone) -> None:
    playbook = clone.directory / "playbooks/sync.yml"
    whole = playbook.read_text()
    # A play that reads no content cannot find the damage: the demo must not claim that it was found.
    playbook.write_text(whole.replace("compare: \"{{ sync_compare | default('recorded') }}\"", "compare: size_mtime"))
    assert playbook.read_text() != whole
    marked = mark()
    try:
        with clone.start(marked) as process:
            output = process.communicate()[0]
    finally:
        playbook.write_text(whole)
    assert process.returncode != 0
    assert "The demo failed: " in output
    assert "found the damaged file" not in output
    assert clone.left(marked) == ({}, [])


def _unprivileged() -> dict[str, object]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages for beginners, command by command, from a built artifact in an empty home directory.

The commands run unchanged. A Galaxy server and a repository on this machine take the place of the public servers.
`ansible-builder create` prepares an image; there is no podman to build it. The trial's SSH server gets a free port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.drawing.run import PICTURE, picture, screen, shown
from support.running.page_walk import Step, walk
from support.running.scratch import scratch
from support.servers.galaxy import served_by_galaxy
from support.servers.ports import free_port

ROOT = Path(__file__).parents[2]
PUBLIC = "https://github.com/secure-ftp-synchronize/secure.ftp_synchronize.git"
COMMANDS = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Return a directory with the artifact of this tree, and a repository with its files."""
    directory = scratch("walk")
    try:
        subprocess.run(["scripts/copy-tree", str(directory / "repository")], cwd=ROOT, check=True)
        run("ansible-galaxy", "collection", "build", "--output-path", str(directory), "repository", cwd=directory)
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
        run(*git, "init", "--quiet", "--initial-branch", "main", cwd=directory / "repository")
        run(*git, "add", "--all", cwd=directory / "repository")
        run(*git, "commit", "--quiet", "--message", "all", cwd=directory / "repository")
        yield directory
    finally:
        shutil.rmtree(directory)


def run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, env={"HOME": str(cwd), **COMMANDS}, check=True, capture_output=True)


def artifact(place: Path) -> Path:
    (found,) = place.glob("*.tar.gz")
    return found


def test_the_page_about_the_installation(place: Path) -> None:
    home = place / "install"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "file://{place}/repository"]\n\tinsteadOf = {PUBLIC}\n')
    with served_by_galaxy(artifact(place)) as galaxy:
        steps = walk(ROOT / "docs/install.md", home, {**COMMANDS, "ANSIBLE_GALAXY_SERVER": galaxy}, {})
    version = artifact(place).name.split("-")[2].removesuffix(".tar.gz")
    assert f"secure.ftp_synchronize:{version} was installed successfully" in output(steps, "install ./secure")
    shown = output(steps, "collection list")
    assert f"secure.ftp_synchronize {version}" in shown
    assert "secure.ftp_synchronize.secure_sync " in shown
    assert "was installed successfully" in output(steps, "git+https://")
    assert "was installed successfully" in output(steps, "--offline --force secure_sync/")
    assert "Successfully verified" in output(steps, "verify --offline")
    assert "secure.ftp_synchronize" in (home / "context/_build/requirements.yml").read_text()
    assert not list((home / ".ansible/collections/ansible_collections/secure").iterdir())


def test_the_page_about_the_first_sync(place: Path) -> None:
    home = place / "first"
    home.mkdir()
    if os.geteuid() == 0:  # Without root, sshd needs no directory for the separation of privileges.
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    run("ansible-galaxy", "collection", "install", "--offline", str(artifact(place)), cwd=home)
    try:
        steps = walk(ROOT / "docs/first_sync.md", home, COMMANDS, {"2222": str(free_port())})
    finally:
        if (running := home / "first_sync/sshd.pid").exists():
            os.kill(int(running.read_text()), signal.SIGTERM)
    assert "+ index.html (file" in output(steps, "--check --diff")
    first, second = (step.output for step in steps if "ansible-playbook push.yml\n" in step.commands)
    assert "changed: [localhost]" in first
    assert "index.html" in first
    assert "ok: [localhost]" in second
    assert "changed=0" in second
    repaired = output(steps, "touch -r", after=1)
    assert "index.html" in repaired
    assert "changed: [localhost]" in repaired
    assert repaired.endswith("<h1>Hello</h1>\n")
    assert not (home / "first_sync").exists()
    assert shown(PICTURE.read_text()) <= shown(picture(screen(steps))), "run scripts/draw-run"


def output(steps: list[Step], command: str, *, after: int = 0) -> str:
    """Return the output of the only step with this command, or of a step after it."""
    (found,) = (number for number, step in enumerate(steps) if command in step.commands)
    return steps[found + after].output

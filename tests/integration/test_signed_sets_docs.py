# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/signed_sets.md as it is written: the sender's playbook publishes a set, and the receiver's commands check it.
They find each change that a server could make."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.running.examples import ROOT
from support.servers.ssh_keys import SshKey, key
from support.servers.sshd import Sshd

PAGE = (ROOT / "docs/signed_sets.md").read_text()
RECEIVER, HEAD, SUMS = re.findall(r"^<!-- run: receiver -->\n```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(LINE,) = re.findall(r"^```text\n(release@example\.com namespaces=.*)\n```$", PAGE, re.MULTILINE)
PASSPHRASE = "open the signing key"
FILES = {"a.txt": "alpha", "sub/two words": "beta"}


@pytest.fixture(scope="module")
def signer() -> SshKey:
    return key("release", passphrase=PASSPHRASE)


@pytest.fixture(scope="module")
def delivered(signer: SshKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with `delivery`, published by the playbook, and `allowed_signers` as the page has it."""
    place = tmp_path_factory.mktemp("docs")
    source = place / "source"
    for name, text in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    with Sshd() as server:
        (place / "known_hosts").write_text(server.known_hosts_line())
        variables = {
            "ansible_python_interpreter": sys.executable,
            "publish_host": server.host,
            "publish_port": server.port,
            "publish_user": server.user,
            "publish_login_key": str(server.key.path),
            "publish_known_hosts": str(place / "known_hosts"),
            "publish_ssh_config": "none",
            "publish_src": str(source),
            "publish_dest": f"{server.remote_root}/release",
            "publish_state_dir": str(place / "state"),
            "publish_signing_key": str(signer.path),
            "publish_signing_passphrase": PASSPHRASE,
        }
        for changed in ("changed=1", "changed=0"):
            done = subprocess.run(
                ["ansible-playbook", "-vvv", str(ROOT / "playbooks/publish_signed.yml"), "-e", json.dumps(variables)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            assert changed in done.stdout, done.stdout
            assert "manifest 1 is valid until" in done.stdout
            assert PASSPHRASE not in done.stdout.replace(json.dumps(variables), "")
        shutil.copytree(server.root / "release", place / "delivery")
    line = re.sub(r"ssh-ed25519 AAAA\S*", signer.public, LINE)
    assert line != LINE
    (place / "allowed_signers").write_text(line + "\n")
    return place


@pytest.fixture
def copy(delivered: Path, tmp_path: Path) -> Path:
    shutil.copytree(delivered, tmp_path / "copy")
    return tmp_path / "copy"


def run(place: Path, *blocks: str) -> subprocess.CompletedProcess[str]:
    script = "set -eu\n" + "\n".join(blocks)
    return subprocess.run(["bash", "-c", script], cwd=place, capture_output=True, text=True, check=False)


def test_the_receivers_commands_accept_the_set(copy: Path) -> None:
    done = run(copy, RECEIVER)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('Good "manifest@ftp-synchronize" signature for release@example.com')
    assert len(done.stdout.splitlines()) == 1, "mtree prints nothing"
    head = run(copy, RECEIVER, HEAD).stdout.splitlines()[1:]
    pattern = [re.sub(r": .*", ":", line) for line in head]
    assert pattern == [re.sub(r": .*", ":", line) for line in PAGE.split("```text\n")[2].split("\n```")[0].splitlines()]
    sums = run(copy, RECEIVER, SUMS)
    assert (sums.returncode, sums.stdout.splitlines()[1:]) == (0, ["SHA256SUMS: OK"])


CHANGES = {
    "changed": lambda tree: (tree / "a.txt").write_text("ALPHA"),
    "missing": lambda tree: (tree / "a.txt").unlink(),
    "added": lambda tree: (tree / "virus").write_text("x"),
    "manifest": lambda tree: (tree / "MANIFEST/000001.mtree").write_text("#mtree\n"),
    "signature": lambda tree: (tree / "MANIFEST/000001.mtree.sig").write_text("-----BEGIN SSH SIGNATURE-----\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_receivers_commands_find_a_change(change: str, copy: Path) -> None:
    CHANGES[change](copy / "delivery")
    done = run(copy, RECEIVER)
    assert done.returncode or len(done.stdout.splitlines()) > 1, done.stdout


@pytest.mark.parametrize("file", ["a.txt", "SHA256SUMS"])
def test_the_sums_find_a_change(file: str, copy: Path) -> None:
    with (copy / "delivery" / file).open("a") as changed:
        changed.write("\n")
    assert run(copy, RECEIVER.replace("mtree -f", "true mtree -f"), SUMS).returncode


def test_another_key_is_not_believed(copy: Path) -> None:
    allowed = (copy / "allowed_signers").read_text()
    (copy / "allowed_signers").write_text(re.sub(r"ssh-ed25519 \S+", key("other").public, allowed))
    assert run(copy, RECEIVER).returncode

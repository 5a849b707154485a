# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/encryption.md as it is written: the playbook publishes encrypted files, the page's task fetches them, and a
reader's commands open them with the program age."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judges.canaries import Canaries
from support.judges.set_judges import PRINCIPAL
from support.running.examples import ROOT
from support.running.play import Play
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd

PAGE = (ROOT / "docs/encryption.md").read_text()
ONE, ALL, JUDGED = re.findall(r"^<!-- run: receiver -->\n```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PUSH, PULL, SIGNED = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
FILES = {"a.txt": "alpha-canary-8841", "sub/two words": "beta-canary-7712"}


@pytest.fixture
def server() -> Iterator[Sshd]:
    with Sshd() as running:
        yield running


def keygen(place: Path) -> str:
    """Make the key of the reader as the page does; return its recipient."""
    subprocess.run(["bash", "-c", "umask 077; age-keygen -o reader.txt"], cwd=place, check=True, capture_output=True)
    words = ["age-keygen", "-y", "reader.txt"]
    return subprocess.run(words, cwd=place, check=True, capture_output=True, text=True).stdout.strip()


def publish(server: Sshd, place: Path, recipient: str, *words: str) -> str:
    variables = {
        "ansible_python_interpreter": sys.executable,
        "publish_host": server.host,
        "publish_port": server.port,
        "publish_user": server.user,
        "publish_login_key": str(server.key.path),
        "publish_known_hosts": str(place / "known_hosts"),
        "publish_ssh_config": "none",
        "publish_src": str(place / "source"),
        "publish_dest": f"{server.remote_root}/documents",
        "publish_state_dir": str(place / "state"),
        "publish_signing_key": str(key("signer").path),
        "publish_recipients": [recipient],
    }
    done = subprocess.run(
        ["ansible-playbook", "-vvv", str(ROOT / "playbooks/publish_sealed.yml"), "-e", json.dumps(variables), *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def task(block: str, server: Sshd, place: Path, **values: object) -> dict[str, Any]:
    """Return the task of a block, with the values that only a reader knows."""
    (found,) = yaml.safe_load(block)
    options = found["secure.ftp_synchronize.secure_sync"]
    options.update(
        host=server.host, port=server.port, username=server.user, private_key_file=str(server.key.path),
        known_hosts_file=str(place / "known_hosts"), ssh_config_file="none", state_dir=str(place / "state-of-task"),
        **values,
    )  # fmt: skip
    if "decrypt" in options:
        options["decrypt"]["identities_file"] = str(place / "reader.txt")
    return found


def fetch(server: Sshd, place: Path) -> dict[str, Any]:
    """Run the task of the page that verifies and decrypts."""
    remote = f"{server.remote_root}/documents"
    found = task(SIGNED, server, place, src=remote, dest=str(place / "restored"))
    found["secure.ftp_synchronize.secure_sync"]["verify"]["allowed_signers_file"] = str(place / "signers")
    return Play(place).run([found]).results[-1]


@pytest.fixture
def place(server: Sshd, tmp_path: Path) -> Path:
    """Return a directory with a source, the key of the server and the line of the signer."""
    for name, text in FILES.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(text)
    (tmp_path / "known_hosts").write_text(server.known_hosts_line())
    (tmp_path / "signers").write_text(f'{PRINCIPAL} namespaces="manifest@ftp-synchronize" {key("signer").public}\n')
    return tmp_path


def test_the_tasks_of_the_page(server: Sshd, place: Path) -> None:
    remote, recipient = f"{server.remote_root}/documents", keygen(place)
    push = task(PUSH, server, place, src=str(place / "source"), dest=remote)
    push["secure.ftp_synchronize.secure_sync"]["encrypt"]["recipients"].append(recipient)
    pull = task(PULL, server, place, src=remote, dest=str(place / "restored"))
    with_text = task(PULL, server, place, src=remote, dest=str(place / "restored"))
    identity = re.findall("AGE-SECRET-KEY-1[A-Z0-9]+", (place / "reader.txt").read_text())[0]
    with_text["secure.ftp_synchronize.secure_sync"]["decrypt"] = {"identities": [identity]}
    played = Play(place).run([push, push, pull, pull, with_text], "-vvv")
    assert [result["changed"] for result in played.results] == [True, False, True, False, False]
    secret = Canaries({"identity": [identity]})
    assert secret.in_text(played.output + json.dumps(played.results)) == set()
    assert secret.in_files(server.root, place / "state-of-task", place / "restored") == set()
    for name, text in FILES.items():
        assert (server.root / "documents" / f"{name}.age").read_bytes().startswith(b"age-encryption.org/v1\n")
        assert (place / "restored" / name).read_text() == text


def test_the_page_from_the_key_to_the_judge(server: Sshd, place: Path) -> None:
    recipient = keygen(place)
    planned = publish(server, place, recipient, "--check", "--diff")
    assert "+ a.txt.age" in planned
    assert not (server.root / "documents").exists()
    assert "changed=1" in publish(server, place, recipient)
    assert "changed=0" in publish(server, place, recipient)
    (place / "source/a.txt").write_text("longer than before, by a few words\n")
    planned = publish(server, place, recipient, "--check", "--diff")
    (line,) = [each for each in planned.splitlines() if each.startswith("~ a.txt.age")]
    assert f": file, {len(FILES['a.txt'])} B, " in line
    assert " -> file, 35 B, " in line
    (place / "source/a.txt").write_text(FILES["a.txt"])
    canaries = Canaries({name: [text] for name, text in FILES.items()})
    assert canaries.in_files(server.root, place / "state") == set(), "nothing in plain form on the server"
    result = fetch(server, place)
    assert result["changed"], result
    assert not fetch(server, place)["changed"]
    shutil.copytree(server.root / "documents", place / "delivery")
    script = "\n".join(["set -eu", ONE, f"({ALL})", JUDGED])
    done = subprocess.run(["bash", "-c", script], cwd=place, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (place / "a.txt").read_text() == FILES["a.txt"]
    for name, text in FILES.items():
        assert (place / "opened" / name).read_text() == text
        assert (place / "restored" / name).read_text() == text

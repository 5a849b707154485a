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
from pathlib import Path

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
SIGNED = next(block for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S) if "principal:" in block)
FILES = {"a.txt": "alpha-canary-8841", "sub/two words": "beta-canary-7712"}


@pytest.fixture
def server() -> Sshd:
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


def fetch(server: Sshd, place: Path) -> dict[str, object]:
    """Run the task of the page that verifies and decrypts."""
    (task,) = yaml.safe_load(SIGNED)
    options = task["secure.ftp_synchronize.secure_sync"]
    options.update(
        host=server.host, port=server.port, username=server.user, private_key_file=str(server.key.path),
        known_hosts_file=str(place / "known_hosts"), ssh_config_file="none", state_dir=str(place / "state-of-reader"),
        src=f"{server.remote_root}/documents", dest=str(place / "restored"),
    )  # fmt: skip
    options["verify"]["allowed_signers_file"] = str(place / "signers")
    options["decrypt"]["identities_file"] = str(place / "reader.txt")
    return Play(place).run([task]).results[-1]


def test_the_page_from_the_key_to_the_judge(server: Sshd, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(text)
    (tmp_path / "known_hosts").write_text(server.known_hosts_line())
    (tmp_path / "signers").write_text(f'{PRINCIPAL} namespaces="manifest@ftp-synchronize" {key("signer").public}\n')
    recipient = keygen(tmp_path)
    planned = publish(server, tmp_path, recipient, "--check", "--diff")
    assert "+ a.txt.age" in planned
    assert not (server.root / "documents").exists()
    assert "changed=1" in publish(server, tmp_path, recipient)
    assert "changed=0" in publish(server, tmp_path, recipient)
    canaries = Canaries({name: [text] for name, text in FILES.items()})
    assert canaries.in_files(server.root, tmp_path / "state") == set(), "nothing in plain form on the server"
    result = fetch(server, tmp_path)
    assert result["changed"], result
    assert not fetch(server, tmp_path)["changed"]
    shutil.copytree(server.root / "documents", tmp_path / "delivery")
    script = "\n".join(["set -eu", ONE, f"({ALL})", JUDGED])
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (tmp_path / "a.txt").read_text() == FILES["a.txt"]
    for name, text in FILES.items():
        assert (tmp_path / "opened" / name).read_text() == text
        assert (tmp_path / "restored" / name).read_text() == text

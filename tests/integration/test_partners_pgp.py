# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/partners_pgp.md as it is written, and playbooks/exchange_openpgp.yml, with a partner that has stock programs:
gpg, sqop and a real sshd. Damaged and foreign files, killed runs, and everything that they leave."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judges.canaries import Canaries
from support.judges.key_leftovers import leftovers, private_memory, wait_until_gone
from support.running.examples import ROOT
from support.running.patience import HANG_SECONDS
from support.running.play import Play
from support.running.scratch import scratch
from support.servers.sshd import Sshd

PAGE = (ROOT / "docs/partners_pgp.md").read_text()
BLOCKS = dict(re.findall(r"^<!-- run: (\w+) -->\n```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
PUSH, PULL = (yaml.safe_load(text)[0] for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
MODULE = "secure.ftp_synchronize.secure_sync"
ORDER, INVOICE = "order-canary-5519\n", "invoice-canary-7302\n"
PARTNER = """
umask 077; mkdir gnupg
key() { gpg --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }'; }
gpg --batch --passphrase '' --quick-generate-key 'Partner <pgp@partner.example>' rsa2048 default 1y
gpg --batch --passphrase '' --quick-add-key "$(key)" rsa2048 encrypt 1y
gpg --armor --export pgp@ > partner.asc
"""
OLD_KEY = """
gpg --batch --passphrase '' --faked-system-time 20200101T000000 --quick-generate-key old@ rsa2048 default 1y
gpg --armor --export old@ > partner.asc
"""


def shell(place: Path, script: str) -> str:
    """Run a block of the page in a directory, with GnuPG's home in it, and end its agent."""
    environment = dict(os.environ, GNUPGHOME=str(place / "gnupg"), HOME=str(place))
    ended = f"trap 'gpgconf --kill all' EXIT\nset -euo pipefail\n{script}"
    done = subprocess.run(
        ["bash", "-c", ended], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Company:
    """Both parties: `ours`, the directory of the page's commands; `partner`, a directory with GnuPG alone."""

    def __init__(self, place: Path, server: Sshd, keys: Path) -> None:
        self.place, self.server = place, server
        self.ours, self.partner = place / "exchange", place / "partner"
        shutil.copytree(keys / "exchange", self.ours)
        shutil.copytree(keys / "partner", self.partner)
        shutil.copy(self.ours / "ours.asc", self.partner)
        (self.partner / "invoice.csv").write_text(INVOICE)
        self.passphrase = (self.ours / "passphrase").read_text().strip()
        (self.outbox, self.inbox) = (server.root / name for name in ("outbox", "inbox"))
        self.out, self.into = place / "out", place / "in"
        for directory in (self.outbox, self.inbox, self.out):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        server.give(server.root)
        (self.out / "order.csv").write_text(ORDER)
        (place / "known_hosts").write_text(server.known_hosts_line())

    def variables(self) -> dict[str, Any]:
        return {
            "ansible_python_interpreter": sys.executable,
            "partner_host": self.server.host,
            "partner_port": self.server.port,
            "partner_user": self.server.user,
            "partner_login_key": str(self.server.key.path),
            "partner_known_hosts": str(self.place / "known_hosts"),
            "partner_ssh_config": "none",
            "partner_state_dir": str(self.place / "state"),
            "partner_out": str(self.out),
            "partner_inbox": f"{self.server.remote_root}/inbox",
            "partner_outbox": f"{self.server.remote_root}/outbox",
            "partner_in": str(self.into),
            "partner_certificates": [(self.partner / "partner.asc").read_text()],
            "partner_identities": [(self.ours / "ours.key").read_text()],
            "partner_openpgp_passphrase": self.passphrase,
        }

    def task(self, of_page: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Return a task of the page for this server and these directories."""
        text = json.dumps(of_page[MODULE])
        for theirs, here in (
            ("/srv/partner/out", str(self.out)),
            ("/srv/partner/in", str(self.into)),
            ("/etc/partner/partner.asc", str(self.partner / "partner.asc")),
            ("/etc/partner/ours.key", str(self.ours / "ours.key")),
            ("/etc/ssh/partner_ed25519", str(self.server.key.path)),
            ("/etc/ssh/partner_known_hosts", str(self.place / "known_hosts")),
            ("sftp.partner.example", self.server.host),
            ('"acme"', json.dumps(self.server.user)),
            ('"inbox"', json.dumps(f"{self.server.remote_root}/inbox")),
            ('"outbox"', json.dumps(f"{self.server.remote_root}/outbox")),
            ("{{ partner_openpgp_passphrase }}", self.passphrase),
        ):
            text = text.replace(theirs, here)
        extra = {"port": self.server.port, "ssh_config_file": "none", "state_dir": str(self.place / "state"), **options}
        return {MODULE: {**json.loads(text), **extra}}


@contextmanager
def short_directory() -> Iterator[Path]:
    """The sockets of GnuPG's agent are in its home, and their paths must be short."""
    place = scratch("pgp")
    try:
        yield place
    finally:
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def keys() -> Iterator[Path]:
    """Yield a directory with the keys of both, made by the page's commands and by the partner's."""
    with short_directory() as place:
        shell(place, BLOCKS["ours"])
        (place / "partner").mkdir()
        shell(place / "partner", PARTNER)
        yield place


@pytest.fixture
def company(keys: Path) -> Iterator[Company]:
    with short_directory() as place, Sshd() as server:
        yield Company(place, server, keys)


@pytest.fixture
def memory() -> Iterator[Path]:
    with private_memory() as made:
        yield made


def test_the_page_and_the_playbook(company: Company) -> None:
    """Both directions, with the partner's own commands; then again without a change."""
    looked = shell(company.partner, BLOCKS["look"])
    assert "[E]" in looked
    assert "expires" in looked
    shell(company.partner, BLOCKS["partner"].splitlines()[0])
    shell(company.partner, BLOCKS["partner"].splitlines()[1])
    shutil.move(company.partner / "invoice.csv.pgp", company.outbox)
    variables = company.variables()
    canaries = Canaries({"key": variables["partner_identities"][0].splitlines()[2:5], "order": [ORDER.strip()],
                         "passphrase": [company.passphrase]})  # fmt: skip
    for changed in ("changed=2", "changed=0"):
        command = ["ansible-playbook", "-v", str(ROOT / "playbooks/exchange_openpgp.yml"), "-e", json.dumps(variables)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert changed in done.stdout, done.stdout
        assert canaries.in_text(done.stdout) == set()
    assert (company.into / "invoice.csv").read_text() == INVOICE
    assert os.listdir(company.inbox) == ["order.csv.pgp"]
    assert canaries.in_files(company.inbox, company.place / "state") == set()
    shutil.copy(company.inbox / "order.csv.pgp", company.partner)
    shell(company.partner, BLOCKS["partner"].splitlines()[2])
    assert (company.partner / "order.csv").read_text() == ORDER
    private = company.partner / "private.asc"
    private.write_text(shell(company.partner, "gpg --armor --export-secret-keys pgp@"))
    judged = subprocess.run(
        ["sqop", "decrypt", str(private)],
        input=(company.inbox / "order.csv.pgp").read_bytes(),
        capture_output=True,
        check=True,
    )
    assert judged.stdout.decode() == ORDER


def test_each_file_fails_by_itself_and_nothing_is_left(company: Company, tmp_path: Path, memory: Path) -> None:
    """Good files arrive and leave the mailbox. Other files stay there, and so do the old files here."""
    theirs, make = company.partner, "gpg --batch --trust-model always"
    shell(theirs, BLOCKS["partner"].splitlines()[0])
    script = f"""
    {make} -r files@example.com -o good.pgp -e invoice.csv
    {make} -r files@example.com --sign -u pgp@ --armor -o signed.pgp -e invoice.csv
    head -c -20 good.pgp > cut.pgp
    (cat good.pgp; echo more) > longer.pgp
    {make} -r pgp@ -o foreign.pgp -e invoice.csv
    {make} -o plain.pgp --store invoice.csv
    {make} -r files@example.com --rfc2440 --disable-mdc -o unprotected.pgp -e invoice.csv
    : > empty.pgp
    """
    shell(theirs, script)
    names = ("good", "signed", "cut", "longer", "foreign", "plain", "unprotected", "empty")
    company.into.mkdir()
    for name in names:
        shutil.copy(theirs / f"{name}.pgp", company.outbox)
        # A file that changed just before stays in the source.
        os.utime(company.outbox / f"{name}.pgp", (1_700_000_000, 1_700_000_000))
        (company.into / name).write_text("old")
    company.server.give(company.outbox)
    play = Play(tmp_path / "play", environment={"XDG_RUNTIME_DIR": str(memory)})
    result = play.run([company.task(PULL, after_transfer="delete")]).results[-1]
    failed = {each["path"]: each["code"] for each in result["failed_items"]}
    damaged = (f"{name}.pgp" for name in ("cut", "longer", "plain", "unprotected", "empty"))
    assert failed == {"foreign.pgp": "identity_missing", **dict.fromkeys(damaged, "sealed_damaged")}
    for name in names:
        arrived = name in ("good", "signed")
        assert (company.into / name).read_text() == (INVOICE if arrived else "old"), name
        assert (company.outbox / f"{name}.pgp").exists() != arrived, name
    assert leftovers(memory) == set()


def test_an_expired_certificate_ends_the_task_before_it_connects(company: Company, tmp_path: Path) -> None:
    theirs = company.partner
    shell(theirs, OLD_KEY)
    result = Play(tmp_path / "play").run([company.task(PUSH, host="192.0.2.1", port=9)]).results[-1]
    assert result["error"]["code"] == "recipient_invalid", result
    assert "encrypt.recipients: item 1 has expired" in result["msg"]
    assert os.listdir(company.inbox) == []


def test_a_killed_module_leaves_no_key_and_no_agent(company: Company, tmp_path: Path, memory: Path) -> None:
    """SIGKILL during a pull: nothing of the module runs any more."""
    theirs = company.partner
    shell(theirs, BLOCKS["partner"].splitlines()[0])
    shell(theirs, "head -c 20000000 /dev/zero | gpg --batch --trust-model always -r files@ -z 0 -o zero.pgp -e")
    shutil.move(theirs / "zero.pgp", company.outbox)
    play = Play(tmp_path / "play", environment={"XDG_RUNTIME_DIR": str(memory)})
    with play.running([company.task(PULL, bandwidth_limit="1M")]) as process:
        deadline = time.monotonic() + HANG_SECONDS
        while len(leftovers(memory)) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        (directory,) = (each for each in leftovers(memory) if not each.isdigit())
        watcher = subprocess.run(["pgrep", "--full", f"sh {directory}$"], capture_output=True, text=True, check=True)
        module = int(Path(f"/proc/{watcher.stdout.split()[0]}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(module, signal.SIGKILL)
        wait_until_gone(memory)
    assert not company.into.exists() or all(name.startswith(".") for name in os.listdir(company.into))


def test_a_service_that_acts_on_uploads(company: Company, tmp_path: Path) -> None:
    """The final name at once; the partner's own gpg opens it."""
    task = company.task(PUSH, in_place=True, proof="none", deliver_once=True)
    first, second = Play(tmp_path / "play").run([task, task]).results
    assert (first["stats"]["files_stored"], second["changed"]) == (1, False)
    shutil.copy(company.inbox / "order.csv.pgp", company.partner)
    shell(company.partner, BLOCKS["partner"].splitlines()[2])
    assert (company.partner / "order.csv").read_text() == ORDER

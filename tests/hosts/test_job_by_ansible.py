# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that ansible-playbook of the host carries out, in the same unit. The tests go through their life in this order.

The host has ansible-core of this machine: hosts reach no mirror.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import ansible
import pytest
from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.judges.watcher import Watcher
from support.running.examples import ROOT
from support.servers import ssh_keys

PACKAGES = ("ansible", "jinja2", "markupsafe", "yaml", "_yaml", "packaging", "resolvelib")
PROGRAM = "#!/usr/bin/python3\nimport sys\nfrom ansible.cli.playbook import main\nsys.exit(main())\n"
COLLECTION = "/usr/share/ansible/collections/ansible_collections/secure/ftp_synchronize"
SECRETS = Canaries({"key": [ssh_keys.key("job").text.splitlines()[2]]})
LOCKED = ssh_keys.key("locked-job", passphrase="canary-of-the-passphrase")
KEY_FILE, ASKED = "/etc/sourced_key", "/usr/local/bin/asked"
# The argument is data, also for Ansible.
SOURCE = f"""#!/bin/sh
[ "$1" = "{{{{ 7 * 7 }}}}" ] || exit 9
id -un >>"$HOME/seen"
echo {LOCKED.passphrase}
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobHost]:
    with SystemdHost("debian13") as host:
        yield JobHost(tmp_path_factory.mktemp("play"), host)


def test_a_host_without_ansible_is_refused(jobs: JobHost) -> None:
    before = jobs.state()
    outcome = jobs.deploy(jobs.job("nightly"), sync_job_program="ansible")
    assert outcome.status != 0
    assert "ansible_missing" in outcome.output
    left = jobs.state().replace(re.search("^/usr/local/lib/.*\n", jobs.state(), re.M).group(), "")
    assert left == before, "nothing but the program sync.pyz"


def test_the_same_record_and_no_secret(jobs: JobHost) -> None:
    install(jobs)
    with Watcher() as watcher:
        outcome = jobs.deploy(jobs.job("nightly"), sync_job_program="ansible")
        assert outcome.status == 0, outcome.output
        assert jobs.start("nightly")
    assert watcher.found(["/usr/bin/ansible-playbook"]), "the program of the host, not of the controller"
    assert watcher.found(SECRETS.texts) == set()
    assert "--ansible" in jobs.inside("systemctl cat secure-sync-nightly")
    record = jobs.last("nightly")
    assert (record["result"], record["totals"]["store"], record["error"]) == ("ok", 1, None)
    assert record["peer"]
    assert jobs.inside("cat /home/peer/nightly/a") == "hello\n"
    assert 'state="ok"} 1' in jobs.inside("cat /var/lib/metrics/ftp_synchronize_job_nightly.prom")
    assert SECRETS.in_text(jobs.inside("journalctl --no-pager --all -o export") + json.dumps(record)) == set()
    search = "grep -rlaF -f - /etc /var /run/secure* /usr/local /tmp /root /home || true"
    assert jobs.inside(search, text=SECRETS.texts[0]) == ""


def test_a_second_deployment_changes_nothing(jobs: JobHost) -> None:
    before = jobs.state()
    outcome = jobs.deploy(jobs.job("nightly"), sync_job_program="ansible")
    assert (outcome.status, "changed=0" in outcome.output) == (0, True), outcome.output
    assert jobs.state() == before


def test_secrets_from_a_file_and_a_program(jobs: JobHost) -> None:
    """The module reads them, once in the check and once in the run."""
    canaries = Canaries({"passphrase": [LOCKED.passphrase], "key": LOCKED.text.splitlines()[1:-1]})
    jobs.inside("cat >>/home/peer/.ssh/authorized_keys", text=f"{LOCKED.public}\n")
    jobs.inside(f"cat >{ASKED}; chmod 755 {ASKED}", text=SOURCE)
    jobs.inside(f"cat >{KEY_FILE}; chmod 600 {KEY_FILE}; chown sync-nightly: {KEY_FILE}", text=LOCKED.text)
    sources = {
        "private_key": {"file": KEY_FILE},
        "passphrase": {"command": ["asked", "{% raw %}{{ 7 * 7 }}{% endraw %}"]},
    }
    job = jobs.job("nightly", secrets={}, options={"secrets_from": sources, "dest": "sourced"})
    with Watcher() as watcher:
        outcome = jobs.deploy(job, options=("-vvv", "--diff"), sync_job_program="ansible")
        assert outcome.status == 0, outcome.output
        assert jobs.start("nightly")
        assert jobs.inside("cat /home/peer/sourced/a") == "hello\n"
        home = "/var/lib/secure_ftp_synchronize/homes/nightly"
        assert jobs.inside(f"cat {home}/seen") == "sync-nightly\n" * 2
        assert jobs.inside("ls /etc/credstore.encrypted | grep nightly || true") == ""
        jobs.inside(f"cat >{ASKED}", text=f"#!/bin/sh\necho $PPID {LOCKED.passphrase} | tee /dev/stderr; exit 3\n")
        assert not jobs.start("nightly")
    error = jobs.last("nightly")["error"]
    assert (error["code"], "ended with status 3: ********" in error["message"]) == ("secret_unavailable", True), error
    assert "secrets_from.passphrase" in error["cure"]
    assert jobs.inside("systemctl show -P ExecMainStatus secure-sync-nightly") == "2\n"
    assert watcher.found(canaries.texts) == set()
    shown = "journalctl --no-pager --all -o export; cat /var/lib/secure_ftp_synchronize/jobs/*/*"
    assert canaries.in_text(outcome.output + jobs.inside(shown)) == set()
    search = "grep -rlaF -f - /etc/credstore.encrypted /etc/secure* /var /run/secure* /tmp /root /home || true"
    assert jobs.inside(search, text="\n".join(canaries.texts)) == ""
    assert jobs.deploy(jobs.job("nightly"), sync_job_program="ansible").status == 0


def test_a_failure_has_the_code_of_the_module(jobs: JobHost) -> None:
    jobs.inside("mv /srv/out /srv/away")
    assert not jobs.start("nightly")
    jobs.inside("mv /srv/away /srv/out")
    assert jobs.last("nightly")["error"]["code"] == "source_missing"
    assert jobs.inside("systemctl show -P ExecMainStatus secure-sync-nightly") == "6\n"


def test_a_host_without_the_collection_keeps_the_former_job(jobs: JobHost) -> None:
    before = jobs.state()
    jobs.inside(f"mv {COLLECTION} /root/collection")
    outcome = jobs.deploy(jobs.job("nightly", options={"dest": "elsewhere"}), sync_job_program="ansible")
    jobs.inside(f"mv /root/collection {COLLECTION}")
    assert outcome.status != 0
    assert "in check mode: ansible_failed" in outcome.output
    assert jobs.state() == before


def install(jobs: JobHost) -> None:
    """Install ansible-core and the collection for all accounts of the host."""
    archive = io.BytesIO()
    installed = Path(ansible.__file__).parents[1]
    with tarfile.open(fileobj=archive, mode="w", dereference=True) as tar:
        metadata = [path.name for path in installed.glob("*.dist-info")]
        for name in (*PACKAGES, *metadata):
            tar.add(installed / name, f"usr/lib/python3/dist-packages/{name}", filter=_sources)
        for name in ("plugins", "meta", "galaxy.yml"):
            tar.add(ROOT / name, f"{COLLECTION[1:]}/{name}", filter=_sources)
        program = tarfile.TarInfo("usr/bin/ansible-playbook")
        program.size, program.mode = len(PROGRAM), 0o755
        tar.addfile(program, io.BytesIO(PROGRAM.encode()))
    jobs.host.enter("tar", "-C", "/", "-x", input=archive.getvalue(), text=False)


def _sources(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    member.uid = member.gid = 0
    return None if "__pycache__" in member.name else member

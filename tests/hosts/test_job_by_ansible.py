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

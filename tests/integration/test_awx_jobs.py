# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of docs/awx.md as jobs in throw-away homes, by ansible-runner, against a real sshd with a jailed
account. In none of them can Ansible write a module with its options, such as the key, to a temporary file: there is
no directory for it."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from support.judges.canaries import Canaries
from support.running.awx_job import AwxJob, CredentialType, JobOutcome
from support.running.examples import ROOT
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd

PASSPHRASE = "open-the-key-of-the-partner"
PAGE = (ROOT / "docs/awx.md").read_text()
TASK = "Push new results"
CONTENT = {"a.csv": b"1;2\n", "empty": b"", "sub/b.bin": bytes(range(256)) * 3000}


def example(title: str) -> str:
    """Return the example of the page that begins with this comment."""
    (text,) = re.findall(rf"^ *```yaml\n( *# {re.escape(title)}\n.*?)^ *```$", PAGE, re.M | re.S)
    return text


PLAYBOOK = example("send_results.yml")
CREDENTIAL = CredentialType(
    yaml.safe_load(example("Input configuration")), yaml.safe_load(example("Injector configuration"))
)


server = served(Sshd, scope="function", jail=True, authorized=(key("partner", passphrase=PASSPHRASE),))


class Template:
    """The job template of the page, with the files that it sends."""

    def __init__(self, server: Sshd, directory: Path) -> None:
        self.server, self.directory = server, directory
        self.source, self.state = directory / "results", directory / "state"
        for name, content in CONTENT.items():
            path = self.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        # The template's variables on the page, with the values of this server.
        self.variables = {
            **dict.fromkeys(yaml.safe_load(example("Variables")), ""),
            "partner_host": server.host,
            "partner_port": server.port,
            "results_directory": str(self.source),
            "results_state": str(self.state),
        }

    @property
    def given(self) -> dict[str, str]:
        """The inputs of the credential."""
        return {
            "username": self.server.user,
            "private_key": self.server.key.text,
            "passphrase": PASSPHRASE,
            "host_keys": "\n".join(self.server.fingerprints),
        }

    def job(self, **given: str) -> AwxJob:
        """The job, with other inputs of the credential."""
        injected = CREDENTIAL.injected({**self.given, **given})
        return AwxJob(self.directory / "jobs", PLAYBOOK, self.variables, credential=injected)

    def arrived(self) -> bool:
        """Whether the server has the sent files, byte for byte, and nothing else."""
        results = self.server.root / "results"
        have = {str(path.relative_to(results)): path.read_bytes() for path in results.rglob("*") if path.is_file()}
        return have == CONTENT

    def is_under_way(self) -> bool:
        """Whether the server has a part of a large file, under a temporary name."""
        for path in self.server.root.rglob(".secure_sync-*.tmp"):
            with contextlib.suppress(FileNotFoundError):  # such as a small file, which has its final name by now
                if path.stat().st_size > 1 << 20:
                    return True
        return False


@pytest.fixture
def template(server: Sshd, tmp_path: Path) -> Template:
    return Template(server, tmp_path)


def stored(outcome: JobOutcome) -> int:
    """How many files a job stored that went well."""
    assert outcome.status == "successful", outcome.output
    return outcome.results[TASK]["totals"]["store"]


def test_a_schedule_sends_once_and_then_rests(template: Template) -> None:
    job = template.job()
    first = job.run()
    assert stored(first) == first.stats["results_sent"]["files_stored"] == len(CONTENT)
    assert template.arrived()
    second = job.run()
    assert stored(second) == 0
    assert not second.results[TASK]["changed"]


def test_a_job_without_its_records_sends_nothing_twice(template: Template) -> None:
    template.job().run()
    shutil.rmtree(template.state)
    again = template.job().run()
    assert stored(again) == 0
    assert again.results[TASK]["stats"]["files_compared"] == len(CONTENT)
    assert not again.results[TASK]["changed"]


def test_a_check_says_what_it_would_do(template: Template) -> None:
    outcome = template.job().run("--check", "--diff")
    assert stored(outcome) == len(CONTENT)
    assert "+ a.csv (file" in outcome.output
    assert list(template.server.root.iterdir()) == []
    assert not template.state.exists()


def test_the_key_of_a_machine_credential(template: Template) -> None:
    """An agent has it, which AWX starts and ends with the job."""
    playbook = PLAYBOOK.replace("ssh_agent: false", "ssh_agent: true")
    playbook = re.sub(r"^ +(private_key|passphrase): .*\n", "", playbook, flags=re.M)
    with Sshd(jail=True, authorized=(key("machine"),)) as server:
        others = Template(server, template.directory)
        shown = {name: text for name, text in CREDENTIAL.injected(others.given).items() if name in playbook}
        variables = {**others.variables, **shown}
        job = AwxJob(others.directory / "jobs", playbook, variables, machine_key=server.key.text)
        assert stored(job.run()) == len(CONTENT)
        assert others.arrived()
        assert stored(job.run()) == 0


def test_a_job_that_fails_says_why(template: Template) -> None:
    outcome = template.job(host_keys="SHA256:" + "A" * 43).run()
    assert outcome.status == "failed"
    assert outcome.results[TASK]["error"]["code"] == "host_key_changed"
    assert list(template.server.root.iterdir()) == []


@pytest.mark.parametrize(("given", "status"), [({}, "successful"), ({"username": "somebody-else"}, "failed")])
def test_nothing_that_is_kept_of_a_job_shows_a_secret(template: Template, given: dict[str, str], status: str) -> None:
    canaries = Canaries({"passphrase": [PASSPHRASE], "key": template.server.key.text.splitlines()[1:-1]})
    assert canaries.in_text("\n".join(CREDENTIAL.injected(template.given).values())) == {"passphrase", "key"}
    outcome = template.job(**given).run("-vvvvv")
    assert outcome.status == status
    assert canaries.in_files(outcome.kept) == set()


def test_a_cancelled_job_leaves_whole_files_and_the_next_one_goes_on(template: Template) -> None:
    with open(template.source / "large.bin", "wb") as stream:
        stream.truncate(1 << 30)
    job = template.job()
    with job.running() as (packed, worker):
        worker.stdin.write(packed)
        worker.stdin.close()
        wait_for(template.is_under_way)
    large = template.server.root / "results/large.bin"
    assert not large.exists()
    assert stored(job.run()) >= 1
    assert large.stat().st_size == 1 << 30
    large.unlink()
    assert template.arrived()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it is so, for as long as any start of a job may take."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)

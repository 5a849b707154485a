# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/partners.md as an operator follows it, block by block: one inventory of three partners from the first run to
timers, a report, a rotation and an audit. Real are the secrets manager, both SSH servers, the FTPS server of the roles
and the job host. Only addresses and public keys differ from the page, and in the first runs the local paths.

The tests go through the life of these partners in their order."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_network import GATEWAY
from support.hosts.job_host import JobHost
from support.judges.canaries import Canaries
from support.judges.set_judges import SetJudge
from support.running.examples import ROOT
from support.running.playbook_process import Outcome, done
from support.scenes.password_scene import PasswordScene
from support.scenes.sealed_pair import age_key
from support.servers.accounts import Account
from support.servers.sshd import Sshd

PAGE = (ROOT / "docs/partners.md").read_text()
FILES = dict(re.findall(r"^```yaml\n# (inventory/\S+\.yml)\n(.*?)^```$", PAGE, re.M | re.S))
SCRIPTS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
COMMANDS = re.findall(r"^    ansible-playbook -i inventory secure\.ftp_synchronize\.(.*)$", PAGE, re.M)
AUTHORITY = re.findall(r"^```bash\n(.*?)^```$", (ROOT / "docs/secrets.md").read_text(), re.M | re.S)[-1]
LATER = "inventory/timers.yml"
JOBS = ["acme-prices", "branch-results", "courier-mail", "courier-orders"]
LOCAL = {"/srv/partners": "srv", "/etc/ssl/partners/branch.pem": "branch/authority/ca.pem"}


class Story:
    """The inventory of the page, and everything that it names. ran: commands of the page that ran."""

    def __init__(self, directory: Path, scene: PasswordScene, stack: ExitStack) -> None:
        self.directory, self.scene, self.ran = directory, scene, []
        self.branch, batch = scene.servers["branch"], scene.servers["batch1"].host
        self.jobs, self.bao, self.age, self.adopted = JobHost(directory, batch), scene.bao, age_key(), ""
        self.scripts()
        self._set_up_branch()
        self.acme, self.courier = (stack.enter_context(self._partner(name)) for name in ("acme", "courier"))
        self._files_of_the_controller()
        self._files_of_the_job_host()

    def scripts(self) -> None:
        """Run the scripts of the page, which make keys and a client certificate."""
        again = bool(self.ran)
        for script in SCRIPTS if again else [AUTHORITY, *SCRIPTS]:
            # The key that signs is not one of those that a login replaces.
            here = script.replace("acme courier signer", "acme courier") if again else script
            issued = self.bao.shell(here, self.directory)
            self.clients = issued[issued.rindex("-----BEGIN") :] if script == AUTHORITY else self.clients
        self.ran.append("scripts")
        secrets = {name: self.bao.read(f"partners/{name}") for name in ("acme", "branch", "courier", "signer")}
        self.canaries = Canaries({name: own["private_key"].splitlines()[1:-1] for name, own in secrets.items()})

    def public(self, name: str) -> str:
        """Return the public key of the secrets manager, as it was sent to a partner."""
        return (self.directory / f"{name}.pub").read_text()

    def _partner(self, name: str) -> Sshd:
        account = Account(name="our_company")
        return Sshd(name=name, jail=True, address=GATEWAY, account=account, key_file=self.public(name))

    def _set_up_branch(self) -> None:
        given = self.bao.call("POST", "pki/issue/partners", {"common_name": "rotation"})["data"]
        self.branch.accounts = [{"name": "our_company", "rotated": True, "directories": [{"name": "incoming"}]}]
        self.branch.inside("cat >/etc/ssl/clients.pem", input=self.clients)
        own = given["private_key"] + "\n" + given["certificate"] + "\n"
        self.branch.inside("umask 77; cat >/etc/ssl/private/rotation.pem", input=own)
        demanded = {"ftps_server_require_client_cert": True, "ftps_server_client_ca_file": "/etc/ssl/clients.pem"}
        done(self.branch.converge(ftps_server_test_account=None, **demanded))

    def _files_of_the_controller(self) -> None:
        for name in ("acme/prices", "branch/results", "courier/orders", "courier/mail"):
            (self.directory / "srv" / name).mkdir(parents=True)
        sent = ("acme/prices/list.csv", "acme/prices/sub/more.csv", "branch/results/1.csv", "courier/orders/1.csv")
        for name in sent:
            write(self.directory / "srv" / name, f"content of {name}")
        write(self.courier.root / "outbox/letter", "a letter")
        self.courier.give(self.courier.root)

    def _files_of_the_job_host(self) -> None:
        authority = (self.branch.authority / "ca.pem").read_text()
        self.jobs.inside("install -d /etc/ssl/partners; cat >/etc/ssl/partners/branch.pem", text=authority)
        program = base64.b64encode(Path(shutil.which("age") or "").read_bytes()).decode()
        self.jobs.inside("base64 -d >/usr/bin/age && chmod 755 /usr/bin/age", text=program)
        self.jobs.inside(
            "install -d -m 777 /srv/partners/courier/orders /srv/partners/courier/mail;"
            " mkdir -p /srv/partners/acme/prices /srv/partners/branch/results; cd /srv/partners;"
            " for each in acme/prices branch/results courier/orders; do echo $each of the job host >$each/2.csv; done;"
            " touch -d '1 hour ago' courier/orders/2.csv"
        )

    def inventory(self, *, local: bool) -> Path:
        """Write the files of the page. local: those of the controller's first run, before there are timers."""
        place = self.directory / ("local" if local else "whole")
        here = {
            "ansible_host: sftp.acme.example": f"ansible_host: {self.acme.host}\n      ansible_port: {self.acme.port}",
            "ftps.branch.example": self.branch.host.address,
            "192.0.2.17": self.courier.host,
            "2222": str(self.courier.port),
            **({old: str(self.directory / new) for old, new in LOCAL.items()} if local else {}),
        }
        for name, text in FILES.items():
            host = {"acme": self.acme, "courier": self.courier}.get(Path(name).stem)
            text = re.sub('SHA256:[^"]*', host.fingerprints[0], text) if host else text
            text = re.sub("age1[a-z0-9]*", self.age.recipient, text)
            text = text.replace("    encrypt:\n", f"{self.adopted}    encrypt:\n")
            for old, new in here.items():
                text = text.replace(old, new)
            if not (local and name == LATER):
                write(place / name, text)
        return place / "inventory"

    def run(self, command: str, *more: str, local: bool = False) -> Outcome:
        """Run a command of the page. more: words that the page does not have"""
        assert command in COMMANDS, "not a command of the page"
        self.ran.append(command)
        name, *words = command.split()
        ours = json.dumps([{"import_playbook": f"secure.ftp_synchronize.{name}"}])
        outcome = self.scene.run_text(ours, "-i", str(self.inventory(local=local)), *words, *more)
        assert self.canaries.in_text(outcome.output) == set()
        return outcome

    def by_the_timer(self, name: str) -> dict[str, Any]:
        """Let the timer of a job start it, as after a time in which the host was off, and return the record."""
        timer, records = f"secure-sync-{name}.timer", f"/var/lib/secure_ftp_synchronize/jobs/{name}/runs.jsonl"
        number = len(self.jobs.inside(f"cat {records} 2>/dev/null || true").splitlines()) + 1
        self.jobs.inside(
            f"systemctl stop {timer}; touch -d '3 days ago' /var/lib/systemd/timers/stamp-{timer};"
            f" systemctl start {timer};"
            f" timeout 120 sh -c 'until test $(cat {records} 2>/dev/null | wc -l) -ge {number}; do sleep 0.3; done'"
        )
        return self.jobs.last(name)

    def deployed(self) -> list[str]:
        """Return the names of the jobs of the host."""
        return sorted(self.jobs.inside("cd /etc/secure_ftp_synchronize/jobs; ls *.json").replace(".json", "").split())

    def timers(self) -> dict[str, str]:
        """Return the result of a run of each timer."""
        records = {name: self.by_the_timer(name) for name in JOBS}
        return {name: f"{each['result']} {each.get('error') or ''}".strip() for name, each in records.items()}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    directory = tmp_path_factory.mktemp("story")
    groups = {"ftps_servers": ["branch"], "job_hosts": ["batch1"]}
    hosts = {"branch": "debian13", "batch1": "debian13"}
    with PasswordScene(directory, hosts, groups) as scene, ExitStack() as stack:
        yield Story(directory, scene, stack)


def lines(output: str, name: str) -> list[str]:
    """Return the lines of a table that a playbook shows."""
    (text,) = re.findall(rf'"{name}": (\[.*?\n *\])', output, re.S)
    return json.loads(text)


def shown(output: str) -> list[list[str]]:
    """Return partner, transfer, files, state and reason of each line of the closing table."""
    rows = [line.split(maxsplit=6) for line in lines(output, "exchange__table")]
    return [[row[0], row[1], row[2], row[5], *row[6:]] for row in rows]


def test_the_first_password(story: Story) -> None:
    """Until it is made, the partner fails by name, and the others go on."""
    status, output = story.run("exchange --check --diff", local=True)
    assert status == 2, output
    assert re.search(r"fatal: \[branch\].*exchange_password: cannot be evaluated", output), output
    assert [row[3] for row in shown(output)[1:]] == ["changed", "failed", "changed", "changed"]
    done(story.run("rotate_passwords"))
    assert list(story.bao.read("ftps/branch/our_company")) == ["password"]


def test_check_mode_makes_no_change(story: Story) -> None:
    checked = done(story.run("exchange --check --diff", local=True))
    assert {row[3] for row in shown(checked.output)[1:]} == {"changed"}
    assert not (story.acme.root / "prices").exists()
    assert (story.courier.root / "outbox/letter").exists()


def test_the_first_run_and_its_table(story: Story) -> None:
    """With a partner that is down, as on the page."""
    story.courier.stop()
    status, output = story.run("exchange", local=True)
    story.courier.start()
    assert status == 2, output
    here = output.replace(f"{story.courier.host} port {story.courier.port}", "192.0.2.17 port 2222")
    assert shown(here) == shown(PAGE)
    assert SetJudge(story.acme.root / "prices", story.public("signer")).complaints() == []
    assert list((story.acme.root / "prices").glob("*.age"))
    assert story.branch.inside("cat /srv/jail/our_company/incoming/1.csv") == "content of branch/results/1.csv"


def test_the_partner_that_was_down(story: Story) -> None:
    output = done(story.run("exchange --limit courier", local=True)).output
    assert [row[3] for row in shown(output)[1:]] == ["changed", "changed"], output
    near, far = story.directory / "srv/courier", story.courier.root
    assert (far / "inbox/1.csv").read_bytes() == (near / "orders/.sent/1.csv").read_bytes()
    assert [path.name for path in (near / "mail").iterdir()] == ["letter"]
    assert list((far / "outbox").iterdir()) == []
    (far / "inbox/1.csv").unlink()
    again = done(story.run("exchange", "--diff", local=True)).output
    assert [row[3] for row in shown(again)[1:]] == ["same"] * 4, again
    assert not (far / "inbox/1.csv").exists(), "the partner took it away"


def test_the_timers(story: Story) -> None:
    """At first without the signed set, which the controller signed before."""
    status, output = story.run("deploy_exchange")
    assert status == 2, output
    (number, tree) = re.findall(
        r"acme-prices: in check mode: manifest_unknown: .* manifest (\d+) of tree (\w+)", output
    )[0]
    assert int(number) == SetJudge(story.acme.root / "prices", story.public("signer")).newest()
    assert "sign.adopt" in output
    assert story.deployed() == JOBS[1:], "the others go on"
    story.adopted = f"      adopt: {{tree: {tree}, sequence: {number}}}\n"
    done(story.run("deploy_exchange"))
    write(story.courier.root / "outbox/second", "a second letter")
    story.courier.give(story.courier.root)
    assert story.timers() == dict.fromkeys(JOBS, "ok")
    assert (story.courier.root / "inbox/2.csv").read_text() == "courier/orders of the job host\n"
    near = "/srv/partners/courier"
    assert story.jobs.inside(f"cat {near}/mail/second; ls {near}/orders") == "a second letter"
    assert done(story.run("deploy_exchange")).total("changed") == 0


def test_the_report(story: Story) -> None:
    """Its line on the page is true, and each of the transfers left a receipt."""
    found = [words(line) for line in lines(done(story.run("exchange_report")).output, "exchange__report")]
    assert len(found) == len(JOBS) + 1
    assert all(line.endswith(" TIME passed") for line in found[1:]), found
    (line,) = re.findall(r"^    (acme +prices +push .*\n.* passed)$", PAGE, re.M)
    assert words(line).replace("sftp.acme.example", story.acme.host) in found


def words(line: str) -> str:
    """Return a line without its time and further blanks."""
    return re.sub(r"\S+T\S+Z", "TIME", " ".join(line.split()))


def test_a_new_password(story: Story) -> None:
    """The command of each day, on the day on which the password is due."""
    old = story.bao.read("ftps/branch/our_company")["password"]
    overlap = ("-e", json.dumps({"password_rotation_overlap": 0.0000001}))
    done(story.run("rotate_passwords", "-e", '{"password_rotation_max_age": 0.000001}', *overlap))
    new = story.bao.read("ftps/branch/our_company")["password"]
    assert new != old
    assert story.timers()["branch-results"] == "ok"
    done(story.run("rotate_passwords", *overlap))
    assert story.timers() == dict.fromkeys(JOBS, "ok")
    assert done(story.run("rotate_passwords", *overlap)).total("changed") == 0


def test_new_keys_and_a_new_client_certificate(story: Story) -> None:
    before = story.canaries
    story.scripts()
    checked = story.run("deploy_exchange")
    assert checked.status == 2
    assert "acme-prices: in check mode: authentication_failed" in " ".join(checked.output.split())
    assert before.secrets != story.canaries.secrets
    assert story.timers()["acme-prices"] == "ok", "the job keeps the old key"
    for name, server in (("acme", story.acme), ("courier", story.courier)):
        with (server.written("authorized_keys")).open("a") as file:
            file.write(story.public(name))
    done(story.run("deploy_exchange"))
    assert story.timers() == dict.fromkeys(JOBS, "ok")


def test_the_audit(story: Story) -> None:
    _status, output = story.run("audit", "-e", f"audit_path={story.directory}/audits")
    text = (story.directory / "audits/latest/audit.json").read_text()
    rows = {row["control"]: row for row in json.loads(text)["rows"]}
    derived = ("1.1", "1.2", "3.2", "4.1")
    assert {control: rows[control]["state"] for control in derived} == dict.fromkeys(derived, "pass"), output
    # The receipts are good. No transfer of ours fetches and verifies the set.
    assert [each["reason"] for each in rows["4.2"]["missing"]] == ["sets: it was not observed"], rows["4.2"]
    assert rows["4.2"]["findings"] == []
    assert story.canaries.in_text(text) == set()


def test_a_secrets_manager_that_is_sealed(story: Story) -> None:
    """Each partner fails by name, and the timers go on with the secrets of their deployment."""
    story.bao.call("PUT", "sys/seal")
    status, output = story.run("exchange")
    assert status == 2, output
    for name in ("acme", "branch", "courier"):
        assert re.search(rf"fatal: \[{name}\].*: cannot be evaluated: .*sealed", output), output
    assert story.timers() == dict.fromkeys(JOBS, "ok")


def test_each_block_of_the_page_was_used(story: Story) -> None:
    assert set(COMMANDS) == set(story.ran) - {"scripts"}
    assert len(FILES) + len(SCRIPTS) == len(re.findall(r"^ *```\w+$", PAGE, re.M))

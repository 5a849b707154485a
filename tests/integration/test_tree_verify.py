# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set is signed by a push, read by a pull with `verify`, and checked by tree_verify.

The servers are OpenSSH, ProFTPD and vsftpd. Changes on the server's disk are found, and mtree agrees.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import (
    secure_sync,
    tree_verify,
)
from support.running.examples import ROOT
from support.running.inventory_play import InventoryPlay
from support.running.play import Play
from support.running.tasks import run_task
from support.scenes.former_state import make_former
from support.servers.proftpd import Proftpd
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.ssh_keys import key
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.receipt_chain import LINE
from support.trees.signed_tree import PRINCIPAL, Sender

FILES = {"a": b"alpha", "sub/b": b"beta", "sub/deep/c": b"gamma", "two words": b"delta"}
RECEIPTS = {"principal": PRINCIPAL, "allowed_signers": [LINE]}
PAST = 1_600_000_000
BESIDE = ("delivery", "first", "old", "foreign", "release-2", "release-3")
"""Directories at the server."""


class Delivery:
    """A tree that was pushed with `sign`. sender, reader: options of tasks."""

    def __init__(self, server: Any, tmp_path: Path) -> None:
        self.server, self.place = server, tmp_path
        self.far = server.root / "delivery"
        self.far.mkdir()
        server.give(self.far)
        for name, content in FILES.items():
            path = tmp_path / "source" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (PAST, PAST))
        self.verify = {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]}

    def endpoint(self) -> dict[str, Any]:
        server = self.server
        where = {"host": server.host, "port": server.port, "username": server.user}
        if isinstance(server, SshServer):
            login = {"private_key_file": str(server.key.path), "ssh_agent": False, "ssh_config_file": "none"}
            return {**where, **login, "known_hosts_file": str(server.known_hosts)}
        return {**where, "protocol": "ftps", "password": server.password, "ca_file": str(server.authority.file)}

    @property
    def remote(self) -> str:
        return f"{self.server.remote_root}/delivery"

    def write(self, name: str, content: bytes) -> None:
        (self.place / "source" / name).write_bytes(content)

    def try_push(self, *, adopt: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        return run_task(
            secure_sync,
            **self.endpoint(),
            src=str(self.place / "source"),
            **{"dest": self.remote, "delete": True, "state_dir": str(self.place / "sender"), **options},
            sign={"private_key_file": str(key("release").path), **({"adopt": adopt} if adopt else {})},
        )

    def push(self, **options: Any) -> dict[str, Any]:
        result = self.try_push(**options)
        assert "failed" not in result, result["msg"]
        return result

    def pull(self, **options: Any) -> dict[str, Any]:
        return run_task(
            secure_sync,
            **self.endpoint(),
            direction="pull",
            src=self.remote,
            dest=str(self.place / "here"),
            state_dir=str(self.place / "reader"),
            verify=self.verify,
            **options,
        )

    def audit(self, **options: Any) -> dict[str, Any]:
        return run_task(
            tree_verify,
            **self.endpoint(),
            **{
                "src": self.remote,
                "content": "whole",
                "verify": self.verify,
                "state_dir": str(self.place / "auditor"),
                **options,
            },
        )

    def copy(self, name: str) -> None:
        """Copy the tree at the server to another directory."""
        shutil.copytree(self.far, self.server.root / name, symlinks=True)
        self.server.give(self.server.root / name)

    def point_at(self, name: str) -> None:
        """Replace the tree at the server by a link to another directory."""
        if self.far.is_symlink():
            self.far.unlink()
        else:
            self.far.rename(self.server.root / "first")
        self.far.symlink_to(name)

    def mtree(self) -> str:
        """Give mtree's complaints about the tree on the server's disk."""
        newest = max((self.far / "MANIFEST").glob("*.mtree"))
        judged = subprocess.run(["mtree", "-f", newest, "-p", self.far], capture_output=True, check=False)
        return judged.stdout.decode()


@pytest.fixture(scope="module", params=[Sshd, Proftpd, Vsftpd, ProftpdFtps], ids=lambda kind: kind.__name__)
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    with request.param() as running:
        yield running


@pytest.fixture
def delivery(server: Any, tmp_path: Path) -> Iterator[Delivery]:
    yield Delivery(server, tmp_path)
    for each in server.root.iterdir():
        if each.is_symlink():
            each.unlink()
        elif each.name in BESIDE:
            shutil.rmtree(each)


def ids(result: dict[str, Any]) -> list[tuple[str, str | None]]:
    return sorted((each["id"], each["path"]) for each in result["findings"])


def test_a_set_is_signed_read_and_checked(delivery: Delivery, tmp_path: Path) -> None:
    pushed = delivery.push()
    pulled = delivery.pull()
    assert "failed" not in pulled, pulled["msg"]
    assert pulled["proofs"]["signed"] == len(FILES)
    assert {name: pushed["set"][name] for name in ("tree", "sequence", "digest", "key_fingerprint")} == {
        name: pulled["set"][name] for name in ("tree", "sequence", "digest", "key_fingerprint")
    }
    assert {name: (delivery.place / "here" / name).read_bytes() for name in FILES} == FILES
    assert not (delivery.place / "here/MANIFEST").exists()
    audit = delivery.audit(receipts={"path": str(tmp_path / "receipts"), "private_key_file": str(key("receipts").path)})
    assert ("failed" in audit, ids(audit), audit["coverage"]["files"]) == (False, [("first_seen", None)], len(FILES))
    checked = run_task(
        receipt_verify, path=str(tmp_path / "receipts"), verify=RECEIPTS, head=audit["receipt"]["digest"]
    )
    assert checked["findings"] == []
    assert ids(delivery.audit()) == []
    assert (checked["chain"]["newest"]["type"], checked["chain"]["newest"]["verdict"]) == ("verify", "passed")
    assert audit["coverage"]["since"] is not None
    assert delivery.mtree() == ""


def test_changes_at_the_server_are_found_and_change_nothing_here(delivery: Delivery) -> None:
    delivery.push()
    assert "failed" not in delivery.pull()
    (delivery.far / "sub/b").write_bytes(b"BETA")
    (delivery.far / "planted").write_bytes(b"x")
    (delivery.far / "a").unlink()
    delivery.server.give(delivery.far)
    audit = delivery.audit()
    assert audit["error"]["code"] == "policy_not_met"
    assert ids(audit) == [
        *[("changed_content", "sub/b"), ("first_seen", None), ("missing", "a"), ("not_read", None)],
        ("unexpected", "planted"),
    ]
    assert "failed" not in delivery.audit(fail_on="none")
    complaints = delivery.mtree()
    assert all(name in complaints for name in ("./a", "planted", "sub/b"))
    pulled = delivery.pull()
    assert (pulled["error"]["code"], pulled["changed"]) == ("set_incomplete", False)
    assert (delivery.place / "here/a").read_bytes() == b"alpha"
    delivery.push(compare="checksum")  # the sender's next run heals the tree
    assert ids(delivery.audit()) == []


def test_a_rotating_sample_finds_a_change_that_keeps_size_and_time(delivery: Delivery) -> None:
    delivery.push()
    (delivery.far / "sub/deep/c").write_bytes(b"GAMMA")
    os.utime(delivery.far / "sub/deep/c", (PAST, PAST))
    delivery.server.give(delivery.far)
    os.utime(delivery.far / "sub/deep/c", (PAST, PAST))
    audits = [delivery.audit(content="sample", sample={"rotate": 3}, fail_on="none") for _run in range(3)]
    assert sum(audit["coverage"]["files"] for audit in audits) == len(FILES)
    assert [each for audit in audits for each in ids(audit) if each[0] == "changed_content"] == [
        ("changed_content", "sub/deep/c")
    ]
    assert audits[2]["coverage"]["since"] is not None


@pytest.mark.parametrize("attack", ["old", "foreign"])
def test_a_directory_that_became_a_link_does_not_hide_an_attack_from_readers(delivery: Delivery, attack: str) -> None:
    delivery.push()
    delivery.copy("old")
    delivery.write("a", b"ALPHA")
    delivery.push()
    delivery.push(dest=f"{delivery.remote[: -len('delivery')]}foreign", state_dir=str(delivery.place / "other"))
    shared = {"state_dir": str(delivery.place / "reader")}
    assert "failed" not in delivery.pull()
    assert ids(delivery.audit(**shared)) == []
    delivery.point_at(attack)
    code = {"old": "manifest_rollback", "foreign": "manifest_foreign"}[attack]
    for _time in range(2):  # the first refusal must not weaken the second
        audit = delivery.audit(**shared)
        assert [(each["id"], each["severity"]) for each in audit["findings"]] == [(code, "critical")]
        pulled = delivery.pull()
        assert (pulled.get("error", {}).get("code"), pulled["changed"]) == (code, False)
    assert (delivery.place / "here/a").read_bytes() == b"ALPHA"


def test_a_directory_that_became_a_link_does_not_make_the_sender_sign_a_fork(delivery: Delivery) -> None:
    delivery.push()
    delivery.copy("old")
    delivery.write("a", b"ALPHA")
    delivery.push()
    delivery.point_at("old")
    delivery.write("a", b"other")
    pushed = delivery.try_push()
    assert pushed.get("error", {}).get("code") == "manifest_rollback", pushed.get("set")
    assert sorted(each.name for each in (delivery.far / "MANIFEST").iterdir()) == ["000001.mtree", "000001.mtree.sig"]


def test_a_link_that_changes_with_each_release_keeps_one_state(delivery: Delivery) -> None:
    first = delivery.push()
    assert any("first set of this tree" in note for note in delivery.pull()["notes"])
    assert ids(delivery.audit()) == [("first_seen", None)]
    for number in (2, 3):
        delivery.copy(f"release-{number}")
        delivery.point_at(f"release-{number}")
        delivery.write("a", b"%d" % number)
        pushed = delivery.push()
        assert (pushed["set"]["tree"], pushed["set"]["sequence"]) == (first["set"]["tree"], number)
        pulled = delivery.pull()
        assert ("failed" in pulled, [note for note in pulled["notes"] if "no set" in note]) == (False, [])
        assert ids(delivery.audit()) == []
    assert (delivery.place / "here/a").read_bytes() == b"3"


def test_the_state_of_a_former_version_is_taken_over(delivery: Delivery) -> None:
    first = delivery.push()
    delivery.copy("old")
    delivery.write("a", b"ALPHA")
    delivery.push()
    assert "failed" not in delivery.pull()
    server, protocol = delivery.server, delivery.endpoint().get("protocol", "sftp")
    words = [*(protocol, server.host, str(server.port), server.user), delivery.remote, "MANIFEST"]
    for who, kind, more in (("sender", "published", []), ("reader", "sets", [PRINCIPAL])):
        make_former(os.fsencode(delivery.place / who), kind, *map(os.fsencode, more + words))
    delivery.write("a", b"other")
    delivery.point_at("old")  # by this path, a former version would have had no state
    assert delivery.try_push().get("error", {}).get("code") == "manifest_unknown"
    assert delivery.pull().get("error", {}).get("code") == "manifest_rollback"
    delivery.far.unlink()
    (server.root / "first").rename(delivery.far)
    pushed = delivery.push()
    assert (pushed["set"]["tree"], pushed["set"]["sequence"]) == (first["set"]["tree"], 3)
    pulled = delivery.pull()
    assert ("failed" in pulled, [note for note in pulled["notes"] if "no set" in note]) == (False, [])
    delivery.point_at("old")
    assert delivery.try_push().get("error", {}).get("code") == "manifest_rollback"


def test_a_former_state_of_another_set_is_not_the_state_of_this_one(delivery: Delivery) -> None:
    delivery.push()
    delivery.pull()
    other, shared = f"{delivery.server.remote_root}/foreign", {"state_dir": str(delivery.place / "reader")}
    words = [delivery.endpoint().get("protocol", "sftp"), delivery.server.host, str(delivery.server.port)]
    reader = [os.fsencode(each) for each in (PRINCIPAL, *words, delivery.server.user)]
    make_former(os.fsencode(delivery.place / "reader"), "sets", *reader, os.fsencode(delivery.remote), b"MANIFEST")
    delivery.push(dest=other, state_dir=str(delivery.place / "other"))
    assert ids(delivery.audit(src=other, **shared)) == [("first_seen", None)]
    make_former(os.fsencode(delivery.place / "reader"), "sets", *reader, os.fsencode(other), b"MANIFEST")
    delivery.point_at("foreign")
    (found,) = ids(delivery.audit(**shared))
    assert found in [("manifest_foreign", "MANIFEST"), ("first_seen", None)]


def test_a_lost_state_is_adopted_by_tree_and_number(delivery: Delivery) -> None:
    first = delivery.push()["set"]
    shutil.rmtree(delivery.place / "sender")
    delivery.write("a", b"ALPHA")
    refused = delivery.try_push()["error"]
    assert refused["code"] == "manifest_unknown"
    assert first["tree"] in refused["message"]
    pushed = delivery.push(adopt={"tree": first["tree"], "sequence": 1})["set"]
    assert (pushed["tree"], pushed["sequence"]) == (first["tree"], 2)


def tasks_of_the_page() -> list[dict[str, Any]]:
    """Give the tasks of the guide that verify a set at a server."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/signed_sets.md").read_text(), re.M | re.S)
    tasks = [task for block in blocks for task in yaml.safe_load(block)]
    return [
        task
        for task in tasks
        if any({"host", "verify"} <= each.keys() for each in task.values() if isinstance(each, dict))
    ]


def on_this_machine(task: dict[str, Any], delivery: Delivery) -> dict[str, Any]:
    """Replace host, key and paths of a task, and nothing else."""
    ((module, options),) = [(name, each) for name, each in task.items() if isinstance(each, dict)]
    signers, revoked = delivery.place / "signers", delivery.place / "revoked"
    signers.write_text(f"# the release team\n{Sender(key('release')).line}\n")
    revoked.write_text("# no key is revoked yet\n")
    files = {"allowed_signers_file": str(signers), "revoked_keys_file": str(revoked)}
    verify = {name: files.get(name, value) for name, value in options["verify"].items()}
    places = {"src": delivery.remote, "dest": str(delivery.place / "here")}
    moved = {name: places[name] for name in places if name in options}
    return {module: {**options, **delivery.endpoint(), **moved, "verify": verify}}


def test_a_play_takes_what_is_signed_and_fails_on_a_finding(tmp_path: Path) -> None:
    with Sshd() as sshd:
        delivery = Delivery(sshd, tmp_path)
        delivery.push()
        (delivery.far / "planted").write_bytes(b"x")
        played = Play(tmp_path).run([on_this_machine(task, delivery) for task in tasks_of_the_page()])
        shutil.rmtree(delivery.far)
    pulled, audit = played.results
    assert (pulled["proofs"]["signed"], pulled["set"]["principal"]) == (len(FILES), PRINCIPAL)
    assert [each["path"] for each in pulled["skipped_items"]] == ["planted"]
    assert audit["failed"]
    assert "1 of severity high or more against its signed set" in audit["msg"]
    assert ids(audit) == [("not_read", None), ("unexpected", "planted")]


def test_the_endpoint_comes_from_the_inventory_host(tmp_path: Path) -> None:
    with Sshd() as sshd:
        delivery = Delivery(sshd, tmp_path)
        delivery.push()
        files01 = {
            "ansible_host": sshd.host,
            "ansible_port": sshd.port,
            "ansible_user": sshd.user,
            "ansible_ssh_private_key_file": str(sshd.key.path),
            "ansible_python_interpreter": sys.executable,
        }
        options = {"known_hosts_file": str(sshd.known_hosts), "ssh_agent": False, "src": delivery.remote}
        task = {"secure.ftp_synchronize.tree_verify": {**options, "verify": delivery.verify}}
        crowd = InventoryPlay(tmp_path / "play", {"files01": files01}).run({**task, "delegate_to": "localhost"})
        shutil.rmtree(delivery.far)
    assert crowd.code("files01") is None, crowd.output
    assert crowd.results["files01"]["from_inventory"]["port"] == {"value": sshd.port, "variable": "ansible_port"}
    assert ids(crowd.results["files01"]) == [("first_seen", None), ("not_read", None)]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pulls of signed sets from real servers: OpenSSH, ProFTPD and vsftpd. Stock ssh-keygen signs; ssh-keygen and mtree
judge.

Attacks on the files are made on the server's disk. A scripted server hides and invents names and changes bytes on the
way: no real server does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import VerifyRequest
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd import Proftpd
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.signed_tree import NAMESPACE, PRINCIPAL, Sender
from support.trees.trees import tree_digest

SERVERS = [Sshd, Proftpd, Vsftpd, ProftpdFtps]
FILES = {"a": b"alpha", "sub/b": b"beta", "sub/deep/c": b"", "odd name #1": b"odd", "large": bytes(range(256)) * 4096}


class SignedTree:
    """A signed tree on a server, and a reader."""

    def __init__(self, server: Any, here: Path) -> None:
        self.server, self.here = server, here / "here"
        self.far = server.root / "tree"
        self.sender = Sender(key("release"))
        for name, content in FILES.items():
            (self.far / name).parent.mkdir(parents=True, exist_ok=True)
            (self.far / name).write_bytes(content)
        self.publish()
        kind = SyncRuns if isinstance(server, (Sshd, Proftpd)) else FtpsRuns
        self.runs = kind(server, self.here, self.far, push=False, state_dir=here / "state", retries=1)
        self.demands = VerifyRequest(PRINCIPAL, (self.sender.line,))

    def publish(self, **head: Any) -> None:
        self.sender.write(self.far, **head)
        self.give()

    def give(self) -> None:
        self.server.give(self.far)

    def manifest(self, number: int = 1) -> Path:
        return self.far / f"MANIFEST/{number:06d}.mtree"

    def run(self, runs: SyncRuns | None = None, **options: Any) -> Any:
        return (runs or self.runs).run(verify=self.demands, **options)

    def good(self) -> None:
        ran = self.run()
        assert not ran.failed, str(ran)

    def refused(self, runs: SyncRuns | None = None, **options: Any) -> set[str]:
        """Run, demand that nothing changed here, and give the codes."""
        before = tree_digest(self.here) if self.here.exists() else None
        ran = self.run(runs, **options)
        assert (tree_digest(self.here) if self.here.exists() else None) == before, ran
        assert not ran.changed
        return ran.codes


@pytest.fixture(scope="module", params=SERVERS, ids=lambda kind: kind.__name__)
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    with request.param() as running:
        yield running


@pytest.fixture
def signed(server: Any, tmp_path: Path) -> Iterator[SignedTree]:
    yield SignedTree(server, tmp_path)
    shutil.rmtree(server.root / "tree")


def test_a_signed_set_arrives_and_the_judges_agree(signed: SignedTree, tmp_path: Path) -> None:
    ran = signed.run()
    assert not ran.failed, str(ran)
    assert ran.report.proofs["signed"] == len(FILES)
    assert {str(path.relative_to(signed.here)) for path in signed.here.rglob("*") if path.is_file()} == set(FILES)
    assert signed.run().done == []
    _judge(signed, tmp_path)
    (signed.here / "sub/b").write_bytes(b"BETA")
    signed.run(delete=True)
    assert (signed.here / "sub/b").read_bytes() == b"beta"


def _judge(signed: SignedTree, tmp_path: Path) -> None:
    manifest = signed.manifest().read_bytes()
    (tmp_path / "signers").write_text(signed.sender.line + "\n")
    subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", PRINCIPAL, "-n", NAMESPACE,
         "-s", f"{signed.manifest()}.sig"],
        input=manifest, check=True, capture_output=True,
    )  # fmt: skip
    (signed.here / "MANIFEST").mkdir()
    judged = subprocess.run(["mtree", "-p", signed.here], input=manifest, capture_output=True, check=False)
    assert (judged.returncode, judged.stdout) == (0, b"")
    (signed.here / "MANIFEST").rmdir()


def _swap_signature(signed: SignedTree) -> None:
    shutil.copy(f"{signed.manifest(1)}.sig", f"{signed.manifest(2)}.sig")


def _rename_to_next(signed: SignedTree) -> None:
    for suffix in ("", ".sig"):
        shutil.copy(f"{signed.manifest(2)}{suffix}", f"{signed.manifest(3)}{suffix}")


def _edit_manifest(signed: SignedTree) -> None:
    path = signed.manifest(2)
    path.write_bytes(path.read_bytes().replace(b"size=4", b"size=5"))


def _replay(signed: SignedTree) -> None:
    for suffix in ("", ".sig"):
        Path(f"{signed.manifest(2)}{suffix}").unlink()


def _remove_all(signed: SignedTree) -> None:
    shutil.rmtree(signed.far / "MANIFEST")


def _huge(signed: SignedTree) -> None:
    os.truncate(signed.manifest(2), 300 << 20)


def _truncate(signed: SignedTree) -> None:
    (signed.far / "sub/b").write_bytes(b"be")


def _remove(signed: SignedTree) -> None:
    (signed.far / "sub/deep/c").unlink()


def _link(signed: SignedTree) -> None:
    (signed.far / "a").unlink()
    (signed.far / "a").symlink_to("large")


ATTACKS: dict[str, tuple[Callable[[SignedTree], None], str]] = {
    "swapped signature": (_swap_signature, "signature_invalid"),
    "17 as 18": (_rename_to_next, "manifest_misnamed"),
    "edited manifest": (_edit_manifest, "signature_invalid"),
    "replay": (_replay, "manifest_rollback"),
    "removed manifests": (_remove_all, "manifest_missing"),
    "300 MiB": (_huge, "manifest_too_large"),
    "truncated file": (_truncate, "set_incomplete"),
    "removed file": (_remove, "set_incomplete"),
    "link for a file": (_link, "set_incomplete"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_at_the_server_changes_nothing_here(signed: SignedTree, attack: str) -> None:
    signed.publish()
    signed.good()
    act, code = ATTACKS[attack]
    act(signed)
    signed.give()
    assert signed.refused() == {code}
    assert signed.refused(check_mode=True) == {code}


def test_content_that_is_not_signed_never_gets_a_name(signed: SignedTree) -> None:
    (signed.far / "sub/b").write_bytes(b"BETA")
    (signed.far / "planted").write_bytes(b"x")
    signed.give()
    ran = signed.run()
    assert ran.codes == {"digest_mismatch"}
    assert not (signed.here / "sub/b").exists()
    assert not (signed.here / "planted").exists()
    assert {str(path.relative_to(signed.here)) for path in signed.here.rglob("*") if path.is_file()} == set(FILES) - {
        "sub/b"
    }


LIES = {
    "hidden_names=000002": "manifest_rollback",
    "many_manifests=100001": "manifest_too_large",
    "lying_read_of=000002.mtree": "signature_invalid",
    "lying_read_of=000002.mtree.sig": "signature_invalid",
    "hidden_names=large": "set_incomplete",
    "duplicate_names": "manifest_missing",
}


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as running:
        yield running


@pytest.fixture
def on_sshd(sshd: Sshd, tmp_path: Path) -> Iterator[SignedTree]:
    yield SignedTree(sshd, tmp_path)
    shutil.rmtree(sshd.root / "tree")


@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_lies_changes_nothing_here(on_sshd: SignedTree, lie: str) -> None:
    on_sshd.publish()
    on_sshd.good()
    on_sshd.demands = on_sshd.demands._replace(min_sequence=2)  # the state is of another port
    with Sshd(on_sshd.server.root, subsystem=scripted(lie)) as bad:
        codes = on_sshd.refused(on_sshd.runs.on(bad))
    assert LIES[lie] in codes


def test_names_that_leave_the_tree_are_not_taken(on_sshd: SignedTree) -> None:
    on_sshd.good()
    with Sshd(on_sshd.server.root, subsystem=scripted("escaping_names")) as bad:
        ran = on_sshd.run(on_sshd.runs.on(bad))
        assert (ran.codes, ran.done) == (set(), [])
        assert ran.report.plan.skipped
        on_sshd.demands = on_sshd.demands._replace(unsigned="error")
        assert on_sshd.refused(on_sshd.runs.on(bad)) == {"unsafe_name"}


def test_a_server_that_lies_about_one_file_fails_that_file_alone(on_sshd: SignedTree) -> None:
    with Sshd(on_sshd.server.root, subsystem=scripted("lying_read_of=a")) as bad:
        ran = on_sshd.run(on_sshd.runs.on(bad))
    assert ran.codes == {"digest_mismatch"}
    assert not (on_sshd.here / "a").exists()
    assert (on_sshd.here / "sub/b").read_bytes() == b"beta"

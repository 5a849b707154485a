# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealed files on real servers, judged by the program age and by mtree; plaintext is searched on the server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    AGE,
    OPENPGP,
    Identities,
    Recipients,
    VerifyRequest,
)
from support.judges.set_judges import PRINCIPAL
from support.running.peak_memory import peak_kib
from support.scenes.sealed_pair import AgeKey, age_key, opened_by_age
from support.scenes.signed_runs import SignedScene
from support.servers import openpgp_keys
from support.servers.proftpd import Proftpd
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served_by_each
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

server = served_by_each(Sshd, Proftpd, Vsftpd, ProftpdFtps)
CANARY = "CANARY-f3a91c77-plain-content"
LARGE = (5 << 20) + 1


class Sealed:
    """A sender that signs and seals, and its readers."""

    def __init__(self, server: Any, place: Path, **options: Any) -> None:
        self.key: AgeKey = age_key()
        self.place = place
        self.scene = SignedScene(server, place, encrypt=self.key.recipients, delete=True, trash=b".trash", **options)
        self.scene.write({"a": CANARY, "two words": CANARY * 100, "sub/empty": ""})
        (self.near / "sub/large").write_bytes(CANARY.encode() + os.urandom(LARGE))
        os.utime(self.near / "sub/large", ns=(10**18 + 123456789, 10**18 + 123456789))
        (self.near / "a").chmod(0o640)

    @property
    def near(self) -> Path:
        return self.scene.near

    @property
    def far(self) -> Path:
        return self.scene.far

    def reader(self, name: str, **options: Any) -> Any:
        """Return pulls into a directory of this name, with a state of their own."""
        runs = self.scene.runs.back(self.place / name)
        runs.state_dir = self.place / f"{name}-state"
        runs.options = {"delete": True, **options}
        return runs

    def in_plain_form(self) -> list[str]:
        """Return the names of files below the server's root that show the canary."""
        found = [path for path in self.far.rglob("*") if path.is_file()]
        return [str(path) for path in found if CANARY.encode() in path.read_bytes()]


@pytest.fixture
def scene(server: Any, tmp_path: Path) -> Sealed:
    return Sealed(server, tmp_path)


def test_a_tree_goes_there_and_back(scene: Sealed, tmp_path: Path) -> None:
    scene.scene.good()
    assert scene.in_plain_form() == []
    assert scene.scene.judge.complaints() == [], "anybody can check the set without a key"
    for path in ("a", "two words", "sub/empty", "sub/large"):
        assert opened_by_age(scene.far / f"{path}.age", scene.key, tmp_path) == (scene.near / path).read_bytes()
    again = scene.scene.good()
    assert (again.done, again.moved) == ([], 0)
    # A reader with the key, with and without the signature.
    trust = VerifyRequest(PRINCIPAL, (f'{PRINCIPAL} namespaces="manifest@ftp-synchronize" {key("signer").public}',))
    reader = scene.reader("reader", decrypt=scene.key.identities, verify=trust)
    reader.good()
    assert subprocess.run(["diff", "-r", scene.near, reader.near], check=False).returncode == 0
    assert (reader.near / "sub/large").stat().st_mtime_ns == 10**18 + 123456789, "the time of the index"
    index = tmp_path / "index"
    index.write_bytes(opened_by_age(scene.far / "MANIFEST/000001.index.age", scene.key, tmp_path))
    judged = subprocess.run(["mtree", "-f", index, "-p", reader.near], capture_output=True, text=True, check=False)
    assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")
    assert reader.good().done == []
    plain = scene.reader("plain", decrypt=scene.key.identities, exclude=("/MANIFEST",))
    plain.good()
    assert subprocess.run(["diff", "-r", scene.near, plain.near], check=False).returncode == 0
    assert plain.good().done == []
    # A change, a removal, other recipients.
    scene.scene.write({"a": CANARY + "changed"})
    (scene.near / "two words").unlink()
    scene.scene.good()
    other = age_key()
    ran = scene.scene.good(encrypt=Recipients(AGE, (scene.key.recipient, other.recipient)))
    assert {reason for _path, _action, reason in ran.done} == {"recipients"}
    assert opened_by_age(scene.far / "a.age", other, tmp_path).decode() == CANARY + "changed"
    assert scene.in_plain_form() == [], "nor in the trash"
    reader.options["decrypt"] = Identities(AGE, (other.identity,))
    reader.good()
    assert subprocess.run(["diff", "-r", scene.near, reader.near], check=False).returncode == 0


@pytest.mark.parametrize("options", [{"durable": True}, {"ssh_client": "paramiko", "proof": "read_back"}], ids=str)
def test_other_ways_of_a_sealed_push(options: dict[str, Any], tmp_path: Path) -> None:
    with Sshd() as plain:
        scene = Sealed(plain, tmp_path, **options)
        scene.scene.good()
        assert scene.scene.good().done == []
        assert (
            opened_by_age(scene.far / "sub/large.age", scene.key, tmp_path) == (scene.near / "sub/large").read_bytes()
        )


def test_bounded_memory_in_both_directions(tmp_path: Path) -> None:
    """A file of 150 MiB goes there and back, and the process needs 40 MiB more than before at most."""
    with Sshd() as plain:
        scene = Sealed(plain, tmp_path)
        with (scene.near / "huge").open("wb") as huge:
            huge.truncate(150 << 20)
        before = peak_kib(reset=True)
        scene.scene.good(proof="none")
        reader = scene.reader("reader", decrypt=scene.key.identities)
        reader.good(proof="none")
        assert peak_kib() - before < 40 << 10
        assert (scene.far / "huge.age").stat().st_size > 150 << 20
        assert (reader.near / "huge").stat().st_size == 150 << 20


def test_a_signed_set_of_openpgp_files(tmp_path: Path) -> None:
    """The second format, with a file that goes through the unnamed file, as its size is not known in advance."""
    reader_key = openpgp_keys.key("reader")
    recipients = Recipients(OPENPGP, (reader_key.certificate,), b".pgp")
    identities = Identities(OPENPGP, (reader_key.private,), extension=b".pgp")
    with Sshd() as plain:
        scene = Sealed(plain, tmp_path)
        scene.scene.good(encrypt=recipients)
        assert scene.in_plain_form() == []
        assert scene.scene.judge.complaints() == []
        assert (
            openpgp_keys.gpg("--decrypt", str(scene.far / "sub/large.pgp")) == (scene.near / "sub/large").read_bytes()
        )
        again = scene.scene.good(encrypt=recipients)
        assert (again.done, again.moved) == ([], 0)
        trust = VerifyRequest(PRINCIPAL, (f'{PRINCIPAL} namespaces="manifest@ftp-synchronize" {key("signer").public}',))
        reader = scene.reader("reader", decrypt=identities, verify=trust)
        reader.good()
        assert subprocess.run(["diff", "-r", scene.near, reader.near], check=False).returncode == 0
        assert reader.good().done == []


def test_an_entry_of_another_kind_in_the_way(tmp_path: Path) -> None:
    """A pull replaces a link and a file, as without decryption. A directory fails the file, and the others arrive."""
    with Sshd() as plain:
        scene = Sealed(plain, tmp_path)
        scene.scene.good()
        reader = scene.reader("reader", decrypt=scene.key.identities, exclude=("/MANIFEST",))
        reader.near.mkdir()
        (reader.near / "a").symlink_to("/etc/passwd")
        (reader.near / "sub").write_text("a file in the place of a directory")
        reader.good()
        assert subprocess.run(["diff", "-r", scene.near, reader.near], check=False).returncode == 0
        (reader.near / "a").unlink()
        (reader.near / "a").mkdir()
        (reader.near / "a/own").write_text("of this host")
        sealed = (scene.far / "two words.age").read_bytes()
        (scene.far / "next.age").write_bytes(sealed)
        ran = reader.run()
        assert [(each.code, each.path) for each in ran.errors] == [("kind_conflict", b"a")], ran
        assert (reader.near / "a/own").read_text() == "of this host"
        assert (reader.near / "next").read_text() == CANARY * 100


def test_two_entries_whose_contents_would_have_one_name(tmp_path: Path) -> None:
    with Sshd() as plain:
        scene = Sealed(plain, tmp_path)
        scene.scene.good()
        (scene.far / "sub.age").write_bytes((scene.far / "a.age").read_bytes())
        reader = scene.reader("reader", decrypt=scene.key.identities, exclude=("/MANIFEST",))
        for _again in range(2):
            ran = reader.run()
            assert [(each.code, each.path) for each in ran.errors] == [("kind_conflict", b"sub.age")], ran
            assert subprocess.run(["diff", "-r", scene.near, reader.near], check=False).returncode == 0

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`scripts/release` with a throw-away key.

gpg, sha256sum, git and ansible-galaxy verify the release as in SECURITY.md, and refuse changed files and other keys.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.check import changes, ledger
from support.running.scratch import scratch

ROOT = Path(__file__).parents[2]
VERSION = "99.0.0"
SIGNER, STRANGER = "release@example.com", "stranger@example.com"


@dataclass
class Workshop:
    """A repository that is ready for the release of VERSION, and a home of gpg with two keys."""

    directory: Path

    @property
    def repository(self) -> Path:
        """The repository."""
        return self.directory / "repository"

    @property
    def output(self) -> Path:
        """The directory of the files of the release."""
        return self.repository / ".cache/release" / VERSION

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository, or elsewhere."""
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(self.directory),
            "GNUPGHOME": str(self.directory / "gnupg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.directory / "installed"),
        }
        options = {"capture_output": True, "text": True, "timeout": 120, "stdin": subprocess.DEVNULL}
        return subprocess.run(command, cwd=cwd or self.repository, env=environment, check=False, **options)

    def good(self, *command: str, cwd: Path | None = None) -> str:
        """Run a command that must succeed, and return its output."""
        done = self.run(*command, cwd=cwd)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *command: str, because: str, cwd: Path | None = None) -> None:
        """Run a command that must fail and give the reason."""
        done = self.run(*command, cwd=cwd)
        assert done.returncode != 0, done.stdout
        assert because in done.stdout + done.stderr

    def keyring(self, key: str) -> str:
        """Write the public key to a keyring of its own, and return the path."""
        path = self.directory / f"{key}.gpg"
        self.good("gpg", "--batch", "--yes", "--output", str(path), "--export", key)
        return str(path)

    def verify_installed(self, key: str) -> list[str]:
        """Return the command by which a user verifies the installed collection."""
        signature = f"file://{self.output / 'MANIFEST.json.asc'}"
        command = ["ansible-galaxy", "collection", "verify", "secure.ftp_synchronize", "--offline"]
        options = ["--keyring", self.keyring(key), "--signature", signature, "--required-valid-signature-count", "+all"]
        return command + options


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    # gpg's agent listens on a socket in this directory: its path must be short.
    shop = Workshop(scratch("release"))
    try:
        subprocess.run(["scripts/copy-tree", str(shop.repository)], cwd=ROOT, check=True)
        (shop.directory / "gnupg").mkdir(mode=0o700)
        for key in (SIGNER, STRANGER):
            shop.good("gpg", "--batch", "--passphrase", "", "--quick-generate-key", key, "ed25519", "sign")
        shop.good("git", "init", "--quiet")
        for name in ("user.name", "user.email"):
            shop.good("git", "config", name, SIGNER)
        commit(shop, "before")
        yield shop
    finally:
        shop.run("gpgconf", "--kill", "all", cwd=shop.directory)
        shutil.rmtree(shop.directory)


def commit(shop: Workshop, subject: str) -> None:
    """Commit everything."""
    shop.good("git", "add", "--all")
    shop.good("git", "commit", "--quiet", "--message", subject)


@pytest.fixture(scope="module")
def released(workshop: Workshop) -> Workshop:
    """The workshop after a release: every refusal first, as each has its own cure, then the release itself."""
    galaxy = workshop.repository / "galaxy.yml"
    release = ("scripts/release", SIGNER)
    suites = r"tests/(hosts|trust|integration|faults)/test_\w+\.py"
    groups = sorted(file for file in changes.files_of(workshop.repository) if re.fullmatch(suites, file))
    workshop.refused("scripts/release", because="name the signing key")
    workshop.refused("scripts/release", "nobody@example.com", because="gpg has no secret key")
    galaxy.write_text(re.sub(r"(?m)^version: .*", f"version: {VERSION}", galaxy.read_text()))
    workshop.refused(*release, because="the work tree has changes")
    commit(workshop, "version")
    workshop.refused(*release, because="not in the changelog")
    workshop.good("antsibull-changelog", "release")
    commit(workshop, "changelog")
    workshop.refused(*release, because="this tree did not pass the tests of the long form")
    long_form_passed(workshop, *groups[1:])
    workshop.refused(*release, because=f"1 groups did not pass in the long form on these files: {groups[0]}")
    long_form_passed(workshop, *groups)
    workshop.good(*release)
    workshop.refused(*release, because="this tag exists")
    workshop.good("ansible-galaxy", "collection", "install", "--offline", "--no-deps", *artifact(workshop))
    return workshop


def long_form_passed(shop: Workshop, *groups: str) -> None:
    """Commit a ledger in which these groups passed in the long form before the changes of the release."""
    before = shop.good("git", "rev-parse", "--short=12", "HEAD~2").strip()
    lines = {(group, ledger.LONG): ledger.Passed(1, before, 1.0, 1.0) for group in groups}
    ledger.write(shop.repository / ledger.FILE, ledger.Ledger(lines))
    shop.good("git", "commit", "--quiet", "--all", "--amend", "--no-edit")


def artifact(shop: Workshop) -> list[str]:
    """Return where to install, and the artifact."""
    found = shop.output / f"secure-ftp_synchronize-{VERSION}.tar.gz"
    return ["--collections-path", str(shop.directory / "installed"), str(found)]


def test_the_sums_are_signed_and_cover_every_file(released: Workshop) -> None:
    sums = ("--verify", "SHA256SUMS.asc", "SHA256SUMS")
    gpg = ("gpg", "--batch", "--no-default-keyring", "--keyring")
    released.good(*gpg, released.keyring(SIGNER), *sums, cwd=released.output)
    released.refused(*gpg, released.keyring(STRANGER), *sums, because="No public key", cwd=released.output)
    released.good("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=released.output)
    named = {line.split()[1] for line in (released.output / "SHA256SUMS").read_text().splitlines()}
    assert named == {path.name for path in released.output.iterdir()} - {"SHA256SUMS", "SHA256SUMS.asc"}
    assert {"sync.pyz", "sync.pyz.1"} <= named
    assert "usage: sync.pyz push" in released.good(sys.executable, "-I", "sync.pyz", "push", "-h", cwd=released.output)


def test_galaxy_verifies_the_installed_collection(released: Workshop) -> None:
    released.good(*released.verify_installed(SIGNER))
    released.refused(*released.verify_installed(STRANGER), because="verification failed")


@pytest.mark.parametrize("name", ["plugins/modules/secure_sync.py", "MANIFEST.json"])
def test_galaxy_finds_a_changed_file(released: Workshop, name: str) -> None:
    changed = released.directory / "installed/ansible_collections/secure/ftp_synchronize" / name
    kept = changed.read_bytes()
    try:
        changed.write_bytes(kept + b"\n")
        assert released.run(*released.verify_installed(SIGNER)).returncode != 0
    finally:
        changed.write_bytes(kept)
    released.good(*released.verify_installed(SIGNER))


def test_the_tag_is_signed(released: Workshop) -> None:
    released.good("git", "verify-tag", f"v{VERSION}")


def test_the_artifact_has_what_users_need_and_no_more(released: Workshop) -> None:
    found = os.listdir(released.directory / "installed/ansible_collections/secure/ftp_synchronize")
    assert {"plugins", "roles", "SECURITY.md"} <= set(found)
    assert not {"tests", "scripts", "requirements"} & set(found)


def test_the_bill_of_materials_names_every_locked_package(released: Workshop) -> None:
    document = json.loads((released.output / "sbom.cdx.json").read_text())
    assert document["bomFormat"] == "CycloneDX"
    locked = set(re.findall(r"(?m)^([A-Za-z0-9._-]+)==", (ROOT / "requirements/ee.txt").read_text()))
    assert {"ansible-core", "paramiko", "cryptography"} <= locked
    assert {component["name"] for component in document["components"]} == locked
    assert document["metadata"]["component"]["version"] == VERSION

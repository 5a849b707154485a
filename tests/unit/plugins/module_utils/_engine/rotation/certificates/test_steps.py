# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates as files: at every moment the server's two files belong together, and the steps lead on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CertificateNotRotatable,
    PrivateKeyUnusable,
    UnsafePath,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates import store
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.steps import (
    begin,
    certify,
)
from support.scenes.certificate_model import DAY, NAMES, CertificateModel
from support.servers.tls_authority import authority


@pytest.fixture
def host(tmp_path: Path) -> CertificateModel:
    return CertificateModel(tmp_path / "host").provide()


def test_nothing_is_done_to_a_young_key(host: CertificateModel) -> None:
    before = sorted(os.listdir(host.root))
    for state in ("observed", "advanced", "taken_back", "confirmed", "finished"):
        report = host.step(state)
        assert (report.rotation.phase, report.exchange, list(report.changes)) == ("idle", None, [])
    assert sorted(os.listdir(host.root)) == before


def test_the_whole_life(host: CertificateModel) -> None:
    old = host.fits()
    made = host.step("advanced", max_age=0.0)
    assert [change.partition(":")[0] for change in made.changes] == ["taken over", "made"]
    assert os.stat(made.rotation.successor.key_file).st_mode & 0o777 == 0o600
    assert [each.why for each in made.wanted] == ["it holds no certificate"]
    assert set(made.rotation.successor.request.names) == set(NAMES)
    assert host.step("advanced", max_age=0.0).changes == []
    assert host.sign(made).exchange is None, "it is not time"
    assert host.step("observed", announce=0.0, held=True).exchange is None, "a client lacks the pin"
    assert host.step("observed", announce=0.0).exchange.kind == "promotion"
    assert host.fits() == old

    promoted = host.step("promoted", announce=0.0)
    assert (promoted.rotation.phase, promoted.unproven) == ("promoted", True)
    assert promoted.rotation.former.pin == old
    new = host.fits()
    assert new != old
    assert host.step("finished", overlap=0.0).changes == [], "it was not proven"
    host.step("confirmed")
    assert host.step("finished").changes == [], "it is not time"
    assert host.step("finished", overlap=0.0, held=True).changes == []
    assert len(host.step("finished", overlap=0.0).changes) == 1
    assert (host.fits(), len(host.names())) == (new, 2)


def test_a_run_that_is_killed_leaves_no_copy_of_a_key_to_others(
    host: CertificateModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key has no owner yet, and the mode of an umask."""

    def kill(_model: str, _path: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_give_as", kill)
    with pytest.raises(KeyboardInterrupt):
        host.step("advanced", max_age=0.0)
    assert os.stat(f"{host.place.directory}/.new").st_mode & 0o777 == 0o700


def test_what_is_not_proven_goes_back(host: CertificateModel) -> None:
    old = host.fits()
    host.sign(host.step("advanced", max_age=0.0))
    host.step("promoted", announce=0.0)
    back = host.step("taken_back")
    assert (host.fits(), back.rotation.phase, back.unproven) == (old, "announced", False)
    assert host.step("observed", announce=0.0).exchange is None, "what was refused is not tried again"
    host.sign(host.step("advanced"))
    host.step("promoted", announce=0.0)
    host.step("confirmed")
    assert host.fits() == back.rotation.successor.pin


def test_a_renewal_and_its_way_back(host: CertificateModel) -> None:
    pin, before = host.fits(), Path(host.place.certificate).read_bytes()
    key = os.stat(host.place.key).st_mtime
    asked = host.step("advanced", renew_before=2 * DAY)
    assert host.sign(asked, renew_before=2 * DAY).exchange.kind == "renewal"
    host.step("promoted", renew_before=2 * DAY)
    after = Path(host.place.certificate).read_bytes()
    assert (host.fits(), after != before) == (pin, True)
    host.step("taken_back")
    assert Path(host.place.certificate).read_bytes() == before
    host.sign(host.step("advanced", renew_before=2 * DAY), hours=72, renew_before=2 * DAY)
    host.step("promoted", renew_before=2 * DAY)
    host.step("confirmed")
    assert host.step("advanced", renew_before=DAY).changes == []
    current = Path(os.path.realpath(host.place.key)).parent
    assert sorted(os.listdir(current)) == ["certificate.pem", "key.pem", "refused.pem"]
    assert os.stat(current / "key.pem").st_mtime == key, "the age of a key is its own"


def test_a_renewal_does_not_wait_for_a_rotation(host: CertificateModel) -> None:
    host.sign(host.step("advanced", max_age=0.0))
    both = host.sign(host.step("advanced", renew_before=2 * DAY), renew_before=2 * DAY)
    assert (both.rotation.phase, both.exchange.kind) == ("announced", "renewal")
    assert host.step("observed", renew_before=2 * DAY, announce=0.0).exchange.kind == "promotion"
    assert host.step("observed", renew_before=2 * DAY, announce=0.0, held=True).exchange.kind == "renewal"


def test_it_is_late_when_half_of_the_time_is_over(host: CertificateModel) -> None:
    assert not host.step("observed", renew_before=1.9 * DAY).late
    assert host.step("observed", renew_before=3 * DAY).late
    host.sign(host.step("advanced", renew_before=3 * DAY), renew_before=3 * DAY)
    assert not host.step("observed", renew_before=3 * DAY).late


def test_a_newer_certificate_in_the_place_of_the_link_is_taken_over(host: CertificateModel) -> None:
    asked = host.step("advanced", renew_before=2 * DAY)
    text = host.signed(Path(asked.rotation.current.request_file))
    os.unlink(host.place.certificate)
    Path(host.place.certificate).write_text(text)
    host.step("advanced", max_age=0.0)
    assert os.path.islink(host.place.certificate)
    assert Path(host.place.certificate).read_text() == text


def replaced(host: CertificateModel) -> None:
    host.step("advanced", max_age=0.0)
    other = authority().server(*NAMES)
    for source, target in ((other.chain, host.place.certificate), (other.key, host.place.key)):
        os.unlink(target)
        shutil.copy(source, target)
        os.chmod(target, 0o600)


def linked(host: CertificateModel) -> None:
    os.rename(host.place.key, host.place.key + "_elsewhere")
    os.symlink(host.place.key + "_elsewhere", host.place.key)


@pytest.mark.parametrize(
    ("change", "refusal", "words"),
    [
        (replaced, CertificateNotRotatable, "replaced outside the rotation"),
        (linked, UnsafePath, "not a regular file"),
        (lambda host: os.unlink(host.place.key), CertificateNotRotatable, "does not exist"),
        (lambda host: host.root.chmod(0o775), UnsafePath, "may be written by others"),
        (lambda host: os.chmod(host.place.key, 0o644), PrivateKeyUnusable, "others may read"),
    ],
)
def test_what_cannot_be_rotated(
    host: CertificateModel, change: Callable[[CertificateModel], None], refusal: type[Exception], words: str
) -> None:
    change(host)
    with pytest.raises(refusal, match=words):
        host.step("advanced", max_age=0.0)


def test_a_certificate_of_another_key_is_not_put_down(host: CertificateModel) -> None:
    host.step("advanced", max_age=0.0)
    with pytest.raises(CertificateNotRotatable, match="not for a pending key"):
        certify(host.request(), authority().server(*NAMES).chain.read_text(), host.now, check_mode=False)
    with pytest.raises(CertificateNotRotatable, match="no other certificate"):
        host.step("promoted", announce=0.0)


@pytest.fixture
def bare(tmp_path: Path) -> CertificateModel:
    """A client that has neither key nor certificate."""
    model = CertificateModel(tmp_path / "host")
    model.root.mkdir(mode=0o755)
    return model


def test_a_first_key_is_made_and_renewed(bare: CertificateModel) -> None:
    assert list(begin(bare.request(), 1e9, check_mode=True)) == ["made: a first key"]
    assert os.listdir(bare.root) == []
    assert list(begin(bare.request(), 1e9, check_mode=False)) == ["made: a first key"]
    pin = bare.fits()
    assert os.stat(bare.place.key).st_mode & 0o777 == 0o600
    assert list(begin(bare.request(), 1e9 + 1, check_mode=False)) == []
    bare.sign(bare.step("advanced", renew_before=2 * DAY), renew_before=2 * DAY)
    bare.step("promoted", renew_before=2 * DAY)
    assert bare.fits() == pin


@pytest.mark.parametrize("left", ["", ".d", ".d/current"])
def test_a_first_key_that_a_killed_run_began(bare: CertificateModel, left: str) -> None:
    """The certificate is the last link that is made; before it there may be the others."""
    begin(bare.request(), 1e9, check_mode=False)
    os.unlink(bare.place.certificate)
    if left:
        os.unlink(bare.place.key)
    if left == ".d/current":
        os.unlink(bare.place.key + left)
    begin(bare.request(), 1e9, check_mode=False)
    assert bare.fits()


def test_a_key_without_a_certificate_is_not_replaced(host: CertificateModel) -> None:
    os.unlink(host.place.certificate)
    before = Path(host.place.key).read_bytes()
    with pytest.raises(CertificateNotRotatable, match="does not"):
        begin(host.request(), 1e9, check_mode=False)
    assert Path(host.place.key).read_bytes() == before


@pytest.mark.parametrize("part", ["key", "certificate"])
def test_a_first_key_does_not_follow_a_link(bare: CertificateModel, tmp_path: Path, part: str) -> None:
    """A link in place of a file, which would make root write elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, getattr(bare.place, part))
    with pytest.raises(UnsafePath, match="not a regular file"):
        begin(bare.request(), 1e9, check_mode=False)
    assert victim.read_text() == "precious"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order and the proofs of one change of pins.

The server's part (the keys that it shows, announces and proves, and DNS) is given here; real servers are in
tests/integration/test_host_key_pin.py and test_ftps_pins.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins import pin_host
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.announced_keys import (
    ProvenPins,
    Rotation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import (
    ABSENT,
    EXACT,
    Pin,
    TlsKey,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.sshfp import SshfpAnswer, SshfpRecord
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import (
    PublicKey,
    parse_public_key,
)
from support.servers import ssh_keys


def public(name: str) -> PublicKey:
    return parse_public_key(*ssh_keys.key(name).public.split())


OLD, NEW, THIRD = public("unit"), public("unit-other"), public("unit-third")
NAME = "a.example"
TLS = Endpoint("ftps", NAME, 21)


class Scene:
    """A file of pins and a server. shows, announces: its answers; in_between: called while it is asked."""

    def __init__(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = file
        self.shows: tuple[PublicKey, ...] = ()
        self.announces: Rotation | errors.SyncError = Rotation(announced=True)
        self.dns = SshfpAnswer(reason="no records")
        self.in_between: Callable[[], object] = lambda: None
        self.reads, self.proven, self.trusts = 0, [], []
        self._read = pin_host.read_store
        monkeypatch.setattr(pin_host, "read_store", self._counted)
        monkeypatch.setattr(pin_host, "scan_host_keys", self._scan)
        monkeypatch.setattr(pin_host, "learn_rotation", self._learn)
        monkeypatch.setattr(pin_host, "ask_sshfp", lambda _name: self.dns)
        monkeypatch.setattr(pin_host, "show_peer", lambda *_given: SimpleNamespace(pin=self.shows[0].text))

    def _counted(self, path: str) -> bytes:
        self.reads += 1
        return self._read(path)

    def _scan(self, _endpoint: Endpoint, _credentials: Credentials, trust: SshTrust) -> tuple[PublicKey, ...]:
        self.trusts.append(trust)
        self.in_between()
        return self.shows

    def _learn(self, _endpoint: Endpoint, _credentials: Credentials, trust: SshTrust, pins: ProvenPins) -> Rotation:
        self.trusts.append(trust)
        self.proven.append(pins)
        self.in_between()
        if isinstance(self.announces, errors.SyncError):
            raise self.announces
        return self.announces

    def pin(self, *lines: str) -> None:
        self.file.write_text("".join(f"{line}\n" for line in lines))

    def run(self, *, endpoint: Endpoint | None = None, **options: Any) -> pin_host.PinReport:
        endpoint = endpoint or Endpoint("sftp", NAME, ssh_config_file="none")
        return pin_host.pin_host(pin_host.PinRequest(endpoint, Credentials(), str(self.file), **options))

    def refusal(self, **options: Any) -> errors.SyncError:
        before = self.file.read_bytes() if self.file.exists() else None
        with pytest.raises(errors.SyncError) as caught:
            self.run(**options)
        assert before == (self.file.read_bytes() if self.file.exists() else None)
        return caught.value

    @property
    def pinned(self) -> list[str]:
        return self.file.read_text().splitlines()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path / "known_hosts", monkeypatch)


def line(key: PublicKey, mark: str = "") -> str:
    return " ".join(filter(None, [mark, NAME, key.text]))


WAYS: dict[str, dict[str, Any]] = {
    "keys": {"keys": (Pin("", NEW),)},
    "fingerprints": {"fingerprints": frozenset({NEW.fingerprint})},
    "rotation": {"from_rotation": True},
    "both": {"fingerprints": frozenset({NEW.fingerprint}), "from_rotation": True},
}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_the_file_is_read_once_and_written_outside_check_mode(scene: Scene, way: str, *, check_mode: bool) -> None:
    scene.pin(line(OLD))
    scene.shows, scene.announces = (NEW,), Rotation(True, (NEW,))
    report = scene.run(check_mode=check_mode, **WAYS[way])
    assert [change.key for change in report.plan.changes] == [NEW]
    assert scene.pinned == [line(OLD), *([] if check_mode else [line(NEW)])]
    assert scene.reads == 1


def test_only_a_listed_key_of_those_shown_is_pinned(scene: Scene) -> None:
    scene.shows = (OLD, NEW)
    report = scene.run(fingerprints=frozenset({NEW.fingerprint}))
    assert scene.pinned == [line(NEW)]
    assert report.offered == ((OLD, False), (NEW, True))


@pytest.mark.parametrize(
    ("before", "error"),
    [
        ([], errors.UnknownHost),
        ([line(OLD)], errors.HostKeyChanged),
        ([line(NEW, "@revoked")], errors.HostKeyRevoked),
        ([line(OLD, "@revoked")], errors.UnknownHost),
    ],
)
def test_a_shown_key_that_is_not_listed_is_refused(
    scene: Scene, before: list[str], error: type[errors.SyncError]
) -> None:
    scene.pin(*before)
    scene.shows = (NEW,)
    assert type(scene.refusal(fingerprints=frozenset({THIRD.fingerprint}))) is error


def test_a_listed_key_that_is_revoked_is_refused(scene: Scene) -> None:
    scene.pin(line(NEW, "@revoked"))
    scene.shows = (NEW,)
    assert isinstance(scene.refusal(fingerprints=frozenset({NEW.fingerprint})), errors.HostKeyRevoked)


def test_dns_proves_a_key_that_it_names(scene: Scene) -> None:
    scene.shows = (OLD, NEW)
    assert "no records" in scene.refusal(sshfp=True).message
    scene.dns = SshfpAnswer((SshfpRecord(4, 2, bytes.fromhex(digest(NEW))),))
    scene.run(sshfp=True)
    assert scene.pinned == [line(NEW)]


def digest(key: PublicKey) -> str:
    return hashlib.sha256(key.blob).hexdigest()


def test_absent_does_not_ask_the_server(scene: Scene) -> None:
    scene.pin(line(OLD), line(NEW))
    scene.in_between = pytest.fail
    scene.run(state=ABSENT, fingerprints=frozenset({OLD.fingerprint}))
    assert scene.pinned == [line(NEW)]


def test_exact_drops_all_but_the_proven(scene: Scene) -> None:
    scene.pin(line(OLD), line(THIRD))
    scene.shows = (NEW,)
    scene.run(state=EXACT, fingerprints=frozenset({NEW.fingerprint}), keys=(Pin("", THIRD),))
    assert sorted(scene.pinned) == sorted([line(THIRD), line(NEW)])


# keys that the server proves


@pytest.mark.parametrize(
    "before",
    [[], [line(OLD, "@cert-authority")], [line(OLD), line(OLD, "@revoked")], [f"b.example {OLD.text}"]],
    ids=["nothing", "an authority", "a revoked key", "another server"],
)
def test_a_rotation_needs_a_pin_that_proves_the_server(scene: Scene, before: list[str]) -> None:
    scene.pin(*before)
    scene.in_between = pytest.fail
    assert isinstance(scene.refusal(from_rotation=True), errors.UnknownHost)


def test_an_expired_pin_proves_nothing(scene: Scene) -> None:
    scene.pin(f"{line(OLD)} secure_sync:valid_until=2020-01-01")
    scene.in_between = pytest.fail
    assert isinstance(scene.refusal(from_rotation=True), errors.UnknownHost)


def test_the_server_is_proven_by_its_pins_alone(scene: Scene) -> None:
    scene.pin(line(OLD), line(THIRD, "@revoked"), f"b.example {NEW.text}")
    scene.run(from_rotation=True)
    assert scene.proven == [ProvenPins(NAME, (OLD,), (THIRD,))]


def test_a_revoked_key_is_not_learned(scene: Scene) -> None:
    scene.pin(line(OLD), line(THIRD, "@revoked"))
    scene.announces = Rotation(True, (NEW, THIRD))
    scene.run(from_rotation=True)
    assert scene.pinned == [line(OLD), line(THIRD, "@revoked"), line(NEW)]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, [line(OLD), line(NEW)]),
        ({"remove_unannounced": True}, [line(NEW)]),
        ({"remove_unannounced": True, "keys": (Pin("", OLD),)}, [line(OLD), line(NEW)]),
    ],
)
def test_pins_that_are_no_longer_announced(scene: Scene, options: dict[str, Any], left: list[str]) -> None:
    scene.pin(line(OLD))
    scene.announces = Rotation(True, (NEW,), (OLD,))
    scene.run(from_rotation=True, **options)
    assert scene.pinned == left


def test_proof_that_is_gone_when_the_file_is_written_counts_no_more(scene: Scene) -> None:
    scene.pin(line(OLD))
    scene.announces = Rotation(True, (NEW,))
    scene.in_between = lambda: scene.pin(line(OLD, "@revoked"))
    with pytest.raises(errors.Locked):
        scene.run(from_rotation=True)
    assert scene.pinned == [line(OLD, "@revoked")]


def test_lines_of_others_may_change_meanwhile(scene: Scene) -> None:
    scene.pin(line(OLD))
    scene.announces = Rotation(True, (NEW,))
    scene.in_between = lambda: scene.pin(line(OLD), f"b.example {THIRD.text}")
    scene.run(from_rotation=True)
    assert scene.pinned == [line(OLD), f"b.example {THIRD.text}", line(NEW)]


@pytest.mark.parametrize("error", [errors.HostKeyChanged("another key."), errors.UnknownHost("no key.")])
def test_a_server_with_another_key_teaches_nothing(scene: Scene, error: errors.SyncError) -> None:
    scene.pin(line(OLD))
    scene.announces = error
    refusal = scene.refusal(from_rotation=True)
    assert type(refusal) is errors.HostKeyChanged
    assert OLD.fingerprint in refusal.message


@pytest.mark.parametrize("way", ["fingerprints", "rotation"])
def test_jump_hosts_are_proven_by_the_same_file(scene: Scene, way: str) -> None:
    scene.pin(line(OLD))
    scene.shows = (NEW,)
    scene.run(**WAYS[way])
    assert scene.trusts == [SshTrust(known_hosts_file=str(scene.file))]


def test_jump_hosts_without_a_file_are_proven_by_the_users_own(scene: Scene) -> None:
    scene.shows = (NEW,)
    scene.run(**WAYS["fingerprints"])
    assert scene.trusts == [SshTrust()]


@pytest.mark.parametrize("options", [{"sshfp": True}, {"from_rotation": True}])
def test_paramiko_proves_no_key_by_dns_or_rotation(scene: Scene, options: dict[str, Any]) -> None:
    scene.pin(line(OLD))
    endpoint = Endpoint("sftp", NAME, ssh_config_file="none", ssh_client="paramiko")
    assert isinstance(scene.refusal(endpoint=endpoint, **options), errors.InvalidRequest)


# FTPS


def test_a_tls_key_is_pinned_if_it_is_listed(scene: Scene) -> None:
    shown, other = TlsKey(b"1" * 32), TlsKey(b"2" * 32)
    scene.shows = (shown,)
    tls = {"endpoint": TLS, "tls": TlsTrust()}
    assert isinstance(scene.refusal(fingerprints=frozenset({other.text}), **tls), errors.UnknownHost)
    scene.run(fingerprints=frozenset({shown.text}), **tls)
    assert scene.pinned == [f"[{NAME}]:21 {shown.text}"]
    scene.shows = (other,)
    assert isinstance(scene.refusal(fingerprints=frozenset({shown.text}), **tls), errors.TlsPinMismatch)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision about a server's key."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import SshTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust import verifier
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import (
    PublicKey,
    parse_public_key,
)
from support.servers import ssh_keys


def public(name: str) -> PublicKey:
    return parse_public_key(*ssh_keys.key(name).public.split())


KEY, OTHER, THIRD = public("unit"), public("unit-other"), public("unit-third")


@pytest.mark.parametrize(
    ("pins", "error"),
    [
        ((KEY.text,), None),
        ((OTHER.text, KEY.text), None),
        ((KEY.fingerprint,), None),
        ((OTHER.text, KEY.fingerprint), None),
        ((), errors.UnknownHost),
        ((OTHER.text,), errors.HostKeyChanged),
        ((OTHER.fingerprint,), errors.HostKeyChanged),
        ((f"@revoked {OTHER.text}",), errors.UnknownHost),
        ((f"@revoked {KEY.text}",), errors.HostKeyRevoked),
        ((KEY.text, f"@revoked {KEY.text}"), errors.HostKeyRevoked),
        ((KEY.fingerprint, f"@revoked {KEY.text}"), errors.HostKeyRevoked),
        ((f"@cert-authority {OTHER.text}",), errors.NotSupported),
        ((f"@cert-authority {KEY.text}",), errors.NotSupported),
        ((f"@cert-authority {OTHER.text}", KEY.text), None),
        ((f"@cert-authority {OTHER.text}", THIRD.text), errors.HostKeyChanged),
    ],
)
def test_the_decision(tmp_path: Path, pins: tuple[str, ...], error: type[errors.SyncError] | None) -> None:
    (tmp_path / "known").touch()
    found = verifier.pins_for(SshTrust(pins, str(tmp_path / "known")), "host", 22, is_endpoint=True)
    if error is None:
        found.verify(KEY, "host")
    else:
        with pytest.raises(error) as caught:
            found.verify(KEY, "host")
        assert type(caught.value) is error
        assert caught.value.cure


def test_pins_of_the_task_are_not_for_jump_hosts(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"hop {OTHER.text}\n")
    trust = SshTrust((KEY.text, KEY.fingerprint), str(tmp_path / "known"))
    pins = verifier.pins_for(trust, "hop", None, is_endpoint=False)
    pins.verify(OTHER, "hop")
    with pytest.raises(errors.HostKeyChanged):
        pins.verify(KEY, "hop")


def test_the_users_own_store_counts_only_without_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, given = tmp_path / "own", tmp_path / "given"
    own.write_text(f"host {KEY.text}\n")
    given.touch()
    monkeypatch.setattr(verifier, "USER_STORES", (str(own), str(tmp_path / "missing")))
    monkeypatch.setattr(verifier, "GLOBAL_STORES", ())
    verifier.pins_for(SshTrust(), "host", 22, is_endpoint=True).verify(KEY, "host")
    for trust in (SshTrust((OTHER.text,)), SshTrust(known_hosts_file=str(given))):
        with pytest.raises(errors.TrustError):
            verifier.pins_for(trust, "host", 22, is_endpoint=True).verify(KEY, "host")


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_store_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.TrustStoreUnreadable):
        verifier.pins_for(SshTrust(known_hosts_file=str(tmp_path / name)), "host", 22, is_endpoint=True)


def test_types_of_the_pinned_keys_and_whether_there_are_pins() -> None:
    pins = verifier.pins_for(SshTrust((KEY.text, f"@revoked {OTHER.text}")), "host", 22, is_endpoint=True)
    assert pins.key_types == ("ssh-ed25519",)
    assert pins.is_pinned
    assert not verifier.pins_for(SshTrust((f"@revoked {OTHER.text}",)), "host", 22, is_endpoint=True).is_pinned


@pytest.mark.parametrize(
    ("name", "parts"),
    [("host", ("host", None)), ("[host]:22", ("host", 22)), ("[::1]:2222", ("::1", 2222)), ("::1", ("::1", None))],
)
def test_the_parts_of_a_name(name: str, parts: tuple[str, int | None]) -> None:
    assert verifier.split_host_name(name) == parts


def test_a_peers_words_are_escaped() -> None:
    error = verifier.host_key_error(errors.UnknownHost, "host", "ssh-\x1b[2J", "SHA256:\u202e")
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ("host {key} secure_sync:valid_until=2099-01-01", None),
        ("host {key} secure_sync:valid_until=2000-01-01", errors.PinExpired),
        ("host {key} secure_sync:valid_from=2099-01-01", errors.PinExpired),
        ("host {key} secure_sync:valid_until=x", errors.PinExpired),
        ("host {key}\nhost {key} secure_sync:valid_until=2000-01-01", None),
        ("host {other}\nhost {key} secure_sync:valid_until=2000-01-01", errors.PinExpired),
        ("host {other} secure_sync:valid_until=2000-01-01", errors.HostKeyChanged),
        ("host {key}\n@revoked host {key} secure_sync:valid_until=2000-01-01", errors.HostKeyRevoked),
    ],
)
def test_a_pin_counts_in_its_time(tmp_path: Path, lines: str, error: type[errors.SyncError] | None) -> None:
    (tmp_path / "known").write_text(lines.format(key=KEY.text, other=OTHER.text))
    found = verifier.pins_for(SshTrust(known_hosts_file=str(tmp_path / "known")), "host", 22, is_endpoint=True)
    assert found.is_pinned
    if error is None:
        found.verify(KEY, "host")
    else:
        with pytest.raises(error) as caught:
            found.verify(KEY, "host")
        assert type(caught.value) is error


def test_an_expired_pin_is_no_obstacle_to_a_pinned_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"host {KEY.text} secure_sync:valid_until=2000-01-01\n")
    trust = SshTrust((OTHER.fingerprint,), str(tmp_path / "known"))
    found = verifier.pins_for(trust, "host", 22, is_endpoint=True)
    found.verify(OTHER, "host")
    with pytest.raises(errors.HostKeyChanged):
        found.verify(KEY, "host")


THREE = tuple(f"SHA256:{letter * 42}A" for letter in "ABC")


@pytest.mark.parametrize(
    ("pins", "shown"),
    [
        ((OTHER.text,), f"ssh-ed25519 {OTHER.fingerprint} (host_keys)"),
        ((OTHER.fingerprint,), f"{OTHER.fingerprint} (host_keys)"),
        (THREE, ", ".join(f"{each} (host_keys)" for each in THREE)),
        ((), "ssh-ed25519 {0} ({1} line 2), ssh-ed25519 {0} ({1} line 3), ssh-ed25519 {0} ({1} line 4) and 2 more"),
    ],
)
def test_a_changed_key_is_shown_with_the_pins_and_their_places(
    tmp_path: Path, pins: tuple[str, ...], shown: str
) -> None:
    store = tmp_path / "known"
    store.write_text("# ours\n" + f"host {OTHER.text}\n" * 5)
    trust = SshTrust(pins, None if pins else str(store))
    with pytest.raises(errors.HostKeyChanged) as caught:
        verifier.pins_for(trust, "host", 22, is_endpoint=True).verify(KEY, "host")
    assert caught.value.message == (
        f"host shows a key that is not pinned: ssh-ed25519 {KEY.fingerprint}; "
        f"pinned: {shown.format(OTHER.fingerprint, store)}"
    )

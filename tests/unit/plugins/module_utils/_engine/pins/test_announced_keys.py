# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session in which ssh learns a server's other keys.

The program is a script in place of ssh, which changes known_hosts as ssh would; sessions with real servers are in
tests/integration/test_host_key_rotation.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.announced_keys import (
    ProvenPins,
    Rotation,
    learn_rotation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import (
    PublicKey,
    parse_public_key,
)
from support.servers import ssh_keys


def public(name: str) -> PublicKey:
    return parse_public_key(*ssh_keys.key(name).public.split())


ONE, TWO, NEW = public("unit"), public("unit-other"), public("unit-third")
NAME = "[a.example]:2222"
ANNOUNCED = "debug1: client_input_global_request: rtype hostkeys-00@openssh.com want_reply 0"
READY = "debug1: subsystem request accepted on channel 0"
# The greeting of SFTP 3 (SSH_FXP_VERSION), two SSH_FXP_STATUS, and the end when the client ends its input.
SSH = r"""#!/bin/sh
case "$1" in -V) echo 'OpenSSH_9.9p1' >&2; exit 0;; esac
cp "$2" "$HERE/config"
pins=$(sed -n 's/^ *UserKnownHostsFile *//p' "$2" | head -n 1)
cp "$pins" "$HERE/pins"
revoked=$(sed -n 's/^ *RevokedHostKeys *//p' "$2" | head -n 1)
[ -z "$revoked" ] || cp "$revoked" "$HERE/revoked"
cat "$HERE/messages" >&2
[ ! -e "$HERE/written" ] || cat "$HERE/written" >"$pins"
head -c 9 >/dev/null
[ -e "$HERE/mute" ] || printf '\000\000\000\005\002\000\000\000\003'
head -c 28 >/dev/null
printf '\000\000\000\021\145\000\000\000\000\000\000\000\004\000\000\000\000\000\000\000\000'
printf '\000\000\000\021\145\000\000\000\001\000\000\000\004\000\000\000\000\000\000\000\000'
cat >/dev/null
"""


class Scene:
    def __init__(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = here
        (here / "bin").mkdir()
        (here / "bin" / "ssh").write_text(SSH)
        (here / "bin" / "ssh").chmod(0o755)
        self.write("messages", READY, ANNOUNCED)
        monkeypatch.setenv("PATH", f"{here}/bin:/usr/bin:/bin")
        monkeypatch.setenv("HERE", str(here))

    def write(self, name: str, *lines: str) -> None:
        (self.here / name).write_text("".join(f"{line}\n" for line in lines))

    def leave(self, *keys: PublicKey) -> None:
        """Set the keys that are in known_hosts at the end of the session."""
        self.write("written", *(f"{NAME} {key.text}" for key in keys))

    def learn(self, *revoked: PublicKey, **changes: Any) -> Rotation:
        endpoint = Endpoint("sftp", "a.example", 2222, ssh_config_file="none", connect_timeout=5.0)
        pins = ProvenPins(NAME, (ONE, TWO), revoked)
        return learn_rotation(endpoint._replace(**changes), Credentials(ssh_agent=False), SshTrust(), pins)

    def seen(self, name: str) -> list[str]:
        return [line.strip() for line in (self.here / name).read_text().splitlines()]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("left", "learned", "unannounced"),
    [
        ((ONE, TWO), (), ()),
        ((ONE, TWO, NEW), (NEW,), ()),
        ((ONE, NEW, NEW), (NEW,), (TWO,)),
        ((NEW,), (NEW,), (ONE, TWO)),
    ],
)
def test_the_difference_of_the_pins_before_and_after(
    scene: Scene, left: tuple[PublicKey, ...], learned: tuple[PublicKey, ...], unannounced: tuple[PublicKey, ...]
) -> None:
    scene.leave(*left)
    assert scene.learn() == Rotation(True, learned, unannounced)


def test_a_server_that_announces_nothing_drops_no_pin(scene: Scene) -> None:
    scene.write("messages", READY)
    scene.leave(ONE)
    assert scene.learn() == Rotation(announced=False)


def test_ssh_updates_a_private_copy_with_one_plain_name(scene: Scene) -> None:
    scene.learn()
    assert scene.seen("pins") == [f"{NAME} {key.text}" for key in (ONE, TWO)]
    config = scene.seen("config")
    assert config[0] == "Host a.example"
    assert {"GlobalKnownHostsFile none", "UpdateHostKeys yes"} <= set(config)
    assert not any(line.startswith("RevokedHostKeys") for line in config)


def test_revoked_keys_are_a_file_of_their_own(scene: Scene) -> None:
    scene.learn(NEW)
    assert scene.seen("revoked") == [NEW.text]
    assert NEW.text not in "".join(scene.seen("pins"))


def test_a_session_without_a_greeting_teaches_nothing(scene: Scene) -> None:
    """Messages alone could be the text of an unproven server."""
    scene.write("mute")
    scene.leave(ONE, TWO, NEW)
    with pytest.raises(errors.SyncError):
        scene.learn(stall_timeout=0.5, connect_timeout=1.0)


def test_without_ssh_nothing_is_learned(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(scene.here / "empty"))
    with pytest.raises(errors.ClientMissing) as caught:
        scene.learn()
    assert caught.value.cure

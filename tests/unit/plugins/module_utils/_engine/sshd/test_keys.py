# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strong keys and moduli."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import keys

SHORT = "20240329163000 2 6 100 2047 5 DC5CE5\n"
LONG = "20240329163000 2 6 100 4095 2 FFFFFF\n"


def test_short_moduli_go() -> None:
    assert keys.strong_moduli("# Time\n" + SHORT + LONG) == "# Time\n" + LONG


@pytest.mark.parametrize("text", [None, "", SHORT, "# nothing\n"])
def test_a_file_is_never_emptied(text: str | None) -> None:
    assert keys.strong_moduli(text) == text


@pytest.mark.parametrize(("bits", "used"), [("2048", False), ("3072", True)])
def test_a_short_rsa_host_key_is_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: str, *, used: bool
) -> None:
    path = tmp_path / "ssh_host_rsa_key"
    monkeypatch.setattr(keys, "HOST_KEYS", (str(path), str(tmp_path / "ssh_host_ed25519_key")))
    assert keys.missing() == [str(path), str(tmp_path / "ssh_host_ed25519_key")]
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", bits, "-N", "", "-f", str(path)], check=True)
    assert keys.bits(str(path)) == int(bits)
    assert (str(path) in keys.usable()) is used
    assert keys.open_keys() == []
    path.chmod(0o640)
    assert keys.open_keys() == [str(path)]


@pytest.mark.parametrize(
    ("bits", "wanted", "told"), [("3072", 4096, 1), ("3072", 0, 0), ("4096", 4096, 0), ("2048", 4096, 0)]
)
def test_a_key_that_is_offered_and_shorter_than_the_profile_asks_for_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: str, wanted: int, told: int
) -> None:
    path = tmp_path / "ssh_host_rsa_key"
    monkeypatch.setattr(keys, "HOST_KEYS", (str(path),))
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", bits, "-N", "", "-f", str(path)], check=True)
    found = keys.too_short(wanted)
    assert len(found) == told
    assert all(f"{bits} bits" in each and "rotate_host_keys" in each for each in found)


def test_moduli_are_shown_as_numbers() -> None:
    assert keys.moduli_counted(f"# Time Type\n{SHORT}{LONG}{SHORT}") == "2 moduli of 2047 bits\n1 moduli of 4095 bits\n"

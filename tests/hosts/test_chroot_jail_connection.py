# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""chroot_jail over a connection without SSH, as to a container: the host tries the change itself, every administrator
can still log in, and a warning shows that no login was proven. Also the notes for partners on the controller.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.hosts.host_play import HostPlay, role
from support.hosts.jail_host import JailHost
from support.hosts.systemd_image import OWNER
from support.running.other_collections import with_collection
from support.running.play import Play
from support.running.playbook_process import Outcome, with_variables
from support.servers import ssh_keys

CONFIGURATION = (
    "sha256sum /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*; ls /var/lib/secure_ftp_synchronize 2>/dev/null || :"
)
DROP_IN = "/etc/ssh/sshd_config.d/01-test.conf"
UNPROVEN = "Not proven: that an administrator can log in over SSH"


@pytest.fixture(scope="module")
def jails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JailHost]:
    with JailHost(tmp_path_factory.mktemp("jails")) as host:
        yield host


def play(directory: Path, jails: JailHost, tasks: list[dict[str, Any]], **variables: Any) -> Outcome:
    """Run tasks through nsenter, which knows no login."""
    reached = {
        "ansible_connection": "community.docker.nsenter",
        "ansible_nsenter_pid": str(jails.host._init()),
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    groups = {"files": {"jails": reached}}
    made = HostPlay(directory, jails.host, collections=[with_collection("community.docker")], groups=groups)
    return made.run(tasks, *with_variables(directory, variables))


@pytest.fixture(scope="module")
def provisioned(jails: JailHost, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome, Outcome]:
    """Return the directory of the notes, and the outcomes of two runs."""
    directory = tmp_path_factory.mktemp("play")
    keys = [jails.key.public]
    variables = {
        "chroot_jail_accounts": [
            {
                "name": "partner",
                "authorized_keys": keys,
                "directories": [{"name": "incoming"}, {"name": "outgoing", "writable": False}],
            },
            {"name": "collector", "access": "upload", "authorized_keys": keys},
            {"name": "reader", "access": "download", "authorized_keys": keys},
        ],
        "chroot_jail_note": {
            "host": jails.host.address,
            "known_hosts_file": str(jails.host.known_hosts),
            "directory": str(directory / "notes"),
        },
    }
    shown = {"name": "Show the notes", "ansible.builtin.debug": {"var": "chroot_jail_notes"}}
    first, second = (play(directory, jails, [role("chroot_jail"), shown], **variables) for _number in range(2))
    return directory / "notes", first, second


def test_the_jails_are_made_and_the_missing_proof_is_named(
    jails: JailHost, provisioned: tuple[Path, Outcome, Outcome]
) -> None:
    _notes, first, second = provisioned
    assert first.status == 0, first.output
    assert UNPROVEN in " ".join(first.output.split())
    assert (second.status, second.count("changed")) == (0, 0), second.output
    assert UNPROVEN not in " ".join(second.output.split())
    assert jails.host.run("true", user=OWNER).returncode == 0
    assert jails.inside("ls /var/lib/secure_ftp_synchronize/sshd_guard 2>/dev/null || true") == ""
    done = jails.client("partner").run("-b", "-", "server", program="sftp", input="ls\n")
    assert "incoming" in done.stdout, done.stderr


REFUSED = {
    # content of a drop-in: the words of the refusal
    "no administrator is left": ("DenyUsers admin root\n", "no administrator could log in over SSH any more"),
    "no login by key": ("PubkeyAuthentication no\n", "sshd does not serve the configuration on this host"),
    "no configuration": ("Nonsense yes\n", "sshd refuses the configuration"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_would_lock_out_is_refused(jails: JailHost, tmp_path: Path, case: str) -> None:
    content, words = REFUSED[case]
    before = jails.inside(CONFIGURATION)
    change = {"files": [{"path": DROP_IN, "content": content}]}
    done = play(tmp_path, jails, [{"name": "Change", "secure.ftp_synchronize.sshd_change": change}])
    assert done.status != 0
    assert words in " ".join(done.output.split()), done.output
    assert jails.inside(CONFIGURATION) == before
    assert jails.host.run("true", user=OWNER).returncode == 0


def test_the_notes_hold_what_partners_need(
    jails: JailHost, provisioned: tuple[Path, Outcome, Outcome], tmp_path: Path
) -> None:
    directory, _first, second = provisioned
    assert sorted(path.name for path in directory.iterdir()) == [
        f"jails_{name}.md" for name in ("collector", "partner", "reader")
    ]
    text = (directory / "jails_partner.md").read_text()
    pin = ssh_keys.key(f"host-{jails.host.system}").fingerprint
    for part in (f"{jails.host.address}, port 22", pin, f"sftp -P 22 partner@{jails.host.address}", "incoming"):
        assert part in text
    assert pin in second.output
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox/file").write_text("by the note")
    jails.inside("echo theirs > /srv/jail/partner/outgoing/offer && chmod 644 /srv/jail/partner/outgoing/offer")
    tasks = [task for block in text.split("```yaml\n")[1:] for task in yaml.safe_load(block.partition("```")[0])]
    assert [task["secure.ftp_synchronize.secure_sync"].get("direction") for task in tasks] == [None, "pull"]
    for task in tasks:
        options = task["secure.ftp_synchronize.secure_sync"]
        options.update(private_key_file=str(jails.key.path), ssh_config_file="none")
        for name in ("src", "dest"):
            options[name] = options[name].replace("outbox/", f"{tmp_path}/outbox/").replace("inbox/", f"{tmp_path}/in/")
    played = Play(tmp_path / "play").run(tasks, timeout=400)
    assert [result.get("msg") for result in played.results if result.get("failed")] == []
    assert jails.inside("cat /srv/jail/partner/incoming/file") == "by the note"
    assert (tmp_path / "in/offer").read_text() == "theirs\n"
    assert "proof: none" in (directory / "jails_collector.md").read_text()
    assert "Send files" not in (directory / "jails_reader.md").read_text()


def test_a_note_needs_a_pinned_host_key(jails: JailHost, tmp_path: Path) -> None:
    (tmp_path / "none").touch()
    places = {"known_hosts_file": str(tmp_path / "none"), "directory": str(tmp_path / "notes")}
    note = {"host": "files.example.com", **places}
    done = play(
        tmp_path,
        jails,
        [role("chroot_jail")],
        chroot_jail_unlisted="keep",
        chroot_jail_note=note,
    )
    assert done.status != 0
    assert "no host key is pinned for files.example.com" in " ".join(done.output.split())
    assert not (tmp_path / "notes").exists()

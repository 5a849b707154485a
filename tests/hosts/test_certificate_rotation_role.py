# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates of an FTPS server are rotated by the role, and clients with strict pins get through at every
moment: the whole life, kills in between, a man in the middle, clients that are away. Time is moved by the options."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    ConnectionLost,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    FTPS,
    Credentials,
    Endpoint,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import tls_pins_for
from support.hosts.ftps_host import PASSWORD, FtpsHost
from support.running.playbook_process import done
from support.running.slices import slice_of
from support.scenes.certificate_scene import CERTIFICATE, KEY, CertificateScene
from support.scenes.rotation_life import NAME, STEPS, life_of, scene_of

ROOT = Path(__file__).parents[2]
STATE = f"ls -lAR --time-style=full-iso {KEY}* {CERTIFICATE}; cat {CERTIFICATE}"
# The due period, and the tasks of such a run at which it is killed, in their order.
KILLS = (
    ("max_age", "Make keys and requests"),
    ("max_age", "Store the certificates"),
    ("max_age", "Pin the keys of the server"),
    ("announce", "Serve it"),
    ("announce", "Prove it, or take it back"),
    ("announce", "Check both channels from the client"),
    ("announce", "Keep it"),
    ("overlap", "Drop the pin of the old key"),
    ("overlap", "Remove the old key when no client has its pin"),
)


class Caller(threading.Thread):
    """Logs in from this machine by its pins, and lists, again and again."""

    def __init__(self, scene: CertificateScene) -> None:
        super().__init__(daemon=True)
        self.good, self.refusals = 0, []  # the moment in which the server is restarted is none
        self._scene, self._over = scene, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.3):
            try:
                call(self._scene)
                self.good += 1
            except (ConnectionFailed, ConnectionLost):
                continue
            except SyncError as error:
                self.refusals.append(error.message)

    def __enter__(self) -> Caller:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self.join()


def call(scene: CertificateScene) -> None:
    """Log in from this machine, and list; raises SyncError."""
    pins = tls_pins_for(str(scene.pins), scene.host.address, 21)
    trust = TlsTrust(ca_file=str(scene.authority / "ca.pem"), pins=pins)
    endpoint = Endpoint(FTPS, scene.host.address, 21, "partner", connect_timeout=20.0, stall_timeout=20.0)
    session = FtpsSession(endpoint, Credentials(password=PASSWORD), trust)
    try:
        session.login()
        list(session.list_lines(b"LIST", b"incoming"))
        assert session.identity.data_channel_resumed
    finally:
        session.close()


life = life_of(CertificateScene)
scene = scene_of(CertificateScene)


def works(scene: CertificateScene) -> None:
    """Both clients get through by their own pins alone."""
    call(scene)
    synced = scene.synced()
    assert synced["changed"], synced["msg"]
    assert synced["peer"]["data_channel_resumed"]


def test_check_mode_on_a_host_that_never_ran_it(life: CertificateScene) -> None:
    before = life.inside(STATE)
    checked = done(life.rotate("--check", "--diff", certificate_rotation_max_age=0))
    assert "made: a new key" in checked.output
    assert life.inside(STATE) == before


def test_a_young_key_is_left_alone_and_no_client_is_asked(life: CertificateScene) -> None:
    with life.client_away():
        life.rests()


def test_the_whole_life_under_strict_clients(life: CertificateScene, long_run: bool) -> None:
    old, resting = life.shown(), slice_of(STEPS[:2], long_run=long_run)
    with Caller(life) as caller:
        done(life.step("max_age"))
        (kept, new) = life.keys()
        assert (kept, life.shown()) == (old, old)
        assert life.pinned() == ([old, new], [old, new])
        works(life)
        if "max_age" in resting:
            life.rests()

        done(life.step("announce"))
        assert life.shown() == new
        assert life.pinned() == ([old, new], [old, new])
        works(life)
        if "announce" in resting:
            life.rests()

        done(life.step("overlap"))
    assert caller.refusals == []
    assert caller.good > 10
    assert life.pinned() == ([new], [new])
    assert life.keys() == [new]
    works(life)
    life.rests()
    again = done(life.converge(jails=False))
    assert again.count("changed") == 0, again.output


def test_a_certificate_near_its_end_is_renewed_with_the_same_key(life: CertificateScene, long_run: bool) -> None:
    pin, before, pinned = life.shown(), life.certificate(), life.pinned()
    with Caller(life) as caller:
        done(life.rotate(certificate_rotation_renew_before=89.9999))
    assert caller.refusals == []
    assert life.shown() == pin
    assert life.certificate() != before
    assert life.pinned() == pinned
    works(life)
    if long_run:
        life.rests()


def test_killed_at_every_point_of_every_step_and_run_again(life: CertificateScene, long_run: bool) -> None:
    old, kills = life.shown(), slice_of(KILLS, 2, long_run=long_run)
    for name in STEPS:
        for due, task in kills:
            if due == name:
                life.killed_in(name, task)
                call(life)
        done(life.step(name))
        works(life)
    (new,) = life.keys()
    assert life.shown() == new != old
    assert life.pinned() == ([new], [new])
    life.rests()


def test_the_incident_page_in_one_run_that_keeps_its_secrets(life: CertificateScene) -> None:
    old = life.shown()
    said = done(life.rotate("-vvv", "--diff", **{f"certificate_rotation_{name}": 0 for name in STEPS})).output
    (new,) = life.keys()
    assert life.shown() == new != old
    assert life.pinned() == ([new], [new])
    assert PASSWORD not in said
    key = life.inside(f"grep -v -e ----- {KEY}").split()
    assert [line for line in key if line in said] == []
    works(life)
    life.rests()


def test_a_man_in_the_middle_during_the_overlap_is_refused(scene: CertificateScene, tmp_path: Path) -> None:
    done(scene.step("max_age"))
    done(scene.step("announce"))
    pinned = scene.pinned()
    (tmp_path / "other").mkdir()
    with FtpsHost(tmp_path / "other", authority=scene.authority) as other:  # the authority signed for it, too
        done(other.converge(ftps_server_names=[other.host.address, NAME]))
        scene.lead(other.host.address)
        assert scene.synced()["error"]["code"] == "tls_pin_mismatch"
        told = scene.behind(scene.step("overlap"))
        assert f"backup (/etc/ssl/ftps_pins): {NAME}" in told
        assert other.inside("grep -c partner /var/log/vsftpd.log || true").strip() == "0", "no name was told"
    assert len(scene.keys()) == 2, "no key goes while a client is behind"
    assert scene.pinned()[0] == pinned[0][1:], "nothing is learned from whom it met"
    scene.lead(scene.host.address)
    done(scene.step("overlap"))
    assert len(scene.keys()) == 1
    works(scene)


def test_a_client_that_is_away_stops_it_and_is_named(scene: CertificateScene) -> None:
    old = scene.shown()
    scene.on_client("systemctl stop ssh")
    told = scene.behind(scene.step("max_age"))
    assert "backup (/etc/ssl/ftps_pins): " in told
    assert "localhost (" not in told.partition("These clients did not")[2]
    assert len(scene.pinned()[1]) == 2, "the other client goes on"
    scene.behind(scene.step("announce"))
    assert scene.shown() == old
    scene.on_client("systemctl start ssh")
    done(scene.step("announce"))
    assert scene.shown() != old
    scene.on_client("systemctl stop ssh")
    renewed = scene.certificate()
    scene.behind(scene.rotate(certificate_rotation_renew_before=89.9999))
    assert scene.certificate() != renewed, "a certificate does not end because a client is away"
    scene.behind(scene.step("overlap"))
    assert len(scene.keys()) == 2, "nothing is retired either"
    scene.on_client("systemctl start ssh")
    done(scene.step("overlap"))
    assert len(scene.keys()) == 1
    works(scene)


def test_an_authority_of_others_and_one_that_the_clients_do_not_trust(scene: CertificateScene, tmp_path: Path) -> None:
    others = {"ftps_server_ca_directory": ""}
    old, before = scene.shown(), scene.certificate()
    waiting = done(scene.step("max_age", **others))
    (place,) = scene.requests()
    assert f"{place}/issued.pem: it holds no certificate" in " ".join(waiting.output.split())
    done(scene.step("announce", **others))
    assert scene.shown() == old

    strange = tmp_path / "strange"
    strange.mkdir()
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout ca.key -out ca.pem -subj /CN=x"
    made += " -passout pass:strange"
    subprocess.run(made.split(), cwd=strange, check=True, capture_output=True)
    scene.issue(place, strange, "strange")
    refused = scene.step("announce", **others)
    assert refused.status != 0
    assert "was served and not proven: backup (/etc/ssl/ftps_pins): " in " ".join(refused.output.split())
    assert scene.certificate() == before
    works(scene)

    assert scene.requests() == [place], "another one is asked for"
    scene.issue(place, scene.authority, "of the authority")
    done(scene.step("announce", **others))
    assert scene.shown() != old
    works(scene)
    asked = done(scene.rotate(certificate_rotation_renew_before=95, **others))
    assert asked.count("changed") == 1, asked.output
    late = scene.rotate(certificate_rotation_renew_before=300, **others)
    assert late.status != 0
    assert "The certificate ends at 20" in " ".join(late.output.split())


def test_a_certificate_that_does_not_serve_on_loopback_changes_nothing(scene: CertificateScene) -> None:
    done(scene.step("max_age"))
    before = scene.inside(STATE)
    refused = scene.step("announce", ftps_server_settings={"no_such_option": True})
    assert refused.status != 0
    assert "no_such_option" in refused.output
    assert scene.inside(STATE) == before
    works(scene)


def plays() -> Iterator[Any]:
    """Yield the plays of the page and of the README that are about servers."""
    for page in ("docs/rotation_certificates.md", "roles/certificate_rotation/README.md"):
        section = (ROOT / page).read_text().partition("\n## Client certificates\n")[0]
        for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", section, re.M | re.S)):
            if "hosts:" in text:
                yield pytest.param(text, id=f"{page} {number}")


@pytest.mark.parametrize("text", list(plays()))
def test_a_play_of_the_documentation_runs_and_rests(scene: CertificateScene, text: str) -> None:
    (play,) = yaml.safe_load(text)
    play["hosts"] = "ftps_servers"
    first = done(scene.play(json.dumps([play]), certificate_rotation_max_age=0))
    assert first.count("changed") > 2, first.output
    again = done(scene.play(json.dumps([play])))
    assert again.count("changed") == 0, again.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of jobs on a real host: deployed, run, attacked, broken, removed. The tests go through it in their order.

The clock of a host without hardware is the clock of this machine, and cannot be set back:
tests/integration/test_sync_program.py sets the clock of a job back.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.job_host import JobHost
from support.hosts.sandbox_probe import ALLOWED, PROBE, REFUSED
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.judges.job_records import valid_records
from support.judges.watcher import Watcher
from support.running.examples import ROOT
from support.running.patience import HANG_SECONDS
from support.servers import ssh_keys

UNIT, STORE = "secure-sync-nightly", "/etc/credstore.encrypted"
PROGRAM = "/usr/local/lib/secure_ftp_synchronize/sync.pyz"
PING = "https://127.0.0.1:9/canary-of-the-ping"
# A line from the middle of the private key.
SECRETS = Canaries({"key": [ssh_keys.key("job").path.read_text().splitlines()[2]], "ping": ["canary-of-the-ping"]})
WITNESS = """#!/bin/sh
{ echo "$@"; env; } >>/root/asked
exec /usr/bin/systemd-creds "$@"
"""
SLOW = {"bandwidth_limit": "256K"}


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def jobs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobHost]:
    """Yield a host without jobs."""
    with SystemdHost(request.param) as host:
        yield JobHost(tmp_path_factory.mktemp("play"), host)


def recap(output: str, word: str) -> int:
    """Return a number of the recap."""
    found = re.findall(rf"{word}=(\d+)", output)
    assert found, output
    return int(found[-1])


EGRESS = ["127.0.0.1", "::1"]
GONE = {"name": "nightly", "state": "absent"}


def nightly(jobs: JobHost, **changed: Any) -> dict[str, Any]:
    """Return the job that most tests are about."""
    options = {"delete": True, **changed.pop("options", {})}
    own = {"ping_url": PING, "egress": EGRESS, "read": ["/srv/out"], "options": options}
    return jobs.job("nightly", **{**own, **changed})


def other(jobs: JobHost, **changed: Any) -> dict[str, Any]:
    """Return another job, with another key."""
    return jobs.job("other", **{"key": "other-job", **changed})


def test_check_mode_changes_nothing(jobs: JobHost) -> None:
    before = jobs.state()
    status, output = jobs.deploy(nightly(jobs), options=("--check", "--diff"))
    assert (status, recap(output, "changed")) == (0, 1), output
    assert "ExecStopPost=+" in output
    assert jobs.state() == before


def test_jobs_are_tried_and_enabled(jobs: JobHost) -> None:
    jobs.inside("cat >/usr/local/bin/systemd-creds; chmod 755 /usr/local/bin/systemd-creds", text=WITNESS)
    with Watcher() as watcher:
        status, output = jobs.deploy(nightly(jobs), other(jobs), options=("-vvvvv", "--diff"))
    assert status == 0, output
    asked = jobs.inside("cat /root/asked; rm /usr/local/bin/systemd-creds /root/asked")
    assert "encrypt --name=secure-sync-nightly.private_key - -" in asked
    assert SECRETS.in_text(asked + output) == set()
    assert watcher.found(SECRETS.texts) == set()
    assert '"account": "enforced"' in output
    assert '"checked": true' in output
    assert jobs.inside("ls /home/peer") == "", "a trial changes nothing"
    names = [line.partition("{")[0] for line in metrics(jobs) if not line.startswith("#")]
    assert names == [f"ftp_synchronize_job_{name}_seconds" for name in ("deployed_timestamp", "late_after")]
    assert jobs.inside(f"systemctl is-active {UNIT}.timer secure-sync-other.timer") == "active\nactive\n"
    files = f"{STORE}/{UNIT}.private_key /etc/secure_ftp_synchronize/jobs/nightly.json $(readlink -f {PROGRAM})"
    modes = jobs.inside(f"stat -c '%a %U:%G' {files}").splitlines()
    assert modes == ["600 root:root", "640 root:sync-nightly", "755 root:root"]
    assert ".check" not in jobs.inside(
        "systemctl list-units --all; ls -R /run/systemd/system /run/secure* 2>&1", check=False
    )


def test_a_second_run_changes_nothing(jobs: JobHost) -> None:
    before = jobs.state()
    status, output = jobs.deploy(nightly(jobs), other(jobs), options=("-v",))
    assert (status, recap(output, "changed")) == (0, 0), output
    assert '"checked": false' in output
    assert '"checked": true' not in output
    assert jobs.state() == before


def test_check_mode_of_a_change_changes_nothing(jobs: JobHost) -> None:
    before = jobs.state()
    changed = nightly(jobs, options={"dest": "elsewhere"}, ping_url=None)
    status, output = jobs.deploy(changed, jobs.job("third"), options=("--check", "--diff", "-v"))
    assert (status, recap(output, "changed")) == (0, 1), output
    assert '+    "dest": "elsewhere"' in output
    assert '"checked": true' not in output
    assert jobs.state() == before


def test_a_job_runs_and_leaves_no_secret(jobs: JobHost) -> None:
    with Watcher() as watcher:
        assert jobs.start("nightly")
    assert watcher.found(SECRETS.texts) == set()
    record = jobs.last("nightly")
    assert (record["result"], record["totals"]["store"]) == ("ok", 1)
    assert jobs.inside("cat /home/peer/nightly/a") == "hello\n"
    assert record["program_sha256"] == jobs.inside(f"sha256sum {PROGRAM}").split()[0]
    journal = jobs.inside("journalctl --no-pager --all -o export")
    assert "ping_url: " in journal, "a unit for pings has the stored URL, and no service answers there"
    assert SECRETS.in_text(journal + json.dumps(record)) == set()
    places = "/etc /var /run /usr/local /tmp /root /home"
    # In /run/credentials, systemd keeps the secrets of services that run at this moment, in memory.
    search = f"grep -rlaF --exclude-dir=credentials -f - {places} || true"
    assert jobs.inside(search, text="\n".join(SECRETS.texts)) == ""
    assert 'ftp_synchronize_job_state{name="nightly",state="ok"} 1' in metrics(jobs)
    assert any(line.startswith("ftp_synchronize_job_deployed_timestamp_seconds{") for line in metrics(jobs))


def test_commands_before_and_after_a_run(jobs: JobHost) -> None:
    """As docs/faq.md sets them up: a drop-in, which a deployment leaves alone."""
    page = (ROOT / "docs/faq.md").read_text()
    (text,) = re.findall(r"^<!-- run: commands -->\n```ini\n(.*?)^```$", page, re.M | re.S)
    file, before, after = re.findall(r"/(?:etc|usr)/\S+", text)
    by_account, by_root = "/var/lib/secure_ftp_synchronize/homes/nightly/before", "/root/after"
    jobs.inside(f"mkdir {file.rpartition('/')[0]}; cat >{file}; systemctl daemon-reload", text=text)
    for program, noted in ((before, by_account), (after, by_root)):
        lines = f"#!/bin/sh\nid -un >{noted} && test ! -e /srv/out/stop\n"
        jobs.inside(f"cat >{program}; chmod 755 {program}", text=lines)
    status, output = jobs.deploy(nightly(jobs), other(jobs))
    assert (status, recap(output, "changed")) == (0, 0), output
    assert jobs.inside(f"cat {file}") == text
    assert jobs.start("nightly")
    assert jobs.inside(f"cat {by_account} {by_root}") == "sync-nightly\nroot\n"
    jobs.inside(f"rm {by_root}; touch /srv/out/stop")
    assert not jobs.start("nightly")
    assert jobs.last("nightly")["result"] == "not_started"
    assert jobs.inside(f"test -e {by_root} || echo none") == "none\n"
    jobs.inside(f"rm -r /srv/out/stop {by_account} {file.rpartition('/')[0]}; systemctl daemon-reload")


def test_the_account_reaches_nothing_of_others(jobs: JobHost) -> None:
    written = f"/etc/secure_ftp_synchronize/jobs/nightly.json /var/lib/secure_ftp_synchronize/jobs/nightly/x {PROGRAM}"
    tried = jobs.inside(
        f"for each in {written} /srv/out/b {STORE}/x; do"
        ' runuser -u sync-nightly -- sh -c "echo >>$each" && echo WROTE $each; done;'
        f" runuser -u sync-nightly -- cat {STORE}/{UNIT}.private_key && echo READ; true"
    )
    assert tried.count("Permission denied") == 6
    assert "WROTE" not in tried
    assert "READ" not in tried
    assert jobs.inside("getent passwd sync-nightly").strip().endswith("/usr/sbin/nologin")


def test_the_sandbox_refuses_what_root_can_do_outside(jobs: JobHost) -> None:
    jobs.inside("cat >/srv/probe.py", text=PROBE)
    assert set(jobs.inside("python3 -I /srv/probe.py").splitlines()) == ALLOWED | REFUSED
    override = f"/run/systemd/system/{UNIT}.service.d"
    probe = "ExecStart=\nExecStart=/usr/bin/python3 -I /srv/probe.py\nExecStopPost=\nStandardOutput=file:/root/probed"
    jobs.inside(f"mkdir {override}; cat >{override}/probe.conf; systemctl daemon-reload", text=f"[Service]\n{probe}\n")
    assert jobs.start("nightly")
    jobs.inside(f"rm -r {override} /srv/probe.py; systemctl daemon-reload")
    assert set(jobs.inside("cat /root/probed").splitlines()) == ALLOWED


def test_systemd_judges_the_units(jobs: JobHost) -> None:
    units = f"{UNIT}.service {UNIT}.timer secure-sync-ping-start@nightly.service"
    assert jobs.inside(f"systemd-analyze verify {units}") == ""
    judged = jobs.inside(f"systemd-analyze security --no-pager --threshold=20 {UNIT}.service").splitlines()[-1]
    assert "Overall exposure level" in judged, judged
    print(judged)


def test_a_failed_deployment_leaves_the_former_jobs(jobs: JobHost) -> None:
    before = jobs.state()
    status, output = jobs.deploy(
        nightly(jobs, options={"src": "/srv/missing"}),
        other(jobs, key="stranger"),
        jobs.job("walled", egress=["192.0.2.1"], options={"connect_timeout": 5}),
    )
    assert status != 0
    for words in ("check_failed", "source_missing", "authentication_failed", "walled: in check mode: connect"):
        assert words in output
    assert jobs.state() == before, "and nothing of the new job"
    assert jobs.start("nightly")
    assert jobs.start("other")


def test_a_deployment_that_fails_half_way_is_undone(jobs: JobHost) -> None:
    """The disk of the units is full: secrets and job files are replaced before them."""
    units = "/etc/systemd/system"
    jobs.inside(
        f"cp -a {units} /root/units && mount -t tmpfs -o size=1m,mode=755 tmpfs {units}"
        f" && cp -a /root/units/. {units} && (cat /dev/zero >{units}/fill || true)"
    )
    before = jobs.state()
    changed = nightly(jobs, key="other-job", options={"dest": "elsewhere"}, timeout=100)
    status, output = jobs.deploy(changed, jobs.job("fourth"))
    try:
        assert status != 0
        assert "no_space" in output
        assert jobs.state() == before
        assert "fourth" not in jobs.inside("ls /etc/secure_ftp_synchronize/jobs /var/lib/metrics; getent passwd")
    finally:
        jobs.inside(f"umount {units}; rm -r /root/units; systemctl daemon-reload")
    assert jobs.start("nightly")


def test_an_exposure_above_the_limit(jobs: JobHost) -> None:
    before = jobs.state()
    status, output = jobs.deploy(jobs.job("open"), sync_job_exposure_max=0.5)
    assert status != 0
    assert "exposure_too_high" in output
    assert jobs.state() == before


def test_swapped_secrets(jobs: JobHost) -> None:
    one, two = f"{STORE}/{UNIT}.private_key", f"{STORE}/secure-sync-other.private_key"
    swap = f"mv {one} /root/x && mv {two} {one} && mv /root/x {two}"
    jobs.inside(swap)
    assert not jobs.start("other")
    assert not jobs.start("nightly")
    jobs.inside(swap)
    assert [jobs.last(each)["result"] for each in ("nightly", "other")] == ["not_started", "not_started"]
    assert jobs.start("nightly")


def test_a_missing_source_and_an_unmounted_one(jobs: JobHost) -> None:
    jobs.inside("mv /srv/out /srv/away")
    assert not jobs.start("nightly")
    assert (jobs.last("nightly")["result"], jobs.last("nightly")["error"]["code"]) == ("failed", "source_missing")
    jobs.inside("mkdir /srv/out")
    assert not jobs.start("nightly")
    assert (jobs.last("nightly")["result"], jobs.last("nightly")["error"]["code"]) == ("failed", "empty_source")
    jobs.inside("rmdir /srv/out && mv /srv/away /srv/out && cat /home/peer/nightly/a")


def test_a_changed_program_shows_and_is_replaced(jobs: JobHost) -> None:
    known = jobs.last("nightly")["program_sha256"]
    old = "cd $(dirname %s); touch -d '3 days ago' sync-0.0.1.pyz; touch -d '2 days ago' sync-0.0.2.pyz" % PROGRAM
    jobs.inside(f"printf x >>$(readlink -f {PROGRAM}); {old}")
    assert jobs.start("nightly")
    assert jobs.last("nightly")["program_sha256"] != known
    status, output = jobs.deploy(nightly(jobs, options=SLOW, ping_url=None, egress=[]), options=("--diff",))
    assert status == 0, output
    assert jobs.start("nightly")
    assert jobs.last("nightly")["program_sha256"] == known
    assert "/sync-0.0.1.pyz" in output
    assert "sync-0.0.1.pyz" not in (left := jobs.inside(f"ls $(dirname {PROGRAM})"))
    assert "sync-0.0.2.pyz" in left, "the former program stays"
    assert "nightly.nft" not in jobs.inside("ls /etc/secure_ftp_synchronize/jobs")
    assert "sync-nightly" not in jobs.inside("nft list ruleset")
    assert "ping_url" not in jobs.inside(f"ls {STORE}")


def test_a_timeout_and_a_kill(jobs: JobHost) -> None:
    short = f"/run/systemd/system/{UNIT}.service.d"
    jobs.inside(f"mkdir {short}; printf '[Service]\nTimeoutStartSec=4\n' >{short}/time.conf; systemctl daemon-reload")
    jobs.inside("head -c 9000000 /dev/urandom >/srv/out/large")
    assert not jobs.start("nightly")
    assert jobs.last("nightly")["result"] == "timeout"
    jobs.inside(f"rm -r {short}; systemctl daemon-reload; systemctl reset-failed; systemctl start --no-block {UNIT}")
    wait(jobs, "find /home/peer/nightly -name '.secure_sync-*' -size +100k | grep .")
    jobs.inside(f"kill -STOP $(systemctl show -P MainPID {UNIT})")
    changed = nightly(jobs, options={**SLOW, "max_delete": "5"}, ping_url=None, egress=[])
    status, output = jobs.deploy(changed, options=("-v",))
    assert status == 0, output
    assert '"checked": true' in output, "a trial takes no lock, and is made beside a run"
    assert "inactive" not in jobs.inside(f"systemctl show -P ActiveState {UNIT}")
    jobs.inside(f"kill -KILL $(systemctl show -P MainPID {UNIT})")
    wait(jobs, f"systemctl is-failed {UNIT}")
    assert jobs.last("nightly")["result"] == "killed"
    assert 'ftp_synchronize_job_state{name="nightly",state="killed"} 1' in metrics(jobs)
    jobs.inside("rm /srv/out/large")


def test_a_full_disk_for_records_does_not_stop_the_run(jobs: JobHost) -> None:
    before = jobs.history("nightly")
    records = "/var/lib/secure_ftp_synchronize/jobs/nightly"
    jobs.inside(
        f"cp -a {records} /root/records && mount -t tmpfs -o size=256k,mode=750 tmpfs {records}"
        f" && cp -a /root/records/. {records} && (cat /dev/zero >{records}/fill || true) && echo more >/srv/out/more"
    )
    try:
        jobs.start("nightly")
        assert jobs.inside("cat /home/peer/nightly/more") == "more\n"
        assert jobs.history("nightly") == before, "old or new, never torn"
    finally:
        jobs.inside(f"umount {records}")
    assert jobs.start("nightly")
    assert len(jobs.history("nightly")) == len(before) + 1


def test_a_full_disk_for_the_home_costs_time_only(jobs: JobHost) -> None:
    home = "/var/lib/secure_ftp_synchronize/homes/nightly"
    jobs.inside(
        f"mount -t tmpfs -o size=64k,mode=700,uid=$(id -u sync-nightly),gid=$(id -g sync-nightly) tmpfs {home}"
        f" && (cat /dev/zero >{home}/fill || true) && echo full >/srv/out/full"
    )
    try:
        assert jobs.start("nightly")
        assert jobs.inside("cat /home/peer/nightly/full") == "full\n"
        assert jobs.last("nightly")["result"] == "ok"
        assert jobs.start("nightly")
        assert jobs.last("nightly")["totals"].get("store", 0) == 0
    finally:
        jobs.inside(f"umount {home}; rm /srv/out/full")


def test_a_missed_run_is_made_up_for(jobs: JobHost) -> None:
    count = len(jobs.history("nightly"))
    jobs.inside(
        f"systemctl stop {UNIT}.timer && touch -d '3 days ago' /var/lib/systemd/timers/stamp-{UNIT}.timer"
        f" && systemctl start {UNIT}.timer"
    )
    wait(jobs, f"test $(wc -l </var/lib/secure_ftp_synchronize/jobs/nightly/runs.jsonl) -gt {count}")
    assert jobs.last("nightly")["result"] == "ok"


def test_absent_removes_all_but_the_records(jobs: JobHost) -> None:
    for changed in (1, 0):
        status, output = jobs.deploy(GONE)
        assert (status, recap(output, "changed")) == (0, changed), output
        left = jobs.inside(
            "find / -xdev -name '*nightly*' -not -path '/home/peer/*' -not -path '/proc/*'; getent passwd"
        )
        assert [line for line in left.splitlines() if "nightly" in line] == [
            "/var/lib/secure_ftp_synchronize/jobs/nightly"
        ]
    assert jobs.start("other")


def test_a_unit_of_your_own_with_the_lines_of_the_page(jobs: JobHost) -> None:
    (lines,) = re.findall(r"^```ini\n(.*?)^```$", (ROOT / "docs/job_records.md").read_text(), re.M | re.S)
    options = {**jobs.job("own")["options"], "private_key_file": "/root/own"}
    job = {"schema": 1, "job": "nightly", "options": options, "records": "/var/lib/own"}
    jobs.inside("umask 077; cat >/root/own", text=jobs.job("own")["secrets"]["private_key"])
    jobs.inside("mkdir /etc/jobs; umask 022; cat >/etc/jobs/nightly.json", text=json.dumps(job))
    jobs.inside("cat >/etc/systemd/system/own.service", text=lines)
    jobs.inside(f"cp {PROGRAM} /usr/local/lib/; systemctl daemon-reload; systemd-analyze verify own.service")
    jobs.inside("systemctl start own")
    jobs.inside("mv /srv/out /srv/away")
    assert jobs.host.enter("systemctl", "start", "own", check=False).returncode
    jobs.inside("mv /srv/away /srv/out")
    records = valid_records(jobs.inside("cat /var/lib/own/runs.jsonl"))
    assert [(each["result"], bool(each["began"])) for each in records] == [("ok", True), ("failed", True)]
    assert jobs.inside("cat /home/peer/own/a") == "hello\n"


def test_the_play_of_the_page(jobs: JobHost, tmp_path: Path) -> None:
    (play,) = re.findall(r"^```yaml\n(- .*?)^```$", (ROOT / "docs/jobs.md").read_text(), re.M | re.S)
    assert play in (ROOT / "roles/sync_job/README.md").read_text()
    jobs.inside(
        "useradd -m upload; cp -a /home/peer/.ssh /home/upload; chown -R upload /home/upload/.ssh;"
        "mkdir -p /srv/outbox;"
        "echo first >/srv/outbox/a.txt; echo 127.0.0.1 files.example.com >>/etc/hosts;"
        "sed s/localhost/files.example.com/ /etc/known_peer >/etc/ssh/partners_known_hosts"
    )
    here = play.replace("~/keys/nightly", str(jobs.key.path)).replace("hosts: job_hosts", "hosts: all")
    assert here.count(str(jobs.key.path)) == 1
    done = HostPlay(tmp_path, jobs.host).run_text(here)
    assert done.status == 0, done.output
    assert jobs.start("nightly")
    assert jobs.inside("cat /home/upload/inbox/a.txt") == "first\n"


def metrics(jobs: JobHost) -> list[str]:
    """Return the lines of the metrics of the job."""
    return jobs.inside("cat /var/lib/metrics/ftp_synchronize_job_nightly.prom").splitlines()


def wait(jobs: JobHost, script: str) -> None:
    """Wait until a script succeeds on the host."""
    for _tries in range(int(HANG_SECONDS / 0.3)):
        if jobs.host.enter("sh", "-c", script, check=False).returncode == 0:
            return
        time.sleep(0.3)
    pytest.fail(f"{script} never succeeded")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/secret_scan.md as it is written: a play on the controller with an encrypted inventory. No secret is shown."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judges.canaries import Canaries
from support.running.examples import ROOT
from support.running.play import Play
from support.running.playbook_process import controller
from support.trees.planted_secrets import Planted, plant

PAGE = (ROOT / "docs/secret_scan.md").read_text()
(PLAYBOOK,) = re.findall(r"^```yaml\n(- name: Search.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
VAULTED = "vaulted-canary-8812"


@pytest.fixture
def project(tmp_path: Path) -> Planted:
    """A project whose inventory has one more secret, in Ansible Vault; the log shows it."""
    planted = plant(tmp_path / "project")
    (tmp_path / "vault_pass").write_text("password of the vault\n")
    variables = planted.root / "host_vars/web1.yml"
    variables.parent.mkdir()
    variables.write_text(f"ftp_password: {VAULTED}\nbroken_password: '{{{{ no_such_variable }}}}'\n")
    command = ["ansible-vault", "encrypt", "--vault-password-file", str(tmp_path / "vault_pass"), str(variables)]
    subprocess.run(command, check=True, capture_output=True, env=controller(tmp_path / "home"))
    with (planted.root / "job.log").open("a") as log:
        log.write(f"ok: {json.dumps({'password': VAULTED})}\n")
    return planted


def play(project: Planted, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    playbook = project.root.parent / "scan.yml"
    playbook.write_text(text)
    vault = ["--vault-password-file", str(project.root.parent / "vault_pass")]
    command = ["ansible-playbook", "-i", str(project.root / "hosts.ini"), *vault, *options, str(playbook)]
    environment = controller(project.root.parent / "home")
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def placed(project: Planted) -> str:
    """Return the playbook of the page for this project."""
    text = PLAYBOOK.replace("/srv/project", str(project.root)).replace(
        "/var/log/ansible.log", f"{project.root}/job.log"
    )
    assert text.count(str(project.root)) == 2
    return text


def test_the_page(project: Planted) -> None:
    done = play(project, placed(project), "-vvv")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "ftp_password of web1" in done.stdout
    assert f"{project.root}/job.log" in done.stdout
    assert "broken_password of web1: cannot be evaluated" in done.stdout
    secrets = {name: [each.value] for name, each in project.secrets.items()} | {"vault": [VAULTED]}
    # The inventory shows its own passwords to ssh, not to the output.
    assert Canaries(secrets).in_text(done.stdout + done.stderr) == set()


def test_a_result_for_other_tasks(project: Planted) -> None:
    task: dict[str, Any] = {
        "secure.ftp_synchronize.secret_scan": {"paths": [str(project.root / "hosts.ini")], "fail_on": "none"},
        "register": "scan",
    }
    shown = {"ansible.builtin.debug": {"msg": "{{ scan.findings | map(attribute='kind') | join(', ') }}"}}
    text = yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task, shown]}])
    done = play(project, text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "value of ansible_password, value of ansible_become_password" in done.stdout


BASELINE: dict[str, Any] = {"version": "1.5.0", "plugins_used": [], "filters_used": [], "results": {}}
SECRET = "password = 'hunter2-88-canary'\n-----BEGIN OPENSSH PRIVATE KEY-----\n"  # pragma: allowlist secret


def test_the_baseline_of_a_project_runs_no_code(tmp_path: Path) -> None:
    """A pull request brings a baseline with filters and detectors of its own; detect-secrets would import them."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "site.ini").write_text(SECRET)
    code = project / "code.py"
    code.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ndef f(filename):\n    return False\n")
    own = {
        "filters_used": [{"path": f"file://{code}::f"}, {"path": "code.f"}],
        "plugins_used": [{"name": "Own", "path": f"file://{code}"}, {"name": "NoSuchDetector"}],
    }
    tasks = []
    for key, entries in own.items():
        for number, entry in enumerate(entries):
            path = project / f"{key}.{number}"
            path.write_text(json.dumps(BASELINE | {key: [entry]}))
            tasks.append({"secure.ftp_synchronize.secret_scan": {"paths": [str(project)], "baseline": str(path)}})
    played = Play(tmp_path, environment={"PYTHONPATH": str(project)}).run(tasks)
    assert not (tmp_path / "ran").exists()
    assert [each["error"]["code"] for each in played.results] == ["invalid_request"] * 4, played.output
    assert all("without options for plugins" in each["error"]["cure"] for each in played.results)
    assert "NoSuchDetector" in played.results[3]["error"]["message"]


def hidden(project: Path) -> set[str]:
    """Write a secret in every form that a reader might take for no text; return the names."""
    forms = {
        f"{codec}{bom}.ini": (codec, bom)
        for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        for bom in (0, 1)
    }
    for name, (codec, bom) in forms.items():
        (project / name).write_bytes(("\ufeff" * bom + SECRET).encode(codec))
    data = SECRET.encode()
    others = {
        "nul.ini": data + b"\0",
        "nul_first.ini": b"\0\0" + data,
        "utf-8-sig.ini": b"\xef\xbb\xbf" + data,
        "latin.ini": b"# caf\xe9\n" + data,
        "false_bom.ini": b"\xff\xfe" + data,
        "packed": gzip.compress(data),
        "packed.tgz": gzip.compress(data),
        "packed.xz": lzma.compress(data),
        "packed.bz2": bz2.compress(data),
    }
    for name, content in others.items():
        (project / name).write_bytes(content)
    return {*forms, *others}


def test_no_encoding_hides_a_secret(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    names = hidden(project)
    known = "k\u00e9y-canary-77"
    (project / "known.log").write_text(f"at start\n{known}\n", encoding="utf-16")
    task = {"secure.ftp_synchronize.secret_scan": {"paths": [str(project)], "known": [known], "fail_on": "none"}}
    (result,) = Play(tmp_path).run([task]).results
    found: dict[str, set[str]] = {}
    for each in result["findings"]:
        if each["severity"] == "high":
            found.setdefault(Path(each["file"]).name, set()).add(each["id"])
    wanted = {name: {"literal_secret", "secret_by_form"} for name in names}
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["known.log"] == {"known_value"}
    assert result["not_checked"] == []


def test_a_file_that_was_not_read_is_in_not_checked(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "bomb.xz").write_bytes(lzma.compress(bytes(64 << 20)))
    with (project / "sparse.log").open("wb") as sparse:
        sparse.truncate(1 << 43)
    (project / "cut.gz").write_bytes(gzip.compress(SECRET.encode())[:-6])
    with zipfile.ZipFile(project / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("site.ini", SECRET)
    (project / "long.ini").write_text("a=" + "x" * 70_000 + "\npassword=hunter2-88\n")
    (project / "large.ini").write_text("a=b\n" * 1_200_000)
    for shared in ("shared", "empty"):
        (tmp_path / shared).mkdir()
    (project / "group_vars").symlink_to(tmp_path / "shared")
    options = {"paths": [str(project)], "logs": [str(tmp_path / "empty")], "fail_on": "none"}
    task = {"secure.ftp_synchronize.secret_scan": options}
    (result,) = Play(tmp_path).run([task]).results
    facts = {each.removeprefix(f"{project}/").split(": ")[0] for each in result["not_checked"]}
    files = {"bomb.xz", "sparse.log", "cut.gz", "packed.zip", "long.ini:1", "large.ini"}
    assert facts == {*files, "group_vars", f"{tmp_path}/empty"}, result["not_checked"]
    assert [(Path(each["file"]).name, each["line"]) for each in result["findings"] if each["severity"] == "high"] == [
        ("long.ini", 2)
    ]


def test_a_line_of_a_log_holds_no_scan_up(tmp_path: Path) -> None:
    """The long line took eleven minutes; the limit of the play is two."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "long.log").write_text("curl x " * 150_000 + "\npassword = 'hunter2-88-canary'\n")
    (project / "detect.log").write_text("password" * 4000)
    task = {"secure.ftp_synchronize.secret_scan": {"paths": [str(project)], "fail_on": "none"}}
    (result,) = Play(tmp_path).run([task]).results
    assert [each["line"] for each in result["findings"] if each["severity"] == "high"] == [2]
    assert result["not_checked"] == [
        f"{project}/detect.log: detect-secrets was too slow",
        f"{project}/long.log:1: longer than 64 KiB, only known values were sought (1 line)",
    ]

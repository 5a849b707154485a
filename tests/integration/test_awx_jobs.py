# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The templates of the kit as jobs: through a mesh of receptor and ansible-runner in throw-away homes, against a real
sshd or vsftpd with a jailed account. In none of them can Ansible write a module with its options, such as the key, to
a temporary file: there is no directory for it."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from support.awx.credential import Credential
from support.awx.exchange import CONTENT, PARTNER, Exchange
from support.awx.kit import Kit
from support.hosts.host_play import NOWHERE
from support.judges.canaries import Canaries
from support.running.awx_job import RUNNER, AwxJob, JobOutcome, container_environment, slice_of
from support.running.other_collections import with_collection
from support.running.patience import HANG_SECONDS
from support.running.receptor_mesh import EXECUTION, SECOND, ReceptorMesh
from support.running.tasks import run_task
from support.scenes.transfers import CONTENT as SECRET_CONTENT
from support.scenes.transfers import Transfers
from support.servers.openbao import OpenBao
from support.servers.served import served
from support.servers.ssh_keys import certify_user, key
from support.servers.sshd import Sshd
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd
from support.trees.receipt_chain import ReceiptChain
from support.trees.signed_tree import PRINCIPAL, Sender
from support.trees.trees import tree_digest

PASSPHRASE = "open-the-key-of-the-partner"
TASK = "Push and pull"
CLIENTS, USERS = authority("clients"), key("user-ca")


server = served(Sshd, scope="function", jail=True, authorized=(key("partner", passphrase=PASSPHRASE),))


@pytest.fixture
def exchange(server: Sshd, tmp_path: Path) -> Exchange:
    return Exchange(server, tmp_path)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReceptorMesh]:
    directory = tmp_path_factory.mktemp("mesh")
    (directory / "home").mkdir()
    with ReceptorMesh(directory, RUNNER, container_environment(directory / "home")) as running:
        yield running


def sftp_fields(server: Sshd, **given: str) -> dict[str, str]:
    """Return the fields of a credential for this server."""
    keys = {"private_key": server.key.text, "passphrase": PASSPHRASE, "host_keys": "\n".join(server.fingerprints)}
    return {"username": server.user, **keys, **given}


def login(exchange: Exchange, **given: str) -> Credential:
    """Return a credential for the server, with other values of some fields."""
    return exchange.kit.credential("Partner over SFTP", **sftp_fields(exchange.server, **given))


def successful(outcome: JobOutcome) -> JobOutcome:
    assert outcome.status == "successful", outcome.output
    return outcome


def steps(outcome: JobOutcome, host: str = PARTNER) -> list[dict[str, Any]]:
    """Return the results of the transfers with a partner."""
    return outcome.hosts[TASK][host]["results"]


def stored(outcome: JobOutcome, host: str = PARTNER) -> list[int]:
    """Return how many files each transfer of a successful job stored."""
    return [each["totals"]["store"] for each in steps(successful(outcome), host)]


def test_check_exchange_and_report(exchange: Exchange, mesh: ReceptorMesh) -> None:
    credential = login(exchange)
    checked = exchange.job("Check", credential, mesh=mesh).run("--check", "--diff")
    assert stored(checked) == [len(CONTENT)] * 2
    assert "+ a.csv (file" in checked.output
    assert exchange.arrived == (False, False)
    assert stored(exchange.job("Exchange", credential, mesh=mesh).run("--diff")) == [len(CONTENT)] * 2
    assert exchange.arrived == (True, True)
    shutil.rmtree(exchange.records / "state")
    again = exchange.job("Exchange", credential, mesh=mesh).run("--diff")
    assert stored(again) == [0, 0], "without its records, a job sends nothing twice"
    assert [each["stats"]["files_compared"] for each in steps(again)] == [len(CONTENT)] * 2
    assert not any(each["changed"] for each in steps(again))
    report = exchange.job("Report", mesh=mesh)
    newest = successful(report.run()).stats["exchange_report"][PARTNER]
    assert (newest["seq"], newest["verdict"], newest["changed"]) == (4, "passed", False)  # two transfers, two jobs
    (exchange.records / f"receipts/{PARTNER}/00000001.json").unlink()
    broken = report.run()
    assert broken.status == "failed"
    assert "receipt 1 is missing" in broken.output


def test_the_survey_limits_a_job(exchange: Exchange, mesh: ReceptorMesh) -> None:
    answers = {"exchange_hosts": PARTNER, "exchange_direction": "pull", "exchange_bandwidth_limit": "10M"}
    job = exchange.job("Exchange", login(exchange), {**answers, "exchange_dry_run": "yes"}, mesh=mesh)
    assert stored(job.run()) == [len(CONTENT)]
    assert exchange.arrived == (False, False)


def test_a_partner_over_ftps(tmp_path: Path, mesh: ReceptorMesh) -> None:
    """The fields ca, client_cert and client_key become files of the job; the server asks for the certificate, and for
    TLS from the first byte. The key of the client is encrypted."""
    client = CLIENTS.client(passphrase=PASSPHRASE)
    defaults = {"tls_mode": "implicit", "client_key_passphrase": PASSPHRASE}
    with Vsftpd(jail=True, implicit=True, client_authority=CLIENTS) as server:
        exchange = Exchange(server, tmp_path, exchange_protocol="ftps", exchange_defaults=defaults)
        texts = {"ca": server.authority.file, "client_cert": client.chain, "client_key": client.key}
        fields = {name: path.read_text() for name, path in texts.items()}
        given = {"username": server.user, "password": server.password, **fields}
        credential = exchange.kit.credential("Partner over FTPS", **given)
        assert stored(exchange.job("Exchange", credential, mesh=mesh).run()) == [len(CONTENT)] * 2
        assert exchange.arrived == (True, True)


def test_transfers_of_every_kind(server: Sshd, tmp_path: Path, mesh: ReceptorMesh) -> None:
    """A signed and sealed set, read back, with receipts of its own; and a drop box."""
    places = {name: str(tmp_path / name) for name in ("out", "back", "receipts", "orders")}
    far = f"{server.remote_root}/set"
    scene = Transfers(places["out"], far, places["back"], places["receipts"], places["orders"])
    transfers = [scene.publish, scene.fetch, {**scene.drop, "dest": f"{far}2"}]
    exchange = Exchange(server, tmp_path, exchange_transfers=transfers, exchange_defaults={"exclude": ["*.csv"]})
    (tmp_path / "orders").mkdir()
    for name in ("orders", "out"):
        (tmp_path / name / "a").write_text(SECRET_CONTENT)
    outcome = exchange.job("Exchange", login(exchange), mesh=mesh).run("-vvvvv")
    assert stored(outcome) == [3, 3, 1]
    assert scene.complaints(server.root / "set") == []
    (tmp_path / "out/a.csv").unlink()
    assert tree_digest(tmp_path / "back") == tree_digest(exchange.out)
    assert (server.root / "set2/a").read_text() == SECRET_CONTENT
    assert scene.canaries.in_files(outcome.kept) == set()


def test_the_certificate_of_a_key(tmp_path: Path, mesh: ReceptorMesh) -> None:
    """The server accepts no key without a certificate, as a vault issues it for the job."""
    with Sshd(jail=True, authorized=(), user_ca=USERS) as server:
        exchange = Exchange(server, tmp_path)
        signed = certify_user(key("job"), USERS, principals=server.user)
        texts = {"private_key": signed.text, "certificate": signed.certificate_text}
        given = {"username": server.user, "host_keys": "\n".join(server.fingerprints), **texts}
        credential = exchange.kit.credential("Partner over SFTP", **given)
        job = exchange.job("Exchange", credential, {"exchange_direction": "pull"}, mesh=mesh)
        assert stored(job.run()) == [len(CONTENT)]
        assert exchange.arrived == (False, True)


def test_the_key_of_a_machine_credential(tmp_path: Path) -> None:
    """An agent has it, which AWX starts and ends with the job; the inventory has the account and the pin."""
    with Sshd(jail=True, authorized=(key("machine"),)) as server:
        pin = {"ansible_user": server.user, "exchange_host_keys": server.fingerprints}
        exchange = Exchange(server, tmp_path, **pin)
        job = exchange.job("Exchange", answers={"exchange_direction": "pull"}, machine_key=server.key.text)
        assert stored(job.run()) == [len(CONTENT)]
        assert exchange.arrived == (False, True)


@pytest.mark.parametrize(
    ("given", "codes"), [({}, {None}), ({"host_keys": "SHA256:" + "A" * 43}, {"host_key_changed"})]
)
def test_what_is_kept_of_a_job_shows_why_it_failed_and_no_secret(
    exchange: Exchange, mesh: ReceptorMesh, given: dict[str, str], codes: set[str | None]
) -> None:
    canaries = Canaries({"passphrase": [PASSPHRASE], "key": exchange.server.key.text.splitlines()[1:-1]})
    credential = login(exchange, **given)
    assert canaries.in_text("\n".join(credential.injected("").variables.values())) == {"passphrase", "key"}
    outcome = exchange.job("Exchange", credential, mesh=mesh).run("-vvvvv")
    assert outcome.status == ("failed" if given else "successful")
    assert {each.get("error", {}).get("code") for each in steps(outcome)} == codes
    assert exchange.arrived == ((False, False) if given else (True, True))
    assert canaries.in_files(outcome.kept) == set()


def test_slices_with_one_destination_succeed_one_after_the_other(
    server: Sshd, tmp_path: Path, mesh: ReceptorMesh
) -> None:
    """AWX runs the slices of a job at the same time, also if the template does not allow simultaneous jobs."""
    exchange = Exchange(server, tmp_path, [f"partner{number:02}" for number in range(4)])
    pushes = {
        name: {**own, "exchange_transfers": own["exchange_transfers"][:1]} for name, own in exchange.partners.items()
    }

    def run(number: int) -> JobOutcome:
        part = slice_of(pushes, number, 2)
        return successful(exchange.job("Exchange", login(exchange), groups={"partners": part}, mesh=mesh).run())

    with ThreadPoolExecutor() as pool:
        outcomes = dict(zip((1, 2), pool.map(run, (1, 2)), strict=True))
    hosts = {number: sorted(outcome.hosts[TASK]) for number, outcome in outcomes.items()}
    assert hosts == {1: ["partner00", "partner02"], 2: ["partner01", "partner03"]}
    counts = [step["totals"]["store"] for number, names in hosts.items() for name in names
              for step in steps(outcomes[number], name)]  # fmt: skip
    assert sorted(counts) == [0, 0, 0, len(CONTENT)]
    assert exchange.arrived == (True, False)


def test_a_lost_node_costs_its_slice_and_the_report_names_the_partners(server: Sshd, tmp_path: Path) -> None:
    """Each slice runs on a node of its own; receipts and records are on a volume that both share. The second node is
    lost while its slice sends the second tree to its last partner."""
    names = [f"partner{number}" for number in range(1, 5)]
    exchange = Exchange(server, tmp_path, names)
    (tmp_path / "large").mkdir()
    (tmp_path / "large/large.bin").write_bytes(bytes(16 << 20))
    for name, own in exchange.partners.items():
        push = own["exchange_transfers"][0]
        large = {"name": "large", "src": str(tmp_path / "large"), "dest": f"{server.remote_root}/{name}-large"}
        own["exchange_transfers"] = [{**push, "dest": f"{server.remote_root}/{name}"}, {**push, **large}]
    (tmp_path / "home").mkdir()
    environment = container_environment(tmp_path / "home")
    with ReceptorMesh(tmp_path / "mesh", RUNNER, environment, [EXECUTION, SECOND]) as mesh:

        def job(number: int, node: str, **answers: str) -> AwxJob:
            part = {"partners": slice_of(exchange.partners, number, 2)}
            return exchange.job("Exchange", login(exchange), answers, groups=part, mesh=mesh, node=node)

        with job(2, SECOND, exchange_bandwidth_limit="4M").running("--forks", "1") as (packed, worker):
            worker.stdin.write(packed)
            worker.stdin.close()
            with ThreadPoolExecutor() as pool:
                first = pool.submit(job(1, EXECUTION).run)
                wait_for(lambda: under_way(server, 1 << 16, "partner4-large"))
                mesh.lose(SECOND)
                assert stored(first.result(), "partner1") == stored(first.result(), "partner3") == [len(CONTENT), 1]
        report = exchange.job("Report", mesh=mesh).run()
        assert report.status == "failed"
        assert {name: missing(report, name) for name in names} == {
            **dict.fromkeys(names, 0),
            "partner4": 1,
        }, report.output
        again = exchange.job("Exchange", login(exchange), {"exchange_hosts": "partner4"}, mesh=mesh).run()
        assert stored(again, "partner4") == [0, 1]
        assert successful(exchange.job("Report", mesh=mesh).run()).stats["exchange_report"].keys() == set(names)


def missing(report: JobOutcome, host: str) -> int:
    """Return the number of transfers of a partner that left no receipt."""
    return str(report.hosts["Check the receipts"][host]).count("'no_receipt'")


def test_the_report_names_a_partner_without_any_receipt_and_with_old_receipts(exchange: Exchange) -> None:
    never = [{"direction": "push", "src": str(exchange.out), "dest": "never"}]
    exchange.partners["partner02"] = {**exchange.partners[PARTNER], "exchange_transfers": never}
    successful(exchange.job("Exchange", login(exchange), {"exchange_hosts": PARTNER}).run())
    report = exchange.job("Report").run()
    assert "receipts/partner02: No such file or directory" in str(report.hosts["Check the receipts"]["partner02"])
    assert missing(report, PARTNER) == 0
    time.sleep(4)
    late = exchange.job("Report", answers={"exchange_hosts": PARTNER, "exchange_report_hours": "0.001"}).run()
    words = late.hosts["Fail if a transfer left no receipt in time"][PARTNER]["msg"]
    assert words.count(f"{PARTNER}: ") == 2
    assert ": no receipt since 20" in words


def test_the_audit_knows_the_receipts_of_exchange(exchange: Exchange) -> None:
    """Without a variable of the inventory. A partner with timers has the receipts that its own variables name."""
    timers = {"exchange_job_host": "batch1", "exchange_schedule": "daily", "exchange_receipts": {"path": "~/own"}}
    exchange.partners["partner02"] = {**exchange.partners[PARTNER], **timers, "exchange_host_keys": ["SHA256:x"]}
    successful(exchange.job("Exchange", login(exchange), {"exchange_hosts": PARTNER}).run())
    groups = {"partners": exchange.partners, "job_hosts": {"batch1": NOWHERE}}
    audit = exchange.job("Audit", groups=groups, shared={"audit_fail_on": "none"})
    successful(audit.run())
    text = (exchange.records / "audit/latest/audit.json").read_text()
    rows = {row["control"]: row for row in json.loads(text)["rows"]}
    receipts = f"{PARTNER}: {exchange.records}/receipts/{PARTNER}"
    assert receipts in str(rows["4.2"]["observations"]), rows["4.2"]
    assert PARTNER not in str(rows["4.1"].get("missing")), rows["4.1"]
    assert f"{exchange.records}/receipts/partner02" not in text


def test_a_restore_drill_with_secrets_from_a_vault(server: Sshd, tmp_path: Path, mesh: ReceptorMesh) -> None:
    """The key of the login and its passphrase are in OpenBao, the key that signs the record is in a credential."""
    exchange, signer = Exchange(server, tmp_path), key("receipts")
    place = {"host": server.host, "port": server.port, "username": server.user, "host_keys": server.fingerprints}
    secrets = {"private_key": server.key.text, "passphrase": PASSPHRASE}
    sign = {"private_key_file": str(key("release").path)}
    source = f"{server.remote_root}/inbox"
    state = str(tmp_path / "sender")
    result = run_task(secure_sync, **place, **secrets, src=str(exchange.out), dest=source, state_dir=state, sign=sign)
    assert "failed" not in result, result["msg"]
    look_up = "lookup('community.hashi_vault.vault_kv2_get', 'drill').secret"
    drill = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "restore_drill_server": {**place, **{name: f"{{{{ {look_up}.{name} }}}}" for name in secrets}},
        "restore_drill_src": source,
        "restore_drill_signer": {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]},
        "restore_drill_scratch": str(tmp_path / "scratch"),
        "restore_drill_live": [str(exchange.out)],
        "restore_drill_receipts": {
            "path": str(exchange.records / "drills"),
            "private_key_file": "{{ awx_signing_key_file }}",
        },
    }
    with OpenBao(tmp_path) as bao:
        bao.write("drill", secrets)
        fields = {"url": bao.url, "token": bao.token, "ca": bao.authority.file.read_text()}
        credentials = [exchange.kit.credential("OpenBao", **fields)]
        credentials.append(exchange.kit.credential("Signing key", private_key=signer.text))
        job = AwxJob(
            tmp_path / "jobs",
            exchange.kit.playbook("Restore drill"),
            exchange.kit.answers("Restore drill"),
            groups={"drill_hosts": {"drill1": drill}},
            credentials=credentials,
            collections=[with_collection("community.hashi_vault")],
            mesh=mesh,
        )
        outcome = successful(job.run("-vvvvv"))
    assert f"passed: restored {len(CONTENT)} of {len(CONTENT)} files" in outcome.output
    assert ReceiptChain(exchange.records / "drills").fields(1)["verdict"] == "passed"
    found = {"passphrase": [PASSPHRASE], "token": [bao.token], "signer": signer.text.splitlines()[1:-1]}
    canaries = Canaries({**found, "key": server.key.text.splitlines()[1:-1]})
    injected = "\n".join(text for each in credentials for part in each.injected("") for text in part.values())
    assert canaries.in_text(injected) == {"token", "signer"}
    assert canaries.in_files(outcome.kept) == set()


WRONG = {
    "Rotate passwords": ("ftps_servers", {"password_rotation_accounts": [{"nam": "a"}]}),
    "Rotate certificates": ("ftps_servers", {"certificate_rotation_max_age": "soon"}),
    "Rotate client certificates": ("ftps_clients", {"certificate_rotation_client_certificates": [{"nam": "a"}]}),
    "Rotate host keys": ("sftp_servers", {"host_key_rotation_max_age": "soon"}),
    "Incident drill": ("sftp_servers", {"key_revocation_drill": {"acount": "canary"}}),
}
"""A group of the inventory, and an option with a wrong value."""


@pytest.mark.parametrize("template", WRONG)
def test_a_template_reads_the_options_of_the_inventory(template: str, tmp_path: Path) -> None:
    """A wrong value is refused before any host is contacted."""
    kit = Kit.rendered()
    group, options = WRONG[template]
    given = {**kit.answers(template), "awx_directory": str(tmp_path)}
    job = AwxJob(tmp_path / "job", kit.playbook(template), given, groups={group: {"files1": {**NOWHERE, **options}}})
    outcome = job.run()
    assert outcome.status == "failed"
    (name,) = options
    assert name in outcome.output, outcome.output
    assert "UNREACHABLE" not in outcome.output


def test_a_cancelled_container_leaves_whole_files_and_the_next_job_goes_on(exchange: Exchange) -> None:
    (exchange.out / "large.bin").write_bytes(bytes(16 << 20))
    push = {"exchange_direction": "push"}
    slow = exchange.job("Exchange", login(exchange), {**push, "exchange_bandwidth_limit": "1M"})
    with slow.running() as (packed, worker):
        worker.stdin.write(packed)
        worker.stdin.close()
        wait_for(lambda: under_way(exchange.server, 1 << 16))
    assert not (exchange.inbox / "large.bin").exists()
    (count,) = stored(exchange.job("Exchange", login(exchange), push).run())
    assert count >= 1
    assert exchange.arrived == (True, False)


def test_outside_a_container_a_cancelled_job_runs_to_its_end(exchange: Exchange, mesh: ReceptorMesh) -> None:
    """receptor ends ansible-runner alone. The next job waits for the playbook, and finds nothing to do."""
    (exchange.out / "large.bin").write_bytes(bytes(6 << 20))
    push = {"exchange_direction": "push", "exchange_bandwidth_limit": "1M"}
    job = exchange.job("Exchange", login(exchange), push, mesh=mesh)
    with job.running() as (packed, worker):
        worker.stdin.write(packed)
        worker.stdin.close()
        wait_for(lambda: under_way(exchange.server, 1 << 16))
        mesh.cancel()
        assert stored(job.run()) == [0]
        assert exchange.arrived == (True, False)


def under_way(server: Sshd, size: int, tree: str = "") -> bool:
    """Return whether a tree of the server has a part of a file, greater than this size, under a temporary name."""
    for path in (server.root / tree).rglob(".secure_sync-*.tmp"):
        with contextlib.suppress(FileNotFoundError):  # such as a small file, which has its final name by now
            if path.stat().st_size > size:
                return True
    return False


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it is so, for as long as any start of a job may take."""
    deadline = time.monotonic() + 4 * HANG_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)

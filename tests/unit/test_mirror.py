# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests mirror the tree: plugins/a/b.py is tested by tests/unit/plugins/a/test_b.py.

`UNTESTED` lists the files that have no unit test of their name: integration tests cover them. The list only shrinks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"
TESTS = Path(__file__).parent / "plugins"
DOCUMENTATION = ("modules", "doc_fragments")
UNTESTED = """
_edge/jail/jail_mount _edge/jail/jail_tree _edge/login_probe/ftps_probe
_edge/login_probe/sftp_probe _edge/module _edge/pins/host_key_pin _edge/pins/host_key_pin_info
_edge/rotation/account_keys _edge/rotation/client_key _edge/rotation/key_revocation
_edge/sshd_change _edge/task _edge/tls_policy/tls_policy action/rotation_progress
ban/fail2ban ban/refusals ftps/data_opener ftps/login ftps_service/apply ftps_service/candidate
ftps_service/daemon ftps_service/live ftps_service/proof integrity/refusals jail/mounts
login_probe/ftps_exchange
login_probe/sftp_exchange model/plan model/report model/request model/tree rotation/certificates/openssl_keys
rotation/certificates/refusals rotation/certificates/store rotation/client_keys/store
rotation/passwords/ftps_sessions rotation/server_keys/revocation ssh/openssh_scan ssh/paramiko_scan sshd/change
sshd/daemon sshd/refusals sync/remember sync/sessions sync/store
 tls/survey tls_probe/control
tls_probe/data tls_probe/identity tls_probe/probe transport/connect transport/ftps/connect transport/ftps/transport
transport/local/digest transport/local/scan transport/sftp/connect transport/sftp/digest
transport/sftp/download transport/sftp/links transport/sftp/server_hash transport/sftp/sessions
transport/sftp/small_download transport/sftp/small_upload transport/sftp/transport
"""
OF_SEVERAL = """
ftps/test_control_wait planning/test_planner_properties sync/test_convergence sync/test_disconnects
sync/test_poison_items transport/local/test_transport_against_memory
"""
"""Tests below _engine about a behaviour of several files."""


def sources() -> Iterator[Path]:
    """Give every file with code, relative to plugins. An action that only passes a module on has none of its own."""
    for path in sorted(PLUGINS.rglob("*.py")):
        place = path.relative_to(PLUGINS)
        if place.parts[0] not in DOCUMENTATION and not (place.parts[0] == "action" and _passes_on(path)):
            yield place


def _passes_on(path: Path) -> bool:
    text = path.read_text()
    return "module_answer" in text and "def " not in text


def mirror(source: Path) -> Path:
    return source.parent / f"test_{source.name}"


def short(place: Path) -> str:
    return str(place.with_suffix("")).replace("module_utils/_engine/", "").replace("module_utils/", "")


def test_only_the_listed_files_have_no_test_of_their_name() -> None:
    missing = [short(source) for source in sources() if not (TESTS / mirror(source)).exists()]
    assert sorted(missing) == sorted(UNTESTED.split())


def test_every_test_has_its_file_or_is_listed() -> None:
    known = {mirror(source) for source in sources()} | {mirror(Path("modules/secure_sync.py"))}
    tests = [path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")]
    assert sorted(short(place) for place in tests if place not in known) == sorted(OF_SEVERAL.split())

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one sha256sum process that proves all batches of a run: one login for it, and another where it dies."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.groups import BATCH_FILES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp import remote_sha256sum
from support.scenes.sync_runs import SyncRuns
from support.servers import ssh_keys
from support.servers.own_programs import FOUND_FIRST, put_program
from support.servers.sshd import Sshd
from support.trees.trees import differences, make_many, tree_digest

PASSPHRASE = "given late"
LOCKED = ssh_keys.key("locked-late", passphrase=PASSPHRASE)
FILES = 2 * BATCH_FILES + 100
DIES_ONCE = """#!/bin/sh
case "$*" in
*/.secure_sync*) mkdir /run/sync/files/died 2>/dev/null && kill -KILL "$PPID" ;;
esac
exec /usr/bin/sha256sum "$@"
"""


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_one_login_for_all_batches(tmp_path: Path, push: bool) -> None:
    with Sshd() as server:
        near, far = tmp_path / "near", server.root / "tree"
        make_many(near if push else far, FILES, size=16)
        server.give(server.root)
        runs = SyncRuns(server, near, far, push=push, state_dir=tmp_path / "state", proof="server_hash", retries=0)
        ran = runs.good()
        assert ran.report.proofs["server_hash"] == FILES
        assert differences(tree_digest(near), tree_digest(far)) == []
        logins = server.log().count("Accepted publickey")
    assert logins == 2, "one for SFTP, one for sha256sum"
    print(f"{FILES} files proven by the server in {ran.seconds:.1f} s, {logins} logins")


def test_a_login_that_waited_too_long_for_its_passphrase_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login begins with the first batch, and is answered when that batch is sent.

    The server's patience is short here, and so is the client's.
    """
    monkeypatch.setattr(remote_sha256sum, "ANSWERED_IN_TIME", 1.0)
    with Sshd(config=("LoginGraceTime 5",), authorized=(LOCKED,)) as server:
        near, far = tmp_path / "near", server.root / "tree"
        make_many(near, 3, size=16)
        (near / "large").write_bytes(bytes(24 << 20))
        server.give(server.root)
        runs = SyncRuns(
            server,
            near,
            far,
            push=True,
            state_dir=tmp_path / "state",
            bandwidth_limit=2 << 20,
            retries=0,
            credentials=Credentials(private_key_file=str(LOCKED.path), passphrase=PASSPHRASE, ssh_agent=False),
        )
        ran = runs.good()
        assert ran.seconds > 9, "the server adds up to four seconds to its patience"
        assert ran.report.proofs["server_hash"] == 4
        assert differences(tree_digest(near), tree_digest(far)) == []


def test_a_process_that_dies_in_the_middle_is_started_again(tmp_path: Path) -> None:
    with Sshd(config=(FOUND_FIRST,)) as server:
        put_program(server, "sha256sum", DIES_ONCE)
        near, far = tmp_path / "near", server.root / "tree"
        make_many(near, FILES, size=16)
        server.give(server.root)
        runs = SyncRuns(server, near, far, push=True, state_dir=tmp_path / "state", proof="server_hash", retries=0)
        ran = runs.good()
        assert (server.root / "died").is_dir()
        assert ran.report.proofs["server_hash"] == FILES
        assert differences(tree_digest(near), tree_digest(far)) == []
        assert server.log().count("Accepted publickey") == 3

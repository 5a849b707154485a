# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and locks for which many runs compete, over FTPS, and over FTPS and SFTP at the same time."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    Locked,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import EXEC, open_ssh_stream
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import lock
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import (
    GUARD,
    SmallFiles,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from support.scenes.ftps_ends import Ends, every_server, fresh_ends, transport_of
from support.servers.ftps_server import FtpsServer, credentials_of, endpoint_of, trust_of
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

LOCK = ".secure_sync.lock"

server, ends = every_server(), fresh_ends()


def _race(transport: FtpsTransport, target: RelPath, racer: int, barrier: threading.Barrier) -> bool | Exception:
    """Whether this one made the name."""
    mine = RelPath(b"%s-of-%d" % (target, racer))
    try:
        transport.create_file(mine, b"%d" % racer)
        barrier.wait()
        transport.rename_new(mine, target)
    except AlreadyExists:
        return False
    except Exception as error:
        barrier.abort()
        return error
    return True


def test_one_name_is_made_by_one_of_many(ends: Ends) -> None:
    """Twelve sessions at once, several rounds: never two winners, and the stored file is the winner's."""
    racers, rounds = 12, 6
    ends.write_remote({})
    transports = [transport_of(ends) for _number in range(racers)]
    for number in range(rounds):
        target, barrier = RelPath(b"lock-%d" % number), threading.Barrier(racers)
        with ThreadPoolExecutor(racers) as threads:
            results = list(threads.map(_race, transports, [target] * racers, range(racers), [barrier] * racers))
        assert sorted(map(repr, results)) == ["False"] * (racers - 1) + ["True"]
        assert (ends.remote / os.fsdecode(target)).read_bytes() == b"%d" % results.index(True)
    assert not (ends.remote / os.fsdecode(GUARD)).exists()
    for transport in transports:
        transport.close()


def sftp_transport(server: Sshd, root: bytes) -> SftpTransport:
    endpoint = Endpoint("sftp", server.host, port=server.port, username=server.user, ssh_config_file="none")
    credentials = Credentials(private_key_file=str(server.key.path), ssh_agent=False)
    login = partial(open_ssh_stream, endpoint, credentials, SshTrust(host_keys=tuple(server.host_public_keys)))
    return SftpTransport(root, login, lambda command: login(request=EXEC, command=command), SftpOptions())


class Racer:
    """One run that wants the lock of the tree."""

    def __init__(self, transport: Any, number: int) -> None:
        self.transport = transport
        run_id = f"{number:08x}{0:08x}"
        self.lock = lock.Lock(transport, LockHolder.here(run_id), StageNames(b"", run_id), lambda path, seconds: None)

        self.acquired = False

    def race(self, barrier: threading.Barrier, delay: float) -> bool:
        """Whether this run may begin to make changes."""
        barrier.wait()
        time.sleep(delay)
        try:
            self.lock.acquire()
            self.acquired = True
            self.lock.confirm_if_old()
        except Locked:
            return False
        return True


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Vsftpd, Sshd]]:
    """Two servers of one tree and account."""
    with Vsftpd(jail=True) as ftps, Sshd(ftps.root, jail=True, account=ftps.account) as ssh:
        yield ftps, ssh


def ftps_transport(server: FtpsServer) -> FtpsTransport:
    return FtpsTransport(b"/files", partial(FtpsSession, endpoint_of(server), credentials_of(server), trust_of(server)))


def test_a_lock_made_between_look_and_rename_is_lost_and_found_to_be(
    both: tuple[Vsftpd, Sshd], monkeypatch: pytest.MonkeyPatch
) -> None:
    over_ftps, over_sftp = ftps_transport(both[0]), sftp_transport(both[1], b"/files")
    assert over_ftps.root_entry() is not None
    assert over_sftp.root_entry() is not None
    first, second = Racer(over_ftps, 1), Racer(over_sftp, 2)
    barrier, made = threading.Barrier(1), both[0].root / LOCK
    expect_free = SmallFiles._expect_free

    with ThreadPoolExecutor(1) as threads:
        results = []

        def interfere(files: SmallFiles, lane: Lane, path: RelPath) -> None:
            expect_free(files, lane, path)
            if path == lock.LOCK_NAME:
                results.append(threads.submit(second.race, barrier, 0.0))
                while not made.exists():
                    time.sleep(0.001)
                assert second.lock._holder.run_id in made.read_text()

        monkeypatch.setattr(SmallFiles, "_expect_free", interfere)
        assert first.race(barrier, 0.0)
        assert not results[0].result()
    assert second.acquired
    assert first.lock._holder.run_id in made.read_text()
    first.lock.confirm()
    for racer in (first, second):
        racer.lock.release()
        racer.transport.close()
    assert list(both[0].root.iterdir()) == []


def test_runs_over_sftp_and_ftps_on_one_tree_have_one_lock(both: tuple[Vsftpd, Sshd]) -> None:
    """Five of each at once, several rounds: two never continue, although a rename over FTP replaces existing files."""
    rounds, ways, replaced = 25, Counter(), 0
    chance = random.Random(20_261)
    transports: list[Any] = [ftps_transport(both[0]) for _number in range(5)]
    transports += [sftp_transport(both[1], b"/files") for _number in range(5)]
    for transport in transports:
        assert transport.root_entry() is not None
    for number in range(rounds):
        racers = [Racer(transport, 16 * number + place) for place, transport in enumerate(transports)]
        barrier = threading.Barrier(len(racers))
        # SFTP is quicker: its runs come while those over FTPS are under way.
        delays = [0.0] * 5 + [chance.uniform(0, 0.3) for _number in range(5)]
        with ThreadPoolExecutor(len(racers)) as threads:
            won = list(threads.map(Racer.race, racers, [barrier] * len(racers), delays))
        replaced += sum(racer.acquired for racer in racers) - 1
        assert sum(won) <= 1
        ways["FTPS" if any(won[:5]) else "SFTP" if any(won) else "nobody"] += 1
        for racer in racers:
            racer.lock.release()
        for path in both[0].root.iterdir():
            path.unlink()
    for transport in transports:
        transport.close()
    print(f"winners {dict(ways)}, locks that were replaced: {replaced}")
    assert ways["nobody"] < rounds

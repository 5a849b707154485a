# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a job: a service with the least privilege, and its timer.

The service sees the whole file system read-only, writes its home and the named directories alone, has no capability, no
other account, no device, and no namespace of its own. Its recorder (ExecStopPost=+) runs as root outside of all that,
however the job ended.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Iterator, NamedTuple, Sequence

from ..errors import InvalidRequest
from ..system import boot_id
from ..system.root_owned_path import parts_of
from ..system.sandbox import OF_AN_ACCOUNT
from .exit_status import LOCKED
from .job_file import job_name
from .names import ACCOUNT, CREDSTORE, HOME, UNIT, credential_name
from .side_units import NOTIFY, PING_FAILURE, PING_START, PING_SUCCESS

_TRIAL = UNIT + ".check"
"""No job has a dot in its name."""
_PYTHON = "/usr/bin/python3 -I"
_NFT = "/usr/sbin/nft -f"
_CALENDAR = re.compile(r"[A-Za-z0-9 *,./:~_+-]{1,200}\Z", re.ASCII)
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?\Z", re.ASCII)
_KEY = re.compile(r"[a-z_]+(?:\.[a-z_]+)?\Z", re.ASCII)
_DAY = 86400

# ssh(1) changes its user id to its own: it gets @setuid back after @privileged is refused.
_SANDBOX = f"""\
{OF_AN_ACCOUNT}
SystemCallFilter=@setuid
SystemCallErrorNumber=EPERM
AmbientCapabilities=
PrivateIPC=yes
PrivateMounts=yes
RemoveIPC=yes
KeyringMode=private
DevicePolicy=closed
"""


class JobUnit(NamedTuple):
    """name: of the job
    program, job_file: absolute paths
    credentials: names of the secrets
    schedule: calendar event, see systemd.time(7)
    random_delay, timeout: seconds
    read, write: absolute paths of files and directories
    egress: addresses and networks; none: no limit by the unit
    notify: whether a failure starts the unit for notifications
    pings: whether each run starts the units for pings
    credstore: directory of the encrypted secrets
    egress_file: rules of nftables to load before each start
    trial: whether the unit runs the job in check mode, before it is deployed
    by_ansible: whether ansible-playbook of the host carries out the sync
    """

    name: str
    program: str
    job_file: str
    schedule: str
    credentials: Sequence[str] = ()
    random_delay: int = 0
    timeout: int = 4 * 3600
    read: Sequence[str] = ()
    write: Sequence[str] = ()
    egress: Sequence[str] = ()
    notify: bool = False
    pings: bool = False
    credstore: str = CREDSTORE
    egress_file: str = ""
    trial: bool = False
    by_ansible: bool = False


def trial_of(job: JobUnit, *, job_file: str, credstore: str, egress_file: str) -> JobUnit:
    """Return the same unit for check mode. It has other places, so that the job in service keeps its own."""
    return job._replace(
        job_file=job_file, credstore=credstore, egress_file=egress_file if job.egress_file else "", trial=True
    )


def base_name(job: JobUnit) -> str:
    """Return the name of the service without its suffix, which is also the name of its runtime directory."""
    return (_TRIAL if job.trial else UNIT) % job_name(job.name)


def unit_name(job: JobUnit) -> str:
    return base_name(job) + ".service"


def timer_name(job: JobUnit) -> str:
    return base_name(job) + ".timer"


def service_text(job: JobUnit) -> str:
    """Return the text of the service. Raises InvalidRequest."""
    lines = [*_unit(job), "", *_service(job), "", *_paths(job), *_network(job)]
    return "\n".join(lines) + "\n" + _SANDBOX


def timer_text(job: JobUnit) -> str:
    """Return the text of the timer. Raises InvalidRequest."""
    if not _CALENDAR.match(job.schedule):
        raise InvalidRequest(
            f"schedule: {ascii(job.schedule)[:80]} is not a calendar event",
            cure="Write it as in systemd.time(7), for example *-*-* 02:15:00.",
        )
    lines = [
        "[Unit]",
        f"Description=Timer of the sync job {job_name(job.name)}",
        "",
        "[Timer]",
        f"OnCalendar={job.schedule}",
        f"RandomizedDelaySec={_seconds('random_delay', job.random_delay, 0)}",
        "FixedRandomDelay=yes",
        "AccuracySec=1s",
        "Persistent=yes",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _unit(job: JobUnit) -> Iterator[str]:
    yield "[Unit]"
    yield f"Description=Sync job {job_name(job.name)}"
    before = ["network-online.target"]
    if job.pings and not job.trial:
        before.append(PING_START % job.name)
    yield f"Wants={' '.join(before)}"
    yield f"After={' '.join(before)}"
    if not job.trial:
        yield from _units_after(job)


def _units_after(job: JobUnit) -> Iterator[str]:
    """Yield the units that systemd starts after a run: the URL for pings is theirs alone."""
    failed = [*([NOTIFY % job.name] if job.notify else []), *([PING_FAILURE % job.name] if job.pings else [])]
    if job.pings:
        yield f"OnSuccess={PING_SUCCESS % job.name}"
    if failed:
        yield f"OnFailure={' '.join(failed)}"


def _service(job: JobUnit) -> Iterator[str]:
    yield "[Service]"
    yield "Type=oneshot"
    if job.egress_file:
        yield f"ExecStartPre=+{_NFT} {_path('egress_file', job.egress_file)}"
    by = [*(["--ansible"] if job.by_ansible else []), *(["--check"] if job.trial else [])]
    yield f"ExecStart={' '.join([_command(job), *by])}"
    if not job.trial:
        yield f"ExecStopPost=+{_command(job, 'record ')}"
        yield f"SuccessExitStatus={LOCKED}"
    yield f"TimeoutStartSec={_seconds('timeout', job.timeout, 1)}"
    yield f"User={ACCOUNT % job.name}"
    yield f"Environment={boot_id.VARIABLE}=%b"
    yield from _directories(job)
    yield from _credentials(job)


def _directories(job: JobUnit) -> Iterator[str]:
    yield f"StateDirectory={HOME % job.name}"
    yield "StateDirectoryMode=0700"
    yield f"WorkingDirectory=%S/{HOME % job.name}"
    yield f"RuntimeDirectory={base_name(job)}"
    yield "RuntimeDirectoryMode=0700"
    if job.trial:
        yield "RuntimeDirectoryPreserve=yes"


def _credentials(job: JobUnit) -> Iterator[str]:
    """The name of a credential has the name of the job: systemd refuses a file of another job or another secret."""
    for key in job.credentials:
        if not _KEY.match(key):
            raise InvalidRequest(f"credentials: {ascii(key)[:80]} is not a name", cure="Use the name of an option.")
        name = credential_name(job.name, key)
        yield f"LoadCredentialEncrypted={name}:{_path('credstore', job.credstore)}/{name}"


def _command(job: JobUnit, subcommand: str = "") -> str:
    program, file = _path("program", job.program), _path("job_file", job.job_file)
    return f"{_PYTHON} {program} {subcommand}--job {file}"


def _paths(job: JobUnit) -> Iterator[str]:
    """No bind mounts: systemd makes them for the recorder too, which a missing path would then stop."""
    yield "ProtectHome=%s" % ("read-only" if any(map(_is_at_home, (*job.read, *job.write))) else "yes")
    for path in job.read:
        yield f"ReadOnlyPaths={_path('read', path)}"
    for path in job.write:
        yield f"ReadWritePaths={_path('write', path)}"


def _is_at_home(path: str) -> bool:
    return path.startswith(("/home", "/root", "/run/user"))


def _network(job: JobUnit) -> Iterator[str]:
    if job.egress:
        yield "IPAddressDeny=any"
        yield f"IPAddressAllow={' '.join(map(_network_of, job.egress))}"


def _network_of(text: str) -> str:
    try:
        if _ADDRESS.match(text):
            return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        pass
    raise InvalidRequest(f"egress: {ascii(text)[:80]} is not an address", cure="Write an address or network, no name.")


def _path(option: str, text: str) -> str:
    try:
        parts_of(text)
    except InvalidRequest as error:
        raise InvalidRequest(f"{option}: {error.message}", cure=error.cure) from None
    return text


def _seconds(option: str, number: int, least: int) -> int:
    if not least <= number <= 7 * _DAY:
        raise InvalidRequest(f"{option}: {number} is out of range", cure=f"Write seconds from {least} to {7 * _DAY}.")
    return number

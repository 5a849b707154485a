# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that tries each attempt that the unit of a job must refuse, and prints the names of those that succeeded.

The host has the jobs nightly and other; the probe runs in place of the program of nightly. Outside of the unit, root
can do all of it: an attempt that can never succeed would prove nothing.
"""

from __future__ import annotations

__all__ = ["ALLOWED", "PROBE", "REFUSED"]

ALLOWED = frozenset({"write the home", "read the source", "read the job file"})
REFUSED = frozenset(
    {
        "write the source",
        "write the job file",
        "write the program",
        "write the records",
        "write /etc",
        "write /usr",
        "read the shadow file",
        "read a host key",
        "read a stored secret",
        "see other processes",
        "packet socket",
        "netlink socket",
        "user namespace",
        "writable and executable memory",
        "set-user-ID file",
        "become root",
        "host name",
        "mount",
    }
)

PROBE = r"""
import ctypes, mmap, os, socket, stat

libc = ctypes.CDLL(None, use_errno=True)
home, job = "/var/lib/secure_ftp_synchronize/homes/nightly", "/etc/secure_ftp_synchronize/jobs/nightly.json"
program = os.path.realpath("/usr/local/lib/secure_ftp_synchronize/sync.pyz")
NEW_USER, MS_BIND = 0x10000000, 4096


def write(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def called(name, *arguments):
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)


def see_others():
    if all(os.stat("/proc/" + each).st_uid == os.getuid() for each in os.listdir("/proc") if each.isdigit()):
        raise OSError("none")


def in_child(work):
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise OSError("refused")


def set_user_id():
    path = home + "/set-user-id"
    write(path)
    os.chmod(path, 0o4755)
    if not os.stat(path).st_mode & stat.S_ISUID:
        raise OSError("without effect")


def own_mount():
    os.makedirs("/tmp/place", exist_ok=True)
    called("mount", b"/srv", b"/tmp/place", None, MS_BIND, None)
    called("umount", b"/tmp/place")


attempts = {
    "write the home": lambda: write(home + "/probe"),
    "read the source": lambda: read("/srv/out/a"),
    "read the job file": lambda: read(job),
    "write the source": lambda: write("/srv/out/a"),
    "write the job file": lambda: write(job),
    "write the program": lambda: write(program),
    "write the records": lambda: write("/var/lib/secure_ftp_synchronize/jobs/nightly/probe"),
    "write /etc": lambda: write("/etc/probe"),
    "write /usr": lambda: write("/usr/local/probe"),
    "read the shadow file": lambda: read("/etc/shadow"),
    "read a host key": lambda: read("/etc/ssh/ssh_host_ed25519_key"),
    "read a stored secret": lambda: read("/etc/credstore.encrypted/secure-sync-other.private_key"),
    "see other processes": see_others,
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "user namespace": lambda: in_child(lambda: called("unshare", NEW_USER)),
    "writable and executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC),
    "set-user-ID file": set_user_id,
    "become root": lambda: in_child(lambda: os.setresuid(0, 0, 0)),
    "host name": lambda: socket.sethostname(socket.gethostname()),
    "mount": own_mount,
}
for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, ValueError):
        continue
    print(name, flush=True)
records = "/var/lib/secure_ftp_synchronize/jobs/nightly"
for path in ("/etc/probe", "/usr/local/probe", records + "/probe", home + "/probe", home + "/set-user-id"):
    try:
        os.unlink(path)
    except OSError:
        pass
"""

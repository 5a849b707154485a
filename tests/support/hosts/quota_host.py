# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host whose /srv/jail is a file system with user quotas, which some machines' kernels do not support. Root only. It
therefore has a kernel of its own: Linux as a program (User-mode Linux), with Debian's configuration. Its root is the
same directory as any other host's; /srv/jail is ext4 on a disk of its own."""

from __future__ import annotations

__all__ = ["QuotaHost"]

from pathlib import Path

from ..servers.server_root import server_root
from .systemd_host import SystemdHost

_MEMORY, _DISK = "512M", "64M"
# The kernel's own root, with its modules and control files; with_it runs a program there.
_OTHER_ROOT = "/opt"
_WITH_IT = "/usr/local/bin/with_it"
_BOOT = rf"""
kernel=${{11}}
disk=$private/upper/disk
truncate --size={_DISK} "$disk"
mkfs.ext4 -q -O quota -E quotatype=usrquota "$disk"
mkdir -p "$root/srv/jail"
mount --bind "$kernel" "$root{_OTHER_ROOT}"
cat > "$root{_WITH_IT}" <<'SCRIPT'
#!/bin/sh
export LD_LIBRARY_PATH=$(echo {_OTHER_ROOT}/usr/lib/*-linux-gnu) PATH={_OTHER_ROOT}/usr/sbin:$PATH
exec "$@"
SCRIPT
chmod 0755 "$root{_WITH_IT}"
cat > "$root/etc/systemd/system/quota-host.service" <<UNIT
[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service
Before=local-fs.target
[Service]
Type=oneshot
WorkingDirectory={_OTHER_ROOT}/usr/lib/uml/modules
ExecStart={_WITH_IT} sh -c 'cd */kernel/fs/quota && insmod quota_tree.ko && insmod quota_v2.ko'
ExecStart=mount -o nosuid,nodev,noexec,usrquota /dev/ubda /srv/jail
ExecStart=/bin/sh -c 'ip link set lo up && ip link set vec0 up && ip address add $address/24 dev vec0'
UNIT
mkdir -p "$root/etc/systemd/system/local-fs.target.wants"
ln -s ../quota-host.service "$root/etc/systemd/system/local-fs.target.wants/"

# The network of a host that had this place and has just ended may go a little later.
ip link delete "$link" 2>/dev/null || :
# The kernel makes this machine's end of its link, which goes when it ends; of large segments it loses some.
(until ip link set "$link" gso_max_segs 1 master "$bridge" up 2>/dev/null; do sleep 0.05; done) &
"$kernel/usr/bin/linux.uml" mem={_MEMORY} root=/dev/root rootfstype=hostfs rootflags="$root" rw ubd0="$disk" \
    vec0:transport=tap,gro=1,ifname="$link",mac="$mac" uml_dir="$private/uml" con=null con0=null,fd:1 TERM=dumb
"""


class QuotaHost(SystemdHost):
    """Debian 13, as SystemdHost has it, but without `enter`: commands run over SSH."""

    boot = _BOOT

    def __init__(self) -> None:
        super().__init__("debian13")

    def boot_arguments(self) -> list[Path]:
        """The directory of the kernel and its control files."""
        return [server_root(["kmod", "quota", "user-mode-linux"])]

    def quota_program(self, *command: str) -> str:
        """Run repquota(8), setquota(8) and similar programs on the host, and return their output."""
        return self.run(_WITH_IT, *command).stdout

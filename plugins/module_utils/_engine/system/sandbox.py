# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox of a systemd service: lines that each service has, and the lines that only a service of an ordinary
account can have (systemd.exec(5)). A service adds the address families, homes and devices that it needs."""

from __future__ import annotations

SANDBOX = """\
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service"""

OF_AN_ACCOUNT = f"""\
{SANDBOX}
SystemCallFilter=~@privileged @resources
CapabilityBoundingSet=
UMask=0077
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.evidence.evidence_capture.scope_spec`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  since:
    description: How far back the journal is exported, for example V(12h) or V(14d).
    type: str
    default: 7d
  programs:
    description:
      - Names of processes (C(_COMM)) whose entries of the journal are exported. Units are not asked for, because a
        session of sshd is not in the unit of sshd.
      - Entries with such an identifier (C(SYSLOG_IDENTIFIER)) are exported too, because the entry of a process that
        ended before journald looked at it has no C(_COMM). Every process can choose its identifier.
    type: list
    elements: str
    default:
      - sshd
      - sshd-session
      - sshd-auth
      - sftp-server
      - vsftpd
      - proftpd
      - pure-ftpd
      - fail2ban-server
      - sudo
      - su
      - login
      - systemd
      - systemd-logind
      - cron
      - crond
      - polkitd
      - dbus-daemon
      - useradd
      - usermod
      - userdel
      - groupadd
      - gpasswd
      - passwd
      - chpasswd
      - chage
  files:
    description:
      - Further files of settings, or directories of them. A file that holds a private key or a password hash, or is not
        text, is left out and listed in RV(left_out).
    type: list
    elements: str
    default: []
  arguments:
    description:
      - Whether the list of processes has their arguments, which may hold secrets. The environment is never taken.
    type: bool
    default: false
  max_size:
    description:
      - Maximum size of the archive, and of all outputs and files in it. A log that is too large is cut, so that its
        first and its newest part are in the archive (RV(cut)); all else is captured. The journal and the logs share
        the room, so a log that was filled costs smaller logs nothing. Files of settings together get at most half of
        the room; further files are listed in RV(left_out).
    type: str
    default: 1G
"""

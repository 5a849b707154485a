# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers and titles of all controls, in the order of the report."""

from __future__ import annotations

from typing import Mapping

TITLES: Mapping[str, str] = {
    "1.1": "SFTP is preferred",
    "1.2": "FTPS is explicit where SFTP is not available",
    "1.3": "Plain FTP is impossible",
    "2.1": "Logins use strong keys",
    "2.2": "FTPS logins use client certificates or strong passwords",
    "2.3": "People log in with a second factor",
    "3.1": "Server certificates are verified",
    "3.2": "Host keys are pinned and verified",
    "3.3": "Pins change only with proof",
    "4.1": "Every transfer is proven by SHA-256",
    "4.2": "Sets of files are signed",
    "5.1": "Accounts of jobs and partners have the least privilege",
    "5.2": "Partners are jailed",
    "5.3": "Keys and certificates are rotated on schedule",
    "6.1": "TLS is modern",
    "6.2": "SSH is modern",
    "6.3": "Connections and guesses are limited",
    "6.4": "Logins and transfers are monitored",
    "7.1": "Sensitive files are encrypted at rest",
    "7.2": "Private keys are kept apart",
    "8.1": "Secrets come from a secrets manager",
    "8.2": "Credentials of jobs are short-lived",
    "8.3": "Automation exposes no secrets",
    "9.1": "Restores are drilled",
    "9.2": "Endpoints are scanned and attacked",
    "10.1": "Compromised keys are revoked",
    "10.2": "Policies are documented with evidence",
}

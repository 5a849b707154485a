#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report who moved how much on a server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: transfer_report
short_description: Report who moved how much on a server
version_added: 0.2.0
description:
  - Reads the events that the role P(secure.ftp_synchronize.transfer_monitoring#role) collects, and reports uploads,
    downloads, deletions, logins, failed logins and alerts by account, day and week.
  - The report is the result of the task. With O(dest) it is written as an HTML file too, with O(json_dest) as JSON.
  - The HTML file needs no other file, loads nothing and runs no script. It has a dark and a narrow layout and can be
    printed. Names of files and accounts are always shown as text.
  - Bytes come from the summaries of sessions. A session counts on the day on which it ended, in UTC.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    support: none
  idempotent:
    details: A file is written only if its content changes, which new events do.
options:
  path:
    description:
      - The log of events. Its rotated files are read too, also those that C(gzip), C(bzip2) or C(xz) compressed.
    type: path
    default: /var/log/secure_ftp_synchronize/events.jsonl
  dest:
    description: The HTML file. Its directory exists, and only root or the user that runs the module may write to it.
    type: path
  json_dest:
    description: The JSON file, with the content of RV(report). The directory is as for O(dest).
    type: path
  mode:
    description: Permissions of the files, in octal.
    type: str
    default: '0640'
  days:
    description: Number of days of the report, at most 400.
    type: int
    default: 28
  last_day:
    description: The last day of the report in UTC, such as V(2026-11-27). The default is today.
    type: str
  accounts:
    description: The accounts of the report. Without names, it has all accounts.
    type: list
    elements: str
    default: []
  title:
    description: Title of the HTML file. The default names the host.
    type: str
    default: ''
  max_listed:
    description: Maximum number of accounts, of alerts and of sources that are listed. Totals always count everything.
    type: int
    default: 100
seealso:
  - module: secure.ftp_synchronize.secure_sync
notes:
  - A user who is not root needs read access to the log of events.
"""

EXAMPLES = r"""
- name: Write the report of the last four weeks
  secure.ftp_synchronize.transfer_report:
    dest: /var/lib/transfer_reports/transfers.html

- name: Write the report of November for one partner
  secure.ftp_synchronize.transfer_report:
    dest: /var/lib/transfer_reports/partner_2026_11.html
    json_dest: /var/lib/transfer_reports/partner_2026_11.json
    title: Transfers of partner in November
    accounts: [partner]
    days: 30
    last_day: "2026-11-30"

- name: Read the numbers of yesterday and today
  secure.ftp_synchronize.transfer_report:
    days: 2
  register: transfers

- name: Show the accounts that uploaded more than a gigabyte
  ansible.builtin.debug:
    msg: "{{ transfers.report.accounts | selectattr('bytes_uploaded', '>', 1000000000) | map(attribute='account') }}"
"""

RETURN = r"""
msg:
  description: The totals or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 4 accounts uploaded 179.7 GiB and downloaded 2.0 GiB; 3 alerts, 400 failed logins
written:
  description: The files that were written; in check mode, those that would be.
  returned: always
  type: list
  elements: str
  sample: [/var/lib/transfer_reports/transfers.html]
report:
  description: The report; null if the task failed.
  returned: always
  type: dict
  contains:
    schema:
      description: Version of this structure.
      type: int
      sample: 1
    host:
      description: Name of the server.
      type: str
      sample: files.example.com
    since:
      description: Beginning of the period.
      type: str
      sample: "2026-10-31T00:00:00Z"
    until:
      description: End of the period, which is not part of it.
      type: str
      sample: "2026-11-28T00:00:00Z"
    newest_event:
      description: Time of the newest event of the period; null without an event.
      type: str
      sample: "2026-11-27T16:02:11Z"
    log:
      description: Number of C(files) that were read, and of C(lines_skipped) that are no events.
      type: dict
      sample: {files: 3, lines_skipped: 0}
    totals:
      description:
        - Numbers of C(accounts), C(sessions), C(failed_logins) and C(alerts), and the work of all sessions.
        - The work is C(bytes_uploaded), C(bytes_downloaded), C(files_uploaded), C(files_downloaded), C(files_deleted),
          C(files_renamed), C(requests_denied), and C(bytes_read_back), the bytes that clients read to prove their
          uploads.
      type: dict
      sample: {accounts: 4, sessions: 811, failed_logins: 400, alerts: 3, bytes_uploaded: 192951418880}
    accounts:
      description: The accounts, the largest volume first; at most O(max_listed).
      type: list
      elements: dict
      contains:
        account:
          description: Name of the account. Each account has the work of its sessions too, as in RV(report.totals).
          type: str
          sample: partner
        protocols:
          description: Protocols of its sessions.
          type: list
          elements: str
          sample: [sftp]
        logins:
          description: Number of logins.
          type: int
          sample: 28
        last_seen:
          description: Time of the last login, transfer or end of a session.
          type: str
          sample: "2026-11-27T02:18:00Z"
        alerts:
          description: Number of alerts about the account.
          type: int
          sample: 1
        sources:
          description: Addresses of its clients.
          type: list
          elements: str
          sample: [192.0.2.7]
        fingerprints:
          description: Fingerprints of the keys of its logins.
          type: list
          elements: str
          sample: ["SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"]
        days:
          description: The work of each C(day) with sessions.
          type: list
          elements: dict
          sample: [{day: "2026-11-27", sessions: 1, bytes_uploaded: 1887436800}]
        weeks:
          description: The work of each week, named by its C(monday).
          type: list
          elements: dict
          sample: [{monday: "2026-11-23", sessions: 5, bytes_uploaded: 9437184000}]
        largest:
          description: The largest transfers that the log names, with C(bytes), C(direction) and C(path).
          type: list
          elements: dict
          sample: [{bytes: 1887436800, direction: upload, path: /in/orders.parquet}]
    failed_logins:
      description: Sources with failed or refused logins, with their C(count) and some of the C(accounts) they tried.
      type: list
      elements: dict
      sample: [{source: 203.0.113.9, count: 134, accounts: [admin, root]}]
    alerts:
      description:
        - The latest alerts first, each with C(time), C(account), C(source), C(rule), C(observed), C(expected),
          C(history_days) and C(would_have_fired).
      type: list
      elements: dict
      sample:
        - time: "2026-11-26T14:24:00Z"
          account: partner
          source: ""
          rule: volume_hour
          observed: 20.4 GiB of uploads in this hour
          expected: at most 2.3 GiB (machine)
          history_days: 28
          would_have_fired: 0
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: not_found
    path: /var/log/secure_ftp_synchronize/events.jsonl
    message: the log of events does not exist
    cure: Set path to the log of events, or run the role transfer_monitoring on this host.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import transfer_report as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()

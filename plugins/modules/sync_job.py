#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of a host: syncs that systemd starts on a schedule."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sync_job
short_description: Part of the role sync_job, deploys scheduled syncs, each tried in check mode first
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.sync_job#role). Playbooks need it only to write such a role.
  - Installs the program C(sync.pyz), which is built on the controller from this collection. The same collection gives
    the same bytes.
  - Each job gets an account, a job file, encrypted secrets, a service in a sandbox and a timer. Before anything of the
    job is changed, it runs in check mode, in a unit with the same text. If that fails, the job in service stays.
  - Secrets are passed by pipes, and are in no file, argument, environment variable or log.
  - A job that fails does not keep the next from being deployed. The task then fails at its end.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details:
      - Needs root, systemd 250 or newer, and Python 3.9 or newer as C(/usr/bin/python3); nftables for O(jobs[].egress).
options:
  jobs:
    description: The jobs. Other jobs are left alone, except by O(unlisted).
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the job, at most 27 small letters, digits, C(-) and C(_).
        type: str
        required: true
      state:
        description: V(absent) ends the timer and a run, and removes all of the job except its records.
        type: str
        choices: [present, absent]
        default: present
      schedule:
        description: Calendar event of the timer, as in systemd.time(7). Required for a job that is present.
        type: str
      random_delay:
        description: Largest random delay in seconds.
        type: int
        default: 0
      timeout:
        description: Seconds after which a run is ended.
        type: int
        default: 14400
      late_after:
        description: Seconds without a success after which the job is late, for alerts.
        type: int
        default: 93600
      options:
        description:
          - Options of M(secure.ftp_synchronize.secure_sync), such as a transfer of the playbook C(exchange).
            Required for a job that is present.
        type: dict
      secrets:
        description:
          - Secrets by the name of their option, such as V(private_key) or V(sign.private_key). An option without
            a value is left out.
        type: dict
        default: {}
      certificate:
        description: User certificate of each run, for SSH, or for TLS over FTPS.
        type: dict
        suboptions:
          source:
            description:
              - V(file) is a file on the host that another program renews. V(openbao) is a secrets manager that issues a
                certificate right before the run.
            type: str
            choices: [file, openbao]
            required: true
          file:
            description:
              - With O(jobs[].certificate.source=file), the path of the certificate. It is read for each session.
            type: path
          url:
            description:
              - With O(jobs[].certificate.source=openbao), the address of OpenBao or Vault, as C(https://HOST:PORT).
            type: str
          ca_file:
            description:
              - File on the host with the certificates of the authorities that may sign the server's certificate, in PEM
                form. The default is the authorities of the system.
            type: path
          path:
            description:
              - V(MOUNT/issue/ROLE) issues a key and a certificate. V(MOUNT/sign/ROLE) issues a certificate for the
                secret V(private_key) of the job, which must have OpenSSH's form.
              - Over FTPS, V(MOUNT/issue/ROLE) of the secrets engine C(pki) issues a key and a client certificate.
            type: str
          principals:
            description: Principals of the certificate, by default those of the role. Over FTPS, its one common name.
            type: list
            elements: str
          ttl:
            description: Seconds until the certificate ends. The default is the default of the role.
            type: int
          token:
            description: Token for the secrets manager, stored as a secret of the job.
            type: str
          role_id:
            description:
              - Role ID of AppRole. Use it with O(jobs[].certificate.secret_id), in place of
                O(jobs[].certificate.token).
            type: str
          secret_id:
            description: Secret ID of AppRole, stored as a secret of the job. It must be valid for more than one login.
            type: str
          auth_path:
            description: Path of the mount of AppRole. The default is V(approle).
            type: str
          token_from:
            description: Source of the token, which each run reads on the host, in place of O(jobs[].certificate.token).
            type: dict
            suboptions: &source
              file:
                description: Absolute path of a file that belongs to the account of the job, with mode 0600.
                type: str
              command:
                description: A program and its arguments, which prints the secret. It runs in the sandbox of the job.
                type: list
                elements: str
          secret_id_from:
            description: Source of the secret ID, in place of O(jobs[].certificate.secret_id).
            type: dict
            suboptions:
              <<: *source
              renew:
                description:
                  - Whether each run renews the secret ID in the file when half of its time is over.
                  - The directory of the file must belong to the account of the job.
                type: bool
      ping_url:
        description:
          - URL of a monitoring service, to which the start and the end of each run are reported. It is a secret, and
            must begin with C(https).
        type: str
      notify:
        description: Whether O(notify_command) gets a message about a failed run of this job.
        type: bool
        default: true
      read:
        description: Files and directories below C(/home), C(/root) and C(/run/user) that the job reads.
        type: list
        elements: str
        default: []
      write:
        description: Files and directories that the job writes.
        type: list
        elements: str
        default: []
      egress:
        description: Addresses and networks that the job may reach. Without them, there is no limit.
        type: list
        elements: str
        default: []
  program:
    description:
      - V(zipapp) carries out the syncs without Ansible. V(ansible) carries them out by C(ansible-playbook) of the host,
        in a unit with the same sandbox, with the same records. The host needs ansible-core 2.19 or newer, and this
        collection below C(/usr/share/ansible/collections).
    type: str
    choices: [zipapp, ansible]
    default: zipapp
  metrics_directory:
    description: Directory of node_exporter's textfile collector, or an empty string for no metrics.
    type: path
    default: ""
  history:
    description: Number of records to keep for each job.
    type: int
    default: 400
  exposure_max:
    description: Largest exposure of a unit, as C(systemd-analyze security) measures it.
    type: float
    default: 2.0
  notify_command:
    description: A program and its arguments. It gets a message about each failed run on its standard input.
    type: list
    elements: str
    default: []
  notify_account:
    description: The account that runs O(notify_command).
    type: str
    default: daemon
  source:
    description: Mark of the jobs, a word in their job files, for O(unlisted).
    type: str
    default: ""
  unlisted:
    description:
      - How to treat the jobs of this host that have the mark O(source) and are not in O(jobs). V(report) names them,
        V(remove) removes them like V(absent), unless a job failed.
    type: str
    choices: [keep, report, remove]
    default: keep
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.sync_job_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Push the outbox each night
  secure.ftp_synchronize.sync_job:
    jobs:
      - name: nightly
        schedule: "*-*-* 02:15:00"
        options:
          host: files.example.com
          username: upload
          known_hosts_file: /etc/ssh/partners_known_hosts
          src: /srv/outbox
          dest: inbox
        secrets:
          private_key: "{{ lookup('ansible.builtin.file', '~/keys/nightly') }}"
  become: true
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the errors and their cures.
  returned: always
  type: str
  sample: 8 changes made
changes:
  description:
    - Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
      Secrets are not shown.
  returned: always
  type: list
  elements: dict
  sample:
    - path: timer secure-sync-nightly.timer
      before: disabled
      after: enabled
jobs:
  description: State of each job at the end.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the job.
      type: str
      sample: nightly
    checked:
      description: Whether this task ran the job in check mode. A job without changes is not run.
      type: bool
      sample: true
    exposure:
      description: Exposure of its unit, from 0 to 10, if it was measured.
      type: float
      sample: 1.1
    egress:
      description:
        - Limits of the connections of a job that was checked, proven by an address that is not allowed. C(account) is
          for the rules of nftables, C(unit) for the filter of the unit. Each is V(enforced) or V(not_measured).
      type: dict
      sample: {account: enforced, unit: not_measured}
    error:
      description: Cause of the failure, like RV(error); null if the job was deployed.
      type: dict
      sample:
unlisted:
  description: Jobs with the mark O(source) that are not in O(jobs), unless O(unlisted=keep).
  returned: always
  type: list
  elements: str
  sample: [partner03-orders]
error:
  description:
    - Cause of the first failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is V(check_failed), V(exposure_too_high), V(account_taken), V(ansible_missing), V(unsafe_path),
      V(invalid_request), V(operation_failed) or V(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.jobs import sync_job as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()

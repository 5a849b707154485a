#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of a server that are closed over SSH and FTPS, and jobs of a client that are stopped."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_access
short_description: Close an account over SSH and FTPS at once, and open it with a new key or password
version_added: 0.2.0
description:
  - For incidents. The role P(secure.ftp_synchronize.account_access#role) uses it on all servers.
  - With O(state=closed), locks and expires the account, so that no key, certificate or password opens it. Then takes
    it out of the list of FTPS accounts, revokes the keys with which it logged in, and ends its sessions over SSH and
    FTPS and all its other processes. A step that fails holds up no other step; the task fails at the end.
  - With O(state=open), undoes that for a key or a password that the account never had. The former keys stay revoked.
  - With O(jobs), stops the timers of jobs of the role P(secure.ftp_synchronize.sync_job#role) and their runs in
    progress, or brings the timers back to their former state.
  - Refuses root and the account that logged in for the task. Does not run with C(async), which hides that account.
  - The account may have written keys of others to its authorized keys, to lock them out. Therefore these are not
    revoked, keys that another account has or has used, authorities of certificates, keys and authorities by which this
    task logged in, and keys without a login of the account in the journal. RV(spared) names them. They never open this
    account again.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  account:
    description:
      - The account of a server.
      - Mutually exclusive with O(jobs).
    type: str
  jobs:
    description: Jobs of a client.
    type: list
    elements: str
  state:
    description:
      - V(closed) closes the account or stops the jobs, V(open) opens the account or brings the timers back.
      - V(open) fails on a host where the account was not closed completely by this module, and changes nothing where
        the job was not closed by it.
    type: str
    choices: [closed, open]
    required: true
  keys:
    description:
      - For an account with O(state=open), the public keys that open it, each the line of a C(.pub) file.
      - They must be in the authorized keys of the account already. The task fails if any other key would open the
        account, and if a line of the authorized keys is not exactly one plain key, such as an authority of
        certificates.
    type: list
    elements: str
    default: []
  password:
    description:
      - For an account with O(state=open), its new password, with 16 to 127 characters.
      - Without it, a former password is removed. The task fails if another password was set while the account was
        closed.
    type: str
  checked_settings:
    description:
      - For an account with O(state=open), settings of sshd that let it in by other keys or certificates than its
        authorized keys, and that you have checked. The task fails if such a setting is in force and not named here.
      - Revoke the certificates of the account before you name C(TrustedUserCAKeys).
    type: list
    elements: str
    choices: [AuthorizedKeysCommand, HostbasedAuthentication, TrustedUserCAKeys]
    default: []
  login:
    description:
      - The account by which the controller connects. It is never closed, and its keys are never revoked.
      - By default, the user of the connection. The host itself determines the account that logged in as well.
    type: str
  version:
    description:
      - For an account, the RV(secure.ftp_synchronize.account_ledger#module:version) of the ledger on the controller.
      - With O(state=open), the task fails if a run with a newer version has closed the account on this host. With V(0),
        the versions are not compared. O(state=closed) never fails for a version.
    type: int
    default: 0
  revoked_keys_file:
    description: The file of revoked keys that sshd reads.
    type: str
    default: /etc/ssh/revoked_keys
  ftps_list:
    description:
      - The accounts that may log in over FTPS, one on each line, as the role P(secure.ftp_synchronize.ftps_server#role)
        writes it. A missing file is no error.
    type: str
    default: /etc/secure_ftp_synchronize/ftps_accounts.list
notes:
  - Needs root, and systemd's journal for the keys.
  - Two tasks that close and open the same account wait for each other, up to 30 seconds. Then O(state=open) fails, and
    O(state=closed) closes the account and fails at the end.
  - The former state is kept on the host, in C(/etc/secure_ftp_synchronize/closed_accounts) and C(closed_jobs), which
    only root can read.
  - Certificates of the account are refused while it is closed. To refuse them afterwards, revoke them with
    M(secure.ftp_synchronize.key_revocation_list) before the account is opened.
  - Keys from C(AuthorizedKeysCommand) are not known to the module and are not revoked. RV(unrevoked) names such
    settings.
seealso:
  - module: secure.ftp_synchronize.key_revocation
  - module: secure.ftp_synchronize.key_revocation_list
"""

EXAMPLES = r"""
- name: Close an account
  secure.ftp_synchronize.account_access:
    account: partner
    state: closed

- name: Open it for a new key
  secure.ftp_synchronize.account_access:
    account: partner
    state: open
    keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX

- name: Stop a job on a client
  secure.ftp_synchronize.account_access:
    jobs: [nightly]
    state: closed
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: nothing to do
state:
  description: State of the account or jobs after the task or, in check mode, after it would have run.
  returned: always
  type: str
  sample: closed
fingerprints:
  description: Fingerprints of the keys that the account had when it was closed.
  returned: always
  type: list
  elements: str
  sample: ["SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"]
spared:
  description:
    - Fingerprints of keys of the account that are not revoked, because others depend on them, or because no login of
      the account with them is on record.
  returned: always
  type: list
  elements: str
  sample: []
sessions_ended:
  description: Number of sessions, other processes, or runs of jobs, that were ended or, in check mode, would be ended.
  returned: always
  type: int
  sample: 2
unrevoked:
  description:
    - Lines of authorized keys that are not exactly one plain key, settings of sshd by which the account gets in without
      them, and keys without a login of the account on record. They are refused while the account is closed, and must be
      gone or checked before it is opened.
  returned: always
  type: list
  elements: str
  sample: [line 3 of /home/partner/.ssh/authorized_keys is not exactly one plain key]
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: account partner
      before: open
      after: locked and expired
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: key_compromised
    path:
    message: "keys: SHA256:uNiV... was in the account when it was closed, or is revoked"
    cure: Make a new key; nothing was changed.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.access import account_access as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.audit.audit_report`, explained: declarations of people for an audit."""

from __future__ import annotations


class ModuleDocFragment:
    # Policies and exemptions.
    DOCUMENTATION = r"""
options:
  policies:
    description:
      - The written policies, for control 10.2. The page shows each with the states of the controls that measure it.
    type: dict
    suboptions:
      retention:
        description: How long data, logs and records are kept.
        type: dict
        suboptions: &policy
          text:
            description: The policy, in one paragraph, or where it is kept.
            type: str
            required: true
          approved_by:
            description: The person who approved it.
            type: str
            required: true
          approved:
            description: Day of the approval, in UTC.
            type: str
            required: true
          statements:
            description:
              - Sentences of the policy, each with the controls that measure it. V(policies.html) and V(policies.md)
                show each with its measurement, and name those that no control measures. Control 10.2 fails if a
                control of a sentence fails, and is not measured if such a control is not measured.
            type: list
            elements: dict
            default: []
            suboptions:
              text:
                description: The sentence.
                type: str
                required: true
              controls:
                description: Numbers of controls.
                type: list
                elements: str
                choices: ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "5.1", "5.2",
                  "5.3", "6.1", "6.2", "6.3", "6.4", "7.1", "7.2", "8.1", "8.2", "8.3", "9.1", "9.2", "10.1", "10.2"]
                default: []
      access:
        description: Who gets access, and who decides it.
        type: dict
        suboptions: *policy
      encryption:
        description: Encryption in transit and at rest.
        type: dict
        suboptions: *policy
      rotation:
        description: When keys, certificates and passwords are replaced.
        type: dict
        suboptions: *policy
      contacts:
        description: The persons to call in an incident.
        type: dict
        suboptions: *policy
  exemptions:
    description:
      - Decisions to accept a gap until a day. Findings stay in the report. An exemption that has ended has no effect.
    type: list
    elements: dict
    default: []
    suboptions:
      control:
        description: Number of the control.
        type: str
        choices: ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "5.1", "5.2", "5.3",
          "6.1", "6.2", "6.3", "6.4", "7.1", "7.2", "8.1", "8.2", "8.3", "9.1", "9.2", "10.1", "10.2"]
        required: true
      hosts:
        description: The hosts that it covers. Without names, it covers all hosts.
        type: list
        elements: str
        default: []
      who:
        description: The person who decided.
        type: str
        required: true
      why:
        description: The reason.
        type: str
        required: true
      until:
        description: Its last day, in UTC, at most 366 days from now.
        type: str
        required: true
"""

    # The limits of an audit.
    LIMITS = r"""
options:
  policy:
    description: The limits.
    type: dict
    suboptions:
      evidence_max_age:
        description:
          - Age of observations and of results of other modules, by their own time. Older evidence is a finding.
        type: str
        default: 1d
      key_max_age:
        description: Age of private keys of hosts and jobs.
        type: str
        default: 365d
      certificate_min_left:
        description: Remaining time of the certificates of FTPS servers.
        type: str
        default: 14d
      revocation_list_max_age:
        description: Age of the list of revoked keys.
        type: str
        default: 24h
      key_types:
        description: Types of keys that may log in, as C(ssh-keygen -l) names them.
        type: list
        elements: str
        default: [ED25519, ED25519-SK, RSA]
      rsa_bits:
        description: Least length of RSA keys that may log in.
        type: int
        default: 4096
      exposure_max:
        description: Highest exposure of units of jobs, as C(systemd-analyze security) computes it.
        type: float
        default: 2.0
      ftps_only:
        description:
          - Servers that have no SFTP, as the option O(secure.ftp_synchronize.secure_sync#module:host) of jobs names
            them.
        type: list
        elements: str
        default: []
      password_max_age:
        description: Age of passwords of partners on FTPS servers that demand no client certificate.
        type: str
        default: 365d
      monitoring_max_age:
        description: Time since the last run of the collector of events.
        type: str
        default: 1h
      certificate_max_ttl:
        description: Lifetime of the SSH certificates of jobs.
        type: str
        default: 1d
      set_max_age:
        description: Time since every file of a signed set was read.
        type: str
        default: 31d
      drill_max_age:
        description: Age of the newest passed restore drill.
        type: str
        default: 100d
      revocation_drill_max_age:
        description: Age of the newest passed drill by M(secure.ftp_synchronize.incident_drill).
        type: str
        default: 400d
      revocation_max_time:
        description: Time in such a drill until every server refuses the key.
        type: str
        default: 5m
      package_lists_max_age:
        description: Age of the package lists of a host.
        type: str
        default: 2d
      retention_max:
        description: Age of the oldest events, logs of vsftpd, records of jobs, and archives of jails.
        type: str
        default: 400d
      review_max_age:
        description: Time since a policy was approved.
        type: str
        default: 400d
"""
